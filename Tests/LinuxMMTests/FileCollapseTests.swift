// Owns the tests of huge folios of memory files beyond what one program sees: contents and counts after many calls from two address
// spaces. What programs see was recorded by the oracle program `collapse`. It does not know signals.
import Architecture
import TestSupport
import Testing

@testable import LinuxMM

struct FileCollapseTests {
  private static let va: UInt64 = 0x1000_0000_0000
  private static let pages: UInt64 = 1536

  /// A file that two address spaces map, at an aligned and at an odd address, and a private mapping of it.
  private struct Arena {
    let bench: MemoryBench
    let file: FileID
    let spaces: [MMID]
    /// What each page of the file holds in its second word.
    var words = [UInt64](repeating: 0, count: Int(FileCollapseTests.pages))
    var size = FileCollapseTests.pages

    init(_ profile: KernelProfile) throws {
      bench = try MemoryBench(profile: profile)
      file = bench.file(pages: FileCollapseTests.pages)
      spaces = [bench.mm, try bench.manager.createMM(bench.el1)]
      for space in spaces {
        bench.enter(space)
        for place in 0..<3 as Range<UInt64> {
          try bench.map(file, at: FileCollapseTests.place(place), pages: FileCollapseTests.pages, shared: place < 2)
        }
      }
    }
  }

  /// The virtual addresses of the mappings: an aligned one, an odd one, and the private one.
  private static func place(_ number: UInt64) -> UInt64 { va + number << 32 + (number == 1 ? 0x1000 : 0) }

  @Test(arguments: KernelProfile.all) func contentsAndCountsSurviveEverything(profile: KernelProfile) throws {
    var arena = try Arena(profile)
    var random = SeededRandom(seed: 25)
    var collapses = 0
    for step in 0..<600 {
      try act(&arena, &random, &collapses)
      if step % 10 != 0 { continue }
      try #require(arena.bench.manager.checkInvariants(arena.bench.el1) == [], "step \(step)")
      for page in 0..<arena.size {
        let word = arena.bench.read(arena.file, page << 12 + 8, 8).reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        try #require(word == arena.words[Int(page)], "page \(page) after step \(step)")
      }
    }
    let huge = arena.bench.statistics.hugePages
    #expect(collapses > 20 && huge.splitPage > 10 && huge.fileMapped > 50 && huge.splitPMD > 20, "\(collapses) collapses, \(huge)")
    for space in arena.spaces { arena.bench.manager.destroyMM(arena.bench.el1, space) }
    arena.bench.manager.releaseFile(arena.bench.el1, arena.file)
    #expect(arena.bench.manager.state.hugePages.sharedPages == 0 && arena.bench.manager.state.cachedPages == 0)
  }

  private func act(_ arena: inout Arena, _ random: inout SeededRandom, _ collapses: inout Int) throws {
    let bench = arena.bench
    bench.enter(arena.spaces.randomElement(using: &random)!)
    let base = Self.place(UInt64.random(in: 0..<3, using: &random))
    let isPrivate = base == Self.place(2)
    let first = UInt64.random(in: 0..<Self.pages, using: &random)
    let count = UInt64.random(in: 1...min(600, Self.pages - first), using: &random)
    switch Int.random(in: 0..<20, using: &random) {
    case 0..<5:
      let huge = UInt64.random(in: 0..<3, using: &random)
      do {
        try bench.madvise(base + huge << 21, pages: 512, Advice.COLLAPSE)
        collapses += 1
      } catch { #expect(error == .EINVAL) }
    case 5..<8:
      for page in stride(from: first, to: min(first + count, arena.size), by: 37) {
        #expect(bench.load(base + page << 12 + 8) != nil)
      }
    case 8..<11:
      for page in stride(from: first, to: min(first + count, arena.size), by: 53) {
        guard case .done = bench.store(base + page << 12 + 8, page + 1000) else {
          Issue.record("page \(page)")
          continue
        }
        if !isPrivate { arena.words[Int(page)] = page + 1000 }
      }
    case 11:
      if first < arena.size {
        #expect(try bench.write(arena.file, first << 12 + 8, [9, 0, 0, 0, 0, 0, 0, 0]) == 8)
        arena.words[Int(first)] = 9
      }
    case 12:
      try? bench.manager.punchHole(bench.el1, arena.file, offset: first << 12, length: count << 12)
      for page in first..<first + count { arena.words[Int(page)] = 0 }
    case 13:
      let size = Int.random(in: 0..<3, using: &random) > 0 ? Self.pages : first
      try bench.manager.truncateFile(bench.el1, arena.file, size: size << 12)
      arena.size = size
      for page in size..<Self.pages { arena.words[Int(page)] = 0 }
    case 14: try bench.madvise(base + first << 12, pages: count, Advice.DONTNEED)
    case 15: try bench.madvise(base + first << 12, pages: count, Bool.random(using: &random) ? Advice.PAGEOUT : Advice.COLD)
    case 16:
      try bench.mprotect(base + first << 12, pages: count, 1)
      try bench.mprotect(base, pages: Self.pages, 3)
    case 17:
      try bench.munmap(base + first << 12, pages: count)
      try bench.map(arena.file, at: base + first << 12, page: first, pages: count, shared: !isPrivate)
    case 18:
      let child = try bench.manager.fork(bench.el1, bench.mm)
      let parent = bench.mm
      bench.enter(child)
      if first < arena.size { #expect(bench.load(base + first << 12 + 8) != nil) }
      bench.enter(parent)
      bench.manager.destroyMM(bench.el1, child)
    default: try? bench.madvise(base + first << 12, pages: 1, Advice.SOFT_OFFLINE)
    }
  }

  /// A page of a huge folio fails: the folio is split, the page is lost, and its neighbours stay.
  @Test(arguments: KernelProfile.all) func aPageOfAHugeFolioFails(profile: KernelProfile) throws {
    let bench = try MemoryBench(profile: profile)
    let file = bench.file(pages: 512)
    bench.fill(file, 0..<512)
    try bench.map(file, at: Self.va, pages: 512, shared: true)
    // 6.12 collapses only where there is a table.
    _ = bench.touch(Self.va, write: false)
    #expect(throws: Never.self) { try bench.madvise(Self.va, pages: 512, Advice.COLLAPSE) }
    #expect(throws: Never.self) { try bench.madvise(Self.va + 0x7000, pages: 1, Advice.HWPOISON) }
    #expect(bench.read(file, 0x6008, 1) == [7] && bench.read(file, 0x7008, 1) == [])
    #expect(bench.touch(Self.va + 0x7000, write: false) == .failed(.HWPOISON))
    #expect(bench.load(Self.va + 0x8008) == 9)
    #expect(bench.manager.checkInvariants(bench.el1) == [])
  }
}
