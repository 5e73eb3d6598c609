// Owns entries that are neither empty nor present: what Linux writes where a page is not to be found.
// It does not know who installs them or what a fault on them does. Linux: include/linux/swapops.h, arm64's __swp_entry.

/// A swap-like entry: bits 1:0 and 11 clear, type in bits 10:6, offset in bits 61:12. There is no swap, so the one type is the
/// marker: an entry that says something of its page and holds none.
struct SwapEntry: Hashable {
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
  /// Nil for an empty or a present entry.
  init?(_ entry: PageTableEntry) {
    if entry.isNone || entry.isPresent { return nil }
    type = entry.rawValue >> 6 & 31
    offset = entry.rawValue >> 12 & 0x3_ffff_ffff_ffff
  }
  var entry: PageTableEntry { PageTableEntry(type << 6 | offset << 12) }
  /// What a child gets of it: what uffd-wp knows ends with the registration. Linux: copy_pte_marker().
  var copiedByFork: SwapEntry? {
    let kept = markers.intersection([.poisoned, .guard])
    return kept.isEmpty ? nil : SwapEntry(kept)
  }
  var markers: Markers { type == Self.markerType ? Markers(rawValue: offset) : [] }
}
