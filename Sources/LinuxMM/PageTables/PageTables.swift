// Owns the tables of an address space as a tree: making the way to an entry, walking present entries of a range, freeing
// tables that no VMA can reach any more. It does not know what leaf entries mean.
import Architecture

extension MemoryManager {
  /// The level 3 entry for `va`, with the tables that it needs; nil when RAM is used up. Linux: p4d_alloc ... pte_alloc.
  @inline(__always)
  func allocateEntry(_ el1: EL1Interface, _ mm: MMID, _ va: UInt64) -> PhysicalAddress? {
    let editor = PageTableEditor(el1: el1)
    var table = state.mms[mm.rawValue].pgd
    for level in 0..<3 {
      let descriptor = el1.loadDescriptor(PageTableEditor.entry(table, level, va))
      if _fastPath(descriptor & 3 == 3) {
        table = descriptor & PageTableEntry.Bits.output
      } else {
        guard let new = addTable(editor, mm, table, level, va) else { return nil }
        table = new
      }
    }
    return PageTableEditor.entry(table, 3, va)
  }

  /// Linux: __pte_alloc and its kin: allocate unlocked, publish under the lock, free if another was faster.
  private func addTable(_ editor: PageTableEditor, _ mm: MMID, _ parent: UInt64, _ level: Int, _ va: UInt64) -> UInt64? {
    let el1 = editor.el1
    guard let table = allocateZeroedPage(el1, flags: PageDescriptor.table) else { return nil }
    let lock = LockName(.pageTable, parent)
    el1.lock(lock)
    let now = el1.loadDescriptor(PageTableEditor.entry(parent, level, va))
    if now & 3 == 3 {
      el1.unlock(lock)
      putPage(el1, table)
      return now & PageTableEntry.Bits.output
    }
    editor.populate(parent, level, va, with: table)
    el1.unlock(lock)
    state.mms[mm.rawValue].pageTables += 1
    state.statistics.pageTablesAllocated &+= 1
    return table
  }

  /// Calls `body` with the address and place of every level 3 entry in [start, end) whose table exists, in address order.
  func forEachEntry(_ el1: EL1Interface, _ mm: MMID, _ start: UInt64, _ end: UInt64, _ body: (UInt64, PhysicalAddress) -> Void) {
    visit(el1, state.mms[mm.rawValue].pgd, 0, start, end, body)
  }

  private func visit(
    _ el1: EL1Interface, _ table: UInt64, _ level: Int, _ start: UInt64, _ end: UInt64,
    _ body: (UInt64, PhysicalAddress) -> Void
  ) {
    let span: UInt64 = 1 << UInt64(39 - 9 * level)
    var at = start
    while at < end {
      let next = min((at & ~(span - 1)) + span, end)
      let entry = PageTableEditor.entry(table, level, at)
      if level == 3 {
        body(at, entry)
      } else {
        let descriptor = el1.loadDescriptor(entry)
        if descriptor & 3 == 3 { visit(el1, descriptor & PageTableEntry.Bits.output, level + 1, at, next, body) }
      }
      at = next
    }
  }

  /// Frees the tables that serve only [floor, ceiling), of which [start, end) was just unmapped. Linux: free_pgd_range.
  /// A table may be cached by walks even where it held no page, so freeing one needs a flush of its own.
  func freePageTables(_ el1: EL1Interface, _ mm: MMID, _ start: UInt64, _ end: UInt64, floor: UInt64, ceiling: UInt64) {
    var tables: [UInt64] = []
    freeTables(
      PageTableEditor(el1: el1), mm, state.mms[mm.rawValue].pgd, 0, start, end, floor: floor, ceiling: ceiling, &tables)
    if tables.isEmpty { return }
    state.mms[mm.rawValue].pageTables -= tables.count
    state.statistics.pageTablesFreed &+= UInt64(tables.count)
    state.statistics.tlbInvalidations &+= 1
    flush(el1, mm).range(start, end, tables: true)
    for table in tables { putPage(el1, table) }
  }

  private func freeTables(
    _ editor: PageTableEditor, _ mm: MMID, _ table: UInt64, _ level: Int, _ start: UInt64, _ end: UInt64,
    floor: UInt64, ceiling: UInt64, _ freed: inout [UInt64]
  ) {
    let span: UInt64 = 1 << UInt64(39 - 9 * level)
    var at = start & ~(span - 1)
    while at < end {
      let entry = PageTableEditor.entry(table, level, at)
      let descriptor = editor.el1.loadDescriptor(entry)
      if descriptor & 3 == 3 {
        let child = descriptor & PageTableEntry.Bits.output
        if level < 2 {
          freeTables(
            editor, mm, child, level + 1, max(at, start), min(at + span, end), floor: floor, ceiling: ceiling,
            &freed)
        }
        if at >= floor && at + span <= ceiling {
          editor.unlink(entry)
          freed.append(child)
        }
      }
      at += span
    }
  }
}
