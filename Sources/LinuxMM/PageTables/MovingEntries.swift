// Owns the way of entries from one range of an address space to another, a table at a time where that is possible.
// It does not know VMAs or why anything moves. Linux: mm/mremap.c move_page_tables().
import Architecture

extension MemoryManager {
  /// Moves all entries of [source, source+size). False: RAM does not hold the new tables; what moved before stays moved.
  func moveTables(_ el1: EL1Interface, _ mm: MMID, from source: UInt64, to target: UInt64, _ size: UInt64) -> Bool {
    var done: UInt64 = 0
    while done < size {
      let (old, new) = (source + done, target + done)
      let extent = min(untilTableEnd(old), untilTableEnd(new), size - done)
      let editor = PageTableEditor(el1: el1)
      let pmd = editor.findPMD(state[mm].pgd, old)
      if pmd == nil {
        done = nextPMD(el1, mm, old, source + size) - source
        continue
      }
      if let source = pmd, PageTableEditor.isHuge(el1.loadDescriptor(source)) {
        guard let pmd = pmdAlloc(el1, mm, new) else { return false }
        if moveHugePMD(el1, mm, from: source, old, to: pmd, extent) {
          done += extent
          continue
        }
      }
      if let table = editor.findTable(state[mm].pgd, old) {
        guard let pmd = pmdAlloc(el1, mm, new) else { return false }
        if extent == HugePage.size && el1.loadDescriptor(pmd) == 0 {
          moveTable(el1, mm, from: old, to: pmd)
        } else {
          guard let entry = pteAlloc(el1, mm, pmd, new) else { return false }
          moveEntries(el1, mm, old, PageTableEditor.entry(table, 3, old), entry, count: Int(extent >> 12))
        }
      }
      done += extent
    }
    return true
  }

  private func untilTableEnd(_ va: UInt64) -> UInt64 { HugePage.size - va & HugePage.mask }

  /// The whole last-level table goes. Linux: move_normal_pmd().
  private func moveTable(_ el1: EL1Interface, _ mm: MMID, from old: UInt64, to pmd: PhysicalAddress) {
    let editor = PageTableEditor(el1: el1)
    guard let source = editor.findPMD(state[mm].pgd, old) else { return }
    let (oldLock, newLock) = (LockName(.pageTable, source.rawValue & ~0xfff), LockName(.pageTable, pmd.rawValue & ~0xfff))
    el1.lock(oldLock)
    if newLock != oldLock { el1.lock(newLock) }
    let table = el1.loadDescriptor(source) & PageTableEntry.Bits.output
    editor.unlink(source)
    editor.populate(pmd, with: table, accessFlag: configuration.profile.setsTableAccessFlag)
    flushRange(el1, mm, old, old + HugePage.size, tables: true)
    if newLock != oldLock { el1.unlock(newLock) }
    el1.unlock(oldLock)
  }

  /// Linux: move_ptes(): the flush comes before the locks go, so that no page is used again while a TLB still maps it at `va`.
  private func moveEntries(
    _ el1: EL1Interface, _ mm: MMID, _ va: UInt64, _ old: PhysicalAddress, _ new: PhysicalAddress, count: Int
  ) {
    let editor = PageTableEditor(el1: el1)
    let (oldLock, newLock) = (LockName(.pageTable, old.rawValue & ~0xfff), LockName(.pageTable, new.rawValue & ~0xfff))
    var wasPresent = false
    el1.lock(oldLock)
    if newLock != oldLock { el1.lock(newLock) }
    for index in 0..<UInt64(count) {
      let source = PhysicalAddress(old.rawValue + index * 8)
      if editor.load(source).isNone { continue }
      let value = editor.getAndClear(source)
      wasPresent = wasPresent || value.isPresent
      editor.set(PhysicalAddress(new.rawValue + index * 8), value)
    }
    if wasPresent { flushRange(el1, mm, va, va + UInt64(count) * 4096, tables: true) }
    if newLock != oldLock { el1.unlock(newLock) }
    el1.unlock(oldLock)
  }
}
