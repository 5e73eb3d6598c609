// Owns the comparison of the tree of VMAs with a plain array, and the proof that it stays balanced.
// It does not know mmap or any other call.
import Architecture
import TestSupport
import Testing

@testable import LinuxMM

struct VMATreeTests {
  private static func area(_ start: UInt64, _ end: UInt64, _ file: UInt32 = 0, page: UInt64 = 0) -> VMArea {
    VMArea(start: start, end: end, flags: [.READ], pageOffset: page, file: FileID(file))
  }

  /// The model does the same as the tree, by scanning every element.
  private struct Naive {
    var vmas: [VMArea] = []
    func gap(_ position: Int) -> UInt64 { vmas[position].start - (position > 0 ? vmas[position - 1].end : 0) }
    func first(endingAbove address: UInt64) -> Int { vmas.firstIndex { $0.end > address } ?? vmas.count }
    func last(upTo limit: Int, gap length: UInt64) -> Int? { vmas.indices.last { $0 <= limit && gap($0) >= length } }
    func first(from start: Int, gap length: UInt64) -> Int? { vmas.indices.first { $0 >= start && gap($0) >= length } }
    func areas(_ file: FileID, _ first: UInt64, _ end: UInt64) -> [VMArea] {
      vmas.filter { $0.file == file && $0.pageOffset < end && first < $0.pageOffset + ($0.end - $0.start) >> 12 }
    }
  }

  private static func compare(_ tree: VMATree, _ naive: Naive, _ random: inout SeededRandom) throws {
    try #require(tree.root.problem() == nil, "\(tree.root.problem()!)")
    try #require(Array(tree) == naive.vmas)
    for _ in 0..<4 {
      let address = random.below(1 << 30)
      try #require(tree.firstPosition(endingAbove: address) == naive.first(endingAbove: address))
      var searched = tree
      let found = naive.vmas.firstIndex { $0.contains(address) }
      try #require(searched.position(containing: address) == found && searched.position(containing: address) == found)
      if let found { try #require(searched[found] == naive.vmas[found]) }
      let (limit, length) = (Int(random.below(UInt64(naive.vmas.count) + 1)), random.below(1 << 20))
      try #require(tree.lastPosition(upTo: limit, behindGapOf: length) == naive.last(upTo: limit, gap: length))
      try #require(tree.firstPosition(from: limit, behindGapOf: length) == naive.first(from: limit, gap: length))
      let (file, page) = (FileID(UInt32(1 + random.below(3))), random.below(40))
      let areas = tree.areas(that: VMAContents(of: file, page, page + 3)).filter { $0.file == file }
      try #require(areas == naive.areas(file, page, page + 3))
    }
  }

  /// Inserts, removes, changes and copies at random. The set repeatedly grows to some hundreds and shrinks to nothing.
  @Test(arguments: [1, 2, 3, 4] as [UInt64]) func isAnArray(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var (tree, naive) = (VMATree(), Naive())
    var kept: (tree: VMATree, naive: Naive)?
    var tallest = 0
    for step in 0..<12000 {
      let isGrowing = step / 3000 % 2 == 0
      let address = random.below(1 << 30) & ~0xfff
      if random.chance(isGrowing ? 5 : 1, in: 6) {
        let position = naive.first(endingAbove: address)
        let end = min(address + (1 + random.below(20)) << 12, position < naive.vmas.count ? naive.vmas[position].start : .max)
        if end <= address { continue }
        let vma = Self.area(address, end, UInt32(random.below(4)), page: random.below(40))
        tree.insert(vma, at: position)
        naive.vmas.insert(vma, at: position)
      } else if !naive.vmas.isEmpty {
        let position = Int(random.below(UInt64(naive.vmas.count)))
        if random.chance(1, in: 20) {
          let range = position..<min(position + Int(random.below(60)), naive.vmas.count)
          #expect(tree.takeOut(range) == Array(naive.vmas[range]))
          naive.vmas.removeSubrange(range)
        } else {
          #expect(tree.remove(at: position) == naive.vmas.remove(at: position))
        }
      }
      if !naive.vmas.isEmpty, random.chance(1, in: 3) {
        // A VMA is found, changed where it was found, and found again with its new contents.
        let position = Int(random.below(UInt64(naive.vmas.count)))
        _ = tree.position(containing: naive.vmas[position].start)
        naive.vmas[position].end -= (naive.vmas[position].end - naive.vmas[position].start) / 2 & ~0xfff
        tree[position].end = naive.vmas[position].end
        try #require(tree[position] == naive.vmas[position])
      }
      if random.chance(1, in: 20) { try Self.compare(tree, naive, &random) }
      if random.chance(1, in: 200) {
        // A copy does not change with its original.
        if let kept { try #require(Array(kept.tree) == kept.naive.vmas) }
        kept = (tree, naive)
      }
      tallest = max(tallest, tree.root.height)
    }
    #expect(tallest >= 3)
    #expect(tree.takeOut(0..<tree.count) == naive.vmas)
    #expect(tree.isEmpty && tree.root.height == 1)
  }

  /// vm.max_map_count VMAs are inserted from the top down, as mmap does. Every search visits five nodes at most, and still does
  /// once most VMAs have been removed.
  @Test func aFullTreeIsFiveNodesDeep() {
    var tree = VMATree()
    for index in 0..<UInt64(MemorySettings.firstMapCount) {
      let start = 1 << 40 - index << 13
      tree.insert(Self.area(start, start + 0x1000), at: 0)
    }
    #expect(tree.root.problem() == nil)
    #expect(tree.root.height == 4)
    #expect(tree.lastPosition(upTo: tree.count - 1, behindGapOf: 0x1001) == 0)
    for position in (0..<tree.count).reversed() where position % 10 != 0 { tree.remove(at: position) }
    #expect(tree.count == 6553)
    #expect(tree.root.problem() == nil)
    #expect(tree.root.height <= 4)
  }
}
