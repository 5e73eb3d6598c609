// Owns what is freed when RAM is used up: memory whose contents no program needs. There is no swap, and pages of files stay.
// It does not know who needs the memory. Linux: mm/vmscan.c shrink_folio_list(), the shrinkers of mm/huge_memory.c.
import Architecture

extension MemoryManager {
  /// Frees pages that were given up by MADV_FREE and not written since, and unneeded pages of huge pages. False if there were none.
  /// The caller holds no page table lock. Linux: __alloc_pages_direct_reclaim().
  @discardableResult
  func reclaimMemory(_ el1: EL1Interface) -> Bool {
    drainBatches(el1)
    var freed = shrinkHugePages(el1)
    // If no page was given up since the last time, there is nothing to find.
    if !state.hasLazyFreePages { return freed > 0 }
    state.hasLazyFreePages = false
    for frame in state.frames.firstManaged..<state.frames.count {
      let page = state.frames.address(frame)
      if hasFlag(el1, page, PageDescriptor.lazyFree) && !isLarge(el1, page) && dropLazyFree(el1, page) { freed += 1 }
    }
    return freed > 0
  }

  /// Removes the page from every address space. If one entry was written to, the page is an ordinary page again and stays. Linux:
  /// try_to_unmap(), rmap_walk_anon().
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
      // This must be read before the next entry is checked, because the reference must be gone by then.
      let isLast = isDropped && field(el1, page, PageDescriptor.mapCount, as: UInt32.self) == 0
      finish(el1, place.mm, gather)
      isGone = isGone || isLast
    }
    return isGone
  }
}
