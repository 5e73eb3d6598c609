// Owns what a new program finds: its stack word by word, its registers, its memory map.
// It does not know how exec writes it. Layout: the System V ABI for AArch64 and Linux's fs/binfmt_elf.c.
import Architecture
import Laboratory
import TestSupport
import Testing

@testable import LinuxKernel
@testable import LinuxMM

struct InitialStackTests {
  /// The stack of a program as it starts, read from its memory.
  private struct Stack {
    var arguments: [String] = []
    var environment: [String] = []
    var auxiliary: [(key: UInt64, value: UInt64)] = []

    init(_ guest: Guest) {
      var at = guest.el1[.SP_EL0]
      func next() -> UInt64 {
        defer { at += 8 }
        return guest.word(at)
      }
      let count = next()
      for _ in 0..<count { arguments.append(guest.string(next())) }
      #expect(next() == 0)
      while case let address = next(), address != 0 { environment.append(guest.string(address)) }
      repeat { auxiliary.append((next(), next())) } while auxiliary.last!.key != 0
    }
    func value(_ key: UInt64) -> UInt64? {
      let values = auxiliary.filter { $0.key == key }
      #expect(values.count <= 1)
      return values.first?.value
    }
  }

  private func start(
    _ elf: TinyELF = TinyELF([0xd503_201f]), arguments: [String] = [], environment: [String] = [],
    features: ProcessorFeatures = ProcessorFeatures(), seed: UInt64 = 0
  ) throws -> Guest {
    var configuration = Guest.small
    configuration.environment = environment
    configuration.features = features
    configuration.seed = seed
    return try Guest(elf, configuration: configuration, path: "/bin/test", arguments: arguments)
  }

  @Test(
    arguments: [
      ([], []), (["one"], ["A=1"]), (["", "two words", "\u{e9}"], ["PATH=/bin", "EMPTY=", "X=y=z"]),
      (Array(repeating: "argument", count: 100), Array(repeating: "K=V", count: 101)),
    ] as [([String], [String])])
  func argumentsAndEnvironment(arguments: [String], environment: [String]) throws {
    let guest = try start(arguments: arguments, environment: environment)
    #expect(guest.el1[.SP_EL0] & 15 == 0)
    let stack = Stack(guest)
    #expect(stack.arguments == ["/bin/test"] + arguments)
    #expect(stack.environment == environment)
    #expect(guest.string(stack.value(31)!) == "/bin/test")
    // The last eight bytes of the address space are zero.
    #expect(guest.word(0xffff_ffff_fff8) == 0)
  }

  @Test func auxiliaryVector() throws {
    var elf = TinyELF([0xd503_201f])
    elf.coversHeaders = true
    elf.dataSize = 4096
    let guest = try start(elf)
    let stack = Stack(guest)
    // PHDR, PHENT, PHNUM: where the program headers lie in memory.
    #expect(stack.value(3) == 0x3f_f000 + 64)
    #expect(stack.value(4) == 56)
    #expect(stack.value(5) == 2)
    #expect(guest.word32(stack.value(3)!) == 1)
    #expect(guest.word(stack.value(3)! + 56 + 16) == 0x50_0000)
    // PAGESZ, BASE, FLAGS, ENTRY, UID, EUID, GID, EGID, CLKTCK, SECURE.
    for (key, value) in [(6, 4096), (7, 0), (8, 0), (9, 0x40_0000), (11, 0), (12, 0), (13, 0), (14, 0), (17, 100), (23, 0)]
      as [(UInt64, UInt64)]
    {
      #expect(stack.value(key) == value, "AT \(key)")
    }
    #expect(guest.string(stack.value(15)!) == "aarch64")
    // MINSIGSTKSZ: a frame with its record.
    #expect(stack.value(51) == 4704)
  }

  /// Headers that no segment maps have no address.
  @Test func headersThatAreNotMapped() throws {
    #expect(Stack(try start()).value(3) == 0)
  }

  @Test func randomBytesComeFromTheSeed() throws {
    func random(_ seed: UInt64) throws -> [UInt8] {
      let guest = try start(seed: seed)
      return guest.bytes(Stack(guest).value(25)!, 16)
    }
    #expect(try random(1) == random(1))
    #expect(try random(1) != random(2))
    #expect(try random(0).contains { $0 != 0 })
  }

  @Test(
    arguments: [
      ("aes", 3), ("pmull", 4), ("sha1", 5), ("sha256", 6), ("crc32", 7), ("lse", 8), ("fp16", 9), ("fp16", 10), ("rdm", 12), ("jscvt", 13),
      ("fcma", 14), ("lrcpc", 15), ("dpb", 16), ("sha3", 17), ("sm3", 18), ("sm4", 19), ("dotprod", 20), ("sha512", 21), ("fhm", 23),
      ("dit", 24), ("lse2", 25), ("lrcpc2", 26), ("flagm", 27), ("ssbs", 28), ("sb", 29), ("pauth", 30), ("pauth", 31),
      ("dpb2", 64), ("flagm2", 71), ("frintts", 72), ("i8mm", 77), ("bf16", 78), ("dgh", 79), ("ecv", 83), ("wfxt", 95), ("cssc", 98),
    ] as [(String, UInt64)]) func HWCAPFollowsEachFeature(name: String, bit: UInt64) throws
  {
    let keyPath = ProcessorFeatures.switches.first { $0.name == name }!.keyPath
    for isOn in [true, false] {
      var features = ProcessorFeatures()
      features[keyPath: keyPath] = isOn
      #expect(Stack(try start(features: features)).value(bit < 64 ? 16 : 26)! >> (bit & 63) & 1 == (isOn ? 1 : 0))
    }
  }

  @Test func registersAtTheEntryPoint() throws {
    let guest = try start()
    for n in 0..<31 { #expect(guest.el1[x: n] == 0) }
    for n in 0..<32 { #expect(guest.processor.vector(n) == (0, 0)) }
    #expect(guest.pc == 0x40_0000)
    #expect(guest.processor.pstate.rawValue == 0x1000)  // SSBS
  }

  @Test func positionIndependentProgramsAreMoved() throws {
    var elf = TinyELF([0xd503_201f])
    elf.isPositionIndependent = true
    elf.textAddress = 0x1000
    elf.coversHeaders = true
    let guest = try start(elf)
    let base: UInt64 = 0xaaaa_aaaa_a000
    #expect(guest.pc == base + 0x1000)
    let stack = Stack(guest)
    #expect(stack.value(9) == base + 0x1000)
    #expect(stack.value(3) == base + 64)
    #expect(guest.word32(guest.pc) == 0xd503_201f)
  }

  @Test func theMemoryMap() throws {
    var elf = TinyELF([0xd503_201f])
    elf.data = [1, 2, 3]
    elf.dataSize = 5000
    let guest = try start(elf)
    let vmas = guest.kernel.mm.vmas(guest.kernel.state.currentTask.mm)
    #expect(vmas.map(\.purpose) == [.program, .program, .anonymous, .vvar, .vdso, .stack])
    #expect(vmas.map { $0.flags.rawValue & 7 } == [5, 3, 3, 1, 5, 3])
    #expect(vmas[0].start..<vmas[0].end == 0x40_0000..<0x40_1000)
    #expect(vmas[1].start..<vmas[1].end == 0x50_0000..<0x50_1000)
    #expect(vmas[2].start..<vmas[2].end == 0x50_1000..<0x50_2000)
    #expect(vmas[5].end == 1 << 48)
    #expect(vmas[5].flags.contains(.GROWSDOWN))
    // Text and data are the file's pages, until the program writes.
    let file = vmas[0].file
    #expect(file != .none && vmas[1].file == file && vmas[2].isAnonymous)
    #expect(vmas[0].pageOffset == 1 && vmas[1].pageOffset == 2)
    #expect(guest.kernel.mm.isExecuted(file))
    // Before the first instruction: the end of the data's last page is cleared, and the stack and the vDSO are there.
    #expect(guest.kernel.mm.state[guest.kernel.state.currentTask.mm].resident.file == 0)
    #expect(guest.kernel.mm.state.files[file].pages.count == 2)
    #expect(guest.bytes(0x50_0000, 8) == [1, 2, 3, 0, 0, 0, 0, 0])
    // The heap begins a page behind the last segment.
    #expect(guest.call(214, 0) == 0x50_3000)
  }

  @Test func tooManyArguments() throws {
    // A quarter of the stack's limit is theirs.
    _ = try start(arguments: [String](repeating: String(repeating: "x", count: 1000), count: 2000))
    #expect(throws: SessionError.self) {
      try start(arguments: [String](repeating: String(repeating: "x", count: 1000), count: 2100))
    }
  }

  @Test func segmentsThatCannotBeMapped() throws {
    // Under the stack is no room for a program.
    var high = TinyELF([0xd503_201f])
    high.textAddress = 0xffff_ffff_f000
    #expect(throws: SessionError.self) { try start(high) }
    // The only user is root, who may map even page 0.
    var low = TinyELF([0xd503_201f])
    low.textAddress = 0
    _ = try start(low)
    // A segment larger than RAM is refused, whatever its flags: zeroes behind a file's bytes are writable memory.
    var elf = TinyELF([0xd503_201f])
    elf.dataSize = 1 << 30
    #expect(throws: SessionError.self) { try start(elf) }
    elf.dataFlags = TinyELF.read
    #expect(throws: SessionError.self) { try start(elf) }
  }
}
