// Owns the state of the huge page pool as values: its pages, the reservations, and the mappings that hold these.
// It does not know how pages get into the pool or into a table. Linux: struct hstate, struct resv_map in mm/hugetlb.c.
import Architecture

/// The pool of 2 MiB pages, which a program fills through /proc/sys/vm/nr_hugepages and maps by MAP_HUGETLB.
///
/// A reservation guarantees that a later fault of a mapping finds a page. `free` is therefore never less than `reserved`.
public struct HugePagePool: Hashable, Sendable {
  /// The number of pages in the pool, free or in use. Linux: nr_huge_pages.
  public internal(set) var total = 0
  /// The number of free pages that are reserved. Linux: resv_huge_pages.
  public internal(set) var reserved = 0
  /// The number of pages beyond the requested size, which leave the pool when they become free. Linux: surplus_huge_pages.
  public internal(set) var surplus = 0
  /// The most pages that may be surplus. Linux: nr_overcommit_huge_pages.
  public internal(set) var overcommit: UInt64 = 0
  /// Physical addresses of the free pages; the last is allocated first. The pool holds the only reference to each.
  var freePages: [UInt64] = []
  /// The reservations of private mappings.
  var reserveMaps = HugeReserveMaps()

  public var free: Int { freePages.count }
  /// The number of free pages without a reservation.
  var available: Int { free - reserved }
  /// The requested size of the pool, or as much of it as could be allocated.
  public var persistent: Int { total - surplus }

  /// The sizes of huge pages that arm64 has with 4 KiB base pages, as powers of two. Linux: the table of hstates.
  static var sizes: [UInt8] { [16, 21, 25, 30] }
  /// The default size, and the only one that has a pool. No page of another size can be allocated.
  static var defaultSize: UInt8 { 21 }

  /// The size that bits 31:26 of a call's flags encode: a power of two, or 0 for the default. Nil if there is no such size. Linux:
  /// hstate_sizelog().
  static func size(encoded bits: UInt64) -> UInt8? {
    bits == 0 ? defaultSize : sizes.first { UInt64($0) == bits }
  }
}

/// A set of huge pages of a file by number, in order. Linux: a list of struct file_region.
struct HugePageNumbers: Hashable, Sendable {
  private var numbers: [UInt64] = []

  /// The index of the first element that is not less than a number.
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
  /// The number of elements in [first, end).
  func count(_ first: UInt64, _ end: UInt64) -> Int { place(end) - place(first) }

  mutating func insert(_ number: UInt64) { if !contains(number) { numbers.insert(number, at: place(number)) } }
  mutating func remove(_ number: UInt64) { if contains(number) { numbers.remove(at: place(number)) } }
  /// Removes the elements in [first, end), and returns how many there were.
  mutating func remove(_ first: UInt64, _ end: UInt64) -> Int {
    let range = place(first)..<place(end)
    numbers.removeSubrange(range)
    return range.count
  }
}

/// A VMA's part in reservations. Linux: vm_private_data of a private hugetlb VMA.
struct HugeReservation: Hashable, Sendable {
  /// The reserve map, which the VMA shares with the VMAs from which it was split. `none` means no reservation, as for a child after
  /// fork. Linux: HPAGE_RESV_OWNER.
  var map = ReserveMapID.none
  /// The owner removed a page that this VMA could not copy, so a fault must fail instead of giving zeroes. Linux:
  /// HPAGE_RESV_UNMAPPED.
  var lostPages = false
}

/// The reserve maps of private mappings by id, with the number of VMAs that share each.
struct HugeReserveMaps: Hashable, Sendable {
  private struct Map: Hashable {
    var users = 0
    /// The pages whose reservation was used. All other pages are still reserved.
    var consumed = HugePageNumbers()
  }
  private var maps = Slots<ReserveMapID, Map>(firstID: 1)

  /// The ids in use, in ascending order.
  var ids: [ReserveMapID] { maps.ids }
  func users(_ id: ReserveMapID) -> Int { maps[id].users }

  /// Makes a map in which every page is reserved, and which no VMA uses yet.
  mutating func make() -> ReserveMapID { maps.insert(Map()) }
  mutating func retain(_ id: ReserveMapID) { maps[id].users += 1 }
  mutating func release(_ id: ReserveMapID) {
    maps[id].users -= 1
    if maps[id].users == 0 { maps.remove(id) }
  }

  func isPromised(_ id: ReserveMapID, _ number: UInt64) -> Bool { !maps[id].consumed.contains(number) }
  /// The number of pages in [first, end) that are still reserved.
  func promised(_ id: ReserveMapID, _ first: UInt64, _ end: UInt64) -> Int { Int(end - first) - maps[id].consumed.count(first, end) }
  mutating func consume(_ id: ReserveMapID, _ number: UInt64) { maps[id].consumed.insert(number) }
  mutating func promiseAgain(_ id: ReserveMapID, _ number: UInt64) { maps[id].consumed.remove(number) }
}
