// Owns tests of a stack's growth: to the touched page, down to its limit, and never into its guard gap.
// It does not know exec or signals. Linux: mm/vma.c expand_downwards(), acct_stack_growth().
import Architecture
import TestSupport
import Testing

@testable import LinuxMM

struct StackGrowthTests {
  private static let top: UInt64 = 0x6000_0000_0000
  let bench: MemoryBench
  init() throws {
    bench = try MemoryBench()
    // MAP_PRIVATE, ANONYMOUS, FIXED, GROWSDOWN.
    _ = try bench.mmap(Self.top - 0x1000, pages: 1, flags: 0x132)
  }
  private var start: UInt64 { bench.manager.vmas(bench.mm).last!.start }

  @Test func growsToThePageThatWasTouched() {
    #expect(bench.touch(Self.top - 0x5008, write: true) == .done(faults: 1))
    #expect(start == Self.top - 0x6000)
    #expect(bench.space.residentPages == 1)
    #expect(bench.touch(Self.top - 0x2000, write: true) == .done(faults: 1))
    // A read makes it grow too.
    #expect(bench.touch(Self.top - 0x9000, write: false) == .done(faults: 1))
    #expect(start == Self.top - 0x9000)
    #expect(bench.manager.vmas(bench.mm).count == 1)
  }

  @Test func stopsAtTheLimit() {
    #expect(bench.touch(Self.top - (8 << 20), write: true) == .done(faults: 1))
    #expect(bench.touch(Self.top - (8 << 20) - 1, write: true) == .noMapping)
    var limits = MemoryLimits()
    limits.stack = 9 << 20
    bench.manager.setLimits(bench.mm, limits)
    #expect(bench.touch(Self.top - (8 << 20) - 1, write: true) == .done(faults: 1))
  }

  /// 256 pages below stay free, unless the memory there cannot be accessed or is a stack itself.
  @Test(arguments: [(3, 0x32, true), (1, 0x32, true), (0, 0x32, false), (3, 0x132, false)] as [(UInt64, UInt64, Bool)])
  func keepsItsGuardGap(protection: UInt64, flags: UInt64, keeps: Bool) throws {
    let neighbour = Self.top - (4 << 20)
    _ = try bench.mmap(neighbour - 0x1000, pages: 1, protection, flags: flags)
    #expect(bench.touch(neighbour + (1 << 20), write: true) == .done(faults: 1))
    #expect(bench.touch(neighbour + (1 << 20) - 1, write: true) == (keeps ? .noMapping : .done(faults: 1)))
  }

  /// If mmap chooses the place it leaves the gap free; if the caller chooses, the gap is ignored.
  @Test func mappingsStayOutOfTheGap() throws {
    let low = Self.top - 0x1000
    #expect(try bench.mmap(low - 0x1000, pages: 1, flags: 0x22) != low - 0x1000)
    #expect(try bench.mmap(low - (256 << 12) - 0x1000, pages: 1, flags: 0x22) == low - (256 << 12) - 0x1000)
    #expect(try bench.mmap(low - 0x1000, pages: 1, flags: 0x32) == low - 0x1000)
  }

  @Test func onlyStacksGrow() throws {
    let bench = try MemoryBench()
    _ = try bench.mmap(Self.top, pages: 1)
    #expect(bench.touch(Self.top - 1, write: true) == .noMapping)
  }

  /// PROT_GROWSDOWN extends a range to the start of the stack, and is refused elsewhere.
  @Test func PROT_GROWSDOWN() throws {
    #expect(bench.touch(Self.top - 0x4000, write: true) == .done(faults: 1))
    try bench.mprotect(Self.top - 0x1000, pages: 1, 0x100_0001)
    #expect(bench.manager.vmas(bench.mm).map { $0.flags.rawValue & 7 } == [1])
    _ = try bench.mmap(0x4000_0000, pages: 2)
    #expect(throws: Errno.EINVAL) { try bench.mprotect(0x4000_0000, pages: 1, 0x100_0001) }
    #expect(throws: Errno.EINVAL) { try bench.mprotect(0x4000_0000, pages: 1, 0x200_0001) }
  }
}
