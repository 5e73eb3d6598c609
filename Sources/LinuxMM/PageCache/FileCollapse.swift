// Owns the collapse of a memory file's pages: 2 MiB of its page cache become one huge folio, whatever maps them.
// It does not know who asks, nor how the folio is mapped then. Linux: mm/khugepaged.c collapse_file().
import Architecture

extension MemoryManager {
  /// Makes one huge folio of the pages from `first` on, with zeroes where the file has holes. `inCache` if there is one now, or was
  /// before. Linux: hpage_collapse_scan_file(), collapse_file().
  func collapsePages(_ el1: EL1Interface, _ id: FileID, _ first: UInt64) -> Collapse {
    let end = first + UInt64(HugePage.pages)
    for head in folios(el1, of: id, first, end) {
      let pages = folioPages(el1, head)
      if pages == HugePage.pages { return .inCache }
      if Int(referenceCount(el1, head)) != mappings(el1, head) + pages { return .pageHeld }
    }
    guard let (new, isZero) = allocateFolio(el1, order: HugePage.order) else {
      state.statistics.hugePages.collapseAllocFailed &+= 1
      return .noMemory
    }
    state.statistics.hugePages.collapseAlloc &+= 1
    let newLock = LockName(.folio, new)
    el1.lock(newLock)
    var held: [UInt64] = []
    let problem = isolate(el1, id, first, end, &held)
    if problem == nil { replacePages(el1, id, first, by: new, isZero: isZero) }
    el1.unlock(newLock)
    for head in held.reversed() {
      if problem == nil { setField(el1, head, PageDescriptor.mapping, 0 as UInt64) }
      el1.unlock(LockName(.folio, head))
    }
    if let problem {
      putPage(el1, new)
      return problem
    }
    for head in held { for _ in 0..<folioPages(el1, head) { putPage(el1, head) } }
    return .inCache
  }

  /// The folios of pages [first, end) of a file, by their heads in order.
  private func folios(_ el1: EL1Interface, of id: FileID, _ first: UInt64, _ end: UInt64) -> [UInt64] {
    var heads: [UInt64] = []
    for (_, page) in state.files[id].pages.pages(first, end) {
      let head = folio(el1, page)
      if heads.last != head { heads.append(head) }
    }
    return heads
  }

  /// Locks and unmaps the folios of pages [first, end), and checks that nothing else uses them and that the holes may be filled. Where the
  /// result is a problem, folios before it are unmapped nevertheless.
  private func isolate(_ el1: EL1Interface, _ id: FileID, _ first: UInt64, _ end: UInt64, _ held: inout [UInt64]) -> Collapse? {
    let heads = folios(el1, of: id, first, end)
    // The extent was truncated, and now there is nothing.
    if heads.isEmpty { return .failed }
    for head in heads {
      let index = field(el1, head, PageDescriptor.index, as: UInt64.self)
      if !hasFlag(el1, head, PageDescriptor.upToDate) {
        // A page that fallocate made is up to date with its first use, but behind the end of the file it has none.
        if index >= (state.files[id].size &+ 0xfff) >> 12 { return .failed }
        setFlag(el1, head, PageDescriptor.upToDate)
      }
      if !el1.tryLock(LockName(.folio, head)) { return .pageHeld }
      held.append(head)
      let pages = folioPages(el1, head)
      if mappings(el1, head) > 0 { unmapMappingRange(el1, id, index, index + UInt64(pages), .byReclaim) }
      if Int(referenceCount(el1, head)) != pages { return .pageHeld }
    }
    let missing = HugePage.pages - state.files[id].pages.pages(first, end).count
    return hasRoom(state.files[id].quota, missing) ? nil : .failed
  }

  /// Gives the new folio, locked and with one reference, the contents of the pages from `first` on, and their place in the cache.
  private func replacePages(_ el1: EL1Interface, _ id: FileID, _ first: UInt64, by new: UInt64, isZero: Bool) {
    var missing = 0
    for page in 0..<UInt64(HugePage.pages) {
      let pa = new + page << 12
      if let old = state.files[id].pages.remove(at: first + page) {
        el1.copyFrame(from: PhysicalAddress(old), to: PhysicalAddress(pa))
      } else {
        missing += 1
        if !isZero { el1.zeroFrame(PhysicalAddress(pa)) }
      }
      state.files[id].pages.insert(pa, at: first + page)
    }
    chargeQuota(state.files[id].quota, missing)
    countCached(id, missing)
    state.hugePages.sharedPages += HugePage.pages
    setOwnership(
      el1, new,
      PageOwnership(
        flags: PageDescriptor.upToDate | PageDescriptor.dirty, referenceCount: UInt32(HugePage.pages), mapping: PageDescriptor.mapping(id),
        index: first))
    removeEmptyTables(el1, id, first)
  }

  /// Removes the tables that mapped the pages from `first` on, so that faults map the huge folio whole. Tables of VMAs with copies of
  /// pages stay, and in newer kernels those of VMAs that may have guards. Linux: retract_page_tables().
  private func removeEmptyTables(_ el1: EL1Interface, _ id: FileID, _ first: UInt64) {
    let lock = mappingReadLock(id)
    el1.lock(lock)
    let editor = PageTableEditor(el1: el1)
    for range in mappedRanges(of: id, first, first + 1) {
      if range.vma.anonVMA != .none || range.vma.flags.contains(.MAYBE_GUARD) { continue }
      if range.start & HugePage.mask != 0 || !range.vma.covers(range.start) { continue }
      guard let pmd = editor.findPMD(state[range.mm].pgd, range.start) else { continue }
      let upper = PageTableEditor.lock(pmd)
      el1.lock(upper)
      let descriptor = el1.loadDescriptor(pmd)
      if descriptor & 3 == 3 {
        let table = descriptor & PageTableEntry.Bits.output
        el1.lock(LockName(.pageTable, table))
        unlinkTable(el1, range.mm, range.start, pmd, table)
        el1.unlock(LockName(.pageTable, table))
      }
      el1.unlock(upper)
    }
    el1.unlock(lock)
  }
}
