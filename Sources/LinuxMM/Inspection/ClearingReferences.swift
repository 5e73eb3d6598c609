// Owns what a write to /proc/PID/clear_refs does: pages become unreferenced, or the largest resident size is forgotten.
// It does not know the file. Linux: fs/proc/task_mmu.c clear_refs_write().
import Architecture

extension MemoryManager {
  /// The mappings whose pages become unreferenced.
  public enum ReferencedMappings: Sendable { case all, anonymous, ofFiles }

  /// Clears the access flag of every entry and the mark of its page. Nothing is flushed, so a translation in a TLB stays. Pool memory is
  /// left alone. Linux: clear_refs_pte_range().
  public func clearReferences(_ el1: EL1Interface, _ mm: MMID, _ which: ReferencedMappings) {
    mmapWriteLock(el1, mm)
    for vma in state[mm].vmas where vma.flags.isDisjoint(with: [.HUGETLB, .PFNMAP]) {
      let hasFile = vma.file != .none || vma.isSpecialMapping
      if which == (hasFile ? .anonymous : .ofFiles) { continue }
      var walk = firstEntry(el1, mm, vma.start, vma.end)
      while walk.isOngoing {
        if walk.isHuge {
          let lock = LockName(.pageTable, walk.entry.rawValue & ~0xfff)
          el1.lock(lock)
          clearReference(el1, walk)
          el1.unlock(lock)
        } else {
          clearReference(el1, walk)
        }
        walk = nextEntry(el1, walk)
      }
    }
    mmapWriteUnlock(el1, mm)
  }

  private func clearReference(_ el1: EL1Interface, _ walk: EntryWalk) {
    guard let page = normalPage(inspect(el1, walk)) else { return }
    PageTableEditor(el1: el1).clearYoung(walk.entry, dirtyToo: false)
    let head = folio(el1, page)
    if hasFlag(el1, head, PageDescriptor.referenced) { clearFlag(el1, head, PageDescriptor.referenced) }
  }

  /// VmHWM becomes what is resident now. Linux: reset_mm_hiwater_rss().
  public func forgetPeak(_ mm: MMID) { state[mm].peakResident = state[mm].residentPages }
}
