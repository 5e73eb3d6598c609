// Owns the generic fault path from the VMA to the entry: handle_mm_fault down to handle_pte_fault, and its accounting.
// It does not know ESR, signals or policies. Linux: mm/memory.c.
import Architecture

extension MemoryManager {
  /// Finds the VMA under its own lock. Nil: none, or it is being changed; then the mmap lock must be taken.
  /// Linux: mm/mmap_lock.c lock_vma_under_rcu().
  @inline(__always)
  public func lockVMAUnderRCU(_ el1: EL1Interface, _ mm: MMID, _ address: UInt64) -> VMArea? {
    el1.step(.lockVMAUnderRCU, address)
    guard let index = state.mms[mm.rawValue].index(containing: address) else { return nil }
    let vma = state.mms[mm.rawValue].vmas[index]
    el1.lock(LockName(.vmaLockRead, UInt64(vma.id)))
    return vma
  }
  @inline(__always)
  public func unlockVMA(_ el1: EL1Interface, _ vma: VMArea) { el1.unlock(LockName(.vmaLockRead, UInt64(vma.id))) }

  /// Finds the VMA under the mmap lock and grows a stack to reach `address`. The lock is held on success only.
  /// Linux: mm/mmap_lock.c lock_mm_and_find_vma().
  public func lockMMAndFindVMA(_ el1: EL1Interface, _ mm: MMID, _ address: UInt64) -> VMArea? {
    let lock = LockName(.mmapLockRead, UInt64(mm.rawValue))
    el1.lock(lock)
    if let index = state.mms[mm.rawValue].index(containing: address) { return state.mms[mm.rawValue].vmas[index] }
    let above = state.mms[mm.rawValue].firstIndex(endingAbove: address)
    guard above < state.mms[mm.rawValue].vmas.count, state.mms[mm.rawValue].vmas[above].flags.contains(.GROWSDOWN) else {
      el1.unlock(lock)
      return nil
    }
    // The stack grows under the write lock, which is then downgraded.
    el1.unlock(lock)
    let writeLock = LockName(.mmapLockWrite, UInt64(mm.rawValue))
    el1.lock(writeLock)
    let grown = expandStack(mm, above, to: address & ~0xfff)
    el1.unlock(writeLock)
    if !grown { return nil }
    el1.lock(lock)
    return state.mms[mm.rawValue].vmas[above]
  }
  public func unlockMM(_ el1: EL1Interface, _ mm: MMID) { el1.unlock(LockName(.mmapLockRead, UInt64(mm.rawValue))) }

  /// Linux: mm/vma.c expand_downwards(): the guard gap to what lies below, then RLIMIT_STACK.
  private func expandStack(_ mm: MMID, _ index: Int, to address: UInt64) -> Bool {
    let vma = state.mms[mm.rawValue].vmas[index]
    if address < Layout48.minimumAddress { return false }
    if index > 0 {
      let below = state.mms[mm.rawValue].vmas[index - 1]
      let accessible = !below.flags.intersection(.access).isEmpty
      if accessible && !below.flags.contains(.GROWSDOWN) && address - below.end < Layout48.guardGap { return false }
      if address < below.end { return false }
    }
    if vma.end - address > Layout48.stackLimit { return false }
    state.mms[mm.rawValue].vmas[index].pageOffset &-= (vma.start - address) >> 12
    state.mms[mm.rawValue].vmas[index].start = address
    return true
  }

  /// Serves one fault in a VMA whose lock (or the mmap lock) is held, and counts it for `task`.
  /// Linux: mm/memory.c handle_mm_fault(), mm_account_fault().
  @inline(__always)
  public func handleMMFault(
    _ el1: EL1Interface, _ mm: MMID, _ vma: VMArea, address: UInt64, flags: FaultFlags, task: TaskID
  ) -> VMFault {
    // A write to memory that may never be written is refused here: FOLL_FORCE on a mapping that is not copy-on-write.
    if flags.contains(.WRITE) && !vma.flags.contains(.MAYWRITE) { return .SIGSEGV }
    let fault = handlePTEFault(el1, mm, vma, address & ~0xfff, flags)
    if fault.contains(.RETRY) || !fault.isDisjoint(with: .ERROR) { return fault }
    account(task, isMajor: fault.contains(.MAJOR) || flags.contains(.TRIED))
    return fault
  }

  @inline(__always)
  private func account(_ task: TaskID, isMajor: Bool) {
    let index = Int(task.rawValue)
    while state.taskFaults.count <= index { state.taskFaults.append(TaskFaults()) }
    if isMajor { state.taskFaults[index].major &+= 1 } else { state.taskFaults[index].minor &+= 1 }
  }

  /// Linux: mm/memory.c __handle_mm_fault() and handle_pte_fault().
  private func handlePTEFault(_ el1: EL1Interface, _ mm: MMID, _ vma: VMArea, _ address: UInt64, _ flags: FaultFlags) -> VMFault {
    // Linux allocates the upper tables here and the last one in do_anonymous_page; nobody can come in between unseen.
    guard let entry = allocateEntry(el1, mm, address) else { return .OOM }
    let editor = PageTableEditor(el1: el1)
    let original = editor.load(entry)
    if original.isNone { return doAnonymousPage(editor, mm, vma, address, entry, flags) }
    let lock = LockName(.pageTable, entry.rawValue & ~0xfff)
    el1.lock(lock)
    // Whatever raced is served by running the instruction again.
    if editor.load(entry) != original {
      el1.unlock(lock)
      return []
    }
    if flags.contains(.WRITE) && !original.isWritable {
      return doWPPage(editor, mm, vma, address, entry, original, lock)
    }
    let proposed = (flags.contains(.WRITE) ? original.makingDirty : original).makingYoung
    if setAccessFlags(editor, mm, address, entry, proposed, isWrite: flags.contains(.WRITE)) {
      state.statistics.accessFlagFaults &+= 1
    } else {
      state.statistics.spuriousFaults &+= 1
      if flags.contains(.WRITE) && !flags.contains(.TRIED) && configuration.profile.flushesOnSpuriousFault {
        state.statistics.tlbInvalidations &+= 1
        flush(el1, mm).localPage(address)
      }
    }
    el1.unlock(lock)
    return []
  }

  /// ptep_set_access_flags with the profile's flush. Linux: arch/arm64/mm/fault.c.
  func setAccessFlags(
    _ editor: PageTableEditor, _ mm: MMID, _ address: UInt64, _ entry: PhysicalAddress, _ proposed: PageTableEntry, isWrite: Bool
  ) -> Bool {
    if !editor.setAccessFlags(entry, proposed) { return false }
    if isWrite {
      state.statistics.tlbInvalidations &+= 1
      if configuration.profile.broadcastsOnAccessFlags {
        flush(editor.el1, mm).page(address)
      } else {
        flush(editor.el1, mm).localPage(address)
      }
    }
    return true
  }
}
