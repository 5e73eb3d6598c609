// Owns the place where fork meets the huge page pool.
// It does not know transparent huge pages. Linux: mm/hugetlb.c.
import Architecture

extension MemoryManager {
  /// fork: the pages of a private mapping of the huge page pool; false when memory is used up. Linux: copy_hugetlb_page_range().
  func copyHugetlbRange(_ el1: EL1Interface, _ copy: EntryCopy) -> Bool { preconditionFailure("nobody has mapped the pool") }
}
