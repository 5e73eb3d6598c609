// Owns which pages of a file are in RAM: a sparse, ordered map from page index to physical address.
// It does not know what a page holds, nor whose file it is. Linux: the XArray of struct address_space.

/// The pages of a file that are in RAM, from page index to physical address. Each page of a larger folio has its own index. A query costs one walk from the root plus the size of
/// its answer. A page without neighbours in its part of the file takes about a hundred bytes of host memory.
public struct PageCache: Sendable {
  /// A node of 64 slots. It stores only the used slots, in their order.
  private struct Node: Sendable {
    /// Bit n is set if slot n is used.
    var used: UInt64 = 0
    /// The pages of a node at level 0.
    var pages: [UInt64] = []
    /// The children of a node above level 0.
    var children: [Node] = []

    /// The index of a slot among the used ones, or the index at which it would be inserted.
    func place(_ slot: Int) -> Int { (used & (1 << UInt64(slot) - 1)).nonzeroBitCount }
    func isUsed(_ slot: Int) -> Bool { used >> UInt64(slot) & 1 != 0 }

    func page(at index: UInt64, level: Int) -> UInt64? {
      let slot = PageCache.slot(index, level)
      if !isUsed(slot) { return nil }
      return level == 0 ? pages[place(slot)] : children[place(slot)].page(at: index, level: level - 1)
    }

    mutating func insert(_ page: UInt64, at index: UInt64, level: Int) {
      let slot = PageCache.slot(index, level)
      let place = place(slot)
      if level == 0 {
        precondition(!isUsed(slot), "a page cache has one page for an index")
        pages.insert(page, at: place)
      } else {
        if !isUsed(slot) { children.insert(Node(), at: place) }
        children[place].insert(page, at: index, level: level - 1)
      }
      used |= 1 << UInt64(slot)
    }

    mutating func remove(at index: UInt64, level: Int) -> UInt64? {
      let slot = PageCache.slot(index, level)
      if !isUsed(slot) { return nil }
      let place = place(slot)
      var removed: UInt64?
      var isEmpty = true
      if level == 0 {
        removed = pages.remove(at: place)
      } else {
        removed = children[place].remove(at: index, level: level - 1)
        isEmpty = children[place].used == 0
        if isEmpty { children.remove(at: place) }
      }
      if isEmpty { used &= ~(1 << UInt64(slot)) }
      return removed
    }

    /// Calls `body` for each page of [start, end) in order until it answers false, and returns whether it never did. `base` is the
    /// first page index of the node.
    func forEach(_ start: UInt64, _ end: UInt64, level: Int, base: UInt64, _ body: (UInt64, UInt64) -> Bool) -> Bool {
      let shift = UInt64(6 * level)
      var slots = used
      while slots != 0 {
        let slot = slots.trailingZeroBitCount
        slots &= slots - 1
        let first = base | UInt64(slot) << shift
        if first >= end { return true }
        if first | (1 << shift - 1) < start { continue }
        let goesOn =
          level == 0
          ? body(first, pages[place(slot)]) : children[place(slot)].forEach(start, end, level: level - 1, base: first, body)
        if !goesOn { return false }
      }
      return true
    }
  }

  private var root = Node()
  /// The root's level. The tree covers 64^(level + 1) pages.
  private var level = 0
  /// The number of pages in RAM. Linux: nrpages.
  public private(set) var count = 0

  private static func slot(_ index: UInt64, _ level: Int) -> Int { Int(index >> UInt64(6 * level) & 63) }
  private func reaches(_ index: UInt64) -> Bool { level >= 10 || index >> UInt64(6 * (level + 1)) == 0 }

  public subscript(index: UInt64) -> UInt64? { reaches(index) ? root.page(at: index, level: level) : nil }

  /// Adds a page at an index that has none.
  mutating func insert(_ page: UInt64, at index: UInt64) {
    while !reaches(index) {
      if root.used != 0 { root = Node(used: 1, children: [root]) }
      level += 1
    }
    root.insert(page, at: index, level: level)
    count += 1
  }

  /// Removes the page at an index and returns it; nil if there is none.
  mutating func remove(at index: UInt64) -> UInt64? {
    if !reaches(index) { return nil }
    guard let page = root.remove(at: index, level: level) else { return nil }
    count -= 1
    return page
  }

  /// The index of the first page of [start, end) that is in RAM; nil if none is.
  public func first(_ start: UInt64, _ end: UInt64) -> UInt64? {
    var found: UInt64?
    _ = root.forEach(start, end, level: level, base: 0) { index, _ in
      found = index
      return false
    }
    return found
  }

  /// The first index from `start` on whose page is not in RAM.
  public func firstMissing(from start: UInt64) -> UInt64 {
    var expected = start
    _ = root.forEach(start, .max, level: level, base: 0) { index, _ in
      if index == expected { expected += 1 }
      return index < expected
    }
    return expected
  }

  /// The pages of [start, end) that are in RAM, in order.
  public func pages(_ start: UInt64 = 0, _ end: UInt64 = .max) -> [(index: UInt64, page: UInt64)] {
    var found: [(index: UInt64, page: UInt64)] = []
    _ = root.forEach(start, end, level: level, base: 0) { index, page in
      found.append((index, page))
      return true
    }
    return found
  }
}
