// Owns the places where walks and faults meet a level 2 entry that is no table: what each does with it.
// It does not know level 3. Linux: mm/huge_memory.c.
import Architecture

/// What a walk does after a hook saw a huge page.
enum HugeStep {
  /// The hook did all there was to do.
  case done
  /// The huge page was split, or is gone: walk the table that is there now, if one is.
  case descend
}

extension PageTableEditor {
  /// pmd_trans_huge and its kin: a level 2 entry that maps a huge page, valid or not. Linux: pmd_present() && !pmd_table().
  @inline(__always)
  static func isHuge(_ pmd: UInt64) -> Bool { pmd != 0 && pmd & 3 != 3 && PageTableEntry(pmd).isPresent }
}

extension MemoryManager {
  /// Changes the settings of huge pages, as writing to sysfs does.
  public func setHugePages(_ change: (inout HugePageSettings) -> Void) { change(&state.hugePages) }

  /// What smaps prints as THPeligible. Linux: thp_vma_allowable_orders() with TVA_SMAPS.
  public func isEligibleForHugePages(_ mm: MMID, _ vma: VMArea) -> Bool { mayHaveHugePages(vma) }

  /// A fault where the level 2 entry is empty: serves it with a huge page if one may be had; FALLBACK if not.
  /// Linux: create_huge_pmd().
  func createHugePMD(_ el1: EL1Interface, _ fault: FaultInProgress) -> VMFault { .FALLBACK }

  /// A fault on a huge page. FALLBACK: it was split, go on with level 3. Linux: the middle of __handle_mm_fault().
  func handleHugePMDFault(_ el1: EL1Interface, _ fault: FaultInProgress, _ pmd: UInt64) -> VMFault { Self.unreachable() }

  /// Whether huge pages can be in question for a fault in this VMA at all: the cheap part of thp_vma_allowable_order().
  @inline(__always)
  func mayHaveHugePages(_ vma: VMArea) -> Bool { false }

  /// Linux: zap_huge_pmd(), or __split_huge_pmd() where only a part goes.
  func zapHugePMD(
    _ el1: EL1Interface, _ mm: MMID, _ gather: MMUGather, _ pmd: PhysicalAddress, _ low: UInt64, _ high: UInt64
  ) -> HugeStep { Self.unreachable() }

  /// Linux: change_huge_pmd().
  func changeHugePMD(
    _ el1: EL1Interface, _ mm: MMID, _ gather: MMUGather, _ flags: VMFlags, _ pmd: PhysicalAddress, _ low: UInt64, _ high: UInt64
  ) -> HugeStep { Self.unreachable() }

  /// Moves a huge page to an empty level 2 entry; false where it was split instead, or only a part is to move.
  /// Linux: move_huge_pmd().
  func moveHugePMD(
    _ el1: EL1Interface, _ mm: MMID, from source: PhysicalAddress, _ old: UInt64, to target: PhysicalAddress, _ extent: UInt64
  ) -> Bool { Self.unreachable() }

  /// fork: gives the child the huge page, or leaves it to the child's faults (files). Descend: it was split, copy the table.
  /// Nil: RAM does not hold what the child needs. Linux: copy_huge_pmd().
  func copyHugePMD(
    _ el1: EL1Interface, _ copy: EntryCopy, from source: PhysicalAddress, to target: PhysicalAddress, _ address: UInt64
  ) -> HugeStep? { Self.unreachable() }

  /// fork: the pages of a private mapping of the huge page pool; false when memory is used up. Linux: copy_hugetlb_page_range().
  func copyHugetlbRange(_ el1: EL1Interface, _ copy: EntryCopy) -> Bool { Self.unreachable() }

  private static func unreachable() -> Never { preconditionFailure("nobody has made a huge page") }
}
