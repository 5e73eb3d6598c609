// Owns tests of mremap: growth in place, shrinking, moving, whole tables, FIXED, DONTUNMAP, and RAM that runs out during a move.
// It does not know how entries get from table to table.
import Architecture
import TestSupport
import Testing

@testable import LinuxMM

struct RemapTests {
  private static let va: UInt64 = 0x4000_0000
  private static let target: UInt64 = 0x7000_0000_0000
  private let MAYMOVE: UInt64 = 1
  private let FIXED: UInt64 = 3
  private let DONTUNMAP: UInt64 = 5

  private func filled(_ pages: UInt64, at va: UInt64 = va, memory: UInt64 = 64 << 20) throws -> MemoryBench {
    let bench = try MemoryBench(memory: memory)
    _ = try bench.mmap(va, pages: pages)
    for page in 0..<pages { #expect(bench.store(va + page << 12, page + 1) == .done(faults: 1)) }
    return bench
  }
  private func ranges(_ bench: MemoryBench) -> [Range<UInt64>] { bench.manager.vmas(bench.mm).map { $0.start..<$0.end } }
  private func contents(_ bench: MemoryBench, _ start: UInt64, _ pages: UInt64) -> [UInt64?] {
    (0..<pages).map { bench.load(start + $0 << 12) }
  }

  @Test func growsInPlace() throws {
    let bench = try filled(2)
    #expect(try bench.mremap(Self.va, pages: 2, to: 5, flags: 0) == Self.va)
    #expect(ranges(bench) == [Self.va..<Self.va + 0x5000])
    #expect(contents(bench, Self.va, 5) == [1, 2, 0, 0, 0])
    // It grows up to a neighbour, with which it merges, and no further.
    _ = try bench.mmap(Self.va + 0x8000, pages: 1)
    #expect(try bench.mremap(Self.va, pages: 5, to: 8, flags: 0) == Self.va)
    #expect(ranges(bench) == [Self.va..<Self.va + 0x9000])
    _ = try bench.mmap(Self.va + 0x9000, pages: 1, 1)
    #expect(throws: Errno.ENOMEM) { try bench.mremap(Self.va, pages: 9, to: 10, flags: 0) }
    // The range is not the end of its VMA, so there is no room either.
    #expect(throws: Errno.ENOMEM) { try bench.mremap(Self.va, pages: 2, to: 3, flags: 0) }
  }

  @Test func shrinks() throws {
    let bench = try filled(5)
    #expect(try bench.mremap(Self.va, pages: 5, to: 2, flags: 0) == Self.va)
    #expect(ranges(bench) == [Self.va..<Self.va + 0x2000])
    #expect(bench.space.residentPages == 2)
    #expect(bench.touch(Self.va + 0x2000, write: false) == .noMapping)
    // The part in the middle is removed, and the part behind it stays.
    let other = try filled(6)
    #expect(try other.mremap(Self.va + 0x1000, pages: 3, to: 1, flags: 0) == Self.va + 0x1000)
    #expect(ranges(other) == [Self.va..<Self.va + 0x2000, Self.va + 0x4000..<Self.va + 0x6000])
    #expect(contents(other, Self.va, 2) == [1, 2])
    #expect(contents(other, Self.va + 0x4000, 2) == [5, 6])
  }

  @Test func movesWhereItCannotGrow() throws {
    let bench = try filled(4)
    _ = try bench.mmap(Self.va + 0x4000, pages: 1, 0)
    // The highest free range below the mmap base.
    let place: UInt64 = 0xffff_f800_0000 - 0x6000
    #expect(try bench.mremap(Self.va, pages: 4, to: 6, flags: MAYMOVE) == place)
    #expect(ranges(bench) == [Self.va + 0x4000..<Self.va + 0x5000, place..<place + 0x6000])
    #expect(contents(bench, place, 6) == [1, 2, 3, 4, 0, 0])
    #expect(bench.space.residentPages == 4)
    #expect(bench.touch(Self.va, write: false) == .noMapping)
  }

  @Test func movesThePartThatWasNamed() throws {
    let bench = try filled(6)
    #expect(try bench.mremap(Self.va + 0x2000, pages: 2, to: 2, flags: FIXED, at: Self.target) == Self.target)
    #expect(
      ranges(bench)
        == [Self.va..<Self.va + 0x2000, Self.va + 0x4000..<Self.va + 0x6000, Self.target..<Self.target + 0x2000])
    #expect(contents(bench, Self.target, 2) == [3, 4])
    #expect(contents(bench, Self.va + 0x4000, 2) == [5, 6])
    // After the move back it is one VMA again, because written memory keeps its offset.
    #expect(try bench.mremap(Self.target, pages: 2, to: 2, flags: FIXED, at: Self.va + 0x2000) == Self.va + 0x2000)
    #expect(ranges(bench) == [Self.va..<Self.va + 0x6000])
    #expect(contents(bench, Self.va, 6) == [1, 2, 3, 4, 5, 6])
  }

  @Test func FIXEDReplacesWhatIsThere() throws {
    let bench = try filled(2)
    _ = try bench.mmap(Self.target, pages: 4)
    for page in 0..<4 as Range<UInt64> { #expect(bench.store(Self.target + page << 12, 100 + page) == .done(faults: 1)) }
    #expect(try bench.mremap(Self.va, pages: 2, to: 2, flags: FIXED, at: Self.target + 0x1000) == Self.target + 0x1000)
    #expect(contents(bench, Self.target, 4) == [100, 1, 2, 103])
    #expect(bench.space.residentPages == 4)
    // A move that also shrinks drops the tail of the source.
    let other = try filled(4)
    #expect(try other.mremap(Self.va, pages: 4, to: 1, flags: FIXED, at: Self.target) == Self.target)
    #expect(ranges(other) == [Self.target..<Self.target + 0x1000])
    #expect(other.space.residentPages == 1)
  }

  @Test func DONTUNMAPLeavesAnEmptyMapping() throws {
    let bench = try filled(3)
    let place = try bench.mremap(Self.va, pages: 3, to: 3, flags: DONTUNMAP)
    #expect(ranges(bench) == [Self.va..<Self.va + 0x3000, place..<place + 0x3000])
    #expect(contents(bench, place, 3) == [1, 2, 3])
    #expect(contents(bench, Self.va, 3) == [0, 0, 0])
    #expect(bench.store(Self.va, 9) == .done(faults: 1))
    #expect(bench.load(place) == 1)
  }

  /// Two whole tables and parts of two more: a whole table moves by one store in the table above.
  @Test func wholeTablesMove() throws {
    let start: UInt64 = 0x4000_0000 + 0x1f_e000
    let pages: UInt64 = 2 + 512 + 512 + 3
    let bench = try filled(pages, at: start)
    let before = bench.space.pageTables
    let target = Self.target + 0x1f_e000
    let steps = bench.steps {
      #expect((try? bench.mremap(start, pages: pages, to: pages, flags: FIXED, at: target)) == target)
    }
    for page in 0..<pages { #expect(bench.peek(target + page << 12) == page + 1) }
    #expect(bench.space.residentPages == Int(pages))
    #expect(bench.space.pageTables == before)
    // Five entries move one by one; moving all entries would be a thousand swaps.
    #expect(steps.filter { $0.kind == .pteCompareAndSwap }.count == 5)
    #expect(bench.cachedPages(start, start + pages << 12).isEmpty)
    try bench.munmap(target, pages: pages)
    #expect(bench.space.pageTables == 0)
  }

  /// A distance that is no multiple of a table's size changes which entries lie together.
  @Test func tablesThatDoNotLineUpMoveEntryByEntry() throws {
    let bench = try filled(700)
    #expect(try bench.mremap(Self.va, pages: 700, to: 700, flags: FIXED, at: Self.target + 0x12_3000) == Self.target + 0x12_3000)
    for page in 0..<700 as Range<UInt64> { #expect(bench.peek(Self.target + 0x12_3000 + page << 12) == page + 1) }
    #expect(bench.cachedPages(Self.va, Self.va + 700 << 12).isEmpty)
  }

  @Test(
    arguments: [
      // address, old, new, flags, target in pages from the mapping's start; the error
      (0, 4, 4, 8, 0, Errno.EINVAL), (0, 4, 4, 2, 64, .EINVAL), (0, 4, 4, 4, 64, .EINVAL), (0, 4, 5, 5, 64, .EINVAL),
      (0, 4, 0, 1, 0, .EINVAL), (0, 0, 4, 1, 0, .EINVAL), (64, 1, 2, 1, 0, .EFAULT), (0, 5, 6, 1, 0, .EFAULT),
      (0, 4, 4, 3, 2, .EINVAL), (2, 2, 4, 3, 0, .EINVAL), (0, 4, 6, 0, 0, .ENOMEM),
    ] as [(UInt64, UInt64, UInt64, UInt64, UInt64, Errno)])
  func refuses(address: UInt64, old: UInt64, new: UInt64, flags: UInt64, target: UInt64, error: Errno) throws {
    let bench = try filled(4)
    _ = try bench.mmap(Self.va + 0x4000, pages: 1, 0)
    #expect(throws: error) {
      try bench.mremap(Self.va + address << 12, pages: old, to: new, flags: flags, at: Self.va + target << 12)
    }
    #expect(ranges(bench) == [Self.va..<Self.va + 0x4000, Self.va + 0x4000..<Self.va + 0x5000])
    #expect(contents(bench, Self.va, 4) == [1, 2, 3, 4])
  }

  @Test(arguments: [1, ~0, ~0 - 4096, 1 << 48, 1 << 47] as [UInt64])
  func hostileSizes(size: UInt64) throws {
    let bench = try filled(2)
    for (old, new) in [(size, 0x1000), (0x1000, size), (size, size)] {
      for flags in [0, 1, 3, 5] as [UInt64] {
        _ = try? bench.manager.mremap(
          bench.el1, bench.mm, task: bench.task,
          RemapRequest(address: Self.va, oldLength: old, newLength: new, flags: flags, newAddress: Self.target))
        #expect(!bench.el1.holdsAnyLock)
      }
    }
  }

  /// With `free` frames left the move fails at some point, and everything is then as before.
  @Test func runningOutOfMemoryLeavesEverythingAsItWas() throws {
    var failures = 0
    var successes = 0
    for free in 0..<12 as Range<UInt32> {
      let bench = try filled(40, at: 0x4000_0000 - 0x1_4000, memory: 2 << 20)
      let start: UInt64 = 0x4000_0000 - 0x1_4000
      _ = try bench.mmap(start + 40 << 12, pages: 1, 0)
      // Uses RAM up except for `free` frames.
      var hog: [UInt64] = []
      while bench.manager.state.frames.available > free { hog.append(bench.manager.allocateZeroedPage(bench.el1)!) }
      let before = (ranges(bench), bench.space.pageTables, bench.space.residentPages, bench.manager.state.frames.available)
      // The new place needs up to two last-level tables, each under a pmd and pud of its own.
      let target: UInt64 = 0x7f_ffff_f000
      do {
        #expect(try bench.mremap(start, pages: 40, to: 41, flags: FIXED, at: target) == target)
        successes += 1
        for page in 0..<40 as Range<UInt64> { #expect(bench.peek(target + page << 12) == page + 1) }
      } catch {
        failures += 1
        #expect(error == .ENOMEM)
        let now = (ranges(bench), bench.space.pageTables, bench.space.residentPages, bench.manager.state.frames.available)
        #expect(before == now, "with \(free) frames")
        for page in 0..<40 as Range<UInt64> { #expect(bench.load(start + page << 12) == page + 1) }
      }
      #expect(!bench.el1.holdsAnyLock)
      for page in hog { bench.manager.putPage(bench.el1, page) }
      try bench.munmap(0, pages: 1 << 36)
      #expect(bench.space.pageTables == 0)
      #expect(bench.space.residentPages == 0)
    }
    #expect(failures >= 5)
    #expect(successes >= 5)
  }
}
