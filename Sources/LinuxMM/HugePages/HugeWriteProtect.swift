// Owns writes to huge pages that are read-only: keep the page, replace the huge zero page, or split and let level 3 copy.
// It does not know level 3. Linux: mm/huge_memory.c do_huge_pmd_wp_page().
import Architecture

extension MemoryManager {
  /// A write to a huge page that is not writable. FALLBACK: it was split. Linux: do_huge_pmd_wp_page().
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

  /// Keeps a huge page that is this address space's alone; true also where the entry changed meanwhile. False: it is shared.
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

  /// Whether the entry's reference is the last one: then the page becomes exclusive. A folio that another actor has locked is copied.
  private func canReuseHugePage(_ el1: EL1Interface, _ head: UInt64) -> Bool {
    let lock = LockName(.folio, head)
    if !el1.tryLock(lock) { return false }
    let isOnlyOwner = referenceCount(el1, head) == 1
    if isOnlyOwner { setExclusive(el1, head) }
    el1.unlock(lock)
    return isOnlyOwner
  }

  /// A huge page of its own for the huge zero page: clear, flush, set. The deposited table stays. FALLBACK: none could be had.
  /// Linux: do_huge_zero_wp_pmd().
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

  /// Whether a page of a large folio may be kept: everything that maps or holds the folio is this address space's, and more of it
  /// is mapped than this page. Linux: __wp_can_reuse_large_anon_folio(), from 6.15 on.
  func canReuseLargeFolio(_ el1: EL1Interface, _ fault: FaultInProgress, _ page: UInt64) -> Bool {
    if !configuration.profile.reusesLargeFolios { return false }
    let head = folio(el1, page)
    let mappings = mappings(el1, head)
    if mappings <= 1 || mappings != Int(referenceCount(el1, head)) { return false }
    return mappedPages(el1, head).count { $0.mm == fault.mm } == mappings
  }
}
