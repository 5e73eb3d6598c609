// Owns arrays in chunks: a copy is O(1), and what a write after it duplicates is one chunk and the list of chunks.
// It does not know what an element is. `Slots` is for tables that give their own indices out.

/// A growing array of plain values.
@frozen public struct ChunkedArray<Element: Sendable>: Sendable {
  /// Full chunks, and behind them what does not fill one: most arrays are short and have only that.
  @usableFromInline var chunks: [[Element]] = []
  @usableFromInline var tail: [Element] = []

  @inlinable static var chunkShift: Int { 8 }
  @inlinable static var chunkSize: Int { 1 << chunkShift }

  @inlinable public init() {}

  /// Elements in full chunks.
  @inlinable @inline(__always) var inChunks: Int { chunks.count &<< Self.chunkShift }
  @inlinable public var count: Int { inChunks + tail.count }
  @inlinable public var isEmpty: Bool { count == 0 }
  @inlinable public var last: Element? { tail.last ?? chunks.last?.last }

  @inlinable
  public subscript(index: Int) -> Element {
    @inline(__always) _read {
      if _fastPath(index >= inChunks) {
        yield tail[index &- inChunks]
      } else {
        yield chunks[index &>> Self.chunkShift][index & (Self.chunkSize &- 1)]
      }
    }
    @inline(__always) _modify {
      if _fastPath(index >= inChunks) {
        yield &tail[index &- inChunks]
      } else {
        yield &chunks[index &>> Self.chunkShift][index & (Self.chunkSize &- 1)]
      }
    }
  }

  @inlinable
  public mutating func append(_ element: Element) {
    tail.append(element)
    if _slowPath(tail.count == Self.chunkSize) {
      chunks.append(tail)
      tail = []
    }
  }

  /// Appends an element until there are so many.
  @inlinable
  public mutating func grow(to count: Int, with element: Element) {
    while self.count < count { append(element) }
  }

  @discardableResult @inlinable
  public mutating func popLast() -> Element? {
    if _slowPath(tail.isEmpty) {
      guard let full = chunks.popLast() else { return nil }
      tail = full
    }
    return tail.removeLast()
  }

  @inlinable
  public mutating func removeAll(where isRemoved: (Element) -> Bool) {
    var kept = Self()
    for element in self where !isRemoved(element) { kept.append(element) }
    self = kept
  }
}

extension ChunkedArray: RandomAccessCollection {
  @inlinable public var startIndex: Int { 0 }
  @inlinable public var endIndex: Int { count }
}

extension ChunkedArray: Equatable where Element: Equatable {}
extension ChunkedArray: Hashable where Element: Hashable {}
