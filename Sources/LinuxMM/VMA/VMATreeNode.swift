// Owns one node of the tree of VMAs: its VMAs or its children, and what it knows of all that lies below it.
// It does not know the tree's root, nor what is remembered beside it.

/// A leaf with VMAs, or a node with children. Nodes are values: a copy of a tree shares them until one is changed.
struct VMATreeNode: Sendable {
  /// Empty in a node with children.
  private(set) var vmas: [VMArea] = []
  /// Empty in a leaf.
  private(set) var children: [VMATreeNode] = []

  /// How many VMAs of the node above stand before this one's.
  private var base = 0

  /// Of all VMAs below: how many, where the first begins and the last ends, and the widest gap between two neighbours, in bytes.
  private(set) var count = 0
  private(set) var start: UInt64 = 0
  private(set) var end: UInt64 = 0
  private(set) var widestGap: UInt64 = 0
  /// And what they may map: which files and anon_vmas, and the lowest and the highest page index of any.
  private(set) var contents = VMAContents()
  private(set) var totals = AddressSpaceTotals()

  /// What a node holds at most; one with less than `leastFill`, other than the root, is joined with its neighbour.
  static var capacity: Int { 32 }
  static var leastFill: Int { capacity / 4 }

  init() {}
  init(parentOf children: [VMATreeNode]) {
    self.children = children
    summarise()
  }

  var isLeaf: Bool { children.isEmpty }
  /// VMAs or children of its own.
  var fill: Int { isLeaf ? vmas.count : children.count }
  /// Nodes from here to a leaf.
  var height: Int { isLeaf ? 1 : 1 + children[0].height }

  // MARK: Finding

  /// The first VMA that ends above an address, and its position; nil where there is none. One walk from the root, in which no node
  /// is copied.
  static func first(_ node: UnsafePointer<Self>, endingAbove address: UInt64) -> (position: Int, vma: VMArea)? {
    if node.pointee.isLeaf {
      return node.pointee.vmas.withUnsafeBufferPointer { vmas in
        let low = lowest(vmas.count) { vmas[$0].end > address }
        return low < vmas.count ? (low, vmas[low]) : nil
      }
    }
    return node.pointee.children.withUnsafeBufferPointer { children in
      let child = lowest(children.count) { children[$0].end > address }
      guard child < children.count, let found = first(children.baseAddress! + child, endingAbove: address) else { return nil }
      return (children[child].base &+ found.position, found.vma)
    }
  }

  static func vma(_ node: UnsafePointer<Self>, at position: Int) -> VMArea {
    if node.pointee.isLeaf { return node.pointee.vmas[position] }
    return node.pointee.children.withUnsafeBufferPointer { children in
      let child = lowest(children.count) { children[$0].base > position } &- 1
      return vma(children.baseAddress! + child, at: position &- children[child].base)
    }
  }

  /// The first of `count` places at which a condition holds that holds behind it too; `count` where it never does.
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

  /// The child that holds a position, and how many VMAs stand before that child. The position behind the last is the last child's.
  private func place(of position: Int) -> (child: Int, base: Int) {
    children.withUnsafeBufferPointer { children in
      let child = Self.lowest(children.count) { children[$0].base > position } &- 1
      return (child, children[child].base)
    }
  }

  // MARK: Gaps

  /// `previousEnd`: where the VMA before this node's first one ends.
  func lastPosition(upTo limit: Int, behindGapOf length: UInt64, previousEnd: UInt64) -> Int? {
    if max(widestGap, start &- previousEnd) < length { return nil }
    if isLeaf {
      var position = min(limit, vmas.count - 1)
      while position >= 0 {
        if vmas[position].start &- (position > 0 ? vmas[position - 1].end : previousEnd) >= length { return position }
        position -= 1
      }
      return nil
    }
    var base = count
    for child in children.indices.reversed() {
      base -= children[child].count
      if base > limit { continue }
      let before = child > 0 ? children[child - 1].end : previousEnd
      if let position = children[child].lastPosition(upTo: limit - base, behindGapOf: length, previousEnd: before) {
        return base + position
      }
    }
    return nil
  }

  func firstPosition(from first: Int, behindGapOf length: UInt64, previousEnd: UInt64) -> Int? {
    if max(widestGap, start &- previousEnd) < length { return nil }
    if isLeaf {
      return vmas.indices.dropFirst(first).first {
        vmas[$0].start &- ($0 > 0 ? vmas[$0 - 1].end : previousEnd) >= length
      }
    }
    var base = 0
    for child in children.indices {
      let size = children[child].count
      if base + size > first {
        let before = child > 0 ? children[child - 1].end : previousEnd
        let from = max(first - base, 0)
        if let position = children[child].firstPosition(from: from, behindGapOf: length, previousEnd: before) {
          return base + position
        }
      }
      base += size
    }
    return nil
  }

  // MARK: What is mapped

  /// Adds each VMA that may map some of these contents, in the order of addresses.
  func collect(_ wanted: VMAContents, into found: inout [VMArea]) {
    if !contents.mayMeet(wanted) { return }
    for position in vmas.indices where VMAContents(vmas[position]).mayMeet(wanted) { found.append(vmas[position]) }
    for child in children.indices { children[child].collect(wanted, into: &found) }
  }

  // MARK: Changing

  /// Answers whether it changed what nodes know of it: locks and the like they do not.
  @discardableResult
  mutating func replace(at position: Int, with vma: VMArea) -> Bool {
    let isKnown: Bool
    if isLeaf {
      isKnown = vmas[position].isAlike(vma)
      vmas[position] = vma
    } else {
      let (child, base) = place(of: position)
      isKnown = !children[child].replace(at: position - base, with: vma)
    }
    if !isKnown { summarise() }
    return !isKnown
  }

  /// Answers the upper half of this node where it became too large.
  mutating func insert(_ vma: VMArea, at position: Int) -> VMATreeNode? {
    if isLeaf {
      vmas.insert(vma, at: position)
    } else {
      let (child, base) = place(of: position)
      if let sibling = children[child].insert(vma, at: position - base) { children.insert(sibling, at: child + 1) }
    }
    let sibling = fill > Self.capacity ? splitOff() : nil
    summarise()
    return sibling
  }

  mutating func remove(at position: Int) -> VMArea {
    defer { summarise() }
    if isLeaf { return vmas.remove(at: position) }
    let (child, base) = place(of: position)
    let removed = children[child].remove(at: position - base)
    if children[child].fill < Self.leastFill { refill(child) }
    return removed
  }

  /// A child that holds too little is joined with a neighbour; where both are too much for one node they are parted in the middle.
  private mutating func refill(_ child: Int) {
    let lower = child > 0 ? child - 1 : child
    let upper = children.remove(at: lower + 1)
    children[lower].vmas += upper.vmas
    children[lower].children += upper.children
    if children[lower].fill > Self.capacity, let sibling = children[lower].splitOff() { children.insert(sibling, at: lower + 1) }
    children[lower].summarise()
  }

  /// Takes the upper half away.
  private mutating func splitOff() -> VMATreeNode? {
    var sibling = VMATreeNode()
    let middle = fill / 2
    if isLeaf {
      sibling.vmas = Array(vmas[middle...])
      vmas.removeSubrange(middle...)
    } else {
      sibling.children = Array(children[middle...])
      children.removeSubrange(middle...)
    }
    sibling.summarise()
    return sibling
  }

  private mutating func summarise() {
    var (gap, all) = (UInt64(0), 0)
    var (mapped, sizes) = (VMAContents(), AddressSpaceTotals())
    if isLeaf {
      all = vmas.count
      start = vmas.first?.start ?? 0
      end = vmas.last?.end ?? 0
      vmas.withUnsafeBufferPointer { vmas in
        for position in vmas.indices {
          mapped.formUnion(VMAContents(vmas[position]))
          sizes.add(vmas[position])
          if position > 0 { gap = max(gap, vmas[position].start &- vmas[position - 1].end) }
        }
      }
    } else {
      start = children[0].start
      end = children[children.count - 1].end
      children.withUnsafeMutableBufferPointer { children in
        for child in children.indices {
          children[child].base = all
          all += children[child].count
          mapped.formUnion(children[child].contents)
          sizes.add(children[child].totals)
          gap = max(gap, children[child].widestGap, child > 0 ? children[child].start &- children[child - 1].end : 0)
        }
      }
    }
    (count, widestGap, contents, totals) = (all, gap, mapped, sizes)
  }
}

extension VMATreeNode {
  /// What is wrong with this node and all below it; nil where nothing is. For tests and `MemoryManager.invariantCheck`.
  func problem(isRoot: Bool = true) -> String? {
    if fill > Self.capacity || !isRoot && fill < Self.leastFill { return "a node of \(fill)" }
    if !isLeaf && !vmas.isEmpty { return "a node with both children and VMAs" }
    if isRoot && children.count == 1 { return "a root with one child" }
    if Set(children.map(\.height)).count > 1 { return "leaves at different depths" }
    var again = self
    again.summarise()
    if (again.count, again.start, again.end, again.widestGap) != (count, start, end, widestGap) || again.contents != contents
      || again.totals != totals
    {
      return "a summary that is not true"
    }
    if again.children.map(\.base) != children.map(\.base) { return "a child at the wrong place" }
    return children.lazy.compactMap { $0.problem(isRoot: false) }.first
  }
}

extension VMArea {
  /// Whether two are the same to all who only know summaries.
  fileprivate func isAlike(_ other: Self) -> Bool {
    start == other.start && end == other.end && flags == other.flags && pageOffset == other.pageOffset && file == other.file
      && anonVMAChain.root == other.anonVMAChain.root && purpose == other.purpose
  }
}
