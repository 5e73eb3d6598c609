// Owns the tables of an address space as a tree: adding tables on the way to an entry, and freeing tables that no VMA needs.
// It does not know what leaf entries mean.
import Architecture

extension MemoryManager {
  /// The physical address of the level 2 entry (pmd) for `va`. Missing tables above it are added; nil if there is no RAM for one.
  /// Linux: p4d_alloc, pud_alloc, pmd_alloc.
  @inline(__always)
  func pmdAlloc(_ el1: EL1Interface, _ mm: MMID, _ va: UInt64) -> PhysicalAddress? {
    var table = state[mm].pgd
    for level in 0..<2 {
      let entry = PageTableEditor.entry(table, level, va)
      let descriptor = el1.loadDescriptor(entry)
      if _fastPath(descriptor & 3 == 3) {
        table = descriptor & PageTableEntry.Bits.output
      } else {
        // The address space's own page_table_lock protects both upper levels.
        guard let new = addTable(el1, mm, entry, LockName(.pageTable, state[mm].pgd)) else { return nil }
        table = new
      }
    }
    return PageTableEditor.entry(table, 2, va)
  }

  /// The physical address of the level 3 entry for `va` in the table of its pmd. A missing table is added; nil if there is no RAM.
  /// Linux: pte_alloc.
  @inline(__always)
  func pteAlloc(_ el1: EL1Interface, _ mm: MMID, _ pmd: PhysicalAddress, _ va: UInt64) -> PhysicalAddress? {
    let descriptor = el1.loadDescriptor(pmd)
    if _fastPath(descriptor & 3 == 3) { return PageTableEditor.entry(descriptor & PageTableEntry.Bits.output, 3, va) }
    guard let table = addTable(el1, mm, pmd, LockName(.pageTable, pmd.rawValue & ~0xfff)) else { return nil }
    return PageTableEditor.entry(table, 3, va)
  }

  /// Allocates a table without a lock, links it under the lock, and frees it if another actor linked one first. Linux: __pud_alloc,
  /// __pmd_alloc, __pte_alloc.
  private func addTable(_ el1: EL1Interface, _ mm: MMID, _ entry: PhysicalAddress, _ lock: LockName) -> UInt64? {
    guard let table = allocateTable(el1) else { return nil }
    el1.lock(lock)
    let now = el1.loadDescriptor(entry)
    if now & 3 == 3 {
      el1.unlock(lock)
      putPage(el1, table)
      return now & PageTableEntry.Bits.output
    }
    PageTableEditor(el1: el1).populate(entry, with: table, accessFlag: configuration.profile.setsTableAccessFlag)
    state[mm].pageTables += 1
    state.statistics.pageTablesAllocated &+= 1
    el1.unlock(lock)
    return table
  }

  /// The first virtual address of [at, end) whose level 2 entry exists, or `end`. No tables exist for the addresses before it. This
  /// is only a hint and therefore no step: the caller checks the entry again.
  func nextPMD(_ el1: EL1Interface, _ mm: MMID, _ at: UInt64, _ end: UInt64) -> UInt64 {
    var at = at
    while at < end {
      var table = state[mm].pgd
      var level = 0
      while level < 2 {
        let descriptor = el1.load(PageTableEditor.entry(table, level, at), as: UInt64.self)
        if descriptor & 3 != 3 { break }
        table = descriptor & PageTableEntry.Bits.output
        level += 1
      }
      if level == 2 { return at }
      let span = PageTableEditor.span(level)
      at = (at & ~(span - 1)) + span
    }
    return end
  }

  /// Frees the last-level tables that are empty and lie within [start, end). Linux: mm/pt_reclaim.c.
  func reclaimTables(_ el1: EL1Interface, _ mm: MMID, _ gather: MMUGather, _ start: UInt64, _ end: UInt64) {
    let editor = PageTableEditor(el1: el1)
    var at = (start + HugePage.mask) & ~HugePage.mask
    while at < end && end - at >= HugePage.size {
      guard let pmd = editor.findPMD(state[mm].pgd, at) else {
        at = nextPMD(el1, mm, at, end)
        continue
      }
      let (upper, descriptor) = (PageTableEditor.lock(pmd), el1.loadDescriptor(pmd))
      let table = descriptor & PageTableEntry.Bits.output
      if descriptor & 3 == 3 {
        el1.lock(upper)
        el1.lock(LockName(.pageTable, table))
        var isEmpty = true
        for slot in 0..<512 as Range<UInt64> where isEmpty { isEmpty = editor.load(PhysicalAddress(table + slot * 8)).isNone }
        if isEmpty { editor.unlink(pmd) }
        el1.unlock(LockName(.pageTable, table))
        el1.unlock(upper)
        if isEmpty {
          state[mm].pageTables -= 1
          state.statistics.pageTablesFreed &+= 1
          gather.add(table: table, servingFrom: at)
        }
      }
      at += HugePage.size
    }
  }

  /// Frees the tables that serve only addresses of [floor, ceiling), after [start, end) was unmapped. Linux: free_pgtables().
  func freePageTables(
    _ el1: EL1Interface, _ mm: MMID, _ gather: MMUGather, _ start: UInt64, _ end: UInt64, floor: UInt64, ceiling: UInt64
  ) {
    freeTables(el1, mm, gather, state[mm].pgd, 0, start, end, floor: floor, ceiling: ceiling)
  }

  private func freeTables(
    _ el1: EL1Interface, _ mm: MMID, _ gather: MMUGather, _ table: UInt64, _ level: Int, _ start: UInt64, _ end: UInt64,
    floor: UInt64, ceiling: UInt64
  ) {
    let span = PageTableEditor.span(level)
    var at = start & ~(span - 1)
    while at < end {
      let entry = PageTableEditor.entry(table, level, at)
      let descriptor = el1.loadDescriptor(entry)
      if descriptor & 3 == 3 {
        let child = descriptor & PageTableEntry.Bits.output
        if level < 2 {
          freeTables(el1, mm, gather, child, level + 1, max(at, start), min(at + span, end), floor: floor, ceiling: ceiling)
        }
        if at >= floor && at + span <= ceiling {
          PageTableEditor(el1: el1).unlink(entry)
          state[mm].pageTables -= 1
          state.statistics.pageTablesFreed &+= 1
          gather.add(table: child, servingFrom: max(at, start))
        }
      }
      at += span
    }
  }
}
