// Owns tests that tables and frames are freed: an unmap leaves nothing behind, and the counts are right.
// It does not know which call made a table.
import Architecture
import TestSupport
import Testing

@testable import LinuxMM

struct PageTableLifetimeTests {
  /// Tables below the top one, counted by visiting every descriptor in RAM.
  private static func countTables(_ bench: MemoryBench) -> Int {
    func below(_ table: UInt64, _ level: Int) -> Int {
      var count = 0
      for index in 0..<512 as Range<UInt64> {
        let descriptor = bench.el1.load(PhysicalAddress(table + index * 8), as: UInt64.self)
        if descriptor & 3 == 3 { count += 1 + (level < 2 ? below(descriptor & 0x0000_ffff_ffff_f000, level + 1) : 0) }
      }
      return count
    }
    return below(bench.space.pgd, 0)
  }

  /// Addresses that share no table, one table, two, or three; and the first and last pages of user space.
  private static let places: [UInt64] = [
    0x1_0000, 0x20_0000 - 0x4000, 0x4000_0000 - 0x4000, 0x4000_0000, 0x80_0000_0000 - 0x4000, 0x80_0000_0000, 0x80_0020_0000,
    0x80_4000_0000, 0x7fff_ffff_c000, 0x8000_0000_0000, 0xffff_ffff_8000,
  ]

  @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
  func nothingIsLeftAfterRandomMappings(seed: UInt64) throws {
    let bench = try MemoryBench(memory: 16 << 20)
    let usedAtStart = bench.manager.state.frames.used
    var random = SeededRandom(seed: seed)
    for _ in 0..<4 {
      for step in 0..<400 {
        let place = Self.places[Int(random.below(UInt64(Self.places.count)))] + random.below(6) << 12
        let room = (0x1_0000_0000_0000 - place) >> 12
        let pages = min(1 + random.below(8), room)
        switch random.below(8) {
        case 0...2: _ = try bench.mmap(place, pages: pages)
        case 3...5: _ = bench.touch(place, write: random.chance(1, in: 2))
        case 6: try bench.munmap(place, pages: pages)
        default: _ = try? bench.mremap(place, pages: 1, to: pages, flags: 1)
        }
        if step % 100 == 0 { try #require(Self.countTables(bench) == bench.space.pageTables) }
      }
      #expect(bench.space.pageTables > 0)
      // Everything in one call, or piece by piece in random order.
      if random.chance(1, in: 2) {
        try bench.munmap(0, pages: 1 << 36)
      } else {
        while !bench.manager.vmas(bench.mm).isEmpty {
          let vmas = bench.manager.vmas(bench.mm)
          let vma = vmas[Int(random.below(UInt64(vmas.count)))]
          let pages = (vma.end - vma.start) >> 12
          let first = random.below(pages)
          try bench.munmap(vma.start + first << 12, pages: 1 + random.below(pages - first))
        }
      }
      try #require(Self.countTables(bench) == 0)
      try #require(bench.space.pageTables == 0)
      try #require(bench.space.residentPages == 0)
      try #require(bench.manager.state.frames.used == usedAtStart)
    }
    let counts = bench.statistics
    // All tables except the top one were freed.
    #expect(counts.pagesAllocated == counts.pagesFreed + 1)
    #expect(counts.pageTablesAllocated == counts.pageTablesFreed)
  }

  /// Two VMAs in one table: the table stays until the second VMA is removed.
  @Test func aTableStaysWhileANeighbourMayNeedIt() throws {
    let bench = try MemoryBench()
    _ = try bench.mmap(0x4000_0000, pages: 1)
    _ = try bench.mmap(0x4010_0000, pages: 1)
    #expect(bench.store(0x4000_0000, 1) == .done(faults: 1))
    #expect(bench.space.pageTables == 3)
    #expect(bench.store(0x4010_0000, 1) == .done(faults: 1))
    #expect(bench.space.pageTables == 3)
    try bench.munmap(0x4000_0000, pages: 1)
    #expect(bench.space.pageTables == 3)
    #expect(bench.peek(0x4010_0000) == 1)
    try bench.munmap(0x4010_0000, pages: 1)
    #expect(bench.space.pageTables == 0)
  }

  @Test func addressSpacesDieWithAllTheyHave() throws {
    let bench = try MemoryBench()
    let usedBefore = bench.manager.state.frames.used
    for _ in 0..<3 {
      let other = try bench.manager.createMM(bench.el1)
      #expect(other == MMID(1))
      bench.manager.switchMM(bench.el1, to: other)
      for address in [0x10_0000, 0x80_0000_0000, 0xffff_ffff_f000] as [UInt64] {
        _ = try bench.manager.mmap(
          bench.el1, other, task: bench.task, MapRequest(address: address, length: 0x1000, protection: 3, flags: 0x8032))
        #expect(bench.el1.unprivilegedStore(VirtualAddress(address), size: 8, 5))
      }
      bench.manager.switchMM(bench.el1, to: bench.mm)
      bench.manager.destroyMM(bench.el1, other)
      #expect(bench.manager.state.frames.used == usedBefore)
      #expect(bench.cachedPages(0, 1 << 48).isEmpty)
    }
  }
}
