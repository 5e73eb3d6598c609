// Owns the search for free addresses: the highest below the mmap base, else the lowest from a quarter of user space up, outside
// guard gaps.
// It does not know mmap's other checks. Linux: generic_get_unmapped_area_topdown().
import Architecture
import TestSupport
import Testing

@testable import LinuxMM

struct GapTests {
  private static let base: UInt64 = 0xffff_f800_0000
  private static let guardGap: UInt64 = 0x10_0000

  /// The expected place is found by going down page by page to the first one that nothing overlaps. If the nearest VMA above is a
  /// stack whose gap the place touches, the search begins again below the gap.
  private static func naive(_ vmas: [VMArea], _ length: UInt64) -> UInt64 {
    var limit = base
    while true {
      var start = limit - length
      while vmas.contains(where: { start < $0.end && $0.start < start + length }) { start -= 4096 }
      let above = vmas.filter { $0.start >= start + length }.min { $0.start < $1.start }
      guard let above, above.flags.contains(.GROWSDOWN), above.start - guardGap < start + length else { return start }
      limit = above.start - guardGap
    }
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64]) func highestRoomIsFound(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var stacks = 0
    for _ in 0..<300 {
      var space = MM(pgd: 0, asid: 1)
      // The neighbours are a few pages apart, and sometimes further apart than a guard gap. Some are above the base.
      var top = Self.base + random.below(8) << 12
      for _ in 0..<random.below(12) {
        top -= random.chance(1, in: 4) ? random.below(400) << 12 : random.below(6) << 12
        let size = (1 + random.below(5)) << 12
        let isStack = random.chance(1, in: 5)
        if isStack { stacks += 1 }
        space.vmas.insert(
          VMArea(start: top - size, end: top, flags: isStack ? [.READ, .GROWSDOWN] : [.READ], pageOffset: 0), at: 0)
        top -= size
      }
      for pages in [1, 2, 5, 100, 256, 257] as [UInt64] {
        let found = space.freeRange(pages << 12, lowest: 0x1_0000)
        #expect(found == Self.naive(Array(space.vmas), pages << 12), "\(pages) pages among \(space.vmas)")
      }
      // A hint is free if nothing overlaps it and the nearest VMA above, if that is a stack, keeps its gap. Linux checks no more.
      let hint = Self.base - random.below(700) << 12
      let overlaps = space.vmas.contains { hint < $0.end && $0.start < hint + 0x3000 }
      let above = space.vmas.filter { $0.start >= hint }.min { $0.start < $1.start }
      let isInGap = above.map { $0.flags.contains(.GROWSDOWN) && hint + 0x3000 > $0.start - Self.guardGap } ?? false
      let isFree = !overlaps && !isInGap
      let found = space.isFree(hint, 0x3000)
      #expect(found == isFree)
    }
    #expect(stacks > 100)
  }

  @Test func upwardsOnceNothingIsFreeBelow() throws {
    let bench = try MemoryBench()
    let minimum: UInt64 = 0x8000
    // PROT_NONE is not charged. It fills everything below the base except two low pages and one page at a quarter of user space.
    let quarter: UInt64 = 0x4000_0000_0000
    _ = try bench.mmap(minimum, pages: (Self.base - minimum) >> 12, 0)
    #expect(try bench.mmap(0, pages: 3, 0, flags: 0x22) == Self.base)
    #expect(try bench.mmap(0, pages: 1, 0, flags: 0x22) == Self.base + 0x3000)
    try bench.munmap(quarter + 0x5000, pages: 1)
    try bench.munmap(0x5000_0000, pages: 2)
    // The highest free page below the base comes first.
    #expect(try bench.mmap(0, pages: 1, 0, flags: 0x22) == quarter + 0x5000)
    #expect(try bench.mmap(0, pages: 2, 0, flags: 0x22) == 0x5000_0000)
    #expect(try bench.mmap(0, pages: 1, 0, flags: 0x22) == Self.base + 0x4000)
  }

  @Test func noRoomAtAll() throws {
    let bench = try MemoryBench()
    _ = try bench.mmap(0x8000, pages: (1 << 36) - 8, 0)
    #expect(throws: Errno.ENOMEM) { try bench.mmap(0, pages: 1, 0, flags: 0x22) }
    #expect(throws: Errno.ENOMEM) { try bench.mmap(0x1234_5000, pages: 1, 0, flags: 0x22) }
    try bench.munmap(0xffff_ffff_f000, pages: 1)
    #expect(try bench.mmap(0, pages: 1, 0, flags: 0x22) == 0xffff_ffff_f000)
    #expect(throws: Errno.ENOMEM) { try bench.mmap(0, pages: 1, 0, flags: 0x22) }
  }

  /// Memory that is charged may not exceed RAM; other memory may.
  @Test func overcommit() throws {
    let bench = try MemoryBench(memory: 1 << 20)
    let managed = UInt64(bench.manager.state.frames.managed)
    #expect(throws: Errno.ENOMEM) { try bench.mmap(0, pages: managed + 1, 3, flags: 0x22) }
    _ = try bench.mmap(0, pages: managed, 3, flags: 0x22)
    _ = try bench.mmap(0, pages: managed * 100, 3, flags: 0x4022)
    let place = try bench.mmap(0x1000_0000, pages: managed * 2, 1)
    #expect(throws: Errno.ENOMEM) { try bench.mprotect(place, pages: managed + 1, 3) }
    try bench.mprotect(place, pages: managed, 3)
  }
}
