// Owns the order of an unmap: entries and tables go first, then one flush, and only then is memory given back.
// It does not know what was unmapped. Linux: mm/mmu_gather.c.
import Architecture

/// What an unmap took out of the tables and must not be reused before the TLBs have forgotten it. Linux: struct mmu_gather.
///
/// A class, so that no exclusive access to it stays open while the machine is touched.
final class MMUGather {
  private(set) var pages: [UInt64] = []
  private(set) var largeFolios: [UInt64] = []
  private(set) var start = UInt64.max
  private(set) var end: UInt64 = 0
  private(set) var freedTables = false
  /// Level 3 entries were among what went: else one invalidation for each level 2 entry will do.
  private(set) var clearedPages = false

  var extent: FlushExtent { (freedTables ? FlushExtent.tables : []).union(clearedPages ? [] : .blocks) }

  /// tlb_remove_tlb_entry: the page at `va` may be in TLBs.
  func noteEntry(_ va: UInt64) {
    clearedPages = true
    note(va, 4096)
  }
  /// tlb_remove_pmd_tlb_entry: so may the huge page at `va`.
  func noteHugeEntry(_ va: UInt64) { note(va, HugePage.size) }
  @inline(__always)
  private func note(_ va: UInt64, _ size: UInt64) {
    start = min(start, va)
    end = max(end, va &+ size)
  }
  /// tlb_remove_page: give this page back at the end.
  func add(page: UInt64) { pages.append(page) }
  /// A page of this folio of more than one was unmapped.
  func add(largeFolio head: UInt64) { if largeFolios.last != head { largeFolios.append(head) } }
  /// pte_free_tlb, pmd_free_tlb, pud_free_tlb: a table that served `va` was unlinked.
  func add(table: UInt64, servingFrom va: UInt64) {
    freedTables = true
    note(va, 4096)
    pages.append(table)
  }
}

extension MemoryManager {
  /// Linux: tlb_finish_mmu(). `wholeSpace`: the address space is going away.
  func finish(_ el1: EL1Interface, _ mm: MMID, _ gather: MMUGather, wholeSpace: Bool = false) {
    if gather.start < gather.end {
      if wholeSpace {
        flushAll(el1, mm)
      } else {
        flushRange(el1, mm, gather.start, gather.end, gather.extent)
      }
    }
    for page in gather.pages { putPage(el1, page) }
    for head in gather.largeFolios { notePartialUnmap(el1, head) }
  }
}
