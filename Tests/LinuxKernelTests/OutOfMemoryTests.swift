// Owns what happens when a guest needs more than its RAM: the guest is killed, the host goes on.
// It does not know which page was the last.
import Architecture
import Laboratory
import TestSupport
import Testing

@testable import LinuxKernel
@testable import LinuxMM

struct OutOfMemoryTests {
  /// Writes page after page from 0x500000 on.
  private static let greedy: [UInt32] = [
    0xd2a0_0a00,  // mov x0, #0x500000
    0xf900_001f,  // 1: str xzr, [x0]
    0x9140_0400,  // add x0, x0, #4096
    0x17ff_fffe,  // b 1b
  ]
  private func configuration(_ memory: UInt64) -> SessionConfiguration {
    var configuration = Guest.small
    configuration.memorySize = memory
    return configuration
  }

  @Test(arguments: [512 << 10, 1 << 20, 4 << 20] as [UInt64]) func writingMoreThanThereIsKills(memory: UInt64) throws {
    var elf = TinyELF(Self.greedy)
    // As much as overcommit lets through: eight pages less than there are beside page descriptors and two reserved frames.
    let frames = memory >> 12
    elf.dataSize = (frames - frames / 64 - 2 - 8) << 12
    let (stop, guest) = try run(elf, configuration: configuration(memory))
    #expect(stop == .killed(9))
    #expect(guest.kernel.mm.state.frames.available == guest.kernel.mm.state.frames.reserve)
    #expect(!guest.el1.holdsAnyLock)
    // It is over, and stays so.
    #expect(guest.session.run() == .killed(9))
  }

  /// The stack is the usual way there: endless recursion in little RAM ends before RLIMIT_STACK does.
  @Test func endlessRecursion() throws {
    let words: [UInt32] = [
      0xd140_07ff,  // sub sp, sp, #4096
      0xf900_03ff,  // str xzr, [sp]
      0x17ff_fffe,  // b .-8
    ]
    #expect(try run(TinyELF(words), configuration: configuration(1 << 20)).stop == .killed(9))
    // With RAM enough it is the limit that ends it, as a SIGSEGV.
    let (stop, guest) = try run(TinyELF(words), configuration: configuration(16 << 20))
    #expect(stop == .killed(11))
    let stack = guest.kernel.mm.vmas(guest.kernel.state.currentTask.mm).last!
    #expect(stack.end - stack.start == 8 << 20)
  }

  /// RAM that ends while the kernel itself writes for the program: in a system call, and in a signal frame.
  @Test func theKernelsOwnWrites() throws {
    let guest = try Guest.idle(configuration(1 << 20))
    let memory = guest.memory(pages: 4)
    let fresh = UInt64(guest.call(222, 0, 1 << 16, 3, 0x22, ~0, 0))
    while guest.kernel.mm.allocateZeroedPage(guest.el1) != nil {}
    guest.call(160, fresh)
    #expect(guest.verdict == .killed(signal: 9))

    let other = try Guest.idle(configuration(1 << 20))
    let place = other.memory(pages: 4)
    other.write(place, words: [0x40_0000, 4, 0, 0])
    other.call(134, 10, place, 0, 8)
    while other.kernel.mm.allocateZeroedPage(other.el1) != nil {}
    other.el1[.SP_EL0] = UInt64(other.kernel.mm.vmas(other.kernel.state.currentTask.mm).last!.start + 0x3000)
    other.call(129, 2, 10)
    #expect(other.verdict == .killed(signal: 9))
    _ = memory
  }

  /// A page that populating wants is never refused: the OOM killer takes the one process there is, as on real kernels.
  @Test(arguments: [true, false]) func populating(whileMapping: Bool) throws {
    let guest = try Guest.idle(configuration(1 << 20))
    let managed = UInt64(guest.kernel.mm.state.frames.managed)
    let place = guest.call(222, 0, (managed - 4) << 12, 3, whileMapping ? 0x8022 : 0x22, ~0, 0)
    #expect(place > 0)
    if !whileMapping {
      #expect(guest.verdict == .resume)
      #expect(guest.call(233, UInt64(place), 8 << 12, 23) == 0)
      #expect(guest.verdict == .resume)
      guest.call(233, UInt64(place), (managed - 4) << 12, 23)
    }
    #expect(guest.verdict == .killed(signal: 9))
  }

  /// Too little RAM for the program or for the kernel is an error with words, not a crash.
  @Test(arguments: [1, 4096, 64 << 10, 96 << 10, 128 << 10] as [UInt64]) func tooLittleToStart(memory: UInt64) {
    var elf = TinyELF([0xd503_201f])
    elf.data = [UInt8](repeating: 1, count: 128 << 10)
    do {
      _ = try Guest(elf, configuration: configuration(memory))
      Issue.record("\(memory) bytes were enough")
    } catch {
      #expect("\(error)".contains("memory"))
    }
  }

  /// Every size from hopeless to plenty: whatever happens, the host goes on.
  @Test func everySmallSize() throws {
    var ends: Set<String> = []
    for units in 1...40 as ClosedRange<UInt64> {
      var elf = TinyELF(Self.greedy)
      elf.dataSize = 68 << 12
      do {
        let (stop, _) = try run(elf, configuration: configuration(units << 16))
        ends.insert("\(stop)")
      } catch {
        ends.insert("refused")
      }
    }
    // With RAM enough the program runs off its data's end.
    #expect(ends == ["refused", "killed(9)", "killed(11)"])
  }
}
