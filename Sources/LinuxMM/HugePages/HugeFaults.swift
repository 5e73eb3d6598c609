// Owns faults that a huge page may serve: who may have one, the first touch, and the flags of one that is there.
// It does not know copy on write. Linux: mm/huge_memory.c, mm/memory.c create_huge_pmd().
import Architecture

extension MemoryManager {
  /// Whether huge pages can be in question for a fault in this VMA at all: the cheap part of thp_vma_allowable_order().
  @inline(__always)
  func mayHaveHugePages(_ vma: VMArea) -> Bool {
    switch state.hugePages.mode {
    case .never: false
    case .madvise: vma.flags.contains(.HUGEPAGE) && vma.isAnonymous
    case .always: vma.isAnonymous
    }
  }

  /// Whether nothing forbids huge pages in this VMA, whatever /sys says.
  /// Linux: vma_thp_disabled(), the rest of __thp_vma_allowable_orders().
  func allowsHugePages(_ mm: MMID, _ vma: VMArea, forced: Bool) -> Bool {
    if !vma.isAnonymous || !vma.flags.isDisjoint(with: [.NOHUGEPAGE, .HUGETLB]) { return false }
    return switch state[mm].hugePageDisabling {
    case .none: true
    case .exceptAdvised: forced || vma.flags.contains(.HUGEPAGE)
    case .completely: false
    }
  }

  /// A fault where the level 2 entry is empty: serves it with a huge page if one may be had; FALLBACK if not.
  /// Linux: create_huge_pmd(), do_huge_pmd_anonymous_page().
  func createHugePMD(_ el1: EL1Interface, _ fault: FaultInProgress) -> VMFault {
    if !allowsHugePages(fault.mm, fault.vma, forced: false) || !fault.vma.covers(fault.hugeAddress) { return .FALLBACK }
    guard let anonVMA = anonVMAPrepare(el1, fault) else { return .RETRY }
    return !fault.isWrite && state.hugePages.usesZeroPage ? mapHugeZeroPage(el1, fault) : mapNewHugePage(el1, fault, anonVMA)
  }

  /// Linux: __do_huge_pmd_anonymous_page().
  private func mapNewHugePage(_ el1: EL1Interface, _ fault: FaultInProgress, _ anonVMA: AnonVMAID) -> VMFault {
    guard let head = faultInHugePage(el1) else { return .FALLBACK }
    guard let table = allocateTable(el1) else {
      putPage(el1, head)
      return .OOM
    }
    let editor = PageTableEditor(el1: el1)
    let lock = PageTableEditor.lock(fault.pmd)
    el1.lock(lock)
    if !editor.load(fault.pmd).isNone {
      el1.unlock(lock)
      putPage(el1, table)
      putPage(el1, head)
      return []
    }
    deposit(el1, fault.pmd, table)
    countDepositedTable(fault.mm)
    mapHugePage(el1, fault.mm, fault.vma, fault.pmd, fault.hugeAddress, head, anonVMA)
    state.statistics.hugePages.faultAlloc &+= 1
    el1.unlock(lock)
    return []
  }

  /// A huge page for a fault. Nil counts as a fallback. Linux: vma_alloc_anon_folio_pmd().
  func faultInHugePage(_ el1: EL1Interface) -> UInt64? {
    let head = allocateHugePage(el1)
    if head == nil { state.statistics.hugePages.faultFallback &+= 1 }
    return head
  }

  /// Maps a fresh huge page: dirty, and writable if the VMA is. The entry is empty and locked. Linux: map_anon_folio_pmd().
  func mapHugePage(
    _ el1: EL1Interface, _ mm: MMID, _ vma: VMArea, _ pmd: PhysicalAddress, _ address: UInt64, _ head: UInt64, _ anonVMA: AnonVMAID
  ) {
    addNewHugeMapping(el1, head, anonVMA, index: vma.pageIndex(of: address))
    state[mm].resident.anonymous &+= HugePage.pages
    PageTableEditor(el1: el1).set(pmd, writtenEntry(head, vma).makingBlock)
  }

  // MARK: The huge zero page

  /// A read of untouched memory. Linux: set_huge_zero_folio().
  private func mapHugeZeroPage(_ el1: EL1Interface, _ fault: FaultInProgress) -> VMFault {
    guard let table = allocateTable(el1) else { return .OOM }
    guard let zero = hugeZeroPage(el1, fault.mm) else {
      putPage(el1, table)
      state.statistics.hugePages.faultFallback &+= 1
      return .FALLBACK
    }
    let editor = PageTableEditor(el1: el1)
    let lock = PageTableEditor.lock(fault.pmd)
    el1.lock(lock)
    if editor.load(fault.pmd).isNone {
      deposit(el1, fault.pmd, table)
      countDepositedTable(fault.mm)
      editor.set(fault.pmd, PageTableEntry(zero | protection(fault.vma.flags) | PageTableEntry.Bits.special).makingBlock)
      state.statistics.hugePages.zeroPageFaults &+= 1
      el1.unlock(lock)
    } else {
      el1.unlock(lock)
      putPage(el1, table)
    }
    return []
  }

  /// The one huge zero page, made when it is first needed; each address space that ever mapped it holds it until its end.
  /// Linux: mm_get_huge_zero_folio().
  private func hugeZeroPage(_ el1: EL1Interface, _ mm: MMID) -> UInt64? {
    if state.hugePages.zeroPage == nil {
      guard let zero = allocateHugePage(el1) else {
        state.statistics.hugePages.zeroPageAllocFailed &+= 1
        return nil
      }
      state.hugePages.zeroPage = zero
      state.statistics.hugePages.zeroPageAlloc &+= 1
    }
    holdHugeZeroPage(el1, mm)
    return state.hugePages.zeroPage
  }

  func holdHugeZeroPage(_ el1: EL1Interface, _ mm: MMID) {
    if state[mm].holdsHugeZeroPage { return }
    state[mm].holdsHugeZeroPage = true
    getPage(el1, state.hugePages.zeroPage!)
  }

  /// At the end of an address space. Linux: mm_put_huge_zero_folio().
  func releaseHugeZeroPage(_ el1: EL1Interface, _ mm: MMID) {
    if !state[mm].holdsHugeZeroPage { return }
    state[mm].holdsHugeZeroPage = false
    putPage(el1, state.hugePages.zeroPage!)
  }

  // MARK: A huge page that is there

  /// A fault on a huge page. FALLBACK: it was split, go on with level 3. Linux: the middle of __handle_mm_fault().
  func handleHugePMDFault(_ el1: EL1Interface, _ fault: FaultInProgress, _ pmd: UInt64) -> VMFault {
    var fault = fault
    fault.original = PageTableEntry(pmd)
    if fault.isWrite && !fault.original.isWritable { return doHugePMDWPPage(el1, fault, fault.original) }
    let lock = PageTableEditor.lock(fault.pmd)
    el1.lock(lock)
    // Whoever splits it holds the lock: the instruction finds the table when it runs again.
    let isThere = PageTableEditor(el1: el1).load(fault.pmd) == fault.original
    if isThere && !setAccessed(el1, fault, fault.pmd) { fixSpuriousFault(el1, fault) }
    el1.unlock(lock)
    return []
  }
}

extension FaultInProgress {
  /// Where the huge page begins that would hold the address.
  var hugeAddress: UInt64 { address & ~HugePage.mask }
}

extension VMArea {
  /// Whether the huge page at `address` lies in the VMA. Linux: thp_vma_suitable_order().
  func covers(_ address: UInt64) -> Bool { address >= start && end - start >= HugePage.size && address <= end - HugePage.size }

  /// Whether any huge page lies in the VMA.
  var holdsHugePage: Bool { end >= HugePage.size && covers((end - HugePage.size) & ~HugePage.mask) }
}
