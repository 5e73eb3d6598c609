// Owns a few neighbouring entries of a table of ids, in memory of its own.
// It does not know ids, nor which tables share it: a table changes a chunk only while it is the chunk's one owner.

/// Room for 32 entries, of which each is in use or not.
///
/// Tables share chunks between threads as values, since a shared chunk is never changed.
@usableFromInline
final class SlotChunk<Element: Sendable>: @unchecked Sendable {
  @inlinable static var shift: Int { 5 }
  @inlinable static var size: Int { 1 << shift }

  /// `size` places; those that `used` does not name hold nothing.
  @usableFromInline let entries: UnsafeMutablePointer<Element>
  /// A bit for each entry that is in use.
  @usableFromInline var used: UInt32 = 0

  @usableFromInline
  init() { entries = .allocate(capacity: Self.size) }

  @usableFromInline
  init(copyOf other: SlotChunk) {
    entries = .allocate(capacity: Self.size)
    used = other.used
    forEachUsed { (entries + $0).initialize(to: other.entries[$0]) }
  }

  deinit {
    forEachUsed { (entries + $0).deinitialize(count: 1) }
    entries.deallocate()
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
