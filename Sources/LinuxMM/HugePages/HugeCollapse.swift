// Owns MADV_COLLAPSE: which ranges can become huge pages, and for private anonymous memory the copy of the pages and the change of the
// level 2 entry. It does not know khugepaged, which does the same in the background on Linux, nor files. Linux: mm/khugepaged.c.
import Architecture

/// The result of collapsing one range. Linux: enum scan_result.
enum Collapse {
  case succeeded, alreadyHuge, noTable, noTables, readOnly, pageHeld, noMemory, failed
  /// Of a file: its cache has the huge folio, which is not mapped by a level 2 entry yet. Linux: SCAN_PTE_MAPPED_HUGEPAGE.
  case inCache
  /// Of a file: the page cache has no huge folio, or the table does not map it alone.
  case unsuitable

  /// Whether the following ranges are still tried.
  func letsOthersTry(_ profile: KernelProfile) -> Bool {
    switch self {
    case .succeeded, .alreadyHuge, .noTables, .readOnly, .pageHeld, .unsuitable: true
    case .noTable: profile.collapsesPastEmptyEntries
    case .noMemory, .failed, .inCache: false
    }
  }
  /// Linux: madvise_collapse_errno().
  var errno: Errno {
    switch self {
    case .noMemory: .ENOMEM
    case .pageHeld: .EAGAIN
    default: .EINVAL
    }
  }
}

extension MemoryManager {
  /// Makes huge pages of all whole ranges of 2 MiB in the part [start, end) of a VMA. The caller holds the mmap lock for reading;
  /// it is released in between, and held again on return. Linux: madvise_collapse().
  func collapse(_ el1: EL1Interface, _ mm: MMID, _ vma: VMArea, _ start: UInt64, _ end: UInt64) -> Errno? {
    if !canCollapse(mm, vma) { return .EINVAL }
    let first = (start + HugePage.mask) & ~HugePage.mask
    let last = end & ~HugePage.mask
    if first < last || !configuration.profile.collapsesNothing { drainBatches(el1) }
    var collapsed: UInt64 = 0
    var failure = Collapse.failed
    var at = first
    while at < last {
      let result = collapseRange(el1, mm, at)
      switch result {
      case .succeeded, .alreadyHuge: collapsed += 1
      default: failure = result
      }
      if !result.letsOthersTry(configuration.profile) { break }
      at = result == .noTables ? max(at + HugePage.size, nextPMD(el1, mm, at, last)) : at + HugePage.size
    }
    if first >= last && configuration.profile.collapsesNothing { return nil }
    // Otherwise a range within one huge page is not a success, but a range with a border of huge pages inside it is.
    return collapsed == (last &- first) / HugePage.size ? nil : failure.errno
  }

  /// Linux: thp_vma_allowable_order() without the settings of /sys.
  private func canCollapse(_ mm: MMID, _ vma: VMArea) -> Bool {
    if !vma.holdsHugePage { return false }
    if vma.isAnonymous { return allowsHugePages(mm, vma, forced: true) && vma.anonVMA != .none }
    return state.files[vma.file].kind == .shmem && vma.flags.isDisjoint(with: .special) && vma.alignsHugePages
      && !forbidsHugePages(mm, vma, forced: true)
  }

  /// The VMA of a range that may be collapsed, looked up again after the lock was released. Linux: hugepage_vma_revalidate().
  func collapsibleVMA(_ mm: MMID, _ at: UInt64) -> VMArea? {
    guard let index = state[mm].index(containing: at) else { return nil }
    let vma = state[mm].vmas[index]
    return canCollapse(mm, vma) && vma.covers(at) ? vma : nil
  }

  private func collapseRange(_ el1: EL1Interface, _ mm: MMID, _ at: UInt64) -> Collapse {
    let editor = PageTableEditor(el1: el1)
    guard let vma = collapsibleVMA(mm, at) else { return .failed }
    if !vma.isAnonymous { return collapseFileRange(el1, mm, vma, at) }
    guard let pmd = editor.findPMD(state[mm].pgd, at) else { return .noTables }
    let descriptor = el1.loadDescriptor(pmd)
    if PageTableEditor.isHuge(descriptor) { return .alreadyHuge }
    if descriptor & 3 != 3 { return .noTable }
    let result = scanForCollapse(el1, descriptor & PageTableEntry.Bits.output)
    if result != .succeeded { return result }
    // Memory is allocated without a lock, so everything is checked again under the write lock.
    unlockMM(el1, mm)
    let head = allocateHugePage(el1)
    if head == nil { state.statistics.hugePages.collapseAllocFailed &+= 1 } else { state.statistics.hugePages.collapseAlloc &+= 1 }
    var collapsed = Collapse.noMemory
    if let head {
      mmapWriteLock(el1, mm)
      collapsed = collapseLocked(el1, mm, at, pmd, head)
      mmapWriteUnlock(el1, mm)
      if collapsed != .succeeded { putPage(el1, head) }
    }
    mmapReadLock(el1, mm)
    return collapsed
  }

  /// Any number of empty entries and zero pages is accepted. Linux: hpage_collapse_scan_pmd().
  private func scanForCollapse(_ el1: EL1Interface, _ table: UInt64) -> Collapse {
    let editor = PageTableEditor(el1: el1)
    var hasWritable = false
    for slot in 0..<UInt64(HugePage.pages) {
      let entry = editor.load(PhysicalAddress(table + slot * 8))
      if entry.isNone || entry.isPresent && entry.isSpecial { continue }
      // A marker forbids that a page is present.
      if !entry.isPresent { return .failed }
      hasWritable = hasWritable || entry.isWritable
      let head = folio(el1, entry.output)
      if Int(referenceCount(el1, head)) != mappings(el1, head) { return .pageHeld }
    }
    return hasWritable || configuration.profile.collapsesReadOnlyMemory ? .succeeded : .readOnly
  }

  /// Clears the level 2 entry, so that no walk reaches the table any more, copies its pages, and maps the huge page there. The
  /// table is deposited with it. The caller holds the mmap lock for writing. Linux: collapse_huge_page().
  private func collapseLocked(_ el1: EL1Interface, _ mm: MMID, _ at: UInt64, _ pmd: PhysicalAddress, _ head: UInt64) -> Collapse {
    let editor = PageTableEditor(el1: el1)
    guard let vma = collapsibleVMA(mm, at) else { return .failed }
    let descriptor = el1.loadDescriptor(pmd)
    if descriptor & 3 != 3 { return PageTableEditor.isHuge(descriptor) ? .alreadyHuge : .noTable }
    let table = descriptor & PageTableEntry.Bits.output
    let again = scanForCollapse(el1, table)
    if again != .succeeded { return again }
    vmaStartWrite(el1, mm, at, at + HugePage.size)
    let (reverseMap, tableLock) = (anonVMAWriteLock(vma.anonVMAChain), LockName(.pageTable, table))
    el1.lock(reverseMap)
    let lock = PageTableEditor.lock(pmd)
    el1.lock(lock)
    _ = editor.getAndClear(pmd)
    // The TLBs may hold pages, not a block. Linux: pmdp_collapse_flush().
    flushRange(el1, mm, at, at + HugePage.size, .tables)
    el1.unlock(lock)
    el1.lock(tableLock)
    copyForCollapse(el1, mm, table, to: head)
    el1.unlock(tableLock)
    el1.unlock(reverseMap)
    el1.lock(lock)
    addNewHugeMapping(el1, head, vma.anonVMA, index: vma.pageIndex(of: at))
    addHugeToLists(el1, head, vma.flags, isUsed: false)
    deposit(el1, pmd, table)
    editor.set(pmd, writtenEntry(head, vma).makingBlock)
    el1.unlock(lock)
    return .succeeded
  }

  /// Copies the pages. The new page is zero where no page was mapped. Linux: __collapse_huge_page_copy().
  private func copyForCollapse(_ el1: EL1Interface, _ mm: MMID, _ table: UInt64, to head: UInt64) {
    let editor = PageTableEditor(el1: el1)
    for slot in 0..<UInt64(HugePage.pages) {
      let old = editor.getAndClear(PhysicalAddress(table + slot * 8))
      if old.isNone || old.isSpecial {
        state[mm].resident.anonymous &+= 1
        continue
      }
      el1.copyFrame(from: PhysicalAddress(old.output), to: PhysicalAddress(head + slot << 12))
      let owner = folio(el1, old.output)
      removeMapping(el1, old.output)
      putPage(el1, old.output)
      notePartialUnmap(el1, owner)
    }
  }
}
