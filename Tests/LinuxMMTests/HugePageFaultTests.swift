// Owns tests of faults that huge pages serve: the level 2 entry, the counts, and the cases that level 3 serves instead.
// It does not know splits. Linux: mm/huge_memory.c; the descriptors are those of arm64's pgtable-prot.h.
import Architecture
import TestSupport
import Testing

@testable import LinuxMM

struct HugePageFaultTests {
  static let va: UInt64 = 0x1112_3420_0000
  static let huge: UInt64 = 0x20_0000

  static func bench(
    _ profile: KernelProfile = .newest, features: ProcessorFeatures = ProcessorFeatures(), memory: UInt64 = 64 << 20, pages: UInt64 = 512
  ) throws -> MemoryBench {
    let bench = try MemoryBench(memory: memory, profile: profile, features: features, hugePages: .always)
    _ = try bench.mmap(va, pages: pages)
    return bench
  }
  /// The level 2 entry without its address.
  static func block(_ bench: MemoryBench, _ address: UInt64 = va) -> UInt64? {
    bench.walk(address).first { $0.level == 2 }.map { $0.descriptor & ~0x0000_ffff_ffff_f000 }
  }
  static func output(_ bench: MemoryBench, _ address: UInt64 = va) -> UInt64 {
    bench.walk(address).first { $0.level == 2 }!.descriptor & 0x0000_ffff_ffff_f000
  }
  static func counts(_ bench: MemoryBench) -> HugePageStatistics { bench.statistics.hugePages }

  @Test func aWriteMapsAHugePage() throws {
    let bench = try Self.bench()
    #expect(bench.store(Self.va + 0x5008, 7) == .done(faults: 1))
    #expect(Self.block(bench) == 0x00e8_0000_0000_0f41)
    let head = Self.output(bench)
    #expect(head & 0x1f_ffff == 0)
    for page in 0..<512 as Range<UInt64> { #expect(bench.touch(Self.va + page << 12, write: true) == .done(faults: 0)) }
    #expect(bench.load(Self.va + 0x5008) == 7)
    #expect(bench.el1.load(PhysicalAddress(head + 0x5008), as: UInt64.self) == 7)
    #expect(bench.faults == TaskFaults(minor: 1, major: 0))
    #expect(bench.space.resident == ResidentPages(anonymous: 512))
    // The tables of levels 1 and 2, and the table kept for a split.
    #expect(bench.space.pageTables == 3)
    #expect(Self.counts(bench).faultAlloc == 1)
    let manager = bench.manager
    #expect(manager.referenceCount(bench.el1, head) == 1)
    #expect(manager.field(bench.el1, head, PageDescriptor.entireMapCount, as: UInt32.self) == 1)
    #expect(manager.isExclusive(bench.el1, head) && !manager.isExclusive(bench.el1, head + 0x1000))
    #expect(manager.folio(bench.el1, head + 0x1f_f000) == head)
    #expect(manager.mappings(bench.el1, head) == 1)
  }

  @Test func aReadMapsTheHugeZeroPage() throws {
    let bench = try Self.bench()
    #expect(bench.touch(Self.va + 0x1f_f000, write: false) == .done(faults: 1))
    #expect(Self.block(bench) == 0x0160_0000_0000_0fc1)
    #expect(Self.output(bench) == bench.manager.state.hugePages.zeroPage)
    for page in 0..<512 as Range<UInt64> { #expect(bench.touch(Self.va + page << 12, write: false) == .done(faults: 0)) }
    #expect(bench.load(Self.va + 0x3210) == 0)
    #expect(bench.space.residentPages == 0)
    #expect(bench.space.pageTables == 3)
    #expect(Self.counts(bench).zeroPageAlloc == 1 && Self.counts(bench).faultAlloc == 0)
  }

  /// 6.12 replaces the huge zero page by 512 small zero pages and copies one; 7.2 replaces it by a huge page.
  @Test func aWriteToTheHugeZeroPage() throws {
    let new = try Self.bench(.newest)
    #expect(new.touch(Self.va, write: false) == .done(faults: 1))
    #expect(new.touch(Self.va + 0x7000, write: true) == .done(faults: 1))
    #expect(Self.block(new) == 0x00e8_0000_0000_0f41)
    #expect(new.space.residentPages == 512 && new.space.pageTables == 3)
    #expect(new.touch(Self.va + 0x8000, write: true) == .done(faults: 0))
    #expect(Self.counts(new).splitPMD == 0 && Self.counts(new).faultAlloc == 1)

    let old = try Self.bench(.linux6_12)
    #expect(old.touch(Self.va, write: false) == .done(faults: 1))
    #expect(old.touch(Self.va + 0x7000, write: true) == .done(faults: 1))
    #expect(old.descriptor(Self.va)! & ~0x0000_ffff_ffff_f000 == 0x0160_0000_0000_0fc3)
    #expect(old.descriptor(Self.va)! & 0x0000_ffff_ffff_f000 == old.manager.state.frames.zeroFrame)
    #expect(old.descriptor(Self.va + 0x7000)! & ~0x0000_ffff_ffff_f000 == 0x00e8_0000_0000_0f43)
    #expect(old.space.residentPages == 1 && old.space.pageTables == 3)
    #expect(old.touch(Self.va + 0x8000, write: true) == .done(faults: 1))
    #expect(Self.counts(old).splitPMD == 1 && Self.counts(old).faultAlloc == 0)
  }

  /// The faults of an atomic on each page: on 6.12 the write to the huge zero page costs 512 more. Linux: the table of mail [PATCH]
  /// arm64: mm: force write fault.
  @Test(arguments: [(KernelProfile.linux6_12, 513), (.newest, 2)] as [(KernelProfile, UInt64)])
  func readThenWriteOfEveryPage(profile: KernelProfile, faults: UInt64) throws {
    let bench = try Self.bench(profile)
    for page in 0..<512 as Range<UInt64> {
      _ = bench.touch(Self.va + page << 12, write: false)
      _ = bench.touch(Self.va + page << 12, write: true)
    }
    #expect(bench.faults.minor == faults)
    #expect(bench.space.residentPages == 512)
  }

  /// A huge page must lie within the VMA.
  @Test func theVMAMustCoverIt() throws {
    let bench = try MemoryBench(hugePages: .always)
    _ = try bench.mmap(Self.va + 0x1000, pages: 1023)
    for page in [1, 511] as [UInt64] { #expect(bench.touch(Self.va + page << 12, write: true) == .done(faults: 1)) }
    #expect(bench.space.residentPages == 2)
    #expect(bench.touch(Self.va + Self.huge, write: true) == .done(faults: 1))
    #expect(bench.space.residentPages == 514)
    // An existing table prevents huge pages.
    _ = try bench.mmap(Self.va, pages: 1)
    #expect(bench.touch(Self.va + 0x9000, write: true) == .done(faults: 1))
    #expect(bench.space.residentPages == 515)
  }

  enum Wish: CaseIterable { case none, huge, noHuge, stack }
  @Test(arguments: HugePageMode.allCases, Wish.allCases) func whoMayHaveThem(mode: HugePageMode, wish: Wish) throws {
    let bench = try MemoryBench(hugePages: mode)
    _ = try bench.mmap(Self.va, pages: 512, flags: wish == .stack ? 0x2_0032 : 0x32)
    if wish == .huge { try bench.madvise(Self.va, pages: 512, 14) }
    if wish == .noHuge { try bench.madvise(Self.va, pages: 512, 15) }
    #expect(bench.touch(Self.va, write: true) == .done(faults: 1))
    let expected: Bool =
      switch (mode, wish) {
      case (.always, .none), (.always, .huge), (.madvise, .huge): true
      default: false
      }
    #expect(bench.space.residentPages == (expected ? 512 : 1))
    #expect(bench.manager.vmas(bench.mm)[0].flags.contains(.NOHUGEPAGE) == (wish == .stack || wish == .noHuge))
  }

  @Test func settingsAtRunTime() throws {
    let bench = try Self.bench(pages: 512 * 6)
    func resident(_ index: UInt64, write: Bool) -> Int {
      let before = bench.space.residentPages
      #expect(bench.touch(Self.va + index * Self.huge, write: write) == .done(faults: 1))
      return bench.space.residentPages - before
    }
    bench.manager.setHugeZeroPageUse(false)
    #expect(resident(0, write: false) == 512)
    bench.manager.setHugePageMode(.madvise)
    #expect(resident(1, write: true) == 1)
    bench.manager.setHugePageSizeMode(.always)
    #expect(resident(2, write: true) == 512)
    bench.manager.setHugePageDisabling(bench.mm, .completely)
    #expect(resident(3, write: true) == 1)
    bench.manager.setHugePageDisabling(bench.mm, .exceptAdvised)
    try bench.madvise(Self.va + 5 * Self.huge, pages: 512, 14)
    #expect(resident(4, write: true) == 1)
    #expect(resident(5, write: true) == 512)
  }

  /// If no huge page is free, level 3 serves the fault; if no page is free, the fault fails.
  @Test func withoutAHugePageLevel3Serves() throws {
    let bench = try MemoryBench(memory: 4 << 20, hugePages: .always)
    _ = try bench.mmap(Self.va, pages: 1024, flags: 0x4032)
    var faults = 0
    var page: UInt64 = 0
    while case .done(let count) = bench.touch(Self.va + page << 12, write: true) {
      faults += count
      page += 1
    }
    #expect(bench.touch(Self.va + page << 12, write: true) == .failed(.OOM))
    #expect(Self.counts(bench).faultAlloc == 1 && Self.counts(bench).faultFallback >= 1)
    #expect(bench.space.residentPages == Int(page))
    #expect(faults == Int(page) - 511)
    try bench.munmap(Self.va, pages: 1024)
    #expect(bench.space.residentPages == 0 && bench.space.pageTables == 0)
    #expect(bench.statistics.pagesAllocated == bench.statistics.pagesFreed + 1)
  }

  /// If the processor updates neither access flag nor dirty state, software does, with each kernel's own flush.
  @Test(arguments: KernelProfile.all) func withoutHardwareUpdates(profile: KernelProfile) throws {
    var features = ProcessorFeatures()
    features.hardwareUpdate = .off
    let bench = try Self.bench(profile, features: features)
    #expect(bench.store(Self.va, 1) == .done(faults: 1))
    let entry = PhysicalAddress(bench.walk(Self.va)[2].address)
    let head = Self.output(bench)
    // An old and clean entry, as after MADV_FREE.
    bench.el1.store(entry, 0x0068_0000_0000_0bc1 | head)
    bench.manager.flushAll(bench.el1, bench.mm)
    #expect(bench.touch(Self.va + 0x6000, write: false) == .done(faults: 1))
    #expect(Self.block(bench) == 0x0068_0000_0000_0fc1)
    #expect(bench.touch(Self.va + 0x6000, write: true) == .done(faults: 1))
    #expect(Self.block(bench) == 0x00e8_0000_0000_0f41)
    #expect(bench.touch(Self.va + 0x9000, write: true) == .done(faults: 0))
  }

  /// A page that is read-only but not shared, as after mprotect or a child's end, stays whole.
  @Test func aWriteToAnExclusiveReadOnlyHugePage() throws {
    let bench = try Self.bench()
    #expect(bench.store(Self.va, 1) == .done(faults: 1))
    let head = Self.output(bench)
    bench.el1.store(PhysicalAddress(bench.walk(Self.va)[2].address), 0x00e0_0000_0000_0fc1 | head)
    bench.manager.flushAll(bench.el1, bench.mm)
    #expect(bench.store(Self.va + 0x4000, 2) == .done(faults: 1))
    #expect(Self.block(bench) == 0x00e8_0000_0000_0f41 && Self.output(bench) == head)
    #expect(Self.counts(bench).reuses == 1 && Self.counts(bench).splitPMD == 0)
  }

  /// A huge page is flushed by one invalidation, with a level hint if the processor takes hints.
  @Test(arguments: [(true, 0x0001_6001_1123_4200), (false, 0x0001_0001_1123_4200)] as [(Bool, UInt64)])
  func theFlushOfAHugePage(hints: Bool, operand: UInt64) throws {
    var features = ProcessorFeatures()
    features.ttl = hints
    let bench = try Self.bench(features: features)
    #expect(bench.store(Self.va, 1) == .done(faults: 1))
    // The flush comes while the entry is invalid, and another at the end of mprotect.
    let steps = bench.steps { try! bench.mprotect(Self.va, pages: 512, 1) }.filter { $0.kind == .tlbi }
    #expect(steps.map(\.operand) == [operand, operand])
    #expect(bench.touch(Self.va, write: true) == .denied)
    #expect(bench.touch(Self.va, write: false) == .done(faults: 0))
  }
}
