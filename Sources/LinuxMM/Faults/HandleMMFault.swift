// Owns the generic fault path from the VMA to the entry: handle_mm_fault down to handle_pte_fault, and its accounting.
// It does not know ESR, signals or policies. Linux: mm/memory.c.
import Architecture

/// One fault that is being handled. Linux: struct vm_fault.
struct FaultInProgress {
  let mm: MMID
  let vma: VMArea
  /// The address of the faulting page.
  let address: UInt64
  let flags: FaultFlags
  /// The physical address of the level 2 entry.
  let pmd: PhysicalAddress
  /// The physical address of the level 3 entry; nil while its table does not exist.
  var pte: PhysicalAddress?
  /// The value of the entry that was read without the lock.
  var original = PageTableEntry(0)

  @inline(__always) var isWrite: Bool { flags.contains(.WRITE) }
}

extension MemoryManager {
  /// Handles one fault in a VMA, and counts it for `task`. The caller holds the VMA's lock or the mmap lock. If the result is RETRY or
  /// COMPLETED, the lock has been released. Linux: handle_mm_fault().
  @inline(__always)
  public func handleMMFault(
    _ el1: EL1Interface, _ mm: MMID, _ vma: VMArea, address: UInt64, flags: FaultFlags, task: TaskID
  ) -> VMFault {
    var fault = sanitiseFaultFlags(vma, flags)
    if _fastPath(fault.isEmpty) {
      fault =
        _slowPath(vma.flags.contains(.HUGETLB))
        ? hugetlbFault(el1, mm, vma, address: address, flags: flags) : handleMMFaultLocked(el1, mm, vma, address & ~0xfff, flags)
    }
    account(task, fault, flags)
    return fault
  }

  /// SIGSEGV for a write to a VMA that can never be written. Linux: sanitize_fault_flags().
  @inline(__always)
  private func sanitiseFaultFlags(_ vma: VMArea, _ flags: FaultFlags) -> VMFault {
    if !flags.contains(.WRITE) { return [] }
    if !vma.flags.contains(.MAYWRITE) { return .SIGSEGV }
    // FOLL_FORCE writes only to copy-on-write mappings.
    return !vma.flags.contains(.WRITE) && vma.flags.contains(.SHARED) ? .SIGSEGV : []
  }

  /// Counts a fault. A retry is not counted, and an error counts only in PGFAULT. Linux: mm_account_fault().
  @inline(__always)
  private func account(_ task: TaskID, _ fault: VMFault, _ flags: FaultFlags) {
    if fault.contains(.RETRY) { return }
    state.statistics.pageFaults &+= 1
    if !fault.isDisjoint(with: .ERROR) { return }
    let index = Int(task.rawValue)
    if _slowPath(state.taskFaults.count <= index) { state.taskFaults.grow(to: index + 1, with: TaskFaults()) }
    if fault.contains(.MAJOR) || flags.contains(.TRIED) {
      state.taskFaults[index].major &+= 1
      state.statistics.majorFaults &+= 1
    } else {
      state.taskFaults[index].minor &+= 1
      state.statistics.minorFaults &+= 1
    }
  }

  /// Linux: __handle_mm_fault().
  @inline(__always)
  private func handleMMFaultLocked(
    _ el1: EL1Interface, _ mm: MMID, _ vma: VMArea, _ address: UInt64, _ flags: FaultFlags
  ) -> VMFault {
    guard let pmd = pmdAlloc(el1, mm, address) else { return .OOM }
    let fault = FaultInProgress(mm: mm, vma: vma, address: address, flags: flags, pmd: pmd)
    let descriptor = el1.loadDescriptor(pmd)
    if _slowPath(descriptor & 3 != 3) {
      var result = VMFault.FALLBACK
      if PageTableEditor.isHuge(descriptor) {
        result = handleHugePMDFault(el1, fault, descriptor)
      } else if mayHaveHugePages(vma) {
        result = createHugePMD(el1, fault)
      }
      if !result.contains(.FALLBACK) { return result }
    }
    return handlePTEFault(el1, fault)
  }

  /// Handles a fault by its last-level entry. If another actor changes the entry meanwhile, the instruction just runs again.
  /// Linux: handle_pte_fault().
  @inline(__always)
  private func handlePTEFault(_ el1: EL1Interface, _ fault: FaultInProgress) -> VMFault {
    let editor = PageTableEditor(el1: el1)
    var fault = fault
    let pmd = el1.loadDescriptor(fault.pmd)
    guard pmd & 3 == 3 else { return doPTEMissing(el1, fault) }
    let pte = PageTableEditor.entry(pmd & PageTableEntry.Bits.output, 3, fault.address)
    fault.pte = pte
    fault.original = editor.load(pte)
    if fault.original.isNone { return doPTEMissing(el1, fault) }
    if _slowPath(!fault.original.isPresent) { return doSwapPage(el1, fault, pte) }
    let lock = LockName(.pageTable, pte.rawValue & ~0xfff)
    el1.lock(lock)
    if editor.load(pte) != fault.original {
      el1.unlock(lock)
      return []
    }
    if fault.isWrite && !fault.original.isWritable { return doWPPage(el1, fault, pte, lock) }
    if !setAccessed(el1, fault, pte) { fixSpuriousFault(el1, fault) }
    el1.unlock(lock)
    return []
  }

  /// Linux: do_pte_missing().
  @inline(__always)
  private func doPTEMissing(_ el1: EL1Interface, _ fault: FaultInProgress) -> VMFault {
    _fastPath(fault.vma.isAnonymous) ? doAnonymousPage(el1, fault) : doFault(el1, fault)
  }

  /// Handles a fault on a marker, or on a page that has failed. Linux: do_swap_page(), handle_pte_marker().
  private func doSwapPage(_ el1: EL1Interface, _ fault: FaultInProgress, _ pte: PhysicalAddress) -> VMFault {
    let swap = SwapEntry(fault.original)
    let markers = swap?.markers ?? []
    if swap?.isPoisoned == true { return .HWPOISON }
    if markers.contains(.guard) { return .SIGSEGV }
    preconditionFailure("no part of the model installs other markers")
  }
}
