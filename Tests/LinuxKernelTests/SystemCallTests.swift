// Owns running the table of system calls, and random hostile calls.
// It does not know signal delivery or the fault path.
import Architecture
import Laboratory
import TestSupport
import Testing

@testable import LinuxKernel
@testable import LinuxMM

struct SystemCallTests {
  /// The mappings of a row's program, each with nothing behind it.
  private enum Place: UInt64, CaseIterable {
    case good, readOnly, none, short, text
    var address: UInt64 { SystemCallTestRow.goodAddress + rawValue * 0x10_0000 }
    var size: UInt64 { self == .short ? 4096 : 32768 }
  }

  private static func resolve(_ argument: SystemCallTestRow.Argument) -> UInt64 {
    switch argument {
    case .value(let value): value
    case .good: Place.good.address
    case .readOnly: Place.readOnly.address
    case .none: Place.none.address
    case .null: 0
    case .kernel: 0xffff_8000_0000_0000
    case .unmapped: 0x2000_0000
    case .lastBytes: 0xffff_ffff_fff8
    case .short: Place.short.address + Place.short.size - 8
    case .tagged: Place.good.address | 0x5a << 56
    case .text: Place.text.address
    }
  }

  @Test(arguments: SystemCallTestRow.all) func answers(_ row: SystemCallTestRow) throws {
    let guest = try Guest.idle(input: Array("input".utf8))
    // Nothing is mapped behind each of these mappings.
    for place in Place.allCases {
      try #require(guest.call(222, place.address, place.size, 3, 0x8032, ~0, 0) == Int64(place.address))
    }
    guest.write(Place.text.address, Array("/proc/self/exe\0".utf8))
    #expect(guest.call(226, Place.readOnly.address, Place.readOnly.size, 1) == 0)
    #expect(guest.call(226, Place.none.address, Place.none.size, 0) == 0)
    let arguments = row.arguments.map { Self.resolve($0) } + [UInt64](repeating: 0, count: 6)
    let (pc, sp) = (guest.pc, guest.el1[.SP_EL0])
    let result = guest.call(row.number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5])
    #expect(result == row.result)
    // A call changes no register except X0, and returns without holding a lock.
    #expect(guest.pc == pc)
    #expect(guest.el1[.SP_EL0] == sp)
    #expect(guest.verdict == .resume)
    #expect(!guest.el1.holdsAnyLock)
    for index in 1..<6 { #expect(guest.el1[x: index] == arguments[index]) }
  }

  /// Each implemented call has rows in the table, except calls that have tests of their own, or only the recorded ones of the programs
  /// limits, settings and priorities of firmware/tests.
  @Test func everyImplementedCallHasRows() {
    let tested = Set(SystemCallTestRow.all.map(\.number))
    // exit, exit_group, rt_sigreturn, prctl, brk.
    let elsewhere: Set<UInt64> = [93, 94, 139, 167, 214]
    // personality, sched_*, setpriority, getpriority, setrlimit, process_vm_readv and _writev, kcmp.
    let inPrograms: Set<UInt64> = [92, 118, 119, 120, 121, 122, 125, 126, 127, 140, 141, 164, 270, 271, 272, 274, 275]
    for number in 0..<512 as Range<UInt64> where SystemCallTable.byNumber[Int(number)] != nil {
      #expect(tested.contains(number) || elsewhere.union(inPrograms).contains(number), "system call \(number) has no row")
    }
  }

  @Test func exitStatusIsTheLowByte() throws {
    for number in [93, 94] as [UInt64] {
      let guest = try Guest.idle()
      guest.call(number, 0x1234_5607)
      #expect(guest.verdict == .exited(status: 7))
    }
  }

  @Test func brkThroughItsRegister() throws {
    let guest = try Guest.idle()
    let start = UInt64(guest.call(214, 0))
    #expect(start & 0xfff == 0)
    #expect(guest.call(214, start + 0x2345) == Int64(start + 0x2345))
    #expect(guest.call(214, ~0) == Int64(start + 0x2345))
  }

  /// A futex that no task can wake, without a timeout, ends the program with a deadlock.
  @Test func waitingForNobodyIsADeadlock() throws {
    let guest = try Guest.idle()
    guest.call(98, guest.memory(), 0, 0, 0)
    #expect(guest.verdict == .deadlock)
  }

  /// Sleeping takes guest time and no host time.
  @Test func sleepMovesTheClock() throws {
    let guest = try Guest.idle()
    let memory = guest.memory()
    guest.write(memory, words: [1_000_000, 5])
    #expect(guest.call(101, memory) == 0)
    #expect(guest.call(113, 1, memory + 64) == 0)
    #expect(guest.word(memory + 64) == 1_000_000)
    // These times are refused: seconds that do not fit into nanoseconds, and nanoseconds out of range.
    guest.write(memory, words: [UInt64(Int64.max), 999_999_999, 0, 1_000_000_000, ~0, 0])
    #expect(guest.call(101, memory + 16) == EINVAL)
    #expect(guest.call(101, memory + 32) == EINVAL)
    #expect(guest.call(101, memory) == 0)
  }

  @Test func writevJoinsAndStopsAtTheFirstHole() throws {
    let guest = try Guest.idle()
    let memory = guest.memory()
    guest.write(memory, Array("helloworld".utf8))
    guest.write(memory + 64, words: [memory, 5, memory + 5, 5, 0xdead_0000, 5, memory, 5])
    #expect(guest.call(66, 1, memory + 64, 2) == 10)
    #expect(guest.call(66, 1, memory + 64, 4) == 10)
    #expect(guest.io.outputText == "helloworldhelloworld")
    // A length beyond SSIZE_MAX is refused before any byte is written, wherever it stands.
    guest.write(memory + 64 + 24, words: [1 << 63])
    #expect(guest.call(66, 1, memory + 64, 2) == EINVAL)
    #expect(guest.io.outputText == "helloworldhelloworld")
  }

  /// read and write check the whole range first: a range that ends beyond user space is an error before a byte moves.
  @Test func rangesThatLeaveUserSpaceMoveNothing() throws {
    let guest = try Guest.idle(input: Array("abc".utf8))
    let memory = guest.memory()
    guest.write(memory, Array("hello".utf8))
    #expect(guest.call(64, 1, memory, (1 << 48) - memory + 1) == EFAULT)
    #expect(guest.call(63, 0, memory, (1 << 48) - memory + 1) == EFAULT)
    guest.write(memory + 64, words: [memory, 5, 1 << 63, 5])
    #expect(guest.call(66, 1, memory + 64, 2) == EFAULT)
    #expect(guest.io.outputText.isEmpty)
    #expect(guest.call(63, 0, memory, (1 << 48) - memory) == 3)
  }

  /// Without PR_SET_TAGGED_ADDR_CTRL a tagged pointer is no user pointer. Only the memory calls drop the tag.
  @Test func taggedPointersAreRefused() throws {
    let guest = try Guest.idle()
    let memory = guest.memory()
    let tagged = memory | 0x5a << 56
    #expect(guest.call(64, 1, tagged, 4) == EFAULT)
    #expect(guest.call(160, tagged) == EFAULT)
    #expect(guest.call(98, tagged, 0, 1) == EFAULT)
    #expect(guest.call(226, tagged, 4096, 1) == 0)
    #expect(guest.call(215, tagged, 4096) == 0)
    #expect(guest.call(160, memory) == EFAULT)
  }

  @Test func readTakesWhatThereIs() throws {
    let guest = try Guest.idle(input: Array("abc".utf8))
    let memory = guest.memory()
    #expect(guest.call(63, 0, memory, 100) == 3)
    #expect(guest.string(memory) == "abc")
    #expect(guest.call(63, 0, memory, 100) == 0)
  }

  @Test(arguments: KernelProfile.all) func unameTellsTheProfile(profile: KernelProfile) throws {
    var configuration = Guest.small
    configuration.kernel = profile
    let guest = try Guest.idle(configuration)
    let memory = guest.memory()
    #expect(guest.call(160, memory) == 0)
    #expect(guest.string(memory) == "Linux")
    #expect(guest.string(memory + 130) == profile.release)
    #expect(guest.string(memory + 260) == "aarch64")
  }

  /// A limit set for RLIMIT_STACK is reported and enforced.
  @Test func limitsAreKeptAndTheStacksIsEnforced() throws {
    let guest = try Guest.idle()
    let memory = guest.memory()
    guest.write(memory, words: [1 << 20, ~0])
    #expect(guest.call(261, 0, 3, memory, memory + 32) == 0)
    #expect(guest.word(memory + 32) == 8 << 20)
    #expect(guest.call(163, 3, memory + 48) == 0)
    #expect(guest.word(memory + 48) == 1 << 20)
    let top: UInt64 = 1 << 48
    guest.enter(esr: 0x9200_0047, far: top - (1 << 20) + 0x1000)
    #expect(guest.verdict == .resume)
    guest.enter(esr: 0x9200_0047, far: top - (1 << 20) - 0x1000)
    #expect(guest.verdict == .killed(signal: 11))
    // A soft limit above the hard one.
    let other = try Guest.idle()
    let place = other.memory()
    other.write(place, words: [2, 1])
    #expect(other.call(261, 0, 3, place, 0) == EINVAL)
  }

  @Test func getrusageReportsTheFaults() throws {
    let guest = try Guest.idle()
    let memory = guest.memory(pages: 2)
    #expect(guest.call(165, 0, memory) == 0)
    let before = guest.word(memory + 64)
    let fresh = UInt64(guest.call(222, 0, 8192, 3, 0x22, ~0, 0))
    guest.enter(esr: 0x9200_0046, far: fresh)
    guest.enter(esr: 0x9200_0006, far: fresh + 4096)
    guest.enter(esr: 0x9200_004f, far: fresh + 4096)
    #expect(guest.call(165, 0, memory) == 0)
    #expect(guest.word(memory + 64) == before + 3)
    #expect(guest.word(memory + 72) == 0)
    #expect(guest.kernel.state.perfPageFaults >= 3)
  }

  /// Every call number with any mixture of hostile arguments gets an answer, and the host never crashes.
  @Test(arguments: [1, 2, 3] as [UInt64]) func hostileArgumentsNeverCrashTheHost(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var guest = try Guest.idle()
    let known = (0..<512 as Range<UInt64>).filter { SystemCallTable.byNumber[Int($0)] != nil && $0 != 93 && $0 != 94 }
    var calls = 0
    for _ in 0..<10_000 {
      let hostile: [UInt64] = [
        0, 1, 2, 8, ~0, 1 << 63, (1 << 63) - 1, 1 << 48, (1 << 48) - 1, (1 << 48) - 8, 0xffff_0000_0000_0000, 4096, 0x40_0000,
        0x40_0001, guest.el1[.SP_EL0], 0x5a00_0000_0040_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0x32, 0x22, 3, 9,
        random.next(),
      ]
      func pick() -> UInt64 { hostile[Int(random.below(UInt64(hostile.count)))] }
      let number = known[Int(random.below(UInt64(known.count)))]
      guest.call(number, pick(), pick(), pick(), pick(), pick(), pick())
      try #require(!guest.el1.holdsAnyLock)
      if guest.verdict != .resume { guest = try Guest.idle() } else { calls += 1 }
    }
    #expect(calls > 5000)
  }
}
