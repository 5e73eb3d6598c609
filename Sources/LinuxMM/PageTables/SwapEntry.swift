// Owns entries that are neither empty nor present, which Linux stores for pages that are not in RAM.
// It does not know what installs them or how a fault treats them. Linux: include/linux/swapops.h, arm64's __swp_entry.

/// A swap-like entry: bits 1:0 and 11 are clear, the type is in bits 10:6, the offset in bits 61:12. There is no swap, so it is a marker,
/// which describes its page but refers to none, or the entry of a page that has failed.
struct SwapEntry: Hashable {
  /// Linux: SWP_HWPOISON. The offset is the page's frame number.
  static var failureType: UInt64 { 23 }
  /// Linux: SWP_PTE_MARKER, the last of 32 types.
  static var markerType: UInt64 { 31 }

  /// PTE_MARKER_*.
  struct Markers: OptionSet, Hashable {
    var rawValue: UInt64
    static let writeProtected = Markers(rawValue: 1)
    static let poisoned = Markers(rawValue: 2)
    static let `guard` = Markers(rawValue: 4)
  }
  var type: UInt64
  var offset: UInt64

  init(_ markers: Markers) {
    type = Self.markerType
    offset = markers.rawValue
  }
  init(poisonedPage page: UInt64) {
    type = Self.failureType
    offset = page >> 12
  }
  /// Nil if the entry is empty or present.
  init?(_ entry: PageTableEntry) {
    if entry.isNone || entry.isPresent { return nil }
    type = entry.rawValue >> 6 & 31
    offset = entry.rawValue >> 12 & 0x3_ffff_ffff_ffff
  }
  var entry: PageTableEntry { PageTableEntry(type << 6 | offset << 12) }
  /// The entry that a child inherits. Markers of uffd-wp are dropped, because the child has no registration. Linux:
  /// copy_pte_marker().
  var copiedByFork: SwapEntry? {
    if poisonedPage != nil { return self }
    let kept = markers.intersection([.poisoned, .guard])
    return kept.isEmpty ? nil : SwapEntry(kept)
  }
  /// Physical address of the page that has failed.
  var poisonedPage: UInt64? { type == Self.failureType ? offset << 12 : nil }
  /// Whether every access ends in a signal because the contents are lost.
  var isPoisoned: Bool { poisonedPage != nil || markers.contains(.poisoned) }
  var markers: Markers { type == Self.markerType ? Markers(rawValue: offset) : [] }
}
