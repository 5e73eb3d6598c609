// Owns tests that a call which removes a right leaves no translation behind that still grants it.
// It does not know which TLBI does that.
import Architecture
import TestSupport
import Testing

@testable import LinuxMM

struct TLBCoherenceTests {
  private static let va: UInt64 = 0x4000_0000

  /// `pages` pages that were written and then read again, so that the TLB holds as many as fit.
  private func touched(pages: UInt64, features: ProcessorFeatures = ProcessorFeatures()) throws -> MemoryBench {
    let bench = try MemoryBench(features: features)
    _ = try bench.mmap(Self.va, pages: pages)
    for page in 0..<pages { #expect(bench.store(Self.va + page << 12, page + 1) == .done(faults: 1)) }
    for page in 0..<pages { #expect(bench.load(Self.va + page << 12) == page + 1) }
    return bench
  }
  private func cached(_ bench: MemoryBench, _ first: UInt64, _ pages: UInt64) -> Int {
    bench.cachedPages(Self.va + first << 12, Self.va + (first + pages) << 12).count
  }
  private func canAccess(_ bench: MemoryBench, _ page: UInt64, write: Bool) -> Bool {
    bench.el1.unprivilegedTranslate(VirtualAddress(Self.va + page << 12), write: write) != nil
  }

  /// The machine's TLB keeps stale entries until it is told; otherwise the tests below would show nothing.
  @Test func withoutAFlushTheOldTranslationStays() throws {
    let bench = try touched(pages: 4)
    bench.el1.store(PhysicalAddress(bench.walk(Self.va)[3].address), 0 as UInt64)
    #expect(bench.descriptor(Self.va) == 0)
    #expect(canAccess(bench, 0, write: true))
    bench.manager.flushLocalPage(bench.el1, bench.mm, Self.va)
    #expect(!canAccess(bench, 0, write: false))
  }

  /// Below and above MAX_DVM_OPS, where the flush changes from single pages to the whole address space.
  @Test(arguments: [1, 7, 511, 512, 600] as [UInt64])
  func munmap(pages: UInt64) throws {
    let bench = try touched(pages: pages + 2)
    #expect(cached(bench, 1, pages) == Int(pages))
    let before = bench.statistics.tlbInvalidations
    try bench.munmap(Self.va + 0x1000, pages: pages)
    #expect(bench.statistics.tlbInvalidations - before == (pages < 512 ? pages : 1))
    #expect(cached(bench, 1, pages) == 0)
    for page in 1...pages { #expect(!canAccess(bench, page, write: false)) }
    #expect(bench.el1.lastFault.status == .translation(level: 3))
    // The neighbours keep their contents.
    #expect(bench.load(Self.va) == 1)
    #expect(bench.load(Self.va + (pages + 1) << 12) == pages + 2)
    #expect(bench.touch(Self.va + 0x1000, write: false) == .noMapping)
  }

  /// A freed table is not walked again, even if its pages were not touched since.
  @Test func munmapOfAWholeTable() throws {
    let bench = try touched(pages: 3)
    try bench.munmap(Self.va, pages: 3)
    #expect(bench.space.pageTables == 0)
    #expect(!canAccess(bench, 0, write: false))
    #expect(bench.el1.lastFault.status == .translation(level: 0))
  }

  @Test func mprotectTakesWritingAway() throws {
    let bench = try touched(pages: 4)
    try bench.mprotect(Self.va + 0x1000, pages: 2, 1)
    #expect(cached(bench, 1, 2) == 0)
    for page in 1...2 as ClosedRange<UInt64> {
      #expect(canAccess(bench, page, write: false))
      #expect(!canAccess(bench, page, write: true))
      #expect(bench.el1.lastFault.status == .permission(level: 3))
      #expect(bench.touch(Self.va + page << 12, write: true) == .denied)
    }
    #expect(canAccess(bench, 0, write: true))
    #expect(canAccess(bench, 3, write: true))
  }

  @Test func mprotectTakesReadingAway() throws {
    let bench = try touched(pages: 4)
    try bench.mprotect(Self.va, pages: 4, 0)
    #expect(cached(bench, 0, 4) == 0)
    #expect(!canAccess(bench, 2, write: false))
    #expect(bench.el1.lastFault.status == .translation(level: 3))
    #expect(bench.touch(Self.va, write: false) == .denied)
    try bench.mprotect(Self.va, pages: 4, 1)
    #expect(bench.load(Self.va + 0x2000) == 3)
  }

  @Test func dontNeedGivesZeroesAgain() throws {
    let bench = try touched(pages: 6)
    let free = bench.manager.state.frames.available
    try bench.madvise(Self.va + 0x1000, pages: 4, Advice.DONTNEED)
    #expect(bench.manager.state.frames.available == free + 4)
    #expect(bench.space.residentPages == 2)
    #expect(cached(bench, 1, 4) == 0)
    for page in 1...4 as ClosedRange<UInt64> { #expect(bench.load(Self.va + page << 12) == 0) }
    // Frames that held other data are zero for their next user.
    for page in 1...4 as ClosedRange<UInt64> {
      #expect(bench.touch(Self.va + page << 12, write: true) == .done(faults: 1))
      for word in stride(from: 0, to: 4096, by: 8) as StrideTo<UInt64> {
        #expect(bench.peek(Self.va + page << 12 + word) == 0)
      }
    }
    #expect(bench.load(Self.va) == 1)
    #expect(bench.load(Self.va + 0x5000) == 6)
  }

  /// A partly read range: zero pages are dropped too, and have no frame to free.
  @Test func dontNeedOfZeroPages() throws {
    let bench = try MemoryBench()
    _ = try bench.mmap(Self.va, pages: 3)
    for page in 0..<3 as Range<UInt64> { #expect(bench.load(Self.va + page << 12) == 0) }
    let free = bench.manager.state.frames.available
    try bench.madvise(Self.va, pages: 3, Advice.DONTNEED)
    #expect(bench.manager.state.frames.available == free)
    #expect(bench.descriptor(Self.va) == 0)
    #expect(bench.store(Self.va, 5) == .done(faults: 1))
  }

  @Test func mremapLeavesNothingAtTheOldPlace() throws {
    let bench = try touched(pages: 8)
    let target: UInt64 = 0x7000_0000_0000
    #expect(try bench.mremap(Self.va, pages: 8, to: 8, flags: 3, at: target) == target)
    #expect(cached(bench, 0, 8) == 0)
    for page in 0..<8 as Range<UInt64> {
      #expect(!canAccess(bench, page, write: false))
      #expect(bench.load(target + page << 12) == page + 1)
    }
  }

  @Test func brkLeavesNothingAboveTheHeap() throws {
    let bench = try MemoryBench()
    bench.manager.setBrk(bench.mm, start: Self.va)
    #expect(bench.manager.brk(bench.el1, bench.mm, task: bench.task, Self.va + 0x4000) == Self.va + 0x4000)
    for page in 0..<4 as Range<UInt64> { #expect(bench.store(Self.va + page << 12, page + 1) == .done(faults: 1)) }
    #expect(bench.manager.brk(bench.el1, bench.mm, task: bench.task, Self.va + 0x1000) == Self.va + 0x1000)
    #expect(cached(bench, 1, 3) == 0)
    #expect(!canAccess(bench, 1, write: false))
    #expect(canAccess(bench, 0, write: true))
  }

  /// Two address spaces at one address: each sees its own page, and flushing one leaves the other's entries in place.
  @Test func addressSpacesAreApart() throws {
    let bench = try touched(pages: 2)
    let other = try bench.manager.createMM(bench.el1)
    bench.manager.switchMM(bench.el1, to: other)
    #expect(!canAccess(bench, 0, write: false))
    _ = try bench.manager.mmap(
      bench.el1, other, task: bench.task, MapRequest(address: Self.va, length: 0x2000, protection: 3, flags: 0x8032))
    #expect(bench.el1.unprivilegedStore(VirtualAddress(Self.va), size: 8, 99))
    bench.manager.switchMM(bench.el1, to: bench.mm)
    #expect(bench.load(Self.va) == 1)
    #expect(cached(bench, 0, 1) == 2)
    try bench.munmap(Self.va, pages: 2)
    #expect(!canAccess(bench, 0, write: false))
    bench.manager.switchMM(bench.el1, to: other)
    #expect(bench.el1.unprivilegedLoad(VirtualAddress(Self.va), size: 8) == 99)
  }
}
