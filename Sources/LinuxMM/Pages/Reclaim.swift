// Owns what is given up when RAM is used up: memory whose contents no program needs. There is no swap, and what files keep in RAM stays.
// It does not know who needs the memory. Linux: mm/vmscan.c shrink_folio_list(), the shrinkers of mm/huge_memory.c.
import Architecture

extension MemoryManager {
  /// Gives back pages that were freed lazily and not written since, and what huge pages hold for nothing. False: there was none.
  /// No page table lock is held. Linux: __alloc_pages_direct_reclaim().
  @discardableResult
  func reclaimMemory(_ el1: EL1Interface) -> Bool {
    var freed = shrinkHugePages(el1)
    // Where nothing was given up since the last look there is nothing to find.
    if !state.hasLazyFreePages { return freed > 0 }
    state.hasLazyFreePages = false
    for frame in state.frames.firstManaged..<state.frames.count {
      let page = state.frames.address(frame)
      if hasFlag(el1, page, PageDescriptor.lazyFree) && !isLarge(el1, page) && dropLazyFree(el1, page) { freed += 1 }
    }
    return freed > 0
  }

  /// Takes the page out of every address space. One entry that was written to makes it an ordinary page again, which stays.
  /// Linux: try_to_unmap(), rmap_walk_anon().
  private func dropLazyFree(_ el1: EL1Interface, _ page: UInt64) -> Bool {
    let folioLock = LockName(.folio, page)
    if !el1.tryLock(folioLock) { return false }
    defer { el1.unlock(folioLock) }
    guard let reverseMap = anonVMAReadLock(el1, ofFolio: page) else { return false }
    el1.lock(reverseMap)
    defer { el1.unlock(reverseMap) }
    var isGone = false
    for place in mappedPages(el1, page) {
      let gather = MMUGather()
      let lock = PageTableEditor.lock(place.leaf.at)
      el1.lock(lock)
      let isDropped = dropLazyFree(el1, place.mm, gather, place.leaf.at, place.va)
      el1.unlock(lock)
      // Before the next entry is looked at: its reference must be gone.
      let isLast = isDropped && field(el1, page, PageDescriptor.mapCount, as: UInt32.self) == 0
      finish(el1, place.mm, gather)
      isGone = isGone || isLast
    }
    return isGone
  }
}
