// Owns reservations of huge pages: what mmap reserves for a mapping, what a fault uses, and what is given back.
// It does not know faults or tables. Linux: mm/hugetlb.c hugetlb_reserve_pages(), alloc_hugetlb_folio().
//
// For shared mappings the file holds the reservations: a page in `BackingFile.reservedHugePages` is reserved or present. A private
// mapping has a reserve map with the opposite meaning: a page in the map has used its reservation.
import Architecture

extension MemoryManager {
  /// Reserves the pages of a new mapping, and returns the VMA with its reserve map; nil if the pool has too few pages. Linux:
  /// hugetlb_reserve_pages().
  func reserveHugePages(_ el1: EL1Interface, _ vma: VMArea) -> VMArea? {
    if vma.flags.contains(.NORESERVE) { return vma }
    // There are no pages of other sizes.
    if state.files[vma.file].hugePageShift != HugePagePool.defaultSize { return nil }
    let (first, end) = hugePageNumbers(vma, vma.start, vma.end)
    if vma.flags.contains(.MAYSHARE) {
      let missing = Int(end - first) - state.files[vma.file].reservedHugePages.count(first, end)
      if !hasHugeRoom(vma.file, missing) || !promiseHugePages(el1, missing) { return nil }
      for number in first..<end { state.files[vma.file].reservedHugePages.insert(number) }
      return vma
    }
    if !promiseHugePages(el1, Int(end - first)) { return nil }
    var promised = vma
    promised.hugeReservation.map = state.pool.reserveMaps.make()
    return promised
  }

  /// Counts a new VMA that shares a reserve map. Linux: hugetlb_vm_op_open().
  func retainReservation(_ vma: VMArea) {
    if vma.hugeReservation.map != .none { state.pool.reserveMaps.retain(vma.hugeReservation.map) }
  }

  /// Releases the unused reservations of a VMA that was removed. Linux: hugetlb_vm_op_close().
  func releaseReservation(_ el1: EL1Interface, _ vma: VMArea) {
    let map = vma.hugeReservation.map
    if map == .none { return }
    let (first, end) = hugePageNumbers(vma, vma.start, vma.end)
    withdrawPromises(el1, state.pool.reserveMaps.promised(map, first, end))
    state.pool.reserveMaps.release(map)
  }

  /// Cancels the reservations of pages [first, end) of a file, of which `freed` were present. Linux: hugetlb_unreserve_pages().
  func unreserveHugePages(_ el1: EL1Interface, _ file: FileID, _ first: UInt64, _ end: UInt64, freed: Int) {
    let gone = state.files[file].reservedHugePages.remove(first, end)
    precondition(gone >= freed, "a huge page of a file that was never reserved")
    withdrawPromises(el1, gone - freed)
  }

  /// Allocates the huge page `number` of a VMA's file, and records that its reservation exists or was used. With `fromOwner` the
  /// page is a copy that the owner of a reservation makes for itself; such a copy has no reservation. Nil if no page is left.
  /// Linux: alloc_hugetlb_folio().
  func allocatePoolPage(_ el1: EL1Interface, _ vma: VMArea, _ number: UInt64, fromOwner: Bool = false) -> UInt64? {
    let isPromised = isPromised(vma, number) && !fromOwner
    guard let head = takePoolPage(el1, isPromised: isPromised) else { return nil }
    if vma.flags.contains(.MAYSHARE) {
      state.files[vma.file].reservedHugePages.insert(number)
    } else if isPromised {
      state.pool.reserveMaps.consume(vma.hugeReservation.map, number)
    }
    return head
  }

  /// Linux: vma_needs_reservation(), vma_has_reserves().
  private func isPromised(_ vma: VMArea, _ number: UInt64) -> Bool {
    if vma.flags.contains(.MAYSHARE) { return state.files[vma.file].reservedHugePages.contains(number) }
    return vma.hugeReservation.map != .none && state.pool.reserveMaps.isPromised(vma.hugeReservation.map, number)
  }

  /// Gives back a page that turned out not to be needed. Linux: restore_reserve_on_error().
  func giveBackUnused(_ el1: EL1Interface, _ head: UInt64, _ vma: VMArea, _ number: UInt64) {
    let wasPromised = hasFlag(el1, head, PageDescriptor.restoresPromise)
    if vma.flags.contains(.MAYSHARE) {
      if !wasPromised { state.files[vma.file].reservedHugePages.remove(number) }
    } else if wasPromised {
      state.pool.reserveMaps.promiseAgain(vma.hugeReservation.map, number)
    }
    putPage(el1, head)
  }

  /// Restores the reservation of a private page that is removed from its owner's tables, so that no other mapping can take the page
  /// before the owner touches it again. A page that a child maps too is skipped here. Linux restores even that reservation, and so
  /// reserves one page too many. Linux: the end of __unmap_hugepage_range().
  func promiseAgain(_ el1: EL1Interface, _ head: UInt64, _ vma: VMArea, _ number: UInt64) {
    let map = vma.hugeReservation.map
    if map == .none || state.pool.surplus > 0 || state.pool.reserveMaps.isPromised(map, number) { return }
    if !isAnonymous(el1, head) || field(el1, head, PageDescriptor.entireMapCount, as: UInt32.self) > 0 { return }
    setFlag(el1, head, PageDescriptor.restoresPromise)
    state.pool.reserveMaps.promiseAgain(map, number)
  }

  /// The numbers of the file's huge pages that part of a VMA maps. Linux: vma_hugecache_offset().
  func hugePageNumbers(_ vma: VMArea, _ start: UInt64, _ end: UInt64) -> (first: UInt64, end: UInt64) {
    let shift = UInt64(state.files[vma.file].hugePageShift) - 12
    return (vma.pageIndex(of: start) >> shift, vma.pageIndex(of: end) >> shift)
  }
}
