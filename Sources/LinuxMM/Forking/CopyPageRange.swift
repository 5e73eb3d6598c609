// Owns the copying of one VMA's entries to the same addresses of another address space, including their tables.
// It does not know which VMAs are copied, nor huge pages. Linux: mm/memory.c copy_page_range().
import Architecture

/// The two address spaces of a copy, and the VMA whose entries are copied.
struct EntryCopy {
  let parent: MMID
  let child: MMID
  /// The VMA of the parent.
  let vma: VMArea
}

extension MemoryManager {
  /// Copies the VMA's entries; false if there is no RAM for the child's tables. Linux: copy_page_range().
  func copyPageRange(_ el1: EL1Interface, from parent: MMID, to child: MMID, _ vma: VMArea) -> Bool {
    if !needsCopy(vma) { return true }
    let copy = EntryCopy(parent: parent, child: child, vma: vma)
    if vma.flags.contains(.HUGETLB) { return copyHugetlbRange(el1, copy) }
    return copyTables(el1, copy, state[parent].pgd, 0, vma.start, vma.end)
  }

  /// Whether the entries must be copied. Pages of files can be faulted in again; anonymous pages, guards and, as a rule, frames without
  /// descriptors are recorded only in the tables. Linux: vma_needs_copy(), VM_COPY_ON_FORK.
  private func needsCopy(_ vma: VMArea) -> Bool {
    vma.anonVMA != .none || !vma.flags.isDisjoint(with: [.MAYBE_GUARD, .PFNMAP, .MIXEDMAP])
  }

  /// Copies the part [start, end) of one table of the parent. Linux: copy_p4d_range() to copy_pmd_range().
  private func copyTables(
    _ el1: EL1Interface, _ copy: EntryCopy, _ table: UInt64, _ level: Int, _ start: UInt64, _ end: UInt64
  ) -> Bool {
    let span = PageTableEditor.span(level)
    var at = start
    while at < end {
      let next = min((at & ~(span - 1)) + span, end)
      let entry = PageTableEditor.entry(table, level, at)
      var descriptor = el1.loadDescriptor(entry)
      if level == 2 {
        // The child gets its upper tables even if the rest of the range turns out to be empty.
        guard let pmd = pmdAlloc(el1, copy.child, at) else { return false }
        if _slowPath(PageTableEditor.isHuge(descriptor)) {
          guard let step = copyHugePMD(el1, copy, from: entry, to: pmd, at) else { return false }
          descriptor = step == .done ? 0 : el1.loadDescriptor(entry)
        }
        if descriptor & 3 == 3 {
          guard let target = pteAlloc(el1, copy.child, pmd, at) else { return false }
          copyEntries(el1, copy, from: descriptor & PageTableEntry.Bits.output, to: target.rawValue & ~0xfff, at, next)
        }
      } else if descriptor & 3 == 3 {
        if !copyTables(el1, copy, descriptor & PageTableEntry.Bits.output, level + 1, at, next) { return false }
      }
      at = next
    }
    return true
  }

  /// Copies the part [start, end) of one last-level table, under the locks of both tables. Linux: copy_pte_range().
  private func copyEntries(
    _ el1: EL1Interface, _ copy: EntryCopy, from source: UInt64, to target: UInt64, _ start: UInt64, _ end: UInt64
  ) {
    let (sourceLock, targetLock) = (LockName(.pageTable, source), LockName(.pageTable, target))
    let editor = PageTableEditor(el1: el1)
    var resident = ResidentPages()
    el1.lock(targetLock)
    el1.lock(sourceLock)
    var va = start
    while va < end {
      let entry = PageTableEditor.entry(source, 3, va)
      let value = editor.load(entry)
      if value.isPresent {
        if !value.isSpecial { resident.add(1, shareWithChild(el1, value.output)) }
        if copy.vma.flags.isCopyOnWrite && value.isWritable { editor.writeProtect(entry) }
        editor.set(PageTableEditor.entry(target, 3, va), childEntry(value, copy.vma))
      } else if let marker = SwapEntry(value)?.copiedByFork {
        editor.set(PageTableEditor.entry(target, 3, va), marker.entry)
      }
      va += 4096
    }
    el1.unlock(sourceLock)
    el1.unlock(targetLock)
    state[copy.child].resident.add(resident)
  }

  /// Counts the child's mapping of a page, which is no longer exclusive to one address space, and returns the counter of the child
  /// that the page belongs to. Linux: folio_try_dup_anon_rmap_pte(), folio_dup_file_rmap_pte().
  private func shareWithChild(_ el1: EL1Interface, _ page: UInt64) -> ResidentPages.Kind {
    getPage(el1, page)
    let kind = residentKind(el1, page)
    if kind == .anonymous && isExclusive(el1, page) { clearFlag(el1, page, PageDescriptor.exclusive) }
    addMapping(el1, page)
    return kind
  }

  /// The child's entry: read-only if writes copy, clean if the memory is shared, and old if the profile says so. Linux:
  /// __copy_present_ptes().
  private func childEntry(_ value: PageTableEntry, _ vma: VMArea) -> PageTableEntry {
    var value = value
    if vma.flags.isCopyOnWrite && value.isWritable { value = value.writeProtected }
    if vma.flags.contains(.SHARED) { value = value.makingClean }
    return configuration.profile.agesForkedEntries ? value.makingOld : value
  }
}
