// Owns moving entries from one range of an address space to another, by whole tables where that is possible.
// It does not know VMAs or why anything moves. Linux: mm/mremap.c move_page_tables().
import Architecture

/// A move of entries from one range of addresses to another. Linux: struct pagetable_move_control.
struct TableMove {
  /// The VMA from which the entries move; when a move is undone, the VMA to which they move back.
  let vma: VMArea
  let source: UInt64
  let target: UInt64
  /// The size of the range in bytes.
  let size: UInt64
  /// Whether a walk of the reverse map might look at the target before the move and at the source after it, and so miss an entry.
  /// Such walks are kept out while each entry moves, and always while a whole table moves. Linux: need_rmap_locks.
  let mayBeMissed: Bool

  /// The reverse move.
  var reverted: TableMove { TableMove(vma: vma, source: target, target: source, size: size, mayBeMissed: true) }
}

extension MemoryManager {
  /// Moves all entries of [source, source+size). False if there is no RAM for the new tables; entries moved before that stay moved.
  func moveTables(_ el1: EL1Interface, _ mm: MMID, _ move: TableMove) -> Bool {
    let source = move.source
    var done: UInt64 = 0
    while done < move.size {
      let (old, new) = (source + done, move.target + done)
      let extent = min(untilTableEnd(old), untilTableEnd(new), move.size - done)
      let editor = PageTableEditor(el1: el1)
      let pmd = editor.findPMD(state[mm].pgd, old)
      if pmd == nil {
        done = nextPMD(el1, mm, old, source + move.size) - source
        continue
      }
      if let source = pmd, PageTableEditor.isHuge(el1.loadDescriptor(source)) {
        guard let pmd = pmdAlloc(el1, mm, new) else { return false }
        if moveHugePMD(el1, mm, move, from: source, old, to: pmd, extent) {
          done += extent
          continue
        }
      }
      if let table = editor.findTable(state[mm].pgd, old) {
        guard let pmd = pmdAlloc(el1, mm, new) else { return false }
        if extent == HugePage.size && el1.loadDescriptor(pmd) == 0 {
          moveTable(el1, mm, move, from: old, to: pmd)
        } else {
          guard let entry = pteAlloc(el1, mm, pmd, new) else { return false }
          moveEntries(el1, mm, move, old, PageTableEditor.entry(table, 3, old), entry, count: Int(extent >> 12))
        }
      }
      done += extent
    }
    return true
  }

  private func untilTableEnd(_ va: UInt64) -> UInt64 { HugePage.size - va & HugePage.mask }

  /// Moves a whole last-level table. Linux: move_normal_pmd().
  private func moveTable(_ el1: EL1Interface, _ mm: MMID, _ move: TableMove, from old: UInt64, to pmd: PhysicalAddress) {
    let editor = PageTableEditor(el1: el1)
    guard let source = editor.findPMD(state[mm].pgd, old) else { return }
    lockReverseMap(el1, move.vma)
    el1.lock(PageTableEditor.lock(source), and: PageTableEditor.lock(pmd))
    let table = el1.loadDescriptor(source) & PageTableEntry.Bits.output
    editor.unlink(source)
    editor.populate(pmd, with: table, accessFlag: configuration.profile.setsTableAccessFlag)
    flushRange(el1, mm, old, old + HugePage.size, .tables)
    el1.unlock(PageTableEditor.lock(source), and: PageTableEditor.lock(pmd))
    unlockReverseMap(el1, move.vma)
  }

  /// Moves entries one by one. The flush comes before the locks are released, so that no page is reused while a TLB still maps it
  /// at `va`. Linux: move_ptes().
  private func moveEntries(
    _ el1: EL1Interface, _ mm: MMID, _ move: TableMove, _ va: UInt64, _ old: PhysicalAddress, _ new: PhysicalAddress, count: Int
  ) {
    let editor = PageTableEditor(el1: el1)
    var wasPresent = false
    if move.mayBeMissed { lockReverseMap(el1, move.vma) }
    el1.lock(PageTableEditor.lock(old), and: PageTableEditor.lock(new))
    for index in 0..<UInt64(count) {
      let source = PhysicalAddress(old.rawValue + index * 8)
      if editor.load(source).isNone { continue }
      let value = editor.getAndClear(source)
      wasPresent = wasPresent || value.isPresent
      editor.set(PhysicalAddress(new.rawValue + index * 8), value)
    }
    if wasPresent { flushRange(el1, mm, va, va + UInt64(count) * 4096, .tables) }
    el1.unlock(PageTableEditor.lock(old), and: PageTableEditor.lock(new))
    if move.mayBeMissed { unlockReverseMap(el1, move.vma) }
  }
}
