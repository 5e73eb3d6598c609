// Owns tests of RAM that runs out at any point of fork or of a fault: no call is left half done, and no page is lost.
// It does not know which call reports ENOMEM.
import Architecture
import TestSupport
import Testing

@testable import LinuxMM

struct MemoryExhaustionTests {
  /// Addresses that share no table, or one, or two.
  private static let places: [UInt64] = [0x10_0000, 0x4000_0000, 0x4020_0000, 0x80_0000_0000, 0x7fff_ffff_e000]

  /// A space with a written and a read page at each address, where all of RAM except `free` frames is taken.
  private func bench(free: UInt32) throws -> (bench: MemoryBench, hog: [UInt64]) {
    let bench = try MemoryBench(memory: 1 << 20)
    for place in Self.places {
      _ = try bench.mmap(place, pages: 2)
      #expect(bench.store(place, place) == .done(faults: 1))
      #expect(bench.load(place + 0x1000) == 0)
    }
    var hog: [UInt64] = []
    while bench.manager.state.frames.available > free { hog.append(bench.manager.allocateZeroedPage(bench.el1)!) }
    return (bench, hog)
  }
  private func release(_ bench: MemoryBench, _ hog: [UInt64]) { for page in hog { bench.manager.putPage(bench.el1, page) } }

  /// A child of this space needs its top table and twelve more.
  @Test func forkGivesEverythingBack() throws {
    for free in 0...13 as ClosedRange<UInt32> {
      let (bench, hog) = try bench(free: free)
      let parent = bench.mm
      if free < 13 {
        #expect(throws: Errno.ENOMEM) { try bench.manager.fork(bench.el1, parent) }
        #expect(bench.manager.state.frames.available == free)
      } else {
        bench.manager.destroyMM(bench.el1, try bench.manager.fork(bench.el1, parent))
      }
      #expect(!bench.el1.holdsAnyLock)
      release(bench, hog)
      #expect(bench.manager.checkInvariants(bench.el1) == [], "with \(free) frames")
      for place in Self.places {
        #expect(bench.load(place) == place)
        // The child's pages belong to the parent alone again, so a write makes no copy.
        #expect(bench.touch(place, write: true) != .failed(.OOM))
      }
      #expect(bench.statistics.copies == 0)
    }
  }

  /// A first write needs up to three tables and a page; a copy needs a page.
  @Test func faultsGiveEverythingBack() throws {
    for free in 0...4 as ClosedRange<UInt32> {
      let (bench, hog) = try bench(free: free)
      let place: UInt64 = 0x5555_0000_0000
      _ = try bench.mmap(place, pages: 1)
      let touch = bench.store(place, 1)
      #expect(touch == (free < 4 ? .failed(.OOM) : .done(faults: 1)))
      // New tables are kept for the next attempt, because they belong to the address space.
      #expect(bench.manager.state.frames.available == 0)
      #expect(bench.space.pageTables == 12 + Int(min(free, 3)))
      #expect(!bench.el1.holdsAnyLock)
      release(bench, hog)
      #expect(bench.manager.checkInvariants(bench.el1) == [], "with \(free) frames")
      #expect(bench.store(place, 2) == .done(faults: free < 4 ? 1 : 0))
    }
  }

  @Test func aCopyWithoutRoomChangesNothing() throws {
    let (bench, hog) = try bench(free: 13)
    let parent = bench.mm
    let child = try bench.manager.fork(bench.el1, parent)
    let entry = bench.descriptor(Self.places[1])
    #expect(bench.touch(Self.places[1], write: true) == .failed(.OOM))
    #expect(bench.touch(Self.places[1] + 0x1000, write: true) == .failed(.OOM))
    #expect(bench.descriptor(Self.places[1]) == entry)
    #expect(bench.load(Self.places[1]) == Self.places[1])
    release(bench, hog)
    #expect(bench.manager.checkInvariants(bench.el1) == [])
    #expect(bench.touch(Self.places[1], write: true) == .done(faults: 1))
    bench.manager.destroyMM(bench.el1, child)
    #expect(bench.manager.checkInvariants(bench.el1) == [])
  }

  /// Pages given up by MADV_FREE and not written since are reclaimed, in parent and child; written ones are kept.
  @Test func lazilyFreedPagesAreReclaimed() throws {
    let (bench, hog) = try bench(free: 40)
    let va: UInt64 = 0x5555_0000_0000
    _ = try bench.mmap(va, pages: 16)
    for page in 0..<16 as Range<UInt64> { #expect(bench.store(va + page << 12, page + 1) == .done(faults: 1)) }
    try bench.madvise(va, pages: 16, 8)
    #expect(bench.store(va + 0x3000, 99) == .done(faults: 0))
    let child = try bench.manager.fork(bench.el1, bench.mm)
    let other: UInt64 = 0x4000_0000 + 0x10_0000
    _ = try bench.mmap(other, pages: 32)
    let free = UInt64(bench.manager.state.frames.available)
    // First all free frames, then the fifteen pages.
    var page: UInt64 = 0
    while case .done = bench.touch(other + page << 12, write: true) { page += 1 }
    #expect(page == free + 15)
    for space in [child, bench.mm] {
      bench.enter(space)
      #expect((0..<16).map { bench.peek(va + $0 << 12) ?? 0 } == (0..<16).map { $0 == 3 ? 99 : 0 })
    }
    release(bench, hog)
    #expect(bench.manager.checkInvariants(bench.el1) == [])
  }

  /// The OOM killer's measure: resident pages and tables.
  @Test func badness() throws {
    let bench = try MemoryBench()
    #expect(bench.manager.oomBadness(bench.mm) == 0)
    _ = try bench.mmap(0x4000_0000, pages: 8, flags: 0x8032)
    _ = try bench.mmap(0x5000_0000, pages: 1)
    _ = bench.load(0x5000_0000)
    #expect(bench.manager.oomBadness(bench.mm) == 8 + 4)
  }

  /// A million mappings are made and removed, one in sixteen with a page, and no table or count grows.
  @Test func aMillionMappingsLeaveNothing() throws {
    let bench = try MemoryBench(memory: 4 << 20)
    let used = bench.manager.state.frames.used
    for round in 0..<1_000_000 as Range<UInt64> {
      let va: UInt64 = 0x4000_0000 + (round % 61) << 13
      _ = try bench.mmap(va, pages: 1, flags: round % 5 == 0 ? 0x31 : 0x32)
      if round % 16 == 0 { _ = bench.touch(va, write: true) }
      try bench.munmap(va, pages: 1)
    }
    #expect(bench.manager.state.frames.used == used)
    #expect(bench.manager.state.frames.highWater <= used + 5)
    #expect(bench.manager.state.anonVMAs.ids.isEmpty && bench.manager.state.anonVMAs.capacity <= 2)
    #expect(bench.manager.state.files.ids.isEmpty)
    #expect(bench.manager.checkInvariants(bench.el1) == [])
  }
}
