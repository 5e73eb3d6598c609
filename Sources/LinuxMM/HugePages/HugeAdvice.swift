// Owns the effect of advice about pages on huge pages: on a whole one, on a part of one, and on pages of a split one.
// It does not know small pages. Linux: mm/madvise.c, mm/huge_memory.c madvise_free_huge_pmd().
import Architecture

/// Advice that concerns pages rather than VMAs.
enum PageAdvice { case free, cold, pageOut }

extension MemoryManager {
  /// Applies advice to a huge page. If only part of the page is advised, the entry and the folio are split. A whole page is aged,
  /// or marked as droppable. Pages that another address space also maps are skipped. Linux: madvise_free_huge_pmd(), and the huge
  /// half of madvise_cold_or_pageout_pte_range().
  func adviseHugePMD(
    _ el1: EL1Interface, _ mm: MMID, _ gather: MMUGather, _ advice: PageAdvice, _ pmd: PhysicalAddress, _ low: UInt64, _ high: UInt64
  ) -> HugeStep {
    let editor = PageTableEditor(el1: el1)
    let lock = PageTableEditor.lock(pmd)
    el1.lock(lock)
    let now = editor.load(pmd)
    let isHuge = PageTableEditor.isHuge(now.rawValue)
    if !isHuge || now.isSpecial || mayBeMappedShared(el1, now.output) {
      el1.unlock(lock)
      return isHuge ? .done : .descend
    }
    if high - low < HugePage.size {
      el1.unlock(lock)
      // The split of a folio of a file removes its entries.
      if isAnonymous(el1, now.output) { splitHugePMD(el1, mm, pmd, low) }
      return splitFolio(el1, now.output) ? .descend : .done
    }
    if advice == .pageOut {
      let isDroppable = isDroppable(el1, now)
      clearReferenced(el1, now.output)
      el1.unlock(lock)
      if isDroppable { return zapHugePMD(el1, mm, gather, pmd, low, high) }
      reclaimHugePage(el1, mm, pmd, now, low)
      return .done
    }
    age(el1, mm, gather, advice, pmd, now, low)
    el1.unlock(lock)
    return .done
  }

  /// Reclaims a huge page that may not be dropped. One that MADV_FREE gave up and that was written since becomes ordinary memory
  /// again, mapped page by page. Other anonymous memory needs swap, page by page, so its folio is split; there is no swap, so its
  /// pages stay, except those that hold only zeroes. Linux: shrink_folio_list(), try_to_unmap_one().
  private func reclaimHugePage(_ el1: EL1Interface, _ mm: MMID, _ pmd: PhysicalAddress, _ now: PageTableEntry, _ va: UInt64) {
    let head = now.output
    if hasFlag(el1, head, PageDescriptor.lazyFree) {
      clearFlag(el1, head, PageDescriptor.lazyFree)
      splitHugePMD(el1, mm, pmd, va)
    } else if !hasFlag(el1, head, PageDescriptor.anonymous) {
      // The file keeps it.
      let index = field(el1, head, PageDescriptor.index, as: UInt64.self)
      unmapMappingRange(el1, file(el1, ofFolio: head), index, index + UInt64(HugePage.pages), .byReclaim)
    } else if Int(referenceCount(el1, head)) == mappings(el1, head) {
      splitHugePMD(el1, mm, pmd, va)
      _ = splitFolio(el1, head)
    }
  }

  /// Whether the page was given up by MADV_FREE and not written since.
  private func isDroppable(_ el1: EL1Interface, _ entry: PageTableEntry) -> Bool {
    hasFlag(el1, entry.output, PageDescriptor.lazyFree) && !entry.isDirty && !hasFlag(el1, entry.output, PageDescriptor.dirty)
  }

  private func age(
    _ el1: EL1Interface, _ mm: MMID, _ gather: MMUGather, _ advice: PageAdvice, _ pmd: PhysicalAddress, _ now: PageTableEntry, _ va: UInt64
  ) {
    if advice == .free && hasFlag(el1, now.output, PageDescriptor.dirty) { clearFlag(el1, now.output, PageDescriptor.dirty) }
    if advice == .cold && hasFlag(el1, now.output, PageDescriptor.referenced) { clearFlag(el1, now.output, PageDescriptor.referenced) }
    if advice == .free && now.isDirty || now.isYoung {
      let editor = PageTableEditor(el1: el1)
      let old = editor.invalidate(pmd)
      flushHugePage(el1, mm, va)
      editor.set(pmd, advice == .free ? old.makingOld.makingClean : old.makingOld)
      gather.noteHugeEntry(va)
    }
    if advice == .free { markLazyFree(el1, now.output) } else { deactivate(el1, now.output) }
  }

  /// Whether advice can be applied to the page that the entry for `va` maps without other pages of its folio. A page of a larger
  /// folio qualifies after the folio has been split, or if [low, high) holds the whole folio. A folio that another address space
  /// also maps is not split. The caller holds the entry's lock; the entry may change. Linux: split_folio() in
  /// madvise_free_pte_range() and madvise_cold_or_pageout_pte_range().
  func canAdviseAlone(_ el1: EL1Interface, _ entry: PhysicalAddress, _ va: UInt64, _ low: UInt64, _ high: UInt64) -> Bool {
    let value = PageTableEditor(el1: el1).load(entry)
    if value.isSpecial { return false }
    if !isLarge(el1, value.output) { return true }
    let head = folio(el1, value.output)
    let start = va &- (value.output - head)
    if start >= low && start + UInt64(folioPages(el1, head)) << 12 <= high && isMappedWhole(el1, head, value.output, entry) { return true }
    if mayBeMappedShared(el1, head) { return false }
    let lock = LockName(.pageTable, entry.rawValue & ~0xfff)
    el1.unlock(lock)
    let isApart = splitFolio(el1, head)
    el1.lock(lock)
    let now = PageTableEditor(el1: el1).load(entry)
    return isApart && now.isPresent && !now.isSpecial
  }

  /// Whether the table of an entry that maps a page of a folio maps all other pages of the folio in their order, and no other entry
  /// does. Linux: folio_pte_batch(), and folio_mapcount() compared with folio_nr_pages().
  private func isMappedWhole(_ el1: EL1Interface, _ head: UInt64, _ page: UInt64, _ entry: PhysicalAddress) -> Bool {
    let pages = folioPages(el1, head)
    if mappings(el1, head) != pages { return false }
    let first = entry.rawValue - (page - head) >> 12 * 8
    let editor = PageTableEditor(el1: el1)
    return (0..<UInt64(pages)).allSatisfy {
      let other = editor.load(PhysicalAddress(first + $0 * 8))
      return other.isPresent && other.output == head + $0 << 12
    }
  }

  /// Whether several address spaces may map pages of a folio. Since 6.15 each large folio counts its mappings by address
  /// space, so that the answer is exact; older kernels guess from the counts, for a folio that is mapped page by page from its first
  /// page alone. Linux: folio_maybe_mapped_shared(), folio_likely_mapped_shared().
  func mayBeMappedShared(_ el1: EL1Interface, _ head: UInt64) -> Bool {
    let mappings = mappings(el1, head)
    if mappings <= 1 || !isLarge(el1, head) { return mappings > 1 }
    if configuration.profile.countsMappingsByAddressSpace {
      let mapped = mappedPages(el1, head)
      return mapped.contains { $0.mm != mapped[0].mm }
    }
    if field(el1, head, PageDescriptor.entireMapCount, as: UInt32.self) > 0 || mappings > folioPages(el1, head) { return true }
    return field(el1, head, PageDescriptor.mapCount, as: UInt32.self) > 1
  }
}
