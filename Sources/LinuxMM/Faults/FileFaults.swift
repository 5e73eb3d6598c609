// Owns faults on pages of files: from the page cache into the tables, shared or copied.
// It does not know how the cache is filled. Linux: mm/memory.c do_fault(), mm/filemap.c, mm/shmem.c.
import Architecture

extension MemoryManager {
  /// First touch of a page of a file. Linux: do_fault().
  func doFault(_ el1: EL1Interface, _ fault: FaultInProgress) -> VMFault { .SIGBUS }

  /// A write to a page of a shared mapping that is not writable yet. The entry's lock is held on entry and released on return.
  /// Linux: wp_page_shared().
  func wpPageShared(_ el1: EL1Interface, _ fault: FaultInProgress, _ pte: PhysicalAddress, _ lock: LockName) -> VMFault {
    wpPageReuse(el1, fault, pte)
    el1.unlock(lock)
    return []
  }

  /// A fault in a mapping of huge page pool memory. Linux: hugetlb_fault().
  func hugetlbFault(_ el1: EL1Interface, _ mm: MMID, _ vma: VMArea, address: UInt64, flags: FaultFlags) -> VMFault { .SIGBUS }
}
