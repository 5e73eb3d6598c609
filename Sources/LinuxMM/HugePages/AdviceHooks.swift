// Owns the places where advice about pages meets huge ones: what each does with them.
// It does not know level 3. Linux: mm/huge_memory.c, mm/khugepaged.c.
import Architecture

/// Advice that is about pages, not VMAs.
enum PageAdvice { case free, cold, pageOut }

extension MemoryManager {
  /// Linux: madvise_free_huge_pmd(), and the huge half of madvise_cold_or_pageout_pte_range().
  func adviseHugePMD(
    _ el1: EL1Interface, _ mm: MMID, _ gather: MMUGather, _ advice: PageAdvice, _ pmd: PhysicalAddress, _ low: UInt64, _ high: UInt64
  ) -> HugeStep { preconditionFailure("nobody has made a huge page") }

  /// Whether a page can be judged by itself; one of a larger folio only once that is split. Linux: split_folio() in mm/madvise.c.
  func canAdviseAlone(_ el1: EL1Interface, _ page: UInt64) -> Bool { folio(el1, page) == page }

  /// MADV_COLLAPSE: makes huge pages of the range. EINVAL where it cannot have any. Linux: madvise_collapse().
  func collapse(_ el1: EL1Interface, _ mm: MMID, _ vma: VMArea, _ start: UInt64, _ end: UInt64) -> Errno? { .EINVAL }
}
