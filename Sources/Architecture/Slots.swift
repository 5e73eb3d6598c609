// Owns tables whose entries are named by typed ids: ids given out, taken back and given out again.
// It does not know what an entry is. A copy of a table is O(1), and a write after it duplicates one chunk, not the table.

/// Values by a typed id. The id of a removed one is given out again, the last removed first.
@frozen public struct Slots<ID: RawRepresentable & Sendable, Element: Sendable>: Sendable
where ID.RawValue: FixedWidthInteger & Sendable {
  /// `chunkSize` entries each; nil where an id is not in use.
  @usableFromInline var chunks: [[Element?]] = []
  /// By chunk: a bit for each entry that is in use. Asking an optional of a large element whether it is nil costs a call.
  @usableFromInline var used: [UInt32] = []
  @usableFromInline var free = ChunkedArray<ID.RawValue>()
  /// The smallest id that is ever given out, and the one behind the largest that was.
  @usableFromInline let first: Int
  @usableFromInline var end: Int

  @inlinable static var chunkShift: Int { 5 }
  @inlinable static var chunkSize: Int { 1 << chunkShift }

  /// An empty table; ids below `firstID` are never in use, so that 0 can mean none.
  @inlinable
  public init(firstID: Int = 0) {
    precondition(firstID >= 0 && firstID < Self.chunkSize, "ids start in the first chunk")
    first = firstID
    end = firstID
  }

  /// How many there are.
  @inlinable public var count: Int { end - first - free.count }
  @inlinable public var isEmpty: Bool { count == 0 }
  /// Most that there ever were at once.
  @inlinable public var capacity: Int { end - first }

  @inlinable @inline(__always)
  static func place(_ id: ID) -> (chunk: Int, entry: Int) {
    let index = Int(truncatingIfNeeded: id.rawValue)
    return (index &>> chunkShift, index & (chunkSize &- 1))
  }
  @inlinable
  static func id(_ index: Int) -> ID {
    guard let id = ID(rawValue: ID.RawValue(index)) else { preconditionFailure("every number is an id") }
    return id
  }

  @inlinable
  public func contains(_ id: ID) -> Bool {
    let (chunk, entry) = Self.place(id)
    return isUsed(chunk, entry)
  }

  @inlinable @inline(__always)
  func isUsed(_ chunk: Int, _ entry: Int) -> Bool {
    UInt(bitPattern: chunk) < UInt(bitPattern: used.count) && used[chunk] &>> UInt32(truncatingIfNeeded: entry) & 1 != 0
  }

  @inlinable
  public mutating func insert(_ element: Element) -> ID {
    if let number = free.popLast() {
      let id = Self.id(Int(number))
      let (chunk, entry) = Self.place(id)
      chunks[chunk][entry] = element
      used[chunk] |= 1 &<< UInt32(entry)
      return id
    }
    let id = Self.id(end)
    let (chunk, entry) = Self.place(id)
    if chunk == chunks.count {
      chunks.append([Element?](repeating: nil, count: Self.chunkSize))
      used.append(0)
    }
    chunks[chunk][entry] = element
    used[chunk] |= 1 &<< UInt32(entry)
    end += 1
    return id
  }

  @inlinable
  public mutating func remove(_ id: ID) {
    if !contains(id) { Self.refuse(id) }
    let (chunk, entry) = Self.place(id)
    chunks[chunk][entry] = nil
    used[chunk] &= ~(1 &<< UInt32(entry))
    free.append(id.rawValue)
  }

  /// The entry that an id names. An id that names none is our bug.
  @inlinable
  public subscript(id: ID) -> Element {
    @inline(__always) _read {
      let (chunk, entry) = Self.place(id)
      if _slowPath(!isUsed(chunk, entry)) { Self.refuse(id) }
      yield chunks[chunk][entry].unsafelyUnwrapped
    }
    @inline(__always) _modify {
      let (chunk, entry) = Self.place(id)
      if _slowPath(!isUsed(chunk, entry)) { Self.refuse(id) }
      yield &chunks[chunk][entry]!
    }
  }

  @inline(never) @usableFromInline
  static func refuse(_ id: ID) -> Never { preconditionFailure("there is no \(ID.self) \(id.rawValue)") }

  /// All ids in use, in their order.
  @inlinable
  public var ids: [ID] {
    var ids: [ID] = []
    for index in first..<end where isUsed(index &>> Self.chunkShift, index & (Self.chunkSize &- 1)) { ids.append(Self.id(index)) }
    return ids
  }

  /// The first id whose entry is one that is looked for.
  @inlinable
  public func firstID(where isWanted: (Element) -> Bool) -> ID? {
    for index in first..<end {
      if let element = chunks[index &>> Self.chunkShift][index & (Self.chunkSize &- 1)], isWanted(element) { return Self.id(index) }
    }
    return nil
  }

  /// In order of their ids.
  @inlinable public var all: [(id: ID, element: Element)] { ids.map { ($0, self[$0]) } }
}

extension Slots: Equatable where Element: Equatable, ID.RawValue: Equatable {}
extension Slots: Hashable where Element: Hashable, ID.RawValue: Hashable {}
