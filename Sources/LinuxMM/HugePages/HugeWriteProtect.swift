// Owns writes to read-only huge pages: the page is kept, or the huge zero page is replaced, or the entry is split so that level 3
// copies. It does not know level 3. Linux: mm/huge_memory.c do_huge_pmd_wp_page().
import Architecture

extension MemoryManager {
  /// Serves a write to a huge page that is not writable. FALLBACK means that the entry was split. Linux: do_huge_pmd_wp_page().
  func doHugePMDWPPage(_ el1: EL1Interface, _ fault: FaultInProgress, _ original: PageTableEntry) -> VMFault {
    if original.isSpecial {
      if configuration.profile.replacesHugeZeroPage {
        let result = replaceHugeZeroPage(el1, fault, original)
        if !result.contains(.FALLBACK) { return result }
      }
    } else if reuseHugePage(el1, fault, original) {
      return []
    }
    splitHugePMD(el1, fault.mm, fault.pmd, fault.hugeAddress)
    return .FALLBACK
  }

  /// Keeps a huge page that belongs to this address space alone. True also if the entry changed meanwhile; false if the page is
  /// shared.
  private func reuseHugePage(_ el1: EL1Interface, _ fault: FaultInProgress, _ original: PageTableEntry) -> Bool {
    let lock = PageTableEditor.lock(fault.pmd)
    el1.lock(lock)
    if PageTableEditor(el1: el1).load(fault.pmd) != original {
      el1.unlock(lock)
      return true
    }
    let head = original.output
    let isOurs = isExclusive(el1, head) || canReuseHugePage(el1, head)
    if isOurs {
      var proposed = original.makingYoung.makingDirty
      if fault.vma.flags.contains(.WRITE) { proposed = proposed.makingWritable }
      _ = setAccessFlags(el1, fault, fault.pmd, proposed)
      state.statistics.hugePages.reuses &+= 1
    }
    el1.unlock(lock)
    return isOurs
  }

  /// Whether the entry holds the last reference, so that the page becomes exclusive. A folio that another actor has locked is
  /// copied.
  private func canReuseHugePage(_ el1: EL1Interface, _ head: UInt64) -> Bool {
    let lock = LockName(.folio, head)
    if !el1.tryLock(lock) { return false }
    let isOnlyOwner = referenceCount(el1, head) == 1
    if isOnlyOwner { setExclusive(el1, head) }
    el1.unlock(lock)
    return isOnlyOwner
  }

  /// Replaces the huge zero page by a new huge page: the entry is cleared, flushed and set. The deposited table stays. FALLBACK if
  /// no huge page is free. Linux: do_huge_zero_wp_pmd().
  private func replaceHugeZeroPage(_ el1: EL1Interface, _ fault: FaultInProgress, _ original: PageTableEntry) -> VMFault {
    guard let anonVMA = anonVMAPrepare(el1, fault) else { return .RETRY }
    guard let head = faultInHugePage(el1) else { return .FALLBACK }
    let editor = PageTableEditor(el1: el1)
    let lock = PageTableEditor.lock(fault.pmd)
    el1.lock(lock)
    if editor.load(fault.pmd) == original {
      _ = editor.getAndClear(fault.pmd)
      flushHugePage(el1, fault.mm, fault.hugeAddress)
      mapHugePage(el1, fault.mm, fault.vma, fault.pmd, fault.hugeAddress, head, anonVMA)
      state.statistics.hugePages.faultAlloc &+= 1
      state.statistics.hugePages.zeroPageReplacements &+= 1
      el1.unlock(lock)
    } else {
      el1.unlock(lock)
      putPage(el1, head)
    }
    return []
  }

  /// Whether a page of a large folio may be kept: all references to the folio come from this address space, and more of the folio
  /// is mapped than this page. Linux: __wp_can_reuse_large_anon_folio(), since 6.15.
  func canReuseLargeFolio(_ el1: EL1Interface, _ fault: FaultInProgress, _ page: UInt64) -> Bool {
    if !configuration.profile.reusesLargeFolios { return false }
    let head = folio(el1, page)
    let mappings = mappings(el1, head)
    if mappings <= 1 || mappings != Int(referenceCount(el1, head)) { return false }
    return mappedPages(el1, head).count { $0.mm == fault.mm } == mappings
  }
}
