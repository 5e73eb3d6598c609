// Owns fork's part in memory: a new address space with the VMAs of another, and the removal of one that could not be finished.
// It does not know tasks, nor how entries are copied. Linux: kernel/fork.c dup_mm(), mm/mmap.c dup_mmap().
import Architecture

extension MemoryManager {
  /// Copies an address space. ENOMEM if there is no RAM for its tables, or if an accounted VMA is larger than RAM. The copy is then
  /// removed, but the parent's writable pages may need one more fault at the next write. Linux: dup_mm().
  public func fork(_ el1: EL1Interface, _ parent: MMID) throws(Errno) -> MMID {
    let child = try createMM(el1)
    inheritSettings(child, from: parent)
    mmapWriteLock(el1, parent)
    mmapWriteLock(el1, child)
    var isComplete = true
    var index = 0
    while isComplete && index < state[parent].vmas.count {
      vmaStartWrite(el1, parent, index)
      isComplete = copyVMA(el1, from: parent, to: child, state[parent].vmas[index])
      index += 1
    }
    mmapWriteUnlock(el1, child)
    // Entries of the parent lost their write permission, so other PEs must not keep its translations.
    flushAll(el1, parent)
    mmapWriteUnlock(el1, parent)
    if !isComplete {
      destroyMM(el1, child)
      throw .ENOMEM
    }
    return child
  }

  /// The parent's settings that a child inherits. Locked memory and the effects of mlockall are not inherited. Linux: mm_init().
  private func inheritSettings(_ child: MMID, from parent: MMID) {
    let old = state[parent]
    state[child].mmapBase = old.mmapBase
    state[child].brkStart = old.brkStart
    state[child].brk = old.brk
    state[child].vdso = old.vdso
    (state[child].dataSize, state[child].limits, state[child].growsUpwards) = (old.dataSize, old.limits, old.growsUpwards)
    if old.executable != .none { setExecutable(child, old.executable) }
    (state[child].isDumpable, state[child].coreFilter) = (old.isDumpable, old.coreFilter)
    (state[child].barriers, state[child].hasSeals) = (old.barriers, old.hasSeals)
    state[child].hasReadAdvice = old.hasReadAdvice
    state[child].hugePageDisabling = old.hugePageDisabling
    state[child].defaultFlags = old.defaultFlags.intersection(.NOHUGEPAGE)
  }

  /// Copies one VMA with its pages; false if memory runs out. Linux: the loop of dup_mmap().
  private func copyVMA(_ el1: EL1Interface, from parent: MMID, to child: MMID, _ vma: VMArea) -> Bool {
    if vma.flags.contains(.DONTCOPY) { return true }
    if !hasRoomForArea || vma.flags.contains(.ACCOUNT) && !hasEnoughMemory(child, vma.end - vma.start) { return false }
    var copy = vma
    if vma.flags.contains(.WIPEONFORK) || vma.anonVMA == .none {
      (copy.anonVMA, copy.anonVMAChain) = (.none, AnonVMAChain())
    } else {
      (copy.anonVMA, copy.anonVMAChain) = forkAnonVMAs(el1, vma)
    }
    copy.flags.subtract([.LOCKED, .LOCKONFAULT])
    copy.hugeReservation = HugeReservation()
    placeVMA(el1, child, copy)
    return vma.flags.contains(.WIPEONFORK) || copyPageRange(el1, from: parent, to: child, vma)
  }
}
