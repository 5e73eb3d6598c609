// Owns the VMAs of an address space as a sorted set: lookup by address or by position, and the search for gaps between them.
// It does not know what VMAs mean, when they merge, or which of them may be changed. Linux: the maple tree mm_mt.

/// VMAs in the order of their addresses, in a B-tree of values. A lookup, change, insertion or removal costs one walk from the
/// root, which at 65,530 VMAs has at most five levels. A copy costs nothing; a change of a copy duplicates the nodes of that walk.
public struct VMATree: Sendable {
  private(set) var root = VMATreeNode()
  /// The position of the VMA found last, or -1. Most faults hit the same VMA again. An insertion or removal forgets it, and then
  /// the copy is not used.
  private var foundAt = -1
  private(set) var found = VMArea(start: 0, end: 0, flags: [], pageOffset: 0)

  public init() {}

  /// The position of the first VMA that ends above `address`; `count` if there is none.
  @inline(__always)
  func firstPosition(endingAbove address: UInt64) -> Int {
    _fastPath(root.isLeaf) ? root.ownFirst(endingAbove: address) : root.first(endingAbove: address)
  }

  /// The same, and the VMA is remembered, because the caller will use it.
  mutating func findPosition(endingAbove address: UInt64) -> Int {
    if remembers(address) { return foundAt }
    let position = firstPosition(endingAbove: address)
    if position < count { (foundAt, found) = (position, self[position]) }
    return position
  }

  /// Whether the VMA found last contains an address.
  @inline(__always)
  func remembers(_ address: UInt64) -> Bool { foundAt >= 0 && found.contains(address) }

  /// The position of the VMA that contains `address`, which is remembered.
  @inline(__always)
  mutating func position(containing address: UInt64) -> Int? {
    if _fastPath(remembers(address)) { return foundAt }
    return search(address)
  }

  @inline(never)
  private mutating func search(_ address: UInt64) -> Int? {
    let position = findPosition(endingAbove: address)
    return position < root.count && found.start <= address ? position : nil
  }

  /// The VMAs that may map some of these contents, in the order of addresses.
  func areas(that wanted: VMAContents) -> [VMArea] {
    var found: [VMArea] = []
    root.collect(wanted, into: &found)
    return found
  }

  /// Sizes of all VMAs together, in pages.
  var totals: AddressSpaceTotals { root.summary.totals }

  mutating func insert(_ vma: VMArea, at position: Int) {
    precondition(position >= 0 && position <= root.count, "a VMA is put outside of the set")
    foundAt = -1
    if let sibling = root.insert(vma, at: position) { root = VMATreeNode(parentOf: [root, sibling]) }
  }

  @discardableResult
  mutating func remove(at position: Int) -> VMArea {
    precondition(position >= 0 && position < root.count, "no VMA is at this position")
    foundAt = -1
    let vma = root.remove(at: position)
    if root.children.count == 1 { root = root.children[0] }
    return vma
  }

  /// Removes the VMAs of a range of positions, and returns them in order.
  mutating func takeOut(_ range: Range<Int>) -> [VMArea] {
    var taken: [VMArea] = []
    if range == 0..<count {
      taken = Array(self)
      self = VMATree()
    } else {
      taken.reserveCapacity(range.count)
      for _ in range { taken.append(remove(at: range.lowerBound)) }
    }
    return taken
  }

  /// The last position up to `limit` whose VMA begins at least `length` bytes above the end of the one before it. The first VMA's
  /// gap begins at address 0.
  func lastPosition(upTo limit: Int, behindGapOf length: UInt64) -> Int? {
    limit < 0 ? nil : root.lastPosition(upTo: limit, behindGapOf: length, previousEnd: 0)
  }
  /// The first position from `start` on with the same property.
  func firstPosition(from start: Int, behindGapOf length: UInt64) -> Int? {
    start >= count ? nil : root.firstPosition(from: start, behindGapOf: length, previousEnd: 0)
  }
}

extension VMATree: RandomAccessCollection, MutableCollection {
  public var startIndex: Int { 0 }
  public var endIndex: Int { root.count }
  public var count: Int { root.count }

  /// A read accesses the VMA in place. Most address spaces are a single leaf, where a change is only the store.
  @inline(__always)
  public subscript(position: Int) -> VMArea {
    @inline(__always) unsafeAddress {
      precondition(position >= 0 && position < root.count, "no VMA is at this position")
      return _fastPath(root.isLeaf) ? root.ownAddress(at: position) : root.address(at: position)
    }
    @inline(__always) set {
      if _fastPath(root.isLeaf) { root.vmas[position] = newValue } else { replace(at: position, with: newValue) }
      if position == foundAt { found = newValue }
    }
  }
  @inline(never)
  private mutating func replace(at position: Int, with vma: VMArea) { root.replace(at: position, with: vma) }

  /// Visits the set leaf by leaf, in the state in which it was when the walk began.
  public struct Iterator: IteratorProtocol {
    private let root: VMATreeNode
    private var position = 0
    private var leaf: [VMArea] = []
    private var offset = 0

    init(_ root: VMATreeNode) { self.root = root }

    public mutating func next() -> VMArea? {
      if offset == leaf.count {
        if position == root.count { return nil }
        leaf = root.leaf(at: position)
        offset = 0
      }
      defer {
        offset += 1
        position += 1
      }
      return leaf[offset]
    }
  }
  public func makeIterator() -> Iterator { Iterator(root) }
}
