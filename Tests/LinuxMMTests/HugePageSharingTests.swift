// Owns the tests of huge pages in more than one address space, and of how they are made and split: fork, collapse, folios.
// It does not know parts of VMAs. Linux: mm/huge_memory.c, mm/khugepaged.c.
import Architecture
import TestSupport
import Testing

@testable import LinuxMM

struct HugePageSharingTests {
  private static let va: UInt64 = 0x1112_3420_0000
  private static func page(_ index: UInt64) -> UInt64 { va + index << 12 }

  /// A parent with a written huge page, and its child.
  private func forked(_ profile: KernelProfile) throws -> (bench: MemoryBench, parent: MMID, child: MMID) {
    let bench = try HugePageFaultTests.bench(profile)
    #expect(bench.store(Self.page(0), 10) == .done(faults: 1))
    #expect(bench.store(Self.page(9), 19) == .done(faults: 0))
    let parent = bench.mm
    let child = try bench.manager.fork(bench.el1, parent)
    return (bench, parent, child)
  }

  @Test(arguments: [(KernelProfile.linux6_12, 0x00e0_0000_0000_0bc1), (.newest, 0x00e0_0000_0000_0fc1)] as [(KernelProfile, UInt64)])
  func forkSharesTheWhole(profile: KernelProfile, childBlock: UInt64) throws {
    let (bench, parent, child) = try forked(profile)
    #expect(HugePageFaultTests.block(bench) == 0x00e0_0000_0000_0fc1)
    let head = HugePageFaultTests.output(bench)
    #expect(bench.manager.referenceCount(bench.el1, head) == 2 && !bench.manager.isExclusive(bench.el1, head))
    bench.enter(child)
    #expect(HugePageFaultTests.block(bench) == childBlock && HugePageFaultTests.output(bench) == head)
    #expect(bench.space.residentPages == 512 && bench.space.pageTables == 3)
    #expect(bench.load(Self.page(9)) == 19)
    #expect(PageAudit.problems(bench) == [])
    // The first writer copies 4 KiB pages, and the last owner keeps the whole huge page.
    #expect(bench.store(Self.page(9), 29) == .done(faults: 1))
    #expect(bench.store(Self.page(10), 30) == .done(faults: 1))
    #expect(bench.statistics.copies == 2 && bench.statistics.hugePages.splitPMD == 1)
    #expect(PageAudit.problems(bench) == [])
    bench.enter(parent)
    #expect(bench.load(Self.page(9)) == 19)
    bench.manager.destroyMM(bench.el1, child)
    #expect(PageAudit.problems(bench) == [])
    #expect(bench.store(Self.page(9), 39) == .done(faults: 1))
    #expect(bench.store(Self.page(10), 40) == .done(faults: 0))
    #expect(HugePageFaultTests.block(bench) == 0x00e8_0000_0000_0f41 && HugePageFaultTests.output(bench) == head)
    #expect(bench.statistics.hugePages.reuses == 1)
  }

  /// The parent splits its own mapping before the child exits. Since 6.15 the pages are reused; older kernels copy them one by one.
  @Test(arguments: KernelProfile.all) func pagesOfASplitHugePage(profile: KernelProfile) throws {
    let (bench, parent, child) = try forked(profile)
    #expect(bench.store(Self.page(5), 1) == .done(faults: 1))
    let before = bench.descriptor(Self.page(9))! & 0x0000_ffff_ffff_f000
    bench.enter(child)
    #expect(bench.load(Self.page(9)) == 19)
    bench.enter(parent)
    bench.manager.destroyMM(bench.el1, child)
    #expect(bench.store(Self.page(9), 2) == .done(faults: 1))
    #expect((bench.descriptor(Self.page(9))! & 0x0000_ffff_ffff_f000 == before) == profile.reusesLargeFolios)
    #expect(PageAudit.problems(bench) == [])
  }

  @Test(arguments: KernelProfile.all) func forkOfTheHugeZeroPage(profile: KernelProfile) throws {
    let bench = try HugePageFaultTests.bench(profile)
    #expect(bench.touch(Self.va, write: false) == .done(faults: 1))
    let zero = try #require(bench.manager.state.hugePages.zeroPage)
    let child = try bench.manager.fork(bench.el1, bench.mm)
    #expect(bench.manager.referenceCount(bench.el1, zero) == 3)
    #expect(bench.manager.shrinkHugePages(bench.el1) == 0)
    bench.manager.destroyMM(bench.el1, child)
    try bench.munmap(Self.va, pages: 512)
    // The process that had the page keeps it.
    #expect(bench.manager.shrinkHugePages(bench.el1) == 0)
    let other = try bench.manager.createMM(bench.el1)
    let first = bench.mm
    bench.enter(other)
    bench.manager.destroyMM(bench.el1, first)
    #expect(bench.manager.shrinkHugePages(bench.el1) == 512)
    #expect(bench.manager.state.hugePages.zeroPage == nil)
  }

  /// If there is no memory for the table that the child must keep, fork fails and leaves nothing behind.
  @Test func aForkWithoutMemory() throws {
    let bench = try MemoryBench(memory: 4 << 20, hugePages: .always)
    _ = try bench.mmap(Self.va, pages: 512)
    #expect(bench.store(Self.va, 1) == .done(faults: 1))
    var held: [UInt64] = []
    while let page = bench.manager.allocateZeroedPage(bench.el1) { held.append(page) }
    for spare in 0..<3 {
      for page in held.suffix(spare) { bench.manager.putPage(bench.el1, page) }
      #expect(throws: Errno.ENOMEM) { try bench.manager.fork(bench.el1, bench.mm) }
      #expect(bench.manager.state.frames.available == spare)
      for _ in 0..<spare { _ = bench.manager.allocateZeroedPage(bench.el1) }
    }
    for page in held { bench.manager.putPage(bench.el1, page) }
    #expect(PageAudit.problems(bench) == [])
    #expect(bench.load(Self.va) == 1)
  }

  @Test(arguments: KernelProfile.all) func collapse(profile: KernelProfile) throws {
    let bench = try MemoryBench(profile: profile, hugePages: .never)
    _ = try bench.mmap(Self.va, pages: 1024)
    for index in [0, 3, 511, 700] as [UInt64] { #expect(bench.store(Self.page(index), index + 1) == .done(faults: 1)) }
    for index in [4, 5] as [UInt64] { #expect(bench.touch(Self.page(index), write: false) == .done(faults: 1)) }
    #expect(bench.space.pageTables == 4)
    let faults = bench.faults
    try bench.madvise(Self.va, pages: 1024, 25)
    #expect(bench.faults == faults)
    #expect(bench.space.pageTables == 4 && bench.space.residentPages == 1024)
    #expect(HugePageFaultTests.block(bench) == 0x00e8_0000_0000_0f41)
    for index in 0..<1024 as Range<UInt64> {
      #expect(bench.load(Self.page(index)) == ([0, 3, 511, 700].contains(index) ? index + 1 : 0))
    }
    #expect(bench.faults == faults)
    #expect(bench.statistics.hugePages.collapseAlloc == 2)
    #expect(PageAudit.problems(bench) == [])
    try bench.munmap(Self.va, pages: 1024)
    #expect(bench.space.pageTables == 0 && bench.space.residentPages == 0)
  }

  /// While the huge page is made, no walk reaches the table: the entry is empty from the flush until the block is stored.
  @Test func theStepsOfACollapse() throws {
    let bench = try MemoryBench(hugePages: .never)
    _ = try bench.mmap(Self.va, pages: 512)
    #expect(bench.store(Self.va, 1) == .done(faults: 1))
    let entry = PhysicalAddress(bench.walk(Self.va)[2].address)
    let table = bench.walk(Self.va)[2].descriptor
    let el1 = bench.el1
    var seen: [UInt64] = []
    let processor = bench.machine.processors[0]
    processor.stepper = { _, _ in
      let now = el1.load(entry, as: UInt64.self)
      if seen.last != now { seen.append(now) }
    }
    try bench.madvise(Self.va, pages: 512, 25)
    processor.stepper = nil
    let head = HugePageFaultTests.output(bench)
    #expect(seen == [table, 0, 0x00e8_0000_0000_0f41 | head])
  }

  @Test func collapseWithoutMemory() throws {
    let bench = try MemoryBench(memory: 2 << 20, hugePages: .never)
    _ = try bench.mmap(Self.va, pages: 512, flags: 0x4032)
    #expect(bench.store(Self.va, 1) == .done(faults: 1))
    #expect(throws: Errno.ENOMEM) { try bench.madvise(Self.va, pages: 512, 25) }
    #expect(bench.statistics.hugePages.collapseAllocFailed == 1)
    #expect(bench.load(Self.va) == 1)
    #expect(!bench.el1.holdsAnyLock)
  }

  /// The unmapped half of a huge page can be freed when memory is short, and not before.
  @Test func deferredSplit() throws {
    let bench = try HugePageFaultTests.bench()
    for index in 0..<512 as Range<UInt64> { _ = bench.store(Self.page(index), index + 1) }
    let free = bench.manager.state.frames.available
    try bench.munmap(Self.page(100), pages: 300)
    #expect(bench.manager.state.frames.available == free)
    #expect(bench.statistics.hugePages.deferredSplitPage == 1)
    #expect(bench.manager.shrinkHugePages(bench.el1) == 300)
    #expect(bench.statistics.hugePages.splitPage == 1)
    #expect(bench.manager.shrinkHugePages(bench.el1) == 0)
    #expect(PageAudit.problems(bench) == [])
    for index in 0..<100 as Range<UInt64> { #expect(bench.load(Self.page(index)) == index + 1) }
    // The pages are now separate: writable as before, and freed one by one.
    #expect(bench.touch(Self.page(7), write: true) == .done(faults: 0))
    try bench.munmap(Self.page(0), pages: 10)
    #expect(bench.manager.state.frames.available == free + 310)
  }

  /// MADV_FREE of a part splits the folio, and pages that contain only zeros become the zero page.
  @Test func adviceOnAPart() throws {
    let bench = try HugePageFaultTests.bench()
    #expect(bench.store(Self.page(0), 10) == .done(faults: 1))
    #expect(bench.store(Self.page(300), 11) == .done(faults: 0))
    try bench.madvise(Self.page(100), pages: 50, 8)
    #expect(bench.space.residentPages == 2)
    #expect(bench.statistics.hugePages.splitPage == 1 && bench.statistics.hugePages.splitPMD == 1)
    #expect(bench.descriptor(Self.page(1)) == 0x0160_0000_0000_0fc3 | bench.manager.state.frames.zeroFrame)
    #expect(PageAudit.problems(bench) == [])
    #expect(bench.load(Self.page(300)) == 11 && bench.load(Self.page(100)) == 0)
  }

  /// Newer kernels free the table that MADV_DONTNEED leaves empty, so that a huge page can be made there.
  @Test(arguments: [(KernelProfile.linux6_12, 3, 1), (.newest, 2, 512)] as [(KernelProfile, Int, Int)])
  func emptyTables(profile: KernelProfile, tables: Int, resident: Int) throws {
    let bench = try HugePageFaultTests.bench(profile)
    try bench.madvise(Self.va, pages: 512, 15)
    #expect(bench.store(Self.page(3), 1) == .done(faults: 1))
    try bench.madvise(Self.va, pages: 512, 14)
    try bench.madvise(Self.va, pages: 511, 4)
    #expect(bench.space.pageTables == 3)
    try bench.madvise(Self.va, pages: 512, 4)
    #expect(bench.space.pageTables == tables)
    #expect(PageAudit.problems(bench) == [])
    #expect(bench.store(Self.page(3), 1) == .done(faults: 1))
    #expect(bench.space.residentPages == resident)
  }
}
