// Owns faults that a huge page may serve: which VMAs may have one, the first access, and the flags of a mapped one.
// It does not know copy on write. Linux: mm/huge_memory.c, mm/memory.c create_huge_pmd().
import Architecture

extension MemoryManager {
  /// Whether a fault in this VMA might get a huge page. This is the cheap part of thp_vma_allowable_order().
  @inline(__always)
  func mayHaveHugePages(_ vma: VMArea) -> Bool {
    switch state.hugePages.mode {
    case .never: false
    case .madvise: vma.flags.contains(.HUGEPAGE) && vma.isAnonymous
    case .always: vma.isAnonymous
    }
  }

  /// Whether this VMA may have anonymous huge pages, apart from the settings in /sys. Linux: __thp_vma_allowable_orders().
  func allowsHugePages(_ mm: MMID, _ vma: VMArea, forced: Bool) -> Bool {
    vma.isAnonymous && !vma.flags.contains(.HUGETLB) && !forbidsHugePages(mm, vma, forced: forced)
  }

  /// Whether the program has forbidden huge pages here. Linux: vma_thp_disabled().
  func forbidsHugePages(_ mm: MMID, _ vma: VMArea, forced: Bool) -> Bool {
    if vma.flags.contains(.NOHUGEPAGE) { return true }
    return switch state[mm].hugePageDisabling {
    case .none: false
    case .exceptAdvised: !forced && !vma.flags.contains(.HUGEPAGE)
    case .completely: true
    }
  }

  /// Serves a fault at an empty level 2 entry with a huge page if possible; FALLBACK if not. Linux: create_huge_pmd(),
  /// do_huge_pmd_anonymous_page().
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

  /// Allocates a huge page for a fault. Nil means that none is free, and counts as a fallback. Linux: vma_alloc_anon_folio_pmd().
  func faultInHugePage(_ el1: EL1Interface) -> UInt64? {
    let head = allocateHugePage(el1)
    if head == nil { state.statistics.hugePages.faultFallback &+= 1 }
    return head
  }

  /// Maps a new huge page, dirty, and writable if the VMA is. The entry is empty and locked. Linux: map_anon_folio_pmd().
  func mapHugePage(
    _ el1: EL1Interface, _ mm: MMID, _ vma: VMArea, _ pmd: PhysicalAddress, _ address: UInt64, _ head: UInt64, _ anonVMA: AnonVMAID
  ) {
    addNewHugeMapping(el1, head, anonVMA, index: vma.pageIndex(of: address))
    addHugeToLists(el1, head, vma.flags, isUsed: true)
    state[mm].resident.anonymous &+= HugePage.pages
    PageTableEditor(el1: el1).set(pmd, writtenEntry(head, vma).makingBlock)
  }

  // MARK: The huge zero page

  /// Serves a read of untouched memory. Linux: set_huge_zero_folio().
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

  /// The single huge zero page, which is made when it is first needed. Each address space that has mapped it holds it until the
  /// address space ends. Linux: mm_get_huge_zero_folio().
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

  /// Drops the address space's hold on the huge zero page when the address space ends. Linux: mm_put_huge_zero_folio().
  func releaseHugeZeroPage(_ el1: EL1Interface, _ mm: MMID) {
    if !state[mm].holdsHugeZeroPage { return }
    state[mm].holdsHugeZeroPage = false
    putPage(el1, state.hugePages.zeroPage!)
  }

  // MARK: A mapped huge page

  /// A fault on a huge page. FALLBACK: it was split, go on with level 3. Linux: the middle of __handle_mm_fault().
  func handleHugePMDFault(_ el1: EL1Interface, _ fault: FaultInProgress, _ pmd: UInt64) -> VMFault {
    var fault = fault
    fault.original = PageTableEntry(pmd)
    if fault.isWrite && !fault.original.isWritable {
      if fault.vma.isAnonymous { return doHugePMDWPPage(el1, fault, fault.original) }
      // Level 3 copies the page of the file. Linux: wp_huge_pmd().
      splitHugePMD(el1, fault.mm, fault.pmd, fault.hugeAddress)
      return .FALLBACK
    }
    let lock = PageTableEditor.lock(fault.pmd)
    el1.lock(lock)
    // Another actor that splits it holds the lock, so this instruction finds the table when it runs again.
    let isThere = PageTableEditor(el1: el1).load(fault.pmd) == fault.original
    if isThere && !setAccessed(el1, fault, fault.pmd) { fixSpuriousFault(el1, fault) }
    el1.unlock(lock)
    return []
  }
}

extension FaultInProgress {
  /// The virtual address at which the huge page that holds the address would begin.
  var hugeAddress: UInt64 { address & ~HugePage.mask }
}

extension VMArea {
  /// Whether the huge page at `address` lies in the VMA. Linux: thp_vma_suitable_order().
  func covers(_ address: UInt64) -> Bool { address >= start && end - start >= HugePage.size && address <= end - HugePage.size }

  /// Whether the VMA has room for a huge page.
  var holdsHugePage: Bool { end >= HugePage.size && covers((end - HugePage.size) & ~HugePage.mask) }

  /// Whether a huge page of the file, if there is one, would lie at a huge page's address.
  var alignsHugePages: Bool { isAnonymous || (start >> 12 &- pageOffset) & UInt64(HugePage.pages - 1) == 0 }
}
