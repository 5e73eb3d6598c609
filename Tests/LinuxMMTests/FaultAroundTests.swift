// Owns tests of the pages that a read fault maps around the faulting page, and of their entries.
// It does not know faults that write.
import Architecture
import TestSupport
import Testing

@testable import LinuxMM

struct FaultAroundTests {
  private static let base: UInt64 = 0x4000_0000

  /// Every position of a small VMA around slots of 16 pages and the end of a table, checked page by page. The window begins at the
  /// slot's or at the VMA's first page, whichever is later, and is 16 pages long unless the table or the VMA ends before.
  @Test func windowsAreThoseOfANaiveSearch() {
    for shift in Array(0..<34) + Array(490..<514) as [UInt64] {
      for pages in 1...36 as ClosedRange<UInt64> {
        let start = Self.base + shift << 12
        let vma = VMArea(start: start, end: start + pages << 12, flags: .READ, pageOffset: 0)
        for page in 0..<pages {
          let number = shift + page
          var first = number
          while first % 16 != 0 && first > shift { first -= 1 }
          var last = first
          while last - first < 15 && last + 1 < shift + pages && (last + 1) % 512 != 0 { last += 1 }
          let window = FaultAroundWindow(vma, Self.base + number << 12)
          let isRight = window.first == Self.base + first << 12 && window.last == Self.base + last << 12
          #expect(isRight, "\(shift) \(pages) \(page)")
        }
      }
    }
  }

  /// Recorded on real kernels. Columns: offset of the mapping from a border of 2 MiB, first page of the file, pages, the page
  /// touched.
  @Test(
    arguments: [
      (0, 0, 64, 63, false, "................................................FFFFFFFFFFFFFFFF"),
      (1, 1, 63, 62, false, "...............................................FFFFFFFFFFFFFFFF"),
      (1, 1, 63, 62, true, "...............................................F.FF.FF.FF.FF.FF"),
      (15, 0, 3, 0, true, "F.F"), (14, 3, 34, 17, false, "..FFFFFFFFFFFFFFFF................"),
      (14, 3, 34, 17, true, "..FF.FF.FF.FF.FF.F................"), (0, 7, 40, 39, false, "................................FFFFFFFF"),
      (505, 0, 14, 6, false, "FFFFFFF......."), (505, 0, 14, 6, true, "F.FF.FF......."),
      (505, 0, 14, 7, false, ".......FFFFFFF"), (3, 60, 20, 12, false, "FFFFFFFFFFFFFFFF...."),
      (3, 60, 20, 12, true, "F.FF.FF.FF.FF.FF...."),
    ] as [(UInt64, UInt64, UInt64, UInt64, Bool, String)])
  func mapsWhatIsThere(shift: UInt64, page: UInt64, pages: UInt64, touched: UInt64, holes: Bool, expected: String) throws {
    for kind in [.shmem, .host(-1)] as [BackingFile.Kind] {
      let bench = try MemoryBench()
      let file = bench.file(kind, pages: 80)
      bench.fill(file, (0..<80).filter { !holes || $0 % 3 != 1 })
      let va = Self.base + shift << 12
      try bench.map(file, at: va, page: page, pages: pages, shared: true)
      #expect(bench.count(va + touched << 12, write: false) == [1, 0])
      #expect(bench.mapped(va, pages) == expected)
      #expect(bench.space.resident.total == expected.filter { $0 == "F" }.count)
    }
  }

  /// A file's last page brings no missing table, as it may not be part of a block; found alone, it is therefore mapped only if there
  /// is a table already, or if it belongs to a memory file. The fault that looks for it is itself behind the end of the file (walk 279
  /// over huge pages).
  @Test(
    arguments: [(.host(-1), false, "....."), (.host(-1), true, "F...."), (.shmem, false, "F....")] as [(BackingFile.Kind, Bool, String)])
  func lastPageNeedsATable(kind: BackingFile.Kind, hasTable: Bool, expected: String) throws {
    let bench = try MemoryBench()
    let file = bench.file(kind, pages: 33)
    bench.fill(file, [32])
    try bench.map(file, at: Self.base, page: 32, pages: 5, shared: false)
    if hasTable {
      _ = try bench.mmap(Self.base + 0x10_0000, pages: 1)
      #expect(bench.count(Self.base + 0x10_0000, write: true) == [1, 0])
    }
    #expect(bench.count(Self.base + 0x1000, write: false) == [])
    #expect(bench.mapped(Self.base, 5) == expected)
  }

  /// Pages that were written through their file are mapped dirty by 7.2 if they are writable, so that no write faults; 6.12 maps
  /// them clean. Recorded on a Cortex-A53 (oracle program young_dirty).
  @Test(arguments: [(KernelProfile.linux6_12, 16), (.newest, 0)] as [(KernelProfile, UInt64)])
  func writesWithoutHardwaresHelp(profile: KernelProfile, faults: UInt64) throws {
    var features = ProcessorFeatures()
    features.hardwareUpdate = .off
    let bench = try MemoryBench(profile: profile, features: features)
    let file = bench.file(.shmem, pages: 16)
    bench.fill(file, Array(0..<16))
    try bench.map(file, at: Self.base, pages: 16, shared: true)
    #expect(bench.count(Self.base, write: false) == [1, 0])
    var taken: UInt64 = 0
    for page in 0..<16 as Range<UInt64> { taken += bench.count(Self.base + page << 12, write: true)[0] }
    #expect(taken == faults)
  }

  /// Neighbours are old if hardware sets the access flag, and young otherwise; the page itself is young. This is tried for private
  /// and shared mappings, memory files and regular files; shared pages of the latter are first mapped read-only.
  @Test(
    arguments: [
      (.shmem, true, .off, 0x0068_0000_0000_0fc3, 0x0068_0000_0000_0fc3),
      (.shmem, true, .accessFlag, 0x0068_0000_0000_0fc3, 0x0068_0000_0000_0bc3),
      (.shmem, true, .accessFlagAndDirty, 0x0068_0000_0000_0fc3, 0x0068_0000_0000_0bc3),
      (.shmem, false, .accessFlagAndDirty, 0x0060_0000_0000_0fc3, 0x0060_0000_0000_0bc3),
      (.host(-1), true, .off, 0x0060_0000_0000_0fc3, 0x0060_0000_0000_0fc3),
      (.host(-1), true, .accessFlagAndDirty, 0x0060_0000_0000_0fc3, 0x0060_0000_0000_0bc3),
      (.host(-1), false, .accessFlagAndDirty, 0x0060_0000_0000_0fc3, 0x0060_0000_0000_0bc3),
    ] as [(BackingFile.Kind, Bool, ProcessorFeatures.HardwareUpdate, UInt64, UInt64)])
  func descriptors(
    kind: BackingFile.Kind, shared: Bool, update: ProcessorFeatures.HardwareUpdate, asked: UInt64, neighbour: UInt64
  ) throws {
    var features = ProcessorFeatures()
    features.hardwareUpdate = update
    let bench = try MemoryBench(profile: .linux6_12, features: features)
    let file = bench.file(kind, pages: 4)
    bench.fill(file, 0..<4)
    try bench.map(file, at: Self.base, pages: 4, shared: shared)
    #expect(bench.count(Self.base + 0x1000, write: false) == [1, 0])
    let output = PageTableEntry.Bits.output
    #expect(bench.descriptor(Self.base + 0x1000)! & ~output == asked)
    for page in [0, 2, 3] as [UInt64] { #expect(bench.descriptor(Self.base + page << 12)! & ~output == neighbour) }
    // A neighbour takes no second fault. This also holds if software keeps the access flag, because the neighbour was young.
    #expect(bench.count(Self.base, write: false) == [0, 0])
  }

  /// Existing entries stay, whatever they are.
  @Test func leavesEntriesAlone() throws {
    let bench = try MemoryBench()
    let file = bench.file(pages: 16)
    bench.fill(file, 0..<16)
    try bench.map(file, at: Self.base, pages: 16, shared: false)
    #expect(bench.store(Self.base + 0x3000, 77) == .done(faults: 1))
    let copy = bench.descriptor(Self.base + 0x3000)
    bench.el1.store(PhysicalAddress(bench.walk(Self.base + 0x3000)[3].address + 16), SwapEntry(.guard).entry.rawValue)
    #expect(bench.count(Self.base, write: false) == [1, 0])
    #expect(bench.mapped(Self.base, 16).prefix(7) == "FFFAFgF")
    #expect(bench.descriptor(Self.base + 0x3000) == copy)
    #expect(bench.descriptor(Self.base + 0x5000) == SwapEntry(.guard).entry.rawValue)
    #expect(bench.space.resident == ResidentPages(anonymous: 1, file: 0, shmem: 14))
    bench.el1.store(PhysicalAddress(bench.walk(Self.base + 0x5000)[3].address), 0 as UInt64)
  }

  /// Pages that fallocate made are present, but count as contents only after their first use.
  @Test func passesOverPagesNeverUsed() throws {
    let bench = try MemoryBench()
    let file = bench.file(pages: 8)
    try bench.manager.allocateFile(bench.el1, file, offset: 0, length: 0x8000, keepsSize: true)
    bench.fill(file, [2, 5])
    try bench.map(file, at: Self.base, pages: 8, shared: true)
    #expect(bench.count(Self.base + 0x2000, write: false) == [1, 0])
    #expect(bench.mapped(Self.base, 8) == "..F..F..")
    #expect(bench.count(Self.base, write: false) == [1, 0])
    #expect(bench.mapped(Self.base, 8) == "F.F..F..")
  }

  /// If the file ends in the window, the page with its end is mapped, and no page behind it.
  @Test func endsWithTheFile() throws {
    let bench = try MemoryBench()
    let file = bench.file(pages: 8)
    bench.fill(file, 0..<8)
    try bench.manager.truncateFile(bench.el1, file, size: 0x2801)
    try bench.map(file, at: Self.base, pages: 5, shared: true)
    #expect(bench.touch(Self.base + 0x3000, write: false) == .failed(.SIGBUS))
    #expect(bench.mapped(Self.base, 5) == "FFF..")
    #expect(bench.touch(Self.base + 0x4000, write: true) == .failed(.SIGBUS))
  }
}
