// Owns tests of vm.max_map_count: a call that would make one VMA too many fails and changes nothing.
// It does not know what the VMAs are for. Linux: sysctl_max_map_count, 65530.
import Architecture
import TestSupport
import Testing

@testable import LinuxMM

struct MapCountTests {
  /// A space with `count` VMAs: three pages each, a page apart.
  private func full(_ count: UInt64) throws -> MemoryBench {
    let bench = try MemoryBench()
    for index in 0..<count { _ = try bench.mmap(0x1000_0000 + index << 14, pages: 3) }
    #expect(bench.manager.vmas(bench.mm).count == Int(count))
    return bench
  }
  private func ranges(_ bench: MemoryBench) -> [Range<UInt64>] { bench.manager.vmas(bench.mm).map { $0.start..<$0.end } }

  @Test func mmapMayExceedTheLimitByOne() throws {
    let bench = try full(65530)
    _ = try bench.mmap(0x7000_0000_0000, pages: 1)
    #expect(throws: Errno.ENOMEM) { try bench.mmap(0x7100_0000_0000, pages: 1) }
    // That the VMAs could merge does not help, because the call is refused before that is known.
    #expect(throws: Errno.ENOMEM) { try bench.mmap(0x7000_0000_1000, pages: 1) }
    #expect(bench.manager.vmas(bench.mm).count == 65531)
  }

  @Test func splittingAtTheLimit() throws {
    let bench = try full(65530)
    let before = ranges(bench)
    let va: UInt64 = 0x1000_0000 + 100 << 14
    // A hole, one end, and the middle.
    #expect(throws: Errno.ENOMEM) { try bench.munmap(va + 0x1000, pages: 1) }
    #expect(throws: Errno.ENOMEM) { try bench.mprotect(va + 0x2000, pages: 1, 1) }
    #expect(throws: Errno.ENOMEM) { try bench.mprotect(va + 0x1000, pages: 1, 1) }
    #expect(throws: Errno.EAGAIN) { try bench.madvise(va + 0x1000, pages: 1, Advice.RANDOM) }
    #expect(throws: Errno.ENOMEM) { try bench.mremap(va, pages: 1, to: 1, flags: 3, at: 0x7000_0000_0000) }
    #expect(ranges(bench) == before)
    #expect(!bench.el1.holdsAnyLock)
    // Calls that need no new VMA are possible: shortening, removing whole VMAs, changing the flags of a whole one.
    try bench.munmap(va + 0x2000, pages: 1)
    try bench.mprotect(va, pages: 2, 1)
    try bench.munmap(va, pages: 2)
    #expect(bench.manager.vmas(bench.mm).count == 65529)
    try bench.munmap(va + 0x5000, pages: 1)
    #expect(bench.manager.vmas(bench.mm).count == 65530)
  }

  /// One below the limit, the first split is possible and the second is not. The parts of the first then merge again.
  @Test func aSplitThatFailsHalfWayIsUndone() throws {
    let bench = try full(65529)
    let before = ranges(bench)
    let va: UInt64 = 0x1000_0000 + 100 << 14
    #expect(throws: Errno.ENOMEM) { try bench.mprotect(va + 0x1000, pages: 1, 1) }
    #expect(ranges(bench) == before)
    #expect(bench.store(va + 0x1000, 1) == .done(faults: 1))
  }
}
