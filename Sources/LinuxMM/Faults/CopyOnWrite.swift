// Owns writes to present read-only pages: a page that is not shared is kept, a shared one is replaced.
// It does not know how the entry was found. Linux: mm/memory.c.
import Architecture

extension MemoryManager {
  /// A write to a page that is not writable. The entry's lock is held on entry and released on return. Linux: do_wp_page().
  func doWPPage(_ el1: EL1Interface, _ fault: FaultInProgress, _ pte: PhysicalAddress, _ lock: LockName) -> VMFault {
    if !fault.vma.flags.isDisjoint(with: [.SHARED, .MAYSHARE]) { return wpPageShared(el1, fault, pte, lock) }
    // The zero page has no owner, and the counts in its descriptor mean nothing.
    if !fault.original.isSpecial {
      let page = fault.original.output
      if isExclusive(el1, page) || isAnonymous(el1, page) && canReuse(el1, fault, page) {
        wpPageReuse(el1, fault, pte)
        el1.unlock(lock)
        return []
      }
      // This reference keeps the source of the copy alive.
      getPage(el1, page)
    }
    el1.unlock(lock)
    return wpPageCopy(el1, fault, pte, lock)
  }

  /// Whether the entry holds the last reference to the page. The page then becomes exclusive. Linux: wp_can_reuse_anon_folio().
  private func canReuse(_ el1: EL1Interface, _ fault: FaultInProgress, _ page: UInt64) -> Bool {
    if _slowPath(isLarge(el1, page)) {
      let isOurs = canReuseLargeFolio(el1, fault, page)
      // The page keeps its anon_vma, because other pages of the anon_vma may be in VMAs that share nothing else with this one.
      if isOurs { setExclusive(el1, page) }
      return isOurs
    }
    let fields = descriptor(el1, page)
    let references = fields.load(PageDescriptor.referenceCount, as: UInt32.self)
    // The batch that a page waits in has a reference to it too, and is emptied if that may help.
    if references <= configuration.profile.referencesWorthDraining && !isListed(fields) { drainBatches(el1) }
    if references > 1 || hasFlag(el1, page, PageDescriptor.givenUp | PageDescriptor.ageing) { return false }
    let lock = LockName(.folio, page)
    if !el1.tryLock(lock) { return false }
    let isOnlyOwner = referenceCount(el1, page) == 1
    if isOnlyOwner { moveToAnonVMA(el1, page, fault.vma.anonVMA) }
    el1.unlock(lock)
    if isOnlyOwner { setExclusive(el1, page) }
    return isOnlyOwner
  }

  /// Linux: wp_page_reuse().
  func wpPageReuse(_ el1: EL1Interface, _ fault: FaultInProgress, _ pte: PhysicalAddress) {
    var proposed = fault.original.makingYoung.makingDirty
    if fault.vma.flags.contains(.WRITE) { proposed = proposed.makingWritable }
    _ = setAccessFlags(el1, fault, pte, proposed)
    state.statistics.reuses &+= 1
  }

  /// Replaces the zero page or a shared page by a new page. The entry is cleared, flushed and then set, so that no PE sees the old
  /// page and the new one at the same time. For a shared page the caller holds a reference for the copy. Linux: wp_page_copy().
  private func wpPageCopy(_ el1: EL1Interface, _ fault: FaultInProgress, _ pte: PhysicalAddress, _ lock: LockName) -> VMFault {
    let old: UInt64? = fault.original.isSpecial ? nil : fault.original.output
    guard let anonVMA = anonVMAPrepare(el1, fault) else {
      if let old { putPage(el1, old) }
      return .RETRY
    }
    let new: UInt64? = if let old { allocateCopy(el1, of: old) } else { allocateZeroedPage(el1) }
    guard let page = new else {
      if let old { putPage(el1, old) }
      return .OOM
    }
    let editor = PageTableEditor(el1: el1)
    el1.lock(lock)
    if editor.load(pte) != fault.original {
      el1.unlock(lock)
      putPage(el1, page)
      if let old { putPage(el1, old) }
      return []
    }
    _ = editor.getAndClear(pte)
    flushPage(el1, fault.mm, fault.address)
    addNewAnonymousMapping(el1, page, anonVMA, fault.vma.flags, index: fault.vma.pageIndex(of: fault.address))
    editor.set(pte, writtenEntry(page, fault.vma))
    if let old {
      removeMapping(el1, old)
      if _slowPath(fault.vma.flags.contains(.LOCKED)) { noteUnlocked(el1, fault.mm, old, fault.address) }
      let kind = residentKind(el1, old)
      if kind != .anonymous {
        state[fault.mm].resident.add(-1, kind)
        state[fault.mm].resident.anonymous &+= 1
      }
      state.statistics.copies &+= 1
    } else {
      state[fault.mm].resident.anonymous &+= 1
      state.statistics.zeroPageCopies &+= 1
    }
    el1.unlock(lock)
    if let old {
      // Drops the entry's reference and the reference that was taken for the copy.
      let head = folio(el1, old)
      putPage(el1, old)
      putPage(el1, old)
      notePartialUnmap(el1, head)
    }
    return []
  }
}
