// Owns tests of the batches in which pages wait for the lists of reclaim, where the oracle program `batches` cannot see them.
// It does not know system calls' other effects.
import Architecture
import TestSupport
import Testing

@testable import LinuxMM

struct PageListTests {
  private let va: UInt64 = 0x1000_0000_0000
  private let elsewhere: UInt64 = 0x1000_4000_0000

  private func bench(_ profile: KernelProfile, pages: UInt64) throws -> MemoryBench {
    let bench = try MemoryBench(profile: profile)
    _ = try bench.mmap(va, pages: pages)
    _ = try bench.mmap(elsewhere, pages: 1)
    #expect(bench.touchAll(va, pages: pages, write: true) == pages)
    return bench
  }
  private func counts(_ bench: MemoryBench) -> (lazyFree: UInt64, referenced: UInt64) {
    let counts = bench.manager.residency(bench.el1, bench.mm, bench.space.vmas[0])
    return (counts.lazyFree >> 12, counts.referenced >> 12)
  }

  /// Pages are given up when 31 wait, or when another call empties the batch. The columns are the pages advised, and how many of them
  /// are given up at once.
  @Test(arguments: [(1, 0), (30, 0), (31, 31), (32, 31), (62, 62), (70, 62)] as [(UInt64, UInt64)])
  func freedPagesWait(pages: UInt64, given: UInt64) throws {
    for profile in KernelProfile.all {
      let bench = try bench(profile, pages: pages)
      try bench.madvise(va, pages: pages, Advice.FREE)
      #expect(counts(bench).lazyFree == given)
      try bench.madvise(elsewhere, pages: 1, Advice.COLD)
      #expect(counts(bench).lazyFree == pages)
    }
  }

  /// A frame that waits may be freed and used again; its new page is not given up. This needs a kernel that unmaps without emptying the
  /// batches.
  @Test func aFrameThatIsUsedAgainIsNotGivenUp() throws {
    let bench = try bench(.newest, pages: 8)
    try bench.madvise(va, pages: 8, Advice.FREE)
    try bench.madvise(va, pages: 8, Advice.DONTNEED)
    #expect(bench.touchAll(va, pages: 8, write: true) == 8)
    try bench.madvise(va, pages: 1, Advice.FREE)
    try bench.madvise(elsewhere, pages: 1, Advice.COLD)
    #expect(counts(bench).lazyFree == 1)
  }

  /// What waits is part of the state, so it waits in a snapshot too, and two states that differ in nothing else differ.
  @Test func waitingPagesAreState() throws {
    let bench = try bench(.newest, pages: 8)
    let before = bench.manager.state.lru
    try bench.madvise(va, pages: 8, Advice.FREE)
    let after = bench.manager.state.lru
    #expect(before != after)
    #expect(after.givenUp.count == 8)
    bench.manager.drainBatches(bench.el1)
    #expect(bench.manager.state.lru.givenUp.isEmpty)
  }

  /// A page that waits has a reference from its batch, so a write after a fork copies it although the child is gone.
  @Test(arguments: [false, true]) func aWaitingPageIsCopied(waits: Bool) throws {
    let bench = try bench(.newest, pages: 4)
    let child = try bench.manager.fork(bench.el1, bench.mm)
    bench.manager.destroyMM(bench.el1, child)
    try bench.madvise(va, pages: 4, Advice.FREE)
    if !waits { try bench.madvise(elsewhere, pages: 1, Advice.COLD) }
    let copies = bench.manager.state.statistics.copies
    #expect(bench.touchAll(va, pages: 4, write: true) == 4)
    #expect(bench.manager.state.statistics.copies - copies == (waits ? 4 : 0))
  }
}
