// Owns the storage of a few neighbouring entries of a table of ids. It does not know ids, or which tables share it. A table changes a chunk
// only while no other table shares the chunk.

/// Storage for 32 entries, each of which is in use or not.
///
/// Tables may share chunks across threads as if they were values, because a shared chunk is never changed.
@usableFromInline
final class SlotChunk<Element: Sendable>: @unchecked Sendable {
  @inlinable static var shift: Int { 5 }
  @inlinable static var size: Int { 1 << shift }

  /// The places for `size` entries. A place whose bit in `used` is clear holds nothing.
  @usableFromInline let entries: UnsafeMutablePointer<Element>
  /// One bit for each entry; it is set while the entry is in use.
  @usableFromInline var used: UInt32 = 0

  /// For each entry that is not in use, the index of the id that is reused after it, or -1. The table sets it when an entry becomes free.
  @usableFromInline let links: UnsafeMutablePointer<Int32>

  @usableFromInline
  init() {
    entries = .allocate(capacity: Self.size)
    links = .allocate(capacity: Self.size)
    links.initialize(repeating: -1, count: Self.size)
  }

  @usableFromInline
  init(copyOf other: SlotChunk) {
    entries = .allocate(capacity: Self.size)
    links = .allocate(capacity: Self.size)
    links.initialize(from: other.links, count: Self.size)
    used = other.used
    forEachUsed { (entries + $0).initialize(to: other.entries[$0]) }
  }

  deinit {
    forEachUsed { (entries + $0).deinitialize(count: 1) }
    entries.deallocate()
    links.deallocate()
  }

  @inlinable @inline(__always)
  func isUsed(_ entry: Int) -> Bool { used &>> UInt32(truncatingIfNeeded: entry) & 1 != 0 }

  @inlinable
  func insert(_ element: Element, at entry: Int) {
    precondition(!isUsed(entry), "an entry is put where another is")
    (entries + entry).initialize(to: element)
    used |= 1 &<< UInt32(entry)
  }

  @inlinable
  func remove(at entry: Int) {
    precondition(isUsed(entry), "an entry is taken that is not there")
    (entries + entry).deinitialize(count: 1)
    used &= ~(1 &<< UInt32(entry))
  }

  private func forEachUsed(_ body: (Int) -> Void) {
    for entry in 0..<Self.size where isUsed(entry) { body(entry) }
  }
}
