// Owns random walks over a family of address spaces: private and shared memory, small and huge pages, calls, accesses and forks.
// It does not know pages or entries: contents are compared with a naive model, and checkInvariants checks the rest.
import Architecture
import TestSupport
import Testing

@testable import LinuxMM

/// Address spaces as maps from page number to contents, together with the real ones.
private final class ForkWalk {
  /// The contents of a file, or of shared anonymous memory.
  final class Contents { var values: [Int: UInt64] = [:] }
  struct Page {
    var isWritable = true
    /// For a private page, the value written since it was mapped.
    var value: UInt64?
    /// The contents behind the page, and the index in them.
    var behind: (contents: Contents, index: Int, isShared: Bool)?

    var seen: UInt64 { value ?? behind?.contents.values[behind!.index] ?? 0 }
  }
  struct Space {
    let id: MMID
    var pages: [Page?]
  }

  static let va: UInt64 = 0x4000_0000
  static let count = 3 * 512
  let bench: MemoryBench
  private var random: SeededRandom
  private let memfd: FileID
  private let memfdContents = Contents()
  private var spaces: [Space]
  private var current = 0
  private var stamp: UInt64 = 0
  private let free: UInt32

  init(seed: UInt64, _ profile: KernelProfile, _ hugePages: HugePageMode) throws {
    bench = try MemoryBench(memory: 64 << 20, profile: profile, hugePages: hugePages)
    free = bench.manager.state.frames.available
    random = SeededRandom(seed: seed)
    memfd = bench.manager.createFile(.shmem, name: Array("/memfd:walk (deleted)".utf8), size: 64 << 12)
    spaces = [Space(id: bench.mm, pages: Array(repeating: nil, count: Self.count))]
  }

  private func address(_ page: Int) -> UInt64 { Self.va + UInt64(page) << 12 }

  /// A range of few pages or of many, anywhere; sometimes a whole huge page.
  private func range() -> Range<Int> {
    if random.chance(1, in: 8) {
      let start = Int(random.below(3)) * 512
      return start..<start + 512
    }
    let start = Int(random.below(UInt64(Self.count)))
    let count = 1 + Int(random.below(random.chance(1, in: 4) ? 300 : 6))
    return start..<min(start + count, Self.count)
  }

  func step() throws {
    let range = range()
    switch random.below(24) {
    case 0..<9: write(range.lowerBound)
    case 9..<12: #expect(bench.load(address(range.lowerBound)) == spaces[current].pages[range.lowerBound]?.seen)
    case 12..<15: try map(range)
    case 15: try unmap(range)
    case 16, 17: try protect(range)
    case 18: try dontNeed(range)
    case 19: try move(range)
    case 20: try fork()
    case 21: end()
    default:
      current = Int(random.below(UInt64(spaces.count)))
      bench.enter(spaces[current].id)
    }
  }

  private func write(_ page: Int) {
    stamp += 1
    let touch = bench.store(address(page), stamp)
    guard let old = spaces[current].pages[page] else { return #expect(touch == .noMapping) }
    if !old.isWritable { return #expect(touch == .denied) }
    guard case .done = touch else { return #expect(touch == .done(faults: 1)) }
    if let behind = old.behind, behind.isShared {
      behind.contents.values[behind.index] = stamp
    } else {
      spaces[current].pages[page]!.value = stamp
    }
  }

  private func map(_ range: Range<Int>) throws {
    let (start, pages) = (address(range.lowerBound), UInt64(range.count))
    let kind = range.count > 64 ? random.below(4) / 2 * 3 : random.below(6)
    switch kind {
    case 1, 2:
      // Private or shared pages of a file that all address spaces use, and some of whose pages are in RAM.
      let offset = Int(random.below(UInt64(65 - range.count)))
      let file = MappedFile(id: memfd, offset: UInt64(offset), isReadable: true, isWritable: true)
      _ = try bench.mmap(start, pages: pages, flags: kind == 1 ? 0x12 : 0x11, file: file)
      for page in range {
        spaces[current].pages[page] = Page(behind: (memfdContents, offset + page - range.lowerBound, kind == 2))
      }
    case 3:
      _ = try bench.mmap(start, pages: pages, flags: 0x31)
      let contents = Contents()
      for page in range { spaces[current].pages[page] = Page(behind: (contents, page - range.lowerBound, true)) }
    default:
      _ = try bench.mmap(start, pages: pages, flags: 0x32)
      for page in range { spaces[current].pages[page] = Page() }
    }
  }

  private func unmap(_ range: Range<Int>) throws {
    try bench.munmap(address(range.lowerBound), pages: UInt64(range.count))
    for page in range { spaces[current].pages[page] = nil }
  }

  private func protect(_ range: Range<Int>) throws {
    let isWritable = random.chance(2, in: 3)
    let hole = range.first { spaces[current].pages[$0] == nil }
    do {
      try bench.mprotect(address(range.lowerBound), pages: UInt64(range.count), isWritable ? 3 : 1)
      #expect(hole == nil)
    } catch {
      #expect(hole != nil)
    }
    // Pages before a hole change although the call fails.
    for page in range.lowerBound..<(hole ?? range.upperBound) { spaces[current].pages[page]!.isWritable = isWritable }
  }

  private func dontNeed(_ range: Range<Int>) throws {
    let hasHole = range.contains { spaces[current].pages[$0] == nil }
    do {
      try bench.madvise(address(range.lowerBound), pages: UInt64(range.count), Advice.DONTNEED)
      #expect(!hasHole)
    } catch {
      #expect(hasHole)
    }
    for page in range where spaces[current].pages[page] != nil { spaces[current].pages[page]!.value = nil }
  }

  /// Moves a part of one VMA to another place.
  private func move(_ range: Range<Int>) throws {
    guard let vma = bench.manager.vmas(bench.mm).first(where: { $0.contains(address(range.lowerBound)) }) else { return }
    let count = min(range.count, Int((vma.end - address(range.lowerBound)) >> 12))
    let target = Int(random.below(UInt64(Self.count - count)))
    if target < range.lowerBound + count && range.lowerBound < target + count { return }
    let place = try bench.mremap(
      address(range.lowerBound), pages: UInt64(count), to: UInt64(count), flags: 3, at: address(target))
    #expect(place == address(target))
    for page in 0..<count {
      spaces[current].pages[target + page] = spaces[current].pages[range.lowerBound + page]
      spaces[current].pages[range.lowerBound + page] = nil
    }
  }

  private func fork() throws {
    if spaces.count == 4 { return end() }
    spaces.append(Space(id: try bench.manager.fork(bench.el1, spaces[current].id), pages: spaces[current].pages))
  }

  private func end() {
    if spaces.count == 1 { return }
    let dying = Int(random.below(UInt64(spaces.count)))
    let gone = spaces.remove(at: dying)
    if dying == current {
      current = 0
      bench.enter(spaces[0].id)
    } else if dying < current {
      current -= 1
    }
    bench.manager.destroyMM(bench.el1, gone.id)
  }

  /// The pages whose contents differ from the model. An absent page counts as zero, or as the file's contents.
  func wrongPages() -> [Int] {
    (0..<Self.count).filter { bench.load(address($0)) != spaces[current].pages[$0]?.seen }
  }

  func finish() {
    for space in spaces { bench.manager.destroyMM(bench.el1, space.id) }
    bench.manager.releaseFile(bench.el1, memfd)
    bench.manager.reclaimMemory(bench.el1)
    // The bench's own top table was freed as well.
    #expect(bench.manager.state.frames.available == free + 1)
  }
}

struct ForkWalkTests {
  @Test(arguments: KernelProfile.all, [HugePageMode.never, .always])
  func walk(profile: KernelProfile, hugePages: HugePageMode) throws {
    for seed in 1...3 as ClosedRange<UInt64> {
      let walk = try ForkWalk(seed: seed, profile, hugePages)
      for step in 0..<6000 {
        try walk.step()
        if step % 25 == 24 {
          let problems = walk.bench.manager.checkInvariants(walk.bench.el1)
          try #require(problems == [], "seed \(seed), step \(step)")
        }
        if step % 200 == 199 { try #require(walk.wrongPages() == [], "seed \(seed), step \(step)") }
      }
      walk.finish()
      #expect(walk.bench.manager.checkInvariants(walk.bench.el1) == [])
    }
  }
}
