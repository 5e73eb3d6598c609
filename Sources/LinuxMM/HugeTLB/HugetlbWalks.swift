// Owns how unmapping, protecting, moving and forking treat pages of the pool, which are always whole.
// It does not know who walks. Linux: mm/hugetlb.c.
import Architecture

extension MemoryManager {
  /// Unmaps the pages of part of a VMA. The caller holds the lock of its file's mappings for writing. Linux:
  /// unmap_hugepage_range().
  func zapHugetlb(_ el1: EL1Interface, _ mm: MMID, _ vma: VMArea, _ start: UInt64, _ end: UInt64) {
    let gather = MMUGather()
    zapHugetlbRange(el1, mm, gather, vma, start, end)
    finish(el1, mm, gather)
  }

  /// Linux: __unmap_hugepage_range().
  func zapHugetlbRange(_ el1: EL1Interface, _ mm: MMID, _ gather: MMUGather, _ vma: VMArea, _ start: UInt64, _ end: UInt64) {
    var walk = firstEntry(el1, mm, start, end)
    while walk.isOngoing {
      if walk.isHuge { zapHugetlbEntry(el1, mm, gather, vma, walk.entry, walk.va) }
      walk = nextEntry(el1, walk)
    }
  }

  private func zapHugetlbEntry(
    _ el1: EL1Interface, _ mm: MMID, _ gather: MMUGather, _ vma: VMArea, _ pmd: PhysicalAddress, _ va: UInt64
  ) {
    let lock = PageTableEditor.lock(pmd)
    el1.lock(lock)
    let old = PageTableEditor(el1: el1).getAndClear(pmd)
    if !old.isNone {
      gather.noteHugeEntry(va)
      if old.isDirty { setFlag(el1, old.output, PageDescriptor.dirty) }
      addHugeMappings(el1, old.output, -1)
      state[mm].hugetlbPages -= HugePage.pages
      promiseAgain(el1, old.output, vma, hugePageNumbers(vma, va, va).first)
      gather.add(page: old.output)
    }
    el1.unlock(lock)
  }

  /// Changes the protection. No page becomes writable here: after a lesser protection each page takes a fault at its next write.
  /// Linux: hugetlb_change_protection().
  func changeHugetlbProtection(_ el1: EL1Interface, _ mm: MMID, _ vma: VMArea, _ start: UInt64, _ end: UInt64) {
    let gather = MMUGather()
    let editor = PageTableEditor(el1: el1)
    let mappings = mappingWriteLock(vma.file)
    el1.lock(mappings)
    var walk = firstEntry(el1, mm, start, end)
    while walk.isOngoing {
      if walk.isHuge {
        let lock = PageTableEditor.lock(walk.entry)
        el1.lock(lock)
        editor.set(walk.entry, editor.getAndClear(walk.entry).modified(to: protection(vma.flags)))
        gather.noteHugeEntry(walk.va)
        el1.unlock(lock)
      }
      walk = nextEntry(el1, walk)
    }
    finish(el1, mm, gather)
    el1.unlock(mappings)
  }

  /// Moves all entries of [source, source+size); false if there is no RAM for the new tables. Linux: move_hugetlb_page_tables().
  func moveHugetlbTables(_ el1: EL1Interface, _ mm: MMID, _ move: TableMove) -> Bool {
    let gather = MMUGather()
    let editor = PageTableEditor(el1: el1)
    let mappings = mappingWriteLock(move.vma.file)
    var isComplete = true
    el1.lock(mappings)
    var walk = firstEntry(el1, mm, move.source, move.source + move.size)
    while walk.isOngoing {
      if walk.isHuge && isComplete {
        if let new = pmdAlloc(el1, mm, move.target + (walk.va - move.source)) {
          let (oldLock, newLock) = (PageTableEditor.lock(walk.entry), PageTableEditor.lock(new))
          el1.lock(oldLock, and: newLock)
          editor.set(new, editor.getAndClear(walk.entry))
          el1.unlock(oldLock, and: newLock)
          gather.noteHugeEntry(walk.va)
        } else {
          isComplete = false
        }
      }
      walk = nextEntry(el1, walk)
    }
    finish(el1, mm, gather)
    el1.unlock(mappings)
    return isComplete
  }

  /// Moves the reservation of a mapping that was moved. The mapping is by now a VMA of its own, in both places. Linux:
  /// clear_vma_resv_huge_pages().
  func moveReservation(_ mm: MMID, from source: UInt64, to target: UInt64) {
    guard let old = state[mm].index(containing: source), let new = state[mm].index(containing: target)
    else { return }
    state[mm].vmas[new].hugeReservation = state[mm].vmas[old].hugeReservation
    state[mm].vmas[old].hugeReservation = HugeReservation()
  }

  /// At fork, copies the pages of a private mapping, read-only in both; false if there is no RAM for the child's tables. Nothing is
  /// reserved for the child. Linux: copy_hugetlb_page_range().
  func copyHugetlbRange(_ el1: EL1Interface, _ copy: EntryCopy) -> Bool {
    var isComplete = true
    var walk = firstEntry(el1, copy.parent, copy.vma.start, copy.vma.end)
    while walk.isOngoing {
      if walk.isHuge && isComplete {
        if let target = pmdAlloc(el1, copy.child, walk.va) {
          copyHugetlbEntry(el1, copy, from: walk.entry, to: target)
        } else {
          isComplete = false
        }
      }
      walk = nextEntry(el1, walk)
    }
    return isComplete
  }

  private func copyHugetlbEntry(_ el1: EL1Interface, _ copy: EntryCopy, from source: PhysicalAddress, to target: PhysicalAddress) {
    let editor = PageTableEditor(el1: el1)
    let (sourceLock, targetLock) = (PageTableEditor.lock(source), PageTableEditor.lock(target))
    el1.lock(targetLock)
    el1.lock(sourceLock)
    let head = editor.load(source).output
    getPage(el1, head)
    if isExclusive(el1, head) { clearFlag(el1, head, PageDescriptor.exclusive) }
    addHugeMappings(el1, head, 1)
    if copy.vma.flags.isCopyOnWrite { editor.writeProtect(source) }
    editor.set(target, editor.load(source))
    state[copy.child].hugetlbPages += HugePage.pages
    el1.unlock(sourceLock)
    el1.unlock(targetLock)
  }
}
