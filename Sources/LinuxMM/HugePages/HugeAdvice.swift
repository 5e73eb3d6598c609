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
    if !isHuge || now.isSpecial || mappings(el1, now.output) > 1 {
      el1.unlock(lock)
      return isHuge ? .done : .descend
    }
    if high - low < HugePage.size {
      el1.unlock(lock)
      splitHugePMD(el1, mm, pmd, low)
      return splitFolio(el1, now.output) ? .descend : .done
    }
    let isDropped = advice == .pageOut && isDroppable(el1, now)
    if !isDropped { age(el1, mm, gather, advice, pmd, now, low) }
    el1.unlock(lock)
    return isDropped ? zapHugePMD(el1, mm, gather, pmd, low, high) : .done
  }

  /// Whether the page was given up by MADV_FREE and not written since.
  private func isDroppable(_ el1: EL1Interface, _ entry: PageTableEntry) -> Bool {
    hasFlag(el1, entry.output, PageDescriptor.lazyFree) && !entry.isDirty && !hasFlag(el1, entry.output, PageDescriptor.dirty)
  }

  private func age(
    _ el1: EL1Interface, _ mm: MMID, _ gather: MMUGather, _ advice: PageAdvice, _ pmd: PhysicalAddress, _ now: PageTableEntry, _ va: UInt64
  ) {
    if advice == .free && hasFlag(el1, now.output, PageDescriptor.dirty) { clearFlag(el1, now.output, PageDescriptor.dirty) }
    if advice == .free && now.isDirty || advice != .pageOut && now.isYoung {
      let editor = PageTableEditor(el1: el1)
      let old = editor.invalidate(pmd)
      flushHugePage(el1, mm, va)
      editor.set(pmd, advice == .free ? old.makingOld.makingClean : old.makingOld)
      gather.noteHugeEntry(va)
    }
    if advice == .free {
      state.hasLazyFreePages = true
      setFlag(el1, now.output, PageDescriptor.lazyFree)
    }
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
    let pages = folioPages(el1, head)
    let start = va &- (value.output - head)
    if mappings(el1, head) == pages && start >= low && start + UInt64(pages) << 12 <= high { return true }
    if mappings(el1, head) > pages { return false }
    let lock = LockName(.pageTable, entry.rawValue & ~0xfff)
    el1.unlock(lock)
    let isApart = splitFolio(el1, head)
    el1.lock(lock)
    return isApart && !PageTableEditor(el1: el1).load(entry).isSpecial
  }
}
