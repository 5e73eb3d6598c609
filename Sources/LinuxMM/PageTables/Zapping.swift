// Owns removing pages from a range: the treatment of each kind of entry, and what is freed after the flush.
// It does not know VMAs or why the range is emptied. Linux: mm/memory.c zap_pte_range(), mm/rmap.c.
import Architecture

/// What a walk removes in addition to pages. Linux: struct zap_details.
struct ZapDetails: OptionSet {
  var rawValue: UInt8
  /// Guards, because the VMA itself is removed. Linux: ZAP_FLAG_DROP_MARKER.
  static let dropMarkers = ZapDetails(rawValue: 1)
  /// The copies of a file's pages in private mappings. Linux: even_cows.
  static let evenCopies = ZapDetails(rawValue: 2)
  /// Tables that become empty, if the kernel reclaims them. Linux: reclaim_pt.
  static let reclaimTables = ZapDetails(rawValue: 4)
  /// The pages of files, because the kernel needs them and not because the program gave them up: their use leaves no mark on them.
  /// Linux: try_to_unmap() with TTU_SPLIT_HUGE_PMD.
  static let byReclaim = ZapDetails(rawValue: 8)
}

extension MemoryManager {
  /// Removes the pages of a range, and keeps VMAs and guards. Linux: zap_page_range_single().
  func zap(_ el1: EL1Interface, _ mm: MMID, _ start: UInt64, _ end: UInt64, _ details: ZapDetails = []) {
    if configuration.profile.drainsBatchesToUnmap { drainBatches(el1) }
    let gather = MMUGather()
    zapRange(el1, mm, gather, start, end, details)
    if details.contains(.reclaimTables) && configuration.profile.reclaimsEmptyTables { reclaimTables(el1, mm, gather, start, end) }
    finish(el1, mm, gather)
  }

  /// Clears every entry of a range, or all entries except guards. Linux: unmap_vmas(), zap_pte_range().
  func zapRange(
    _ el1: EL1Interface, _ mm: MMID, _ gather: MMUGather, _ start: UInt64, _ end: UInt64, _ details: ZapDetails = .dropMarkers
  ) {
    var walk = firstEntry(el1, mm, start, end)
    while walk.isOngoing {
      if _slowPath(walk.isHuge) {
        walk = nextEntry(el1, walk, after: zapHugePMD(el1, mm, gather, walk.entry, walk.va, walk.partEnd))
        continue
      }
      let isKept =
        !details.contains(.dropMarkers) && SwapEntry(PageTableEditor(el1: el1).load(walk.entry))?.markers.contains(.guard) == true
      if !isKept { zapEntry(el1, mm, gather, walk.entry, walk.va) }
      walk = nextEntry(el1, walk)
    }
  }

  /// Clears one entry under its lock. The page of a file remembers that it was used, if `marksUse`.
  @inline(__always)
  func zapEntry(
    _ el1: EL1Interface, _ mm: MMID, _ gather: MMUGather, _ entry: PhysicalAddress, _ va: UInt64, marksUse: Bool = true
  ) {
    let old = PageTableEditor(el1: el1).getAndClear(entry)
    // No TLB has held a marker, and a marker refers to no page.
    if !old.isPresent { return }
    gather.noteEntry(va)
    if old.isSpecial { return }
    let page = old.output
    let kind = residentKind(el1, page)
    // Dirtiness that hardware or the fault path recorded in the entry moves to the folio.
    if kind != .anonymous && old.isDirty { setFlag(el1, folio(el1, page), PageDescriptor.dirty) }
    if marksUse && kind != .anonymous && old.isYoung && hasRecency(mm, va) { markAccessed(el1, page) }
    removeMapping(el1, page)
    if _slowPath(state[mm].lockedPages != 0 || hasFlag(el1, page, PageDescriptor.locked)) { noteUnlocked(el1, mm, page, va) }
    state[mm].resident.add(-1, kind)
    gather.add(page: page)
    if _slowPath(isLarge(el1, page)) { gather.add(largeFolio: folio(el1, page)) }
  }

  /// Whether what a mapping tells about the use of its pages counts.
  private func hasRecency(_ mm: MMID, _ va: UInt64) -> Bool {
    if _fastPath(!state[mm].hasReadAdvice) { return true }
    guard let index = state[mm].index(containing: va) else { return true }
    return state[mm].vmas[index].flags.hasRecency
  }

  /// The counter of the address space in which a mapped page is counted. Linux: mm_counter().
  @inline(__always)
  func residentKind(_ el1: EL1Interface, _ page: UInt64) -> ResidentPages.Kind {
    let folio = folioDescriptor(el1, page).fields
    if _fastPath(folio.load(PageDescriptor.flags, as: UInt64.self) & PageDescriptor.anonymous != 0) { return .anonymous }
    let file = FileID(UInt32(truncatingIfNeeded: folio.load(PageDescriptor.mapping, as: UInt64.self) >> 1))
    return file != .none && state.files[file].kind == .shmem ? .shmem : .file
  }
}
