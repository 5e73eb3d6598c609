// Owns splitting folios into single pages, and taking back pages of huge pages that are mapped nowhere.
// It does not know how level 2 entries are split: HugeSplit does that. Linux: mm/huge_memory.c split_folio(),
// deferred_split_scan().
import Architecture

extension MemoryManager {
  /// Splits a folio that no level 2 entry maps into folios of one page. Unmapped pages are freed, and mapped pages that contain
  /// only zeroes are replaced by the zero page. A folio of a file loses its mappings first. False if there are references other than
  /// the mappings and the page cache's, or if another actor holds the lock. Linux: split_folio(), __folio_split().
  func splitFolio(_ el1: EL1Interface, _ head: UInt64) -> Bool {
    let lock = LockName(.folio, head)
    if !el1.tryLock(lock) { return false }
    defer { el1.unlock(lock) }
    if !isAnonymous(el1, head) { return splitFileFolio(el1, head) }
    guard let reverseMap = anonVMAWriteLock(el1, ofFolio: head) else { return false }
    el1.lock(reverseMap)
    defer { el1.unlock(reverseMap) }
    let isMappedWhole = field(el1, head, PageDescriptor.entireMapCount, as: UInt32.self) > 0
    if isMappedWhole || Int(referenceCount(el1, head)) != mappings(el1, head) {
      state.statistics.hugePages.splitPageFailed &+= 1
      return false
    }
    // This must happen while index and order still tell where the pages are mapped.
    let places = mappedPages(el1, head)
    let empty = places.filter { isEmpty(el1, $0) }
    for place in places { forgetUse(el1, head, place) }
    detachPages(el1, head)
    for place in empty { mapZeroPage(el1, place) }
    state.statistics.hugePages.splitPage &+= 1
    return true
  }

  /// Whether a mapped page contains only zeroes and may be replaced: not in locked memory, and not if it has failed.
  private func isEmpty(_ el1: EL1Interface, _ place: MappedPage) -> Bool {
    !place.vma.flags.contains(.LOCKED) && !hasFlag(el1, place.leaf.page, PageDescriptor.poisoned) && isZero(el1, place.leaf.page)
  }

  /// The entry no longer tells whether its page was used or written; the folio tells the latter. The reason is that Linux replaces the
  /// entries meanwhile by others that have no room for this. Linux: try_to_migrate_one(), remove_migration_pte().
  private func forgetUse(_ el1: EL1Interface, _ head: UInt64, _ place: MappedPage) {
    let editor = PageTableEditor(el1: el1)
    let lock = LockName(.pageTable, place.leaf.at.rawValue & ~0xfff)
    el1.lock(lock)
    let old = editor.getAndClear(place.leaf.at)
    flushPage(el1, place.mm, place.va)
    if old.isDirty && !hasFlag(el1, head, PageDescriptor.dirty) { setFlag(el1, head, PageDescriptor.dirty) }
    editor.set(place.leaf.at, old.makingOld.makingClean)
    el1.unlock(lock)
  }

  private func isZero(_ el1: EL1Interface, _ page: UInt64) -> Bool {
    let words = UnsafeRawPointer(el1.hostAddress(PhysicalAddress(page), size: 4096))
    return !stride(from: 0, to: 4096, by: 8).contains { words.load(fromByteOffset: $0, as: UInt64.self) != 0 }
  }

  /// Linux: try_to_map_unused_to_zeropage().
  private func mapZeroPage(_ el1: EL1Interface, _ place: MappedPage) {
    let editor = PageTableEditor(el1: el1)
    let lock = LockName(.pageTable, place.leaf.at.rawValue & ~0xfff)
    el1.lock(lock)
    let old = editor.getAndClear(place.leaf.at)
    flushPage(el1, place.mm, place.va)
    // From here on no mapping can write to the page any more.
    let isStillZero = isZero(el1, place.leaf.page)
    let zero = PageTableEntry(state.frames.zeroFrame | protection(place.vma.flags) | PageTableEntry.Bits.special)
    editor.set(place.leaf.at, isStillZero ? zero : old)
    el1.unlock(lock)
    if !isStillZero { return }
    state[place.mm].resident.anonymous &-= 1
    removeMapping(el1, place.leaf.page)
    putPage(el1, place.leaf.page)
  }

  /// Makes each page a folio with a reference for each of its mappings. Linux: __split_folio_to_order().
  private func detachPages(_ el1: EL1Interface, _ head: UInt64) {
    forgetDeferredSplit(el1, head)
    let pages = folioPages(el1, head)
    // These belong to single pages.
    let single = PageDescriptor.exclusive | PageDescriptor.poisoned
    let kept = field(el1, head, PageDescriptor.flags, as: UInt64.self) & ~single
    let mapping = field(el1, head, PageDescriptor.mapping, as: UInt64.self)
    let index = field(el1, head, PageDescriptor.index, as: UInt64.self)
    setField(el1, head, PageDescriptor.order, 0 as UInt32)
    for page in 0..<UInt64(pages) {
      let pa = head + page << 12
      let mappings = field(el1, pa, PageDescriptor.mapCount, as: UInt32.self)
      let flags = kept | field(el1, pa, PageDescriptor.flags, as: UInt64.self) & single
      // An unmapped page has one more reference, which is dropped.
      setOwnership(
        el1, pa,
        PageOwnership(flags: flags, referenceCount: max(mappings, 1), mapCount: mappings, mapping: mapping, index: index + page))
      setField(el1, pa, PageDescriptor.compoundHead, 0 as UInt64)
      if mappings == 0 { putPage(el1, pa) }
    }
  }

  // MARK: Deferred

  /// Records that a page of the folio lost a mapping. If nothing maps this page while other pages are mapped, it can be reclaimed
  /// when memory is short. Linux: the end of __folio_remove_rmap(), deferred_split_folio().
  func notePartialUnmap(_ el1: EL1Interface, _ head: UInt64) {
    if _fastPath(field(el1, head, PageDescriptor.order, as: UInt32.self) == 0) { return }
    if hasFlag(el1, head, PageDescriptor.partiallyMapped) || !hasFlag(el1, head, PageDescriptor.anonymous) { return }
    if field(el1, head, PageDescriptor.entireMapCount, as: UInt32.self) > 0 { return }
    let isPartial = (0..<UInt64(folioPages(el1, head))).contains {
      field(el1, head + $0 << 12, PageDescriptor.mapCount, as: UInt32.self) == 0
    }
    if !isPartial { return }
    setFlag(el1, head, PageDescriptor.partiallyMapped)
    state.hugePages.deferredSplits.append(head)
    state.statistics.hugePages.deferredSplitPage &+= 1
  }

  func forgetDeferredSplit(_ el1: EL1Interface, _ head: UInt64) {
    if !hasFlag(el1, head, PageDescriptor.partiallyMapped) { return }
    clearFlag(el1, head, PageDescriptor.partiallyMapped)
    state.hugePages.deferredSplits.removeAll { $0 == head }
  }

  /// Frees unneeded pages of huge pages: unmapped pages of a folio, and a huge zero page that no address space maps. It returns the
  /// number of freed frames. Linux: deferred_split_scan(), shrink_huge_zero_page_scan().
  func shrinkHugePages(_ el1: EL1Interface) -> Int {
    let before = state.frames.available
    let heads = state.hugePages.deferredSplits
    // A folio that was split or freed meanwhile no longer has the mark.
    for head in heads where hasFlag(el1, head, PageDescriptor.partiallyMapped) {
      if field(el1, head, PageDescriptor.entireMapCount, as: UInt32.self) == 0 { _ = splitFolio(el1, head) }
    }
    if let zero = state.hugePages.zeroPage, referenceCount(el1, zero) == 1 {
      state.hugePages.zeroPage = nil
      putPage(el1, zero)
    }
    return Int(state.frames.available - before)
  }
}
