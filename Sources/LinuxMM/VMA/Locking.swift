// Owns the locks of an address space and of its VMAs: for readers, for writers, and the lookup without the mmap lock.
// It does not know what is done under them. Linux: mm/mmap_lock.c, include/linux/mmap_lock.h.
import Architecture

extension MemoryManager {
  @inline(__always) func mmapLock(_ kind: LockKind, _ mm: MMID) -> LockName { LockName(kind, UInt64(mm.rawValue)) }
  func mmapWriteLock(_ el1: EL1Interface, _ mm: MMID) { el1.lock(mmapLock(.mmapLockWrite, mm)) }
  /// Releases the mmap lock, and with it every VMA that was write-locked under it. Linux: mmap_write_unlock, vma_end_write_all.
  func mmapWriteUnlock(_ el1: EL1Interface, _ mm: MMID) {
    state[mm].lockSequence &+= 1
    el1.unlock(mmapLock(.mmapLockWrite, mm))
  }
  func mmapReadLock(_ el1: EL1Interface, _ mm: MMID) { el1.lock(mmapLock(.mmapLockRead, mm)) }
  /// Releases the lock that `lockMMAndFindVMA` took.
  public func unlockMM(_ el1: EL1Interface, _ mm: MMID) { el1.unlock(mmapLock(.mmapLockRead, mm)) }

  /// Waits for faults in the VMA to end and keeps new ones out until the mmap lock is released. Linux: vma_start_write().
  func vmaStartWrite(_ el1: EL1Interface, _ mm: MMID, _ index: Int) {
    let sequence = state[mm].lockSequence
    if state[mm].vmas[index].lockSequence == sequence { return }
    let lock = LockName(.vmaLockWrite, UInt64(state[mm].vmas[index].id))
    el1.lock(lock)
    state[mm].vmas[index].lockSequence = sequence
    el1.unlock(lock)
  }
  /// Write-locks every VMA with a page in [start, end).
  func vmaStartWrite(_ el1: EL1Interface, _ mm: MMID, _ start: UInt64, _ end: UInt64) {
    var index = state[mm].firstIndex(endingAbove: start)
    while index < state[mm].vmas.count && state[mm].vmas[index].start < end {
      vmaStartWrite(el1, mm, index)
      index += 1
    }
  }

  /// Finds the VMA under its own lock, which is only tried. Nil if there is none or if it is being changed; then the mmap lock must
  /// be taken. Linux: mm/mmap_lock.c lock_vma_under_rcu().
  @inline(__always)
  public func lockVMAUnderRCU(_ el1: EL1Interface, _ mm: MMID, _ address: UInt64) -> VMArea? {
    el1.step(.lockVMAUnderRCU, address)
    // Most faults hit the VMA that was found last. This check finds it without touching memory that a snapshot may share.
    guard state[mm].vmas.remembers(address) || state[mm].index(containing: address) != nil else { return nil }
    let vma = state[mm].vmas.found
    if vma.lockSequence == state[mm].lockSequence || !el1.tryLock(LockName(.vmaLockRead, UInt64(vma.id))) { return nil }
    // Between the lookup and the lock the VMA may have changed. In a normal run nothing can come between.
    if _slowPath(el1.isStepping) && !isUnchanged(mm, vma) {
      unlockVMA(el1, vma)
      return nil
    }
    return vma
  }

  private func isUnchanged(_ mm: MMID, _ vma: VMArea) -> Bool {
    guard let index = state[mm].index(containing: vma.start) else { return false }
    return state[mm].vmas[index] == vma && vma.lockSequence != state[mm].lockSequence
  }
  @inline(__always)
  public func unlockVMA(_ el1: EL1Interface, _ vma: VMArea) { el1.unlock(LockName(.vmaLockRead, UInt64(vma.id))) }

  /// Finds the VMA under the mmap lock and grows a stack to reach `address`. The lock is held for reading on success only.
  /// Linux: mm/mmap_lock.c lock_mm_and_find_vma().
  public func lockMMAndFindVMA(_ el1: EL1Interface, _ mm: MMID, _ address: UInt64) -> VMArea? {
    mmapReadLock(el1, mm)
    if let index = state[mm].index(containing: address) { return state[mm].vmas[index] }
    let above = state[mm].firstIndex(endingAbove: address)
    let canGrow = above < state[mm].vmas.count && state[mm].vmas[above].flags.contains(.GROWSDOWN)
    unlockMM(el1, mm)
    if !canGrow { return nil }
    // A stack grows under the write lock. Everything that was found before may have changed until that is held.
    mmapWriteLock(el1, mm)
    let isThere = state[mm].index(containing: address) != nil || expandStack(el1, mm, to: address & ~0xfff)
    mmapWriteUnlock(el1, mm)
    if !isThere { return nil }
    mmapReadLock(el1, mm)
    if let index = state[mm].index(containing: address) { return state[mm].vmas[index] }
    unlockMM(el1, mm)
    return nil
  }

  /// Extends the stack above `address` down to it, with checks of the guard gap to the mapping below and of RLIMIT_STACK. Linux:
  /// mm/vma.c expand_downwards(), acct_stack_growth().
  private func expandStack(_ el1: EL1Interface, _ mm: MMID, to address: UInt64) -> Bool {
    let index = state[mm].firstIndex(endingAbove: address)
    guard index < state[mm].vmas.count else { return false }
    let vma = state[mm].vmas[index]
    if !vma.flags.contains(.GROWSDOWN) || address < state.settings.lowestHint { return false }
    if index > 0 {
      let below = state[mm].vmas[index - 1]
      let isAccessible = !below.flags.isDisjoint(with: .access)
      if isAccessible && !below.flags.contains(.GROWSDOWN) && address - below.end < Layout48.guardGap { return false }
    }
    // A VMA that grows must be reachable through its pages from the start, so it needs an anon_vma.
    prepareAnonVMA(el1, mm, vma.start)
    vmaStartWrite(el1, mm, index)
    let growth = (vma.start - address) >> 12
    if growth > vma.pageOffset || !mayExpand(mm, vma.flags, by: vma.start - address) { return false }
    if vma.end - address > state[mm].limits.stack || !hasEnoughMemory(mm, vma.start - address) { return false }
    // The stack stays locked, but only faults bring its new pages in.
    if vma.flags.contains(.LOCKED) { state[mm].lockedPages += Int(growth) }
    let lock = anonVMAWriteLock(state[mm].vmas[index].anonVMAChain)
    el1.lock(lock)
    state[mm].vmas[index].pageOffset -= growth
    state[mm].mappedPages += growth
    if vma.flags.contains(.ACCOUNT) { state[mm].chargedPages += growth }
    state[mm].vmas[index].start = address
    el1.unlock(lock)
    return true
  }

  /// Gives the VMA at an address an anon_vma, if it has none. The caller holds the mmap lock. Linux: anon_vma_prepare().
  func prepareAnonVMA(_ el1: EL1Interface, _ mm: MMID, _ address: UInt64) {
    guard let index = state[mm].index(containing: address) else { return }
    let vma = state[mm].vmas[index]
    _ = anonVMAPrepare(el1, FaultInProgress(mm: mm, vma: vma, address: address, flags: [], pmd: PhysicalAddress(0)))
  }
}
