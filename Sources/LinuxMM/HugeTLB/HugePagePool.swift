// Owns the books of the huge page pool as values: its pages, what is promised of them, and to whom.
// It does not know how pages come into the pool or into a table. Linux: struct hstate, struct resv_map in mm/hugetlb.c.
import Architecture

/// The pool of 2 MiB pages, which a program fills through /proc/sys/vm/nr_hugepages and maps by MAP_HUGETLB.
///
/// A reservation is a promise made by mmap that a later fault will find a page: `free` is never less than `reserved`.
public struct HugePagePool: Hashable, Sendable {
  /// Pages of the pool, free or not. Linux: nr_huge_pages.
  public internal(set) var total = 0
  /// Free pages that are promised. Linux: resv_huge_pages.
  public internal(set) var reserved = 0
  /// Pages beyond the size that was asked for: they leave the pool once they are free. Linux: surplus_huge_pages.
  public internal(set) var surplus = 0
  /// How many pages may be surplus. Linux: nr_overcommit_huge_pages.
  public internal(set) var overcommit: UInt64 = 0
  /// Physical addresses; the last one is given out first. The pool has their one reference.
  var freePages: [UInt64] = []
  /// What private mappings reserved.
  var reserveMaps = HugeReserveMaps()

  public var free: Int { freePages.count }
  /// Pages for those who have no promise.
  var available: Int { free - reserved }
  /// The size that was asked for, as far as it could be had.
  public var persistent: Int { total - surplus }

  /// Sizes of huge pages that arm64 has with 4 KiB base pages, as powers of two. Linux: the table of hstates.
  static var sizes: [UInt8] { [16, 21, 25, 30] }
  /// The one that is the default, and the one that has a pool: no call asks for pages of the others.
  static var defaultSize: UInt8 { 21 }

  /// The size that bits 31:26 of a call's flags name: a power of two, 0 for the default. Nil: there is none such.
  /// Linux: hstate_sizelog().
  static func size(encoded bits: UInt64) -> UInt8? {
    bits == 0 ? defaultSize : sizes.first { UInt64($0) == bits }
  }
}

/// A set of huge pages of a file by number, in order. Linux: a list of struct file_region.
struct HugePageNumbers: Hashable, Sendable {
  private var numbers: [UInt64] = []

  /// The first place at or behind a number.
  private func place(_ number: UInt64) -> Int {
    var (low, high) = (0, numbers.count)
    while low < high {
      let middle = (low + high) / 2
      if numbers[middle] < number { low = middle + 1 } else { high = middle }
    }
    return low
  }

  func contains(_ number: UInt64) -> Bool {
    let place = place(number)
    return place < numbers.count && numbers[place] == number
  }
  /// How many lie in [first, end).
  func count(_ first: UInt64, _ end: UInt64) -> Int { place(end) - place(first) }

  mutating func insert(_ number: UInt64) { if !contains(number) { numbers.insert(number, at: place(number)) } }
  mutating func remove(_ number: UInt64) { if contains(number) { numbers.remove(at: place(number)) } }
  /// Removes those of [first, end); how many there were.
  mutating func remove(_ first: UInt64, _ end: UInt64) -> Int {
    let range = place(first)..<place(end)
    numbers.removeSubrange(range)
    return range.count
  }
}

/// What a VMA knows of the pages promised to it. Linux: vm_private_data of a private hugetlb VMA.
struct HugeReservation: Hashable, Sendable {
  /// The reserve map that it shares with the VMAs it was one with; none: nothing was promised, as to a child. Linux: HPAGE_RESV_OWNER.
  var map = ReserveMapID.none
  /// The owner took a page away that this VMA could not copy: it must not see zeroes instead. Linux: HPAGE_RESV_UNMAPPED.
  var lostPages = false
}

/// Reserve maps of private mappings by number, counted by the VMAs that share them.
struct HugeReserveMaps: Hashable, Sendable {
  private struct Map: Hashable {
    var users = 0
    /// Promises that were kept: pages not in here are still promised.
    var consumed = HugePageNumbers()
  }
  private var maps = Slots<ReserveMapID, Map>(firstID: 1)

  /// In use, in order.
  var ids: [ReserveMapID] { maps.ids }
  func users(_ id: ReserveMapID) -> Int { maps[id].users }

  /// A map in which every page is promised; no VMA uses it yet.
  mutating func make() -> ReserveMapID { maps.insert(Map()) }
  mutating func retain(_ id: ReserveMapID) { maps[id].users += 1 }
  mutating func release(_ id: ReserveMapID) {
    maps[id].users -= 1
    if maps[id].users == 0 { maps.remove(id) }
  }

  func isPromised(_ id: ReserveMapID, _ number: UInt64) -> Bool { !maps[id].consumed.contains(number) }
  /// Pages of [first, end) that are still promised.
  func promised(_ id: ReserveMapID, _ first: UInt64, _ end: UInt64) -> Int { Int(end - first) - maps[id].consumed.count(first, end) }
  mutating func consume(_ id: ReserveMapID, _ number: UInt64) { maps[id].consumed.insert(number) }
  mutating func promiseAgain(_ id: ReserveMapID, _ number: UInt64) { maps[id].consumed.remove(number) }
}
