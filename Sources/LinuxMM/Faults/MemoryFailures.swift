// Owns what becomes of a page that is said to have failed, or to be failing: who loses it, who is told, and its replacement.
// It does not know signals or registers. Linux: mm/memory-failure.c, mm/madvise.c madvise_inject_error().
import Architecture

extension MemoryManager {
  /// The address whose page failed since the last call, for SIGBUS with BUS_MCEERR_AR. If there were several it is the first, because the
  /// others find the signal pending.
  public func takeFailedAddress() -> UInt64? {
    defer { state.failedAddress = nil }
    return state.failedAddress
  }

  /// MADV_HWPOISON, or with `soft` MADV_SOFT_OFFLINE: treats the pages of a range one by one until an error. EFAULT if a page cannot be
  /// read, EBUSY if nothing can be done about it. Pages of the pool are not modelled here and answer EBUSY.
  func injectFailures(_ el1: EL1Interface, _ mm: MMID, _ task: TaskID, _ start: UInt64, _ end: UInt64, soft: Bool) throws(Errno) {
    var at = start
    while at < end {
      let page = try pageToFail(el1, mm, task, at, soft: soft)
      drainBatches(el1)
      if let page {
        if soft { try takeOffline(el1, page) } else { try fail(el1, mm, page, at) }
      }
      at = (at & ~0xfff) + 0x1000
    }
  }

  /// Asks for a panic, and ends the call.
  private func panic(_ reason: String) throws(Errno) -> UInt64? {
    (state.panicReason, state.wantsOOMKill) = (reason, true)
    throw .EBUSY
  }

  /// The base page behind an address, faulted in if necessary, in a folio of its own. Nil if there is nothing left to do. Linux:
  /// get_user_pages_fast(), try_to_split_thp_page().
  private func pageToFail(_ el1: EL1Interface, _ mm: MMID, _ task: TaskID, _ at: UInt64, soft: Bool) throws(Errno) -> UInt64? {
    mmapReadLock(el1, mm)
    defer { unlockMM(el1, mm) }
    guard let index = state[mm].index(containing: at), state[mm].vmas[index].flags.contains(.READ) else { throw .EFAULT }
    let vma = state[mm].vmas[index]
    if case .failure = faultInPage(el1, mm, task, at, []) { throw .EFAULT }
    guard let leaf = leaf(el1, mm, at) else { throw .EFAULT }
    if soft && !state.settings.takesOffline { throw .EOPNOTSUPP }
    if !soft && !state.settings.recoversFailures {
      return try panic("Memory failure on page \(String(leaf.page >> 12, radix: 16))")
    }
    if vma.flags.contains(.HUGETLB) { throw .EBUSY }
    if leaf.entry.isSpecial {
      // The zero page stays in use whatever is said about it.
      if !soft { state.failedPages += 1 }
      if !soft && state.settings.panicsOnLostPages {
        return try panic("Memory failure: 0x\(String(leaf.page >> 12, radix: 16)): unrecoverable page")
      }
      throw .EBUSY
    }
    if !isLarge(el1, leaf.page) { return leaf.page }
    // A page that failed is not replaced by the zero page when its folio is split.
    if !soft { setFlag(el1, leaf.page, PageDescriptor.poisoned) }
    let isAnonymous = isAnonymous(el1, leaf.page)
    if leaf.isHuge && isAnonymous { splitHugePMD(el1, mm, leaf.at, at) }
    if !splitFolio(el1, folio(el1, leaf.page)) { throw soft ? .EBUSY : .EHWPOISON }
    // A page of a file is not mapped any more, but is in the file.
    if !isAnonymous { return leaf.page }
    if let now = self.leaf(el1, mm, at), now.entry.isPresent, !now.entry.isSpecial { return now.page }
    state.failedPages += 1
    return nil
  }

  /// Every mapping of a page gets an entry that says so, and the page is never used again. The caller is told if the page held something
  /// that is nowhere else. Linux: memory_failure(), hwpoison_user_mappings().
  private func fail(_ el1: EL1Interface, _ mm: MMID, _ page: UInt64, _ va: UInt64) throws(Errno) {
    let (kind, lock) = (residentKind(el1, page), LockName(.folio, page))
    el1.lock(lock)
    // This reference stays for good.
    getPage(el1, page)
    setFlag(el1, page, PageDescriptor.poisoned)
    forEachMapping(el1, of: page) { place, old in
      if old.isDirty { setFlag(el1, page, PageDescriptor.dirty) }
      state[place.mm].resident.add(-1, kind)
      removeMapping(el1, page)
      putPage(el1, page)
      return SwapEntry(poisonedPage: page).entry
    }
    el1.unlock(lock)
    state.failedPages += 1
    let isLost = hasFlag(el1, page, PageDescriptor.dirty)
    if isLost && state.failedAddress == nil { state.failedAddress = va & ~0xfff }
    // A memory file keeps the page, so that later accesses fail too; other files drop a page that they can read again.
    if kind == .file {
      if isLost { throw .EBUSY }
      let mapping = field(el1, page, PageDescriptor.mapping, as: UInt64.self)
      let index = field(el1, page, PageDescriptor.index, as: UInt64.self)
      removePages(el1, FileID(UInt32(truncatingIfNeeded: mapping >> 1)), index, index + 1)
    }
  }

  /// Moves the contents of a page to another one, and never uses the page again. EBUSY if the page was given up by MADV_FREE, or if there is
  /// no RAM. Linux: soft_offline_in_use_page().
  private func takeOffline(_ el1: EL1Interface, _ page: UInt64) throws(Errno) {
    if hasFlag(el1, page, PageDescriptor.lazyFree) { throw .EBUSY }
    guard let new = allocateCopy(el1, of: page) else { throw .EBUSY }
    // This reference stays for good.
    getPage(el1, page)
    migrate(el1, page, to: new)
    setFlag(el1, page, PageDescriptor.poisoned)
    state.failedPages += 1
  }

  /// Makes a new page with the same contents and one reference take a page's place everywhere. The caller holds a reference to the page.
  /// Linux: migrate_folio(), remove_migration_ptes().
  func migrate(_ el1: EL1Interface, _ page: UInt64, to new: UInt64) {
    let lock = LockName(.folio, page)
    el1.lock(lock)
    let mapping = field(el1, page, PageDescriptor.mapping, as: UInt64.self)
    let index = field(el1, page, PageDescriptor.index, as: UInt64.self)
    setField(el1, new, PageDescriptor.flags, field(el1, page, PageDescriptor.flags, as: UInt64.self))
    setField(el1, new, PageDescriptor.mapping, mapping)
    setField(el1, new, PageDescriptor.index, index)
    forEachMapping(el1, of: page) { _, old in
      // What was written before the entry was cleared.
      el1.copyFrame(from: PhysicalAddress(page), to: PhysicalAddress(new))
      getPage(el1, new)
      addMapping(el1, new)
      removeMapping(el1, page)
      putPage(el1, page)
      return PageTableEntry(old.rawValue & ~PageTableEntry.Bits.output | new)
    }
    if !hasFlag(el1, page, PageDescriptor.anonymous) {
      let file = FileID(UInt32(truncatingIfNeeded: mapping >> 1))
      if state.files[file].pages[index] == page {
        _ = state.files[file].pages.remove(at: index)
        state.files[file].pages.insert(new, at: index)
        getPage(el1, new)
        putPage(el1, page)
      }
      setField(el1, page, PageDescriptor.mapping, 0 as UInt64)
    }
    clearFlag(el1, page, PageDescriptor.anonymous | PageDescriptor.exclusive)
    el1.unlock(lock)
    putPage(el1, new)
  }

  /// Replaces each entry that maps a page, in every address space, by the one that `replace` answers. Linux: rmap_walk().
  private func forEachMapping(_ el1: EL1Interface, of page: UInt64, _ replace: (MappedPage, PageTableEntry) -> PageTableEntry) {
    let isAnonymous = isAnonymous(el1, page)
    let mapping = field(el1, page, PageDescriptor.mapping, as: UInt64.self)
    let reverseMap = isAnonymous ? anonVMAReadLock(el1, ofFolio: page) : mappingReadLock(FileID(UInt32(truncatingIfNeeded: mapping >> 1)))
    guard let reverseMap else { return }
    el1.lock(reverseMap)
    let editor = PageTableEditor(el1: el1)
    for place in mappedPages(el1, page) {
      let lock = PageTableEditor.lock(place.leaf.at)
      el1.lock(lock)
      let old = editor.getAndClear(place.leaf.at)
      flushPage(el1, place.mm, place.va)
      editor.set(place.leaf.at, replace(place, old))
      el1.unlock(lock)
    }
    el1.unlock(reverseMap)
  }
}
