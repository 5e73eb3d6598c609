// Owns level 2 entries that map a huge folio of a file: the folio is mapped whole, by a fault or after a collapse, and unmapped.
// It does not know how the page cache got the folio. Linux: mm/memory.c do_set_pmd(), mm/khugepaged.c collapse_pte_mapped_thp().
import Architecture

extension MemoryManager {
  /// Maps a huge folio of a file, whose lock is held, at an empty level 2 entry, which takes over a reference. False if the entry is not
  /// empty, or if this address cannot have a huge page. Linux: do_set_pmd().
  func mapHugeFolio(
    _ el1: EL1Interface, _ mm: MMID, _ vma: VMArea, _ pmd: PhysicalAddress, _ address: UInt64, _ head: UInt64, isWrite: Bool
  ) -> Bool {
    if folioPages(el1, head) != HugePage.pages || !vma.covers(address) || !vma.alignsHugePages { return false }
    if forbidsHugePages(mm, vma, forced: true) { return false }
    let lock = PageTableEditor.lock(pmd)
    el1.lock(lock)
    defer { el1.unlock(lock) }
    let editor = PageTableEditor(el1: el1)
    if !editor.load(pmd).isNone { return false }
    var value = PageTableEntry(head | pageProtection(vma))
    if isWrite {
      value = value.makingDirty
      if vma.flags.contains(.WRITE) { value = value.makingWritable }
    }
    state[mm].resident.add(HugePage.pages, residentKind(el1, head))
    addHugeMappings(el1, head, 1)
    editor.set(pmd, value.makingBlock)
    state.statistics.hugePages.fileMapped &+= 1
    return true
  }

  /// Unmaps a huge folio of a file. The entry is a block, and its lock is held. Linux: __split_huge_pmd_locked().
  func removeHugeFilePMD(_ el1: EL1Interface, _ mm: MMID, _ pmd: PhysicalAddress, _ address: UInt64) {
    let old = PageTableEditor(el1: el1).getAndClear(pmd)
    flushHugePage(el1, mm, address)
    let head = old.output
    if old.isDirty && !hasFlag(el1, head, PageDescriptor.dirty) { setFlag(el1, head, PageDescriptor.dirty) }
    if old.isYoung && !hasFlag(el1, head, PageDescriptor.referenced) { setFlag(el1, head, PageDescriptor.referenced) }
    state[mm].resident.add(-HugePage.pages, residentKind(el1, head))
    addHugeMappings(el1, head, -1)
    putPage(el1, head)
  }

  // MARK: Collapse

  /// Makes a huge folio of the file's pages behind a huge page's address, and maps it there. The caller holds the mmap lock for reading;
  /// it is released in between. Linux: collapse_single_pmd().
  func collapseFileRange(_ el1: EL1Interface, _ mm: MMID, _ vma: VMArea, _ at: UInt64) -> Collapse {
    leaveMmapLock(el1, mm, holding: vma.file)
    let result = collapsePages(el1, vma.file, vma.pageIndex(of: at))
    returnToMmapLock(el1, mm, from: vma.file)
    return result == .inCache ? mapCollapsed(el1, mm, at) : result
  }

  /// Replaces a table that maps only pages of a huge folio by a level 2 entry for the folio. Linux: collapse_pte_mapped_thp().
  private func mapCollapsed(_ el1: EL1Interface, _ mm: MMID, _ at: UInt64) -> Collapse {
    guard let index = state[mm].index(containing: at), state[mm].vmas[index].covers(at), !state[mm].vmas[index].isAnonymous else {
      return .failed
    }
    let editor = PageTableEditor(el1: el1)
    if let pmd = editor.findPMD(state[mm].pgd, at), PageTableEditor.isHuge(el1.loadDescriptor(pmd)) { return .alreadyHuge }
    guard let vma = collapsibleVMA(mm, at) else { return .failed }
    guard let head = state.files[vma.file].pages[vma.pageIndex(of: at)] else { return .unsuitable }
    getPage(el1, head)
    let lock = LockName(.folio, folio(el1, head))
    el1.lock(lock)
    defer {
      el1.unlock(lock)
      putPage(el1, head)
    }
    if folioPages(el1, head) != HugePage.pages { return .unsuitable }
    var place = editor.findPMD(state[mm].pgd, at)
    if place == nil && configuration.profile.collapsesPastEmptyEntries { place = pmdAlloc(el1, mm, at) }
    guard let pmd = place else { return .unsuitable }
    let descriptor = el1.loadDescriptor(pmd)
    if descriptor & 3 == 3 {
      let result = removeTable(el1, mm, at, pmd, descriptor & PageTableEntry.Bits.output, of: head)
      if result != .succeeded { return result }
    }
    if !mapHugeFolio(el1, mm, vma, pmd, at, head, isWrite: false) { return .failed }
    getPage(el1, head)
    return .succeeded
  }

  /// Removes a table that maps nothing but pages of a huge folio.
  private func removeTable(
    _ el1: EL1Interface, _ mm: MMID, _ at: UInt64, _ pmd: PhysicalAddress, _ table: UInt64, of head: UInt64
  ) -> Collapse {
    let editor = PageTableEditor(el1: el1)
    let (upper, lower) = (PageTableEditor.lock(pmd), LockName(.pageTable, table))
    el1.lock(upper)
    el1.lock(lower)
    defer {
      el1.unlock(lower)
      el1.unlock(upper)
    }
    var mapped = 0
    for slot in 0..<UInt64(HugePage.pages) {
      let value = editor.load(PhysicalAddress(table + slot * 8))
      if value.isNone { continue }
      if !value.isPresent { return .unsuitable }
      if value.isSpecial || value.output != head + slot << 12 { return .failed }
      mapped += 1
    }
    for slot in 0..<UInt64(HugePage.pages) where mapped > 0 {
      let value = editor.getAndClear(PhysicalAddress(table + slot * 8))
      if value.isNone { continue }
      removeMapping(el1, value.output)
      putPage(el1, value.output)
    }
    state[mm].resident.add(-mapped, residentKind(el1, head))
    unlinkTable(el1, mm, at, pmd, table)
    return .succeeded
  }

  /// Unlinks a table without entries whose place a huge page may take, and frees it. The locks of both tables are held. Linux:
  /// pmdp_collapse_flush(), pte_free_defer().
  func unlinkTable(_ el1: EL1Interface, _ mm: MMID, _ at: UInt64, _ pmd: PhysicalAddress, _ table: UInt64) {
    PageTableEditor(el1: el1).unlink(pmd)
    flushRange(el1, mm, at, at + HugePage.size, .tables)
    state[mm].pageTables -= 1
    state.statistics.pageTablesFreed &+= 1
    putPage(el1, table)
  }
}
