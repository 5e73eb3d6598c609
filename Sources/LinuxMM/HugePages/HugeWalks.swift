// Owns how unmapping, protecting, moving and forking treat a huge page: as a whole, or after a split.
// It does not know who walks. Linux: mm/huge_memory.c.
import Architecture

extension MemoryManager {
  /// Takes the lock of a huge page that lies wholly in [low, high). False, without the lock, if the entry is now a table, because
  /// only a part was meant and the page was split, or because another actor changed it first. Linux: __pmd_trans_huge_lock().
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

  /// Unmaps a huge page, or splits it if only a part is unmapped. Linux: zap_huge_pmd(), __split_huge_pmd().
  func zapHugePMD(
    _ el1: EL1Interface, _ mm: MMID, _ gather: MMUGather, _ pmd: PhysicalAddress, _ low: UInt64, _ high: UInt64
  ) -> HugeStep {
    guard lockWhole(el1, mm, pmd, low, high) else { return .descend }
    let editor = PageTableEditor(el1: el1)
    let old = editor.getAndClear(pmd)
    gather.noteHugeEntry(low)
    let kind = old.isSpecial ? .anonymous : residentKind(el1, old.output)
    if !old.isSpecial {
      addHugeMappings(el1, old.output, -1)
      state[mm].resident.add(-HugePage.pages, kind)
      gather.add(page: old.output)
    }
    if kind == .anonymous {
      freeDeposit(el1, mm, pmd)
    } else {
      if old.isDirty { setFlag(el1, old.output, PageDescriptor.dirty) }
      if old.isYoung && configuration.profile.marksHugePagesAccessed { markAccessed(el1, old.output) }
    }
    el1.unlock(PageTableEditor.lock(pmd))
    return .done
  }

  /// Linux: change_huge_pmd().
  func changeHugePMD(
    _ el1: EL1Interface, _ mm: MMID, _ gather: MMUGather, _ flags: VMFlags, _ pmd: PhysicalAddress, _ low: UInt64, _ high: UInt64
  ) -> HugeStep {
    guard lockWhole(el1, mm, pmd, low, high) else { return .descend }
    let editor = PageTableEditor(el1: el1)
    // The entry is never empty in between, because a fault would take that for untouched memory. Linux: pmdp_invalidate_ad().
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

  /// Moves a huge page to an empty level 2 entry; false if it was split instead, or if only a part is to move. Linux:
  /// move_huge_pmd().
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
      // If the new entry is in another level 2 table, the table kept for a split moves along. Linux: pmd_move_must_withdraw().
      if newLock != oldLock && move.vma.isAnonymous { deposit(el1, target, withdraw(el1, source)) }
      editor.set(target, value)
      flushHugePage(el1, mm, old)
    }
    el1.unlock(oldLock, and: newLock)
    if move.mayBeMissed { unlockReverseMap(el1, move.vma) }
    return isHuge
  }

  /// At fork, gives the child the huge page, read-only in both. Faults will give it those of files. `.descend` means that the entry is
  /// now a table, which must be copied. Nil means that there is no RAM for the table that the child must keep. Linux: copy_huge_pmd().
  func copyHugePMD(
    _ el1: EL1Interface, _ copy: EntryCopy, from source: PhysicalAddress, to target: PhysicalAddress, _ address: UInt64
  ) -> HugeStep? {
    let child = copy.child
    if !copy.vma.isAnonymous { return .done }
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
