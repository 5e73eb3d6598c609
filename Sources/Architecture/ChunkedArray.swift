// Owns arrays in chunks: a copy is O(1), and a write after a copy duplicates only one chunk and the list of chunks. It does not know the
// meaning of an element. `Slots` is for tables that give out their own indices.

/// A growing array of plain values.
@frozen public struct ChunkedArray<Element: Sendable>: Sendable {
  /// The chunks. All but the last are full. The first chunk stays even if it is empty.
  @usableFromInline var chunks: [[Element]] = []
  @usableFromInline var total = 0

  @inlinable static var chunkShift: Int { 8 }
  @inlinable static var chunkSize: Int { 1 << chunkShift }

  @inlinable public init() {}

  @inlinable public var count: Int { total }

  @inlinable public var isEmpty: Bool { total == 0 }
  @inlinable public var last: Element? { total == 0 ? nil : self[total - 1] }

  @inlinable
  public subscript(index: Int) -> Element {
    @inline(__always) _read { yield chunks[index &>> Self.chunkShift][index & (Self.chunkSize &- 1)] }
    @inline(__always) _modify { yield &chunks[index &>> Self.chunkShift][index & (Self.chunkSize &- 1)] }
  }

  @inlinable
  public mutating func append(_ element: Element) {
    if total &>> Self.chunkShift == chunks.count { chunks.append([]) }
    chunks[chunks.count - 1].append(element)
    total += 1
  }

  /// Appends copies of an element until the array has `count` elements.
  @inlinable
  public mutating func grow(to count: Int, with element: Element) {
    while total < count { append(element) }
  }

  @discardableResult @inlinable
  public mutating func popLast() -> Element? {
    if total == 0 { return nil }
    let element = chunks[chunks.count - 1].removeLast()
    if chunks.count > 1 && chunks[chunks.count - 1].isEmpty { chunks.removeLast() }
    total -= 1
    return element
  }

  @inlinable
  public mutating func removeAll(where isRemoved: (Element) -> Bool) {
    var kept = Self()
    for chunk in chunks { for element in chunk where !isRemoved(element) { kept.append(element) } }
    self = kept
  }
}

extension ChunkedArray: RandomAccessCollection {
  @inlinable public var startIndex: Int { 0 }
  @inlinable public var endIndex: Int { total }
}

extension ChunkedArray: Equatable where Element: Equatable {}
extension ChunkedArray: Hashable where Element: Hashable {}
