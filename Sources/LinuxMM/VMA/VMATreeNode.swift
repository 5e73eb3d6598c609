// Owns one node of the tree of VMAs: its VMAs, or its children and their summaries.
// It does not know the tree's root, nor what the tree remembers beside it.

/// A leaf with VMAs, or a node with children. Nodes are values: a copy of a tree shares them until one is changed.
///
/// A node stores its children's summaries and not its own, so that a tree of a single leaf stores none.
struct VMATreeNode: Sendable {
  /// The VMAs of a leaf; empty in a node with children.
  var vmas: [VMArea] = []
  /// The children; empty in a leaf.
  private(set) var children: [VMATreeNode] = []
  /// For each child, a summary of everything below it, and the number of this node's VMAs before it.
  private var known: [(summary: VMASummary, base: Int)] = []

  /// The largest fill of a node. A node other than the root with less than `leastFill` is joined with a neighbour.
  static var capacity: Int { 32 }
  static var leastFill: Int { capacity / 4 }

  init() {}
  init(parentOf children: [VMATreeNode]) {
    self.children = children
    known = children.map { ($0.summary, 0) }
    rebase(from: 0)
  }

  @inline(__always) var isLeaf: Bool { children.isEmpty }
  /// The number of its own VMAs or children.
  var fill: Int { isLeaf ? vmas.count : children.count }
  /// The number of nodes from here to a leaf.
  var height: Int { isLeaf ? 1 : 1 + children[0].height }
  /// The number of VMAs below.
  @inline(__always) var count: Int { isLeaf ? vmas.count : known[known.count &- 1].base &+ known[known.count &- 1].summary.count }

  /// The summary of all VMAs below, computed from the node's own VMAs or from its children's summaries.
  var summary: VMASummary {
    var summary = VMASummary()
    vmas.withUnsafeBufferPointer { vmas in
      for position in vmas.indices { summary.add(vmas[position]) }
    }
    known.withUnsafeBufferPointer { known in
      for child in known.indices { summary.add(known[child].summary) }
    }
    return summary
  }

  // MARK: Finding

  /// The position of the first VMA that ends above an address; `count` if there is none.
  func first(endingAbove address: UInt64) -> Int {
    if isLeaf { return ownFirst(endingAbove: address) }
    let child = known.withUnsafeBufferPointer { known in Self.lowest(known.count) { known[$0].summary.end > address } }
    if child == known.count { return count }
    return children.withUnsafeBufferPointer { known[child].base &+ $0[child].first(endingAbove: address) }
  }
  /// The same in a leaf.
  @inline(__always)
  func ownFirst(endingAbove address: UInt64) -> Int {
    vmas.withUnsafeBufferPointer { vmas in Self.lowest(vmas.count) { vmas[$0].end > address } }
  }

  /// The address in host memory of the VMA at a position below this node. It is valid until the tree changes.
  func address(at position: Int) -> UnsafePointer<VMArea> {
    if isLeaf { return ownAddress(at: position) }
    let (child, base) = place(of: position)
    return children.withUnsafeBufferPointer { $0[child].address(at: position &- base) }
  }
  /// The same in a leaf.
  @inline(__always)
  func ownAddress(at position: Int) -> UnsafePointer<VMArea> { vmas.withUnsafeBufferPointer { $0.baseAddress! + position } }

  /// The first of `count` indices at which a condition holds that also holds for all indices behind it; `count` if there is none.
  @inline(__always)
  private static func lowest(_ count: Int, where holds: (Int) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low &+ high) >> 1
      if holds(middle) { high = middle } else { low = middle &+ 1 }
    }
    return low
  }

  /// The VMAs of the leaf that begins at a position.
  func leaf(at position: Int) -> [VMArea] {
    if isLeaf {
      precondition(position == 0, "a leaf begins at its first VMA")
      return vmas
    }
    let (child, base) = place(of: position)
    return children[child].leaf(at: position - base)
  }

  /// The child that holds a position, and the number of VMAs before that child. The position behind the last belongs to the last
  /// child.
  @inline(__always)
  private func place(of position: Int) -> (child: Int, base: Int) {
    known.withUnsafeBufferPointer { known in
      let child = Self.lowest(known.count) { known[$0].base > position } &- 1
      return (child, known[child].base)
    }
  }

  // MARK: Gaps

  /// `previousEnd` is the end of the VMA before this node's first one.
  func lastPosition(upTo limit: Int, behindGapOf length: UInt64, previousEnd: UInt64) -> Int? {
    if isLeaf {
      var position = min(limit, vmas.count - 1)
      while position >= 0 {
        if vmas[position].start &- (position > 0 ? vmas[position - 1].end : previousEnd) >= length { return position }
        position -= 1
      }
      return nil
    }
    for child in children.indices.reversed() where known[child].base <= limit {
      let before = child > 0 ? known[child - 1].summary.end : previousEnd
      if !hasGap(child, behind: before, of: length) { continue }
      let base = known[child].base
      if let position = children[child].lastPosition(upTo: limit - base, behindGapOf: length, previousEnd: before) {
        return base + position
      }
    }
    return nil
  }

  func firstPosition(from first: Int, behindGapOf length: UInt64, previousEnd: UInt64) -> Int? {
    if isLeaf {
      return vmas.indices.dropFirst(first).first {
        vmas[$0].start &- ($0 > 0 ? vmas[$0 - 1].end : previousEnd) >= length
      }
    }
    for child in children.indices where known[child].base + known[child].summary.count > first {
      let before = child > 0 ? known[child - 1].summary.end : previousEnd
      if !hasGap(child, behind: before, of: length) { continue }
      let base = known[child].base
      let from = max(first - base, 0)
      if let position = children[child].firstPosition(from: from, behindGapOf: length, previousEnd: before) {
        return base + position
      }
    }
    return nil
  }

  /// Whether a gap of `length` bytes is before any VMA of a child.
  private func hasGap(_ child: Int, behind previousEnd: UInt64, of length: UInt64) -> Bool {
    max(known[child].summary.widestGap, known[child].summary.start &- previousEnd) >= length
  }

  // MARK: Mapped contents

  /// Appends the VMAs that may map some of these contents, in the order of addresses.
  func collect(_ wanted: VMAContents, into found: inout [VMArea]) {
    for position in vmas.indices where VMAContents(vmas[position]).mayMeet(wanted) { found.append(vmas[position]) }
    for child in children.indices where known[child].summary.contents.mayMeet(wanted) {
      children[child].collect(wanted, into: &found)
    }
  }

  // MARK: Changing

  /// Changes a VMA, and returns whether its summary changed; locks, for example, are not in a summary.
  @discardableResult
  mutating func replace(at position: Int, with vma: VMArea) -> Bool {
    if isLeaf {
      let isKnown = vmas[position].isAlike(vma)
      vmas[position] = vma
      return !isKnown
    }
    let (child, base) = place(of: position)
    if !children[child].replace(at: position - base, with: vma) { return false }
    known[child].summary = children[child].summary
    return true
  }

  /// Inserts a VMA, and returns the upper half of this node if it became too large.
  mutating func insert(_ vma: VMArea, at position: Int) -> VMATreeNode? {
    if isLeaf {
      vmas.insert(vma, at: position)
    } else {
      let (child, base) = place(of: position)
      let sibling = children[child].insert(vma, at: position - base)
      known[child].summary = children[child].summary
      if let sibling {
        children.insert(sibling, at: child + 1)
        known.insert((sibling.summary, 0), at: child + 1)
      }
      rebase(from: child)
    }
    return fill > Self.capacity ? splitOff() : nil
  }

  mutating func remove(at position: Int) -> VMArea {
    if isLeaf { return vmas.remove(at: position) }
    let (child, base) = place(of: position)
    let removed = children[child].remove(at: position - base)
    known[child].summary = children[child].summary
    let changed = children[child].fill < Self.leastFill ? refill(child) : child
    rebase(from: changed)
    return removed
  }

  /// Joins a child that holds too little with a neighbour; if both are too much for one node, they are divided in the middle. It
  /// returns the first child that changed.
  private mutating func refill(_ child: Int) -> Int {
    let lower = child > 0 ? child - 1 : child
    let upper = children.remove(at: lower + 1)
    known.remove(at: lower + 1)
    children[lower].vmas += upper.vmas
    children[lower].children += upper.children
    children[lower].known += upper.known
    children[lower].rebase(from: 0)
    let sibling = children[lower].fill > Self.capacity ? children[lower].splitOff() : nil
    known[lower].summary = children[lower].summary
    if let sibling {
      children.insert(sibling, at: lower + 1)
      known.insert((sibling.summary, 0), at: lower + 1)
    }
    return lower
  }

  /// Removes and returns the upper half.
  private mutating func splitOff() -> VMATreeNode? {
    var sibling = VMATreeNode()
    let middle = fill / 2
    if isLeaf {
      sibling.vmas = Array(vmas[middle...])
      vmas.removeSubrange(middle...)
    } else {
      sibling.children = Array(children[middle...])
      sibling.known = Array(known[middle...])
      sibling.rebase(from: 0)
      children.removeSubrange(middle...)
      known.removeSubrange(middle...)
    }
    return sibling
  }

  /// Recomputes the number of VMAs before each child from `first` on.
  private mutating func rebase(from first: Int) {
    known.withUnsafeMutableBufferPointer { known in
      var base = first > 0 ? known[first - 1].base + known[first - 1].summary.count : 0
      for child in first..<known.count {
        known[child].base = base
        base += known[child].summary.count
      }
    }
  }
}

extension VMATreeNode {
  /// The error in this node or below it; nil if there is none. For tests and `MemoryManager.invariantCheck`.
  func problem(isRoot: Bool = true) -> String? {
    if fill > Self.capacity || !isRoot && fill < Self.leastFill { return "a node of \(fill)" }
    if !isLeaf && !vmas.isEmpty { return "a node with both children and VMAs" }
    if isRoot && children.count == 1 { return "a root with one child" }
    if Set(children.map(\.height)).count > 1 { return "leaves at different depths" }
    if known.count != children.count { return "a child without a summary" }
    var base = 0
    for (child, known) in zip(children, known) {
      if known.base != base { return "a child at the wrong place" }
      if known.summary != child.summary { return "a summary that is not true" }
      if let problem = child.problem(isRoot: false) { return problem }
      base += known.summary.count
    }
    return nil
  }
}

extension VMArea {
  /// Whether two nodes have the same summary.
  fileprivate func isAlike(_ other: Self) -> Bool {
    start == other.start && end == other.end && flags == other.flags && pageOffset == other.pageOffset && file == other.file
      && anonVMAChain.root == other.anonVMAChain.root && purpose == other.purpose
  }
}
