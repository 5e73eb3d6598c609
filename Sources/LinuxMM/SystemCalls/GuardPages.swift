// Owns guard regions: markers in the page tables that make every access a SIGSEGV, without a VMA of their own.
// It does not know how faults treat the markers. Linux: mm/madvise.c madvise_guard_install().
import Architecture

extension MemoryManager {
  /// The result of one pass over the range.
  private enum GuardPass { case complete, occupied, outOfMemory }

  /// Whether the VMA may have guards: memory of any kind except special mappings and pool memory. Linux: is_valid_guard_vma().
  private func mayHaveGuards(_ vma: VMArea, evenLocked: Bool) -> Bool {
    vma.flags.isDisjoint(with: VMFlags.special.union(.HUGETLB)) && (evenLocked || !vma.flags.contains(.LOCKED))
  }

  /// Puts a marker on every page of the range. Present pages are removed, and existing guards stay.
  func installGuards(_ el1: EL1Interface, _ mm: MMID, _ vma: VMArea, _ start: UInt64, _ end: UInt64) -> Errno? {
    if !mayHaveGuards(vma, evenLocked: false) { return .EINVAL }
    if let index = state[mm].index(containing: start) {
      // Readers of this flag hold the lock for writing, so it may be set under any lock.
      state[mm].vmas[index].flags.insert(.MAYBE_GUARD)
    }
    // Without an anon_vma, fork would not copy the page tables.
    if vma.isAnonymous && vma.anonVMA == .none { prepareAnonVMA(el1, mm, start) }
    while true {
      switch markRange(el1, mm, start, end) {
      case .complete: return nil
      case .outOfMemory: return .ENOMEM
      case .occupied: zap(el1, mm, start, end)
      }
    }
  }

  /// Linux: guard_install_walk_ops.
  private func markRange(_ el1: EL1Interface, _ mm: MMID, _ start: UInt64, _ end: UInt64) -> GuardPass {
    let editor = PageTableEditor(el1: el1)
    var at = start
    while at < end {
      let next = min((at & ~(Layout48.hugePage - 1)) + Layout48.hugePage, end)
      guard let pmd = pmdAlloc(el1, mm, at) else { return .outOfMemory }
      if PageTableEditor.isHuge(el1.loadDescriptor(pmd)) { return .occupied }
      guard let first = pteAlloc(el1, mm, pmd, at) else { return .outOfMemory }
      let table = first.rawValue & ~0xfff
      let lock = LockName(.pageTable, table)
      var isFree = true
      el1.lock(lock)
      while at < next && isFree {
        let entry = PageTableEditor.entry(table, 3, at)
        let value = editor.load(entry)
        if value.isNone {
          editor.set(entry, SwapEntry(.guard).entry)
        } else {
          isFree = SwapEntry(value)?.markers.contains(.guard) == true
        }
        at += 4096
      }
      el1.unlock(lock)
      if !isFree { return .occupied }
    }
    return .complete
  }

  /// Removes the markers, after which the pages are as if never touched. Linux: madvise_guard_remove().
  func removeGuards(_ el1: EL1Interface, _ mm: MMID, _ vma: VMArea, _ start: UInt64, _ end: UInt64) -> Errno? {
    if !mayHaveGuards(vma, evenLocked: true) { return .EINVAL }
    let editor = PageTableEditor(el1: el1)
    // No huge page contains a guard, and no TLB has held one.
    var walk = firstEntry(el1, mm, start, end)
    while walk.isOngoing {
      if !walk.isHuge && SwapEntry(editor.load(walk.entry))?.markers.contains(.guard) == true {
        editor.set(walk.entry, PageTableEntry(0))
      }
      walk = nextEntry(el1, walk)
    }
    return nil
  }
}
