// Owns the flags of a present entry: it becomes young, and dirty by a write, with the flush that the kernel uses; and spurious
// faults.
// It does not know why the entry is served this way, and uses its level only for the flush. Linux: mm/memory.c, mm/huge_memory.c.
import Architecture

extension MemoryManager {
  /// Makes the fault's entry young, and dirty by a write, and counts the change. False if nothing had to change. The caller holds
  /// the entry's lock, and the entry is still the one that the fault found. Linux: the end of handle_pte_fault(),
  /// huge_pmd_set_accessed(), the end of hugetlb_fault().
  func setAccessed(_ el1: EL1Interface, _ fault: FaultInProgress, _ entry: PhysicalAddress) -> Bool {
    let proposed = (fault.isWrite ? fault.original.makingDirty : fault.original).makingYoung
    let hasChanged = setAccessFlags(el1, fault, entry, proposed)
    if hasChanged { state.statistics.accessFlagFaults &+= 1 } else { state.statistics.spuriousFaults &+= 1 }
    return hasChanged
  }

  /// The entry allows the write, so the PE used a stale one, which is removed here. A retried fault took long enough for any stale
  /// entry to be gone. Linux: flush_tlb_fix_spurious_fault().
  func fixSpuriousFault(_ el1: EL1Interface, _ fault: FaultInProgress) {
    if fault.isWrite && !fault.flags.contains(.TRIED) && configuration.profile.flushesOnSpuriousFault {
      flushLocalPage(el1, fault.mm, fault.address)
    }
  }

  /// Gives the fault's entry, at level 3 or a level 2 block, the proposed flags, with the profile's flush. False if nothing had to
  /// change. Linux: ptep_set_access_flags(), pmdp_set_access_flags().
  func setAccessFlags(
    _ el1: EL1Interface, _ fault: FaultInProgress, _ entry: PhysicalAddress, _ proposed: PageTableEntry
  ) -> Bool {
    if !PageTableEditor(el1: el1).setAccessFlags(entry, proposed, by: configuration.accessFlagSetter) { return false }
    // AF = 0 is never cached, so setting it needs no flush.
    if !fault.isWrite { return true }
    let va = entry == fault.pmd ? fault.hugeAddress : fault.address
    if configuration.profile.broadcastsOnAccessFlags { flushPage(el1, fault.mm, va) } else { flushLocalPage(el1, fault.mm, va) }
    return true
  }
}
