// Owns faults in mappings of the huge page pool: first accesses, and the flags of mapped pages.
// It does not know copy on write, nor transparent huge pages. Linux: mm/hugetlb.c hugetlb_fault(), hugetlb_no_page().
import Architecture

extension MemoryManager {
  /// Serves a fault; SIGBUS if the pool has no page for it. Linux: hugetlb_fault().
  func hugetlbFault(_ el1: EL1Interface, _ mm: MMID, _ vma: VMArea, address: UInt64, flags: FaultFlags) -> VMFault {
    guard let pmd = pmdAlloc(el1, mm, address) else { return .OOM }
    // There are no pages of other sizes.
    if state.files[vma.file].hugePageShift != HugePagePool.defaultSize { return .SIGBUS }
    var fault = FaultInProgress(mm: mm, vma: vma, address: address & ~HugePage.mask, flags: flags, pmd: pmd)
    // Two faults on the same page must not both allocate one, because the second allocation might fail. Linux:
    // hugetlb_fault_mutex_table.
    let mutex = LockName(.hugetlbFault, UInt64(vma.file.rawValue))
    el1.lock(mutex)
    defer { el1.unlock(mutex) }
    let editor = PageTableEditor(el1: el1)
    fault.original = editor.load(pmd)
    if fault.original.isNone { return hugetlbNoPage(el1, fault) }
    let lock = PageTableEditor.lock(pmd)
    el1.lock(lock)
    if editor.load(pmd) != fault.original {
      el1.unlock(lock)
      return []
    }
    if fault.isWrite && !fault.original.isWritable { return hugetlbWP(el1, fault, isFirstTouch: false) }
    _ = setAccessed(el1, fault, pmd)
    el1.unlock(lock)
    return []
  }

  /// Serves a fault at an empty entry: maps the file's page, or for private memory a new page that is not in the file. Linux:
  /// hugetlb_no_page().
  private func hugetlbNoPage(_ el1: EL1Interface, _ fault: FaultInProgress) -> VMFault {
    let vma = fault.vma
    if vma.hugeReservation.lostPages { return .SIGBUS }
    let number = hugePageNumber(fault)
    if let cached = state.files[vma.file].pages[number] {
      getPage(el1, cached)
      return mapHugetlbPage(el1, fault, cached, anonVMA: nil)
    }
    if number >= state.files[vma.file].size >> HugePagePool.defaultSize { return .SIGBUS }
    var anonVMA: AnonVMAID?
    if !vma.flags.contains(.MAYSHARE) {
      anonVMA = anonVMAPrepare(el1, fault)
      if anonVMA == nil { return .RETRY }
    }
    if vma.flags.contains(.MAYSHARE) && !state.files[vma.file].reservedHugePages.contains(number) && !hasHugeRoom(vma.file, 1) {
      return .SIGBUS
    }
    guard let head = allocatePoolPage(el1, vma, number) else { return .SIGBUS }
    clearHugePage(el1, head)
    if anonVMA == nil {
      addHugetlbPage(el1, vma.file, number, head)
      getPage(el1, head)
    }
    return mapHugetlbPage(el1, fault, head, anonVMA: anonVMA)
  }

  /// Maps a page whose reference the entry takes over: the file's page, or if there is an anon_vma a new private page. A write to
  /// private memory makes the copy at once, without a second fault.
  private func mapHugetlbPage(_ el1: EL1Interface, _ fault: FaultInProgress, _ head: UInt64, anonVMA: AnonVMAID?) -> VMFault {
    let vma = fault.vma
    let editor = PageTableEditor(el1: el1)
    let lock = PageTableEditor.lock(fault.pmd)
    el1.lock(lock)
    if !editor.load(fault.pmd).isNone {
      el1.unlock(lock)
      if anonVMA != nil { giveBackUnused(el1, head, vma, hugePageNumber(fault)) } else { putPage(el1, head) }
      return []
    }
    if let anonVMA {
      addNewHugetlbMapping(el1, head, anonVMA, index: vma.pageIndex(of: fault.address))
    } else {
      addHugeMappings(el1, head, 1)
    }
    var fault = fault
    fault.original = hugetlbEntry(head, vma, isWritable: vma.flags.isSuperset(of: [.WRITE, .SHARED]))
    editor.set(fault.pmd, fault.original)
    state[fault.mm].hugetlbPages += HugePage.pages
    var result: VMFault = []
    if fault.isWrite && !vma.flags.contains(.SHARED) {
      result = hugetlbWP(el1, fault, isFirstTouch: true)
    } else {
      el1.unlock(lock)
    }
    if result.isEmpty && anonVMA != nil { state.statistics.anonymousFaults &+= 1 }
    if result.isEmpty && anonVMA == nil { state.statistics.fileFaults &+= 1 }
    return result
  }

  /// Linux: make_huge_pte().
  func hugetlbEntry(_ head: UInt64, _ vma: VMArea, isWritable: Bool) -> PageTableEntry {
    let value = PageTableEntry(head | protection(vma.flags)).makingBlock.makingYoung
    return isWritable ? value.makingDirty.makingWritable : value.writeProtected
  }

  /// Makes a new page private memory. Linux: hugetlb_add_new_anon_rmap().
  func addNewHugetlbMapping(_ el1: EL1Interface, _ head: UInt64, _ anonVMA: AnonVMAID, index: UInt64) {
    addNewHugeMapping(el1, head, anonVMA, index: index)
    setFlag(el1, head, PageDescriptor.pooled)
  }

  func hugePageNumber(_ fault: FaultInProgress) -> UInt64 { hugePageNumbers(fault.vma, fault.address, fault.address).first }
}
