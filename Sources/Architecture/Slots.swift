// Owns tables whose entries are named by typed ids, and the allocation and reuse of ids. It does not know the meaning of an entry. A copy
// of a table is O(1), and a write after a copy duplicates only one chunk.

/// Values by typed id. The id of a removed value is reused, and the id that was removed last is reused first.
@frozen public struct Slots<ID: RawRepresentable & Sendable, Element: Sendable>: Sendable
where ID.RawValue: FixedWidthInteger & Sendable {
  /// The chunks, each of `chunkSize` entries. A chunk that a copy of the table shares is duplicated before it is changed.
  @usableFromInline var chunks: [SlotChunk<Element>] = []
  /// The index that is reused next, or -1, and the number of free indices. The chunk of a free entry holds the index that follows in the
  /// list.
  @usableFromInline var firstFree = -1
  @usableFromInline var freeCount = 0
  /// The smallest id that is ever given out, and the one after the largest that was.
  @usableFromInline let first: Int
  @usableFromInline var end: Int

  /// Makes an empty table. Ids below `firstID` are never in use, so that 0 can mean none.
  @inlinable
  public init(firstID: Int = 0) {
    precondition(firstID >= 0 && firstID < SlotChunk<Element>.size, "ids start in the first chunk")
    first = firstID
    end = firstID
  }

  /// The number of ids in use.
  @inlinable public var count: Int { end - first - freeCount }
  @inlinable public var isEmpty: Bool { count == 0 }
  /// The largest number of ids that were ever in use at once.
  @inlinable public var capacity: Int { end - first }

  @inlinable @inline(__always)
  static func place(_ id: ID) -> (chunk: Int, entry: Int) {
    let index = Int(truncatingIfNeeded: id.rawValue)
    return (index &>> SlotChunk<Element>.shift, index & (SlotChunk<Element>.size &- 1))
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
    UInt(bitPattern: chunk) < UInt(bitPattern: chunks.count) && chunks[chunk].isUsed(entry)
  }

  /// The chunk, after it was duplicated if other tables share it.
  @inlinable @inline(__always)
  mutating func ownChunk(_ chunk: Int) -> SlotChunk<Element> {
    if _slowPath(!isKnownUniquelyReferenced(&chunks[chunk])) { chunks[chunk] = SlotChunk(copyOf: chunks[chunk]) }
    return chunks[chunk]
  }

  @inlinable
  public mutating func insert(_ element: Element) -> ID {
    let isReused = firstFree >= 0
    let id = Self.id(isReused ? firstFree : end)
    let (chunk, entry) = Self.place(id)
    if chunk == chunks.count { chunks.append(SlotChunk()) }
    let owned = ownChunk(chunk)
    if isReused {
      firstFree = Int(owned.links[entry])
      freeCount &-= 1
    } else {
      end += 1
    }
    owned.insert(element, at: entry)
    return id
  }

  @inlinable
  public mutating func remove(_ id: ID) {
    let (chunk, entry) = Self.place(id)
    if !isUsed(chunk, entry) { Self.refuse(id) }
    let owned = ownChunk(chunk)
    owned.remove(at: entry)
    owned.links[entry] = Int32(firstFree)
    firstFree = Int(truncatingIfNeeded: id.rawValue)
    freeCount &+= 1
  }

  /// The entry of an id, accessed in place without a copy. The id must be in use.
  @inlinable
  public subscript(id: ID) -> Element {
    @inline(__always) unsafeAddress { address(of: id) }
    @inline(__always) unsafeMutableAddress { mutableAddress(of: id) }
  }

  /// The address of an entry, which is valid until the table changes. A subscript that passes its index to this table uses it.
  @inlinable @inline(__always)
  public func address(of id: ID) -> UnsafePointer<Element> {
    let (chunk, entry) = Self.place(id)
    if _slowPath(!isUsed(chunk, entry)) { Self.refuse(id) }
    return UnsafePointer(chunks[chunk].entries + entry)
  }
  /// The address of an entry for a change. It is valid until the table changes or is copied.
  @inlinable @inline(__always)
  public mutating func mutableAddress(of id: ID) -> UnsafeMutablePointer<Element> {
    let (chunk, entry) = Self.place(id)
    if _slowPath(!isUsed(chunk, entry)) { Self.refuse(id) }
    return ownChunk(chunk).entries + entry
  }

  @inline(never) @usableFromInline
  static func refuse(_ id: ID) -> Never { preconditionFailure("there is no \(ID.self) \(id.rawValue)") }

  /// All ids in use, in ascending order.
  @inlinable
  public var ids: [ID] {
    var ids: [ID] = []
    for index in first..<end where contains(Self.id(index)) { ids.append(Self.id(index)) }
    return ids
  }

  /// The lowest id whose entry satisfies a condition; nil if there is none.
  @inlinable
  public func firstID(where isWanted: (Element) -> Bool) -> ID? {
    for index in first..<end {
      let id = Self.id(index)
      if contains(id) && isWanted(address(of: id).pointee) { return id }
    }
    return nil
  }

  /// The free ids in the order in which they will be reused.
  @inlinable
  var freeIDs: [ID.RawValue] {
    var ids: [ID.RawValue] = []
    var index = firstFree
    while index >= 0 {
      let (chunk, entry) = Self.place(Self.id(index))
      ids.append(ID.RawValue(index))
      index = Int(chunks[chunk].links[entry])
    }
    return ids
  }

  /// All ids in use with their entries, in ascending order.
  @inlinable public var all: [(id: ID, element: Element)] { ids.map { ($0, address(of: $0).pointee) } }
}

extension Slots: Equatable where Element: Equatable, ID.RawValue: Equatable {
  @inlinable
  public static func == (a: Self, b: Self) -> Bool {
    a.first == b.first && a.end == b.end && a.freeIDs == b.freeIDs
      && (a.first..<a.end).allSatisfy { index in
        let id = id(index)
        return a.contains(id) == b.contains(id) && (!a.contains(id) || a.address(of: id).pointee == b.address(of: id).pointee)
      }
  }
}

extension Slots: Hashable where Element: Hashable, ID.RawValue: Hashable {
  @inlinable
  public func hash(into hasher: inout Hasher) {
    hasher.combine(end)
    hasher.combine(freeIDs)
    for (id, element) in all {
      hasher.combine(id.rawValue)
      hasher.combine(element)
    }
  }
}

/// Digests and debuggers see the entries by their ids. They do not see the chunks.
extension Slots: CustomReflectable {
  public var customMirror: Mirror {
    Mirror(self, children: ["first": first, "end": end, "free": freeIDs, "all": all], displayStyle: .struct)
  }
}
