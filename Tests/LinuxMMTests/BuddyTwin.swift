// Owns a naive frame allocator: a set of free frames, whose blocks are aligned runs.
// It does not know lists, order of use, or a per-CPU list.

/// The expected state of the buddy allocator, computed frame by frame.
struct BuddyTwin {
  private(set) var isFree: [Bool]
  let first: Int

  init(first: Int, count: Int) {
    self.first = first
    isFree = (0..<count).map { $0 >= first }
  }

  mutating func take(_ frame: Int, order: Int) -> Bool {
    let block = frame..<frame + 1 << order
    guard frame & (1 << order - 1) == 0, block.upperBound <= isFree.count, block.allSatisfy({ isFree[$0] }) else { return false }
    for frame in block { isFree[frame] = false }
    return true
  }
  mutating func give(_ frame: Int, order: Int) { for frame in frame..<frame + 1 << order { isFree[frame] = true } }

  func hasBlock(order: Int) -> Bool {
    stride(from: 0, to: isFree.count, by: 1 << order).contains { start in
      start + 1 << order <= isFree.count && (start..<start + 1 << order).allSatisfy { isFree[$0] }
    }
  }

  /// The free blocks after all merges: the largest aligned free runs, up to 2^10 frames.
  var blocks: [[Int]] {
    var blocks = [[Int]](repeating: [], count: 11)
    var frame = 0
    while frame < isFree.count {
      guard isFree[frame] else {
        frame += 1
        continue
      }
      var order = frame == 0 ? 10 : min(10, frame.trailingZeroBitCount)
      while frame + 1 << order > isFree.count || !(frame..<frame + 1 << order).allSatisfy({ isFree[$0] }) { order -= 1 }
      blocks[order].append(frame)
      frame += 1 << order
    }
    return blocks
  }
}
