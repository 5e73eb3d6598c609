// Owns the order of an unmap: entries and tables are removed first, then one flush follows, and only then memory is freed.
// It does not know what was unmapped. Linux: mm/mmu_gather.c.
import Architecture

/// What an unmap has removed from the tables, and must not reuse before the TLBs have been flushed. Linux: struct mmu_gather.
///
/// It is a class, so that no exclusive access to it stays open while the machine is touched.
final class MMUGather {
  private(set) var pages: [UInt64] = []
  private(set) var largeFolios: [UInt64] = []
  private(set) var start = UInt64.max
  private(set) var end: UInt64 = 0
  private(set) var freedTables = false
  /// There are pages beside tables.
  private(set) var hasPages = false
  /// Level 3 entries were among what went: else one invalidation for each level 2 entry will do.
  private(set) var clearedPages = false

  /// Most unmaps free a page and its tables. Linux: MMU_GATHER_BUNDLE.
  init() { pages.reserveCapacity(8) }

  var extent: FlushExtent { (freedTables ? FlushExtent.tables : []).union(clearedPages ? [] : .blocks) }

  /// tlb_remove_tlb_entry: the page at `va` may be in TLBs.
  func noteEntry(_ va: UInt64) {
    clearedPages = true
    note(va, 4096)
  }
  /// Records that TLBs may hold the huge page at `va`. Linux: tlb_remove_pmd_tlb_entry.
  func noteHugeEntry(_ va: UInt64) { note(va, HugePage.size) }
  @inline(__always)
  private func note(_ va: UInt64, _ size: UInt64) {
    start = min(start, va)
    end = max(end, va &+ size)
  }
  /// Records a page that is freed after the flush. Linux: tlb_remove_page.
  func add(page: UInt64) {
    hasPages = true
    pages.append(page)
  }
  /// Records that a page of this folio, which has more than one page, was unmapped.
  func add(largeFolio head: UInt64) { if largeFolios.last != head { largeFolios.append(head) } }
  /// Records a table that translated `va` and was unlinked. Linux: pte_free_tlb, pmd_free_tlb, pud_free_tlb.
  func add(table: UInt64, servingFrom va: UInt64) {
    freedTables = true
    note(va, 4096)
    pages.append(table)
  }
}

extension MemoryManager {
  /// Flushes and frees. `wholeSpace` means that the address space is being destroyed. Linux: tlb_finish_mmu().
  func finish(_ el1: EL1Interface, _ mm: MMID, _ gather: MMUGather, wholeSpace: Bool = false) {
    if gather.start < gather.end {
      if wholeSpace {
        flushAll(el1, mm)
      } else {
        flushRange(el1, mm, gather.start, gather.end, gather.extent)
      }
    }
    if configuration.profile.drainsBatchesToUnmap && gather.hasPages { drainBatches(el1) }
    for page in gather.pages { putPage(el1, page) }
    for head in gather.largeFolios { notePartialUnmap(el1, head) }
  }
}
