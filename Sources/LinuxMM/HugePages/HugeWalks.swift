// Owns what unmapping, protecting, moving and forking do to a huge page that they meet: the whole of it, or a split.
// It does not know who walks. Linux: mm/huge_memory.c.
import Architecture

extension MemoryManager {
  /// Takes the lock of a huge page that [low, high) holds whole. False, without the lock: it is a table now, because only a part was
  /// meant and it was split, or because another was faster. Linux: __pmd_trans_huge_lock().
  private func lockWhole(_ el1: EL1Interface, _ mm: MMID, _ pmd: PhysicalAddress, _ low: UInt64, _ high: UInt64) -> Bool {
    if high - low < HugePage.size {
      splitHugePMD(el1, mm, pmd, low)
      return false
    }
    let lock = PageTableEditor.lock(pmd)
    el1.lock(lock)
    if PageTableEditor.isHuge(el1.loadDescriptor(pmd)) { return true }
    el1.unlock(lock)
    return false
  }

  /// Linux: zap_huge_pmd(), or __split_huge_pmd() where only a part goes.
  func zapHugePMD(
    _ el1: EL1Interface, _ mm: MMID, _ gather: MMUGather, _ pmd: PhysicalAddress, _ low: UInt64, _ high: UInt64
  ) -> HugeStep {
    guard lockWhole(el1, mm, pmd, low, high) else { return .descend }
    let editor = PageTableEditor(el1: el1)
    let old = editor.getAndClear(pmd)
    gather.noteHugeEntry(low)
    if !old.isSpecial {
      addHugeMappings(el1, old.output, -1)
      state[mm].resident.anonymous &-= HugePage.pages
      gather.add(page: old.output)
    }
    freeDeposit(el1, mm, pmd)
    el1.unlock(PageTableEditor.lock(pmd))
    return .done
  }

  /// Linux: change_huge_pmd().
  func changeHugePMD(
    _ el1: EL1Interface, _ mm: MMID, _ gather: MMUGather, _ flags: VMFlags, _ pmd: PhysicalAddress, _ low: UInt64, _ high: UInt64
  ) -> HugeStep {
    guard lockWhole(el1, mm, pmd, low, high) else { return .descend }
    let editor = PageTableEditor(el1: el1)
    // Never empty meanwhile: a fault would take that for memory never touched. Linux: pmdp_invalidate_ad().
    var new = editor.invalidate(pmd)
    flushHugePage(el1, mm, low)
    new = new.modified(to: protection(flags))
    if flags.contains(.WRITE) && !new.isWritable && !new.isProtNone && !new.isSpecial && isExclusive(el1, new.output) {
      new = new.makingWritable
    }
    editor.set(pmd, new)
    gather.noteHugeEntry(low)
    el1.unlock(PageTableEditor.lock(pmd))
    return .done
  }

  /// Moves a huge page to an empty level 2 entry; false where it was split instead, or only a part is to move.
  /// Linux: move_huge_pmd().
  func moveHugePMD(
    _ el1: EL1Interface, _ mm: MMID, _ move: TableMove, from source: PhysicalAddress, _ old: UInt64, to target: PhysicalAddress,
    _ extent: UInt64
  ) -> Bool {
    let editor = PageTableEditor(el1: el1)
    if extent < HugePage.size || !editor.load(target).isNone {
      splitHugePMD(el1, mm, source, old)
      return false
    }
    let (oldLock, newLock) = (PageTableEditor.lock(source), PageTableEditor.lock(target))
    if move.mayBeMissed { lockReverseMap(el1, move.vma) }
    el1.lock(oldLock, and: newLock)
    let isHuge = PageTableEditor.isHuge(editor.load(source).rawValue)
    if isHuge {
      let value = editor.getAndClear(source)
      // The table kept for a split goes along where it lies beside another level 2 table. Linux: pmd_move_must_withdraw().
      if newLock != oldLock { deposit(el1, target, withdraw(el1, source)) }
      editor.set(target, value)
      flushHugePage(el1, mm, old)
    }
    el1.unlock(oldLock, and: newLock)
    if move.mayBeMissed { unlockReverseMap(el1, move.vma) }
    return isHuge
  }

  /// fork: gives the child the huge page, read-only in both. Descend: it is a table by now, copy that. Nil: RAM does not hold the
  /// table that the child must keep. Linux: copy_huge_pmd().
  func copyHugePMD(
    _ el1: EL1Interface, _ copy: EntryCopy, from source: PhysicalAddress, to target: PhysicalAddress, _ address: UInt64
  ) -> HugeStep? {
    let child = copy.child
    guard let table = allocateTable(el1) else { return nil }
    let editor = PageTableEditor(el1: el1)
    let (childLock, parentLock) = (PageTableEditor.lock(target), PageTableEditor.lock(source))
    el1.lock(childLock)
    el1.lock(parentLock)
    let value = editor.load(source)
    let isHuge = PageTableEditor.isHuge(value.rawValue)
    if isHuge {
      if value.isSpecial {
        holdHugeZeroPage(el1, child)
      } else {
        getPage(el1, value.output)
        if isExclusive(el1, value.output) { clearFlag(el1, value.output, PageDescriptor.exclusive) }
        addHugeMappings(el1, value.output, 1)
        state[child].resident.anonymous &+= HugePage.pages
      }
      deposit(el1, target, table)
      countDepositedTable(child)
      editor.writeProtect(source)
      let copied = value.writeProtected
      editor.set(target, configuration.profile.agesForkedEntries ? copied.makingOld : copied)
    }
    el1.unlock(parentLock)
    el1.unlock(childLock)
    if isHuge { return .done }
    putPage(el1, table)
    return .descend
  }
}
