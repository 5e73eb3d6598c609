// Owns first accesses to private anonymous memory, and the anon_vma that a VMA gets with its first written page.
// It does not know how the fault's VMA and entry were found. Linux: mm/memory.c, mm/rmap.c, mm/vma.c.
import Architecture

extension MemoryManager {
  /// Serves a first access: a read maps the zero page, a write a new page. Linux: do_anonymous_page().
  @inline(__always)
  func doAnonymousPage(_ el1: EL1Interface, _ fault: FaultInProgress) -> VMFault {
    guard let pte = fault.pte ?? pteAlloc(el1, fault.mm, fault.pmd, fault.address) else { return .OOM }
    let editor = PageTableEditor(el1: el1)
    let lock = LockName(.pageTable, pte.rawValue & ~0xfff)
    if !fault.isWrite {
      let value = PageTableEntry(state.frames.zeroFrame | protection(fault.vma.flags) | PageTableEntry.Bits.special)
      el1.lock(lock)
      if editor.load(pte).isNone {
        editor.set(pte, value)
        state.statistics.zeroPageFaults &+= 1
      }
      el1.unlock(lock)
      return []
    }
    guard let anonVMA = anonVMAPrepare(el1, fault) else { return .RETRY }
    guard let page = allocateZeroedPage(el1) else { return .OOM }
    el1.lock(lock)
    if !editor.load(pte).isNone {
      el1.unlock(lock)
      putPage(el1, page)
      return []
    }
    addNewAnonymousMapping(el1, page, anonVMA, fault.vma.flags, index: fault.vma.pageIndex(of: fault.address))
    state[fault.mm].resident.anonymous &+= 1
    editor.set(pte, writtenEntry(page, fault.vma))
    state.statistics.anonymousFaults &+= 1
    el1.unlock(lock)
    return []
  }

  /// The entry of a private page that is being written: young, dirty, and writable if the VMA is. Linux: maybe_mkwrite().
  @inline(__always)
  func writtenEntry(_ page: UInt64, _ vma: VMArea) -> PageTableEntry {
    let value = PageTableEntry(page | protection(vma.flags)).makingYoung.makingDirty
    return vma.flags.contains(.WRITE) ? value.makingWritable : value
  }

  /// The VMA's anon_vma, which is made at the first write. A fault that holds only the VMA lock needs the mmap lock too, which it
  /// can only try. Nil if another actor holds that lock; the VMA lock is then released, and the fault starts again under the mmap
  /// lock (RETRY). Linux: vmf_anon_prepare(), __anon_vma_prepare().
  @inline(__always)
  func anonVMAPrepare(_ el1: EL1Interface, _ fault: FaultInProgress) -> AnonVMAID? {
    if _fastPath(fault.vma.anonVMA != .none) { return fault.vma.anonVMA }
    return makeAnonVMA(el1, fault)
  }

  private func makeAnonVMA(_ el1: EL1Interface, _ fault: FaultInProgress) -> AnonVMAID? {
    let mm = fault.mm
    var made = AnonVMAID.none
    let mustLock = fault.flags.contains(.VMA_LOCK)
    if mustLock && !el1.tryLock(mmapLock(.mmapLockRead, mm)) {
      unlockVMA(el1, fault.vma)
      return nil
    }
    if let index = state[mm].index(containing: fault.address) {
      if state[mm].vmas[index].anonVMA == .none { attachAnonVMA(el1, mm, index) }
      made = state[mm].vmas[index].anonVMA
    }
    if mustLock { unlockMM(el1, mm) }
    return made
  }

  /// Links an anon_vma. Other actors may hold the mmap lock for reading too and do the same; the first one's stays. Linux:
  /// __anon_vma_prepare().
  private func attachAnonVMA(_ el1: EL1Interface, _ mm: MMID, _ index: Int) {
    let adjacent = adjacentAnonVMA(mm, index)
    let id = adjacent ?? state.anonVMAs.makeRoot()
    let chain = AnonVMAChain(last: id, count: 1, root: id)
    let (lock, tables) = (anonVMAWriteLock(chain), LockName(.pageTable, state[mm].pgd))
    el1.lock(lock)
    el1.lock(tables)
    let isFirst = state[mm].vmas[index].anonVMA == .none
    if isFirst {
      state[mm].vmas[index].anonVMA = id
      state[mm].vmas[index].anonVMAChain = chain
      state.anonVMAs.link(state[mm].vmas[index])
    }
    el1.unlock(tables)
    el1.unlock(lock)
    if !isFirst && adjacent == nil { state.anonVMAs.discardRoot(id) }
  }

  /// A neighbour's anon_vma, if mprotect could make the two VMAs mergeable; the next VMA's is preferred. Linux:
  /// find_mergeable_anon_vma().
  private func adjacentAnonVMA(_ mm: MMID, _ index: Int) -> AnonVMAID? {
    if index + 1 < state[mm].vmas.count, MM.mayShareAnonVMA(state[mm].vmas[index], state[mm].vmas[index + 1]) {
      let next = state[mm].vmas[index + 1]
      if next.anonVMAChain.count == 1 { return next.anonVMA }
    }
    if index > 0, MM.mayShareAnonVMA(state[mm].vmas[index - 1], state[mm].vmas[index]) {
      let previous = state[mm].vmas[index - 1]
      if previous.anonVMAChain.count == 1 { return previous.anonVMA }
    }
    return nil
  }
}

extension MM {
  /// Whether two neighbours differ only in properties that mprotect can change. Linux: anon_vma_compatible().
  @inline(__always)
  fileprivate static func mayShareAnonVMA(_ lower: VMArea, _ upper: VMArea) -> Bool {
    lower.end == upper.start && lower.purpose.merges(with: upper.purpose) && lower.file == upper.file
      && lower.displacement == upper.displacement && lower.pageOffset &+ (lower.end - lower.start) >> 12 == upper.pageOffset
      && lower.flags.subtracting(.access).merges(with: upper.flags.subtracting(.access))
  }
}
