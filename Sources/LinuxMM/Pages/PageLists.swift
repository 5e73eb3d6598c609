// Owns what the lists of pages, by which memory is reclaimed, change in pages: when a page is in a list, its marks of use, and what MADV_FREE
// and MADV_COLD do there. It does not know system calls or entries of tables, nor the order in a list. Linux: mm/swap.c, mm/folio.c.
import Architecture

extension MemoryManager {
  // MARK: New pages

  /// Adds a new anonymous page of a VMA to a batch, and returns the flags that it gets from that. The caller passes a page of
  /// locked memory to `noteNewLocked` afterwards. Linux: folio_add_lru_vma() in a fault.
  @inline(__always)
  func addToLists(_ fields: RAMRecord, _ vma: VMFlags) -> UInt64 {
    if _slowPath(vma.contains(.LOCKED)) {
      fields.store(PageDescriptor.listing, state.lru.numberOfLocked())
      return PageDescriptor.locked | PageDescriptor.waitsLocked
    }
    return addToLists(fields, isUsed: vma.hasRecency)
  }

  /// The same for a page of any kind. It is used if a fault that says something about its use asks for it. Linux: folio_add_lru().
  @inline(__always)
  func addToLists(_ fields: RAMRecord, isUsed: Bool) -> UInt64 {
    fields.store(PageDescriptor.listing, state.lru.add())
    return isUsed ? configuration.profile.marksFaultedPagesReferenced ? PageDescriptor.referenced : PageDescriptor.hot : 0
  }

  /// Adds a new huge page, which goes to its list at once, with all pages that wait there. Linux: folio_may_be_lru_cached().
  func addHugeToLists(_ el1: EL1Interface, _ head: UInt64, _ vma: VMFlags, isUsed: Bool) {
    if vma.contains(.LOCKED) { settleLocks(el1) } else { state.lru.list() }
    let isReferenced = isUsed && vma.isDisjoint(with: .LOCKED) && vma.hasRecency && configuration.profile.marksFaultedPagesReferenced
    if isReferenced { setFlag(el1, head, PageDescriptor.referenced) }
  }

  /// Returns a page that could not be reclaimed. Linux: folio_putback_lru().
  func returnToLists(_ el1: EL1Interface, _ page: UInt64) {
    if !isLarge(el1, page) { setField(el1, page, PageDescriptor.listing, state.lru.add()) } else { state.lru.list() }
  }

  /// Returns a page that cannot be evicted, which changes nothing about it. Linux: folio_putback_lru().
  func countReturnToLists() { _ = state.lru.add() }

  /// Whether a page is in a list, not on its way there. Linux: folio_test_lru().
  @inline(__always)
  func isListed(_ fields: RAMRecord) -> Bool {
    if _slowPath(fields.load(PageDescriptor.flags, as: UInt64.self) & PageDescriptor.waitsLocked != 0) { return false }
    return fields.load(PageDescriptor.listing, as: UInt64.self) <= state.lru.listed
  }

  /// Whether reclaim cannot take the page once it is in a list: one of a ramfs or of locked memory. Linux: folio_evictable().
  private func isBoundToStay(_ el1: EL1Interface, _ head: UInt64) -> Bool {
    residentKind(el1, head) == .file || hasFlag(el1, head, PageDescriptor.locked)
  }

  /// Whether the page is in the list of those that cannot be evicted. Linux: folio_test_unevictable().
  private func isUnevictable(_ el1: EL1Interface, _ head: UInt64, _ fields: RAMRecord) -> Bool {
    let flags = fields.load(PageDescriptor.flags, as: UInt64.self)
    if flags & PageDescriptor.unevictable != 0 { return true }
    return isListed(fields) && (flags & PageDescriptor.lockedNew != 0 || residentKind(el1, head) == .file)
  }

  // MARK: Drains

  /// Moves all pages that wait to the lists. Linux: lru_add_drain().
  func drainBatches(_ el1: EL1Interface) {
    state.lru.list()
    settleLocks(el1)
    settleAgeing(el1)
    settleGivenUp(el1)
  }

  /// Linux: lru_lazyfree().
  private func settleGivenUp(_ el1: EL1Interface) {
    for frame in state.lru.takeGivenUp() {
      let page = state.frames.address(frame)
      if !hasFlag(el1, page, PageDescriptor.givenUp) { continue }
      clearFlag(el1, page, PageDescriptor.givenUp)
      setFlag(el1, page, PageDescriptor.lazyFree)
      if !configuration.profile.freedPagesStayReferenced { clearReferenced(el1, page) }
    }
  }

  /// Linux: lru_deactivate().
  private func settleAgeing(_ el1: EL1Interface) {
    for frame in state.lru.takeAgeing() {
      let page = state.frames.address(frame)
      if !hasFlag(el1, page, PageDescriptor.ageing) { continue }
      clearFlag(el1, page, PageDescriptor.ageing)
      clearReferenced(el1, page)
    }
  }

  // MARK: Advice

  /// Marks the folio as one that may be dropped while it is clean, as soon as its batch moves. Linux: folio_mark_lazyfree().
  func markLazyFree(_ el1: EL1Interface, _ head: UInt64) {
    state.hasLazyFreePages = true
    if hasFlag(el1, head, PageDescriptor.lazyFree) { return }
    if !hasFlag(el1, head, PageDescriptor.givenUp) { setFlag(el1, head, PageDescriptor.givenUp) }
    if state.lru.giveUp(state.frames.frame(head)) || isLarge(el1, head) { settleGivenUp(el1) }
  }

  /// Forgets that the folio was used, now and once more when its batch moves. Linux: folio_deactivate().
  func deactivate(_ el1: EL1Interface, _ head: UInt64) {
    clearReferenced(el1, head)
    if !hasFlag(el1, head, PageDescriptor.ageing) { setFlag(el1, head, PageDescriptor.ageing) }
    if state.lru.age(state.frames.frame(head)) || isLarge(el1, head) { settleAgeing(el1) }
  }

  // MARK: Use

  /// Whether the folio was used since the kernel last checked, whatever the entries say. Linux: folio_test_referenced().
  func isReferenced(_ el1: EL1Interface, _ head: UInt64) -> Bool {
    let fields = descriptor(el1, head)
    let flags = fields.load(PageDescriptor.flags, as: UInt64.self)
    return flags & PageDescriptor.referenced != 0 || flags & PageDescriptor.referencedUntilListed != 0 && !isListed(fields)
  }

  func clearReferenced(_ el1: EL1Interface, _ head: UInt64) {
    let both = PageDescriptor.referenced | PageDescriptor.referencedUntilListed
    if hasFlag(el1, head, both) { clearFlag(el1, head, both) }
  }

  /// Marks a page as used. Linux skips this for pages that cannot be evicted: those of locked memory and of a ramfs, once they are in a
  /// list. Older kernels forget the mark when a page that a fault has brought goes to its list. Linux: folio_mark_accessed().
  func markAccessed(_ el1: EL1Interface, _ page: UInt64) {
    let (head, fields) = folioDescriptor(el1, page)
    let flags = fields.load(PageDescriptor.flags, as: UInt64.self)
    if flags & PageDescriptor.referenced != 0 { return }
    if isUnevictable(el1, head, fields) { return }
    let isForgotten = flags & PageDescriptor.hot != 0 && !isListed(fields) && !isBoundToStay(el1, head)
    setFlag(el1, head, isForgotten ? PageDescriptor.referencedUntilListed : PageDescriptor.referenced)
  }

  // MARK: Locked memory

  /// Records that a page of a file is mapped in locked memory. A large one is locked by mlock() only. Linux: mlock_vma_folio(),
  /// mlock_folio().
  func noteLocked(_ el1: EL1Interface, _ page: UInt64) {
    let head = folio(el1, page)
    if !isLarge(el1, head) { lock(el1, head) }
  }

  private func lock(_ el1: EL1Interface, _ head: UInt64) {
    let fields = descriptor(el1, head)
    if !hasFlag(el1, head, PageDescriptor.locked) {
      setFlag(el1, head, PageDescriptor.locked)
      if !isListed(fields) {
        // The list of pages that cannot be evicted forgets no use.
        setFlag(el1, head, PageDescriptor.lockedNew)
        if hasFlag(el1, head, PageDescriptor.referencedUntilListed) {
          clearFlag(el1, head, PageDescriptor.referencedUntilListed)
          setFlag(el1, head, PageDescriptor.referenced)
        }
      }
    }
    wait(el1, head, .lock)
  }

  /// Records a new page of locked memory, whose descriptor is complete. Linux: mlock_new_folio().
  func noteNewLocked(_ el1: EL1Interface, _ page: UInt64) { wait(el1, page, .new) }

  /// Records that an entry for `va` no longer maps a page, if its memory is locked. Linux: munlock_vma_folio().
  func noteUnlocked(_ el1: EL1Interface, _ mm: MMID, _ page: UInt64, _ va: UInt64) {
    guard let index = state[mm].index(containing: va), state[mm].vmas[index].flags.contains(.LOCKED) else { return }
    wait(el1, folio(el1, page), .unlock)
  }

  /// Adds a change of a page's lock to the batch, which moves when it is full or has a large folio.
  private func wait(_ el1: EL1Interface, _ head: UInt64, _ kind: WaitingLock.Kind) {
    let listing = field(el1, head, PageDescriptor.listing, as: UInt64.self)
    let isFull = state.lru.add(WaitingLock(frame: state.frames.frame(head), listing: listing, kind: kind))
    if isFull || isLarge(el1, head) { settleLocks(el1) }
  }

  /// Carries out the changes of locks that wait. Linux: mlock_folio_batch().
  private func settleLocks(_ el1: EL1Interface) {
    for change in state.lru.takeLocking() {
      let page = state.frames.address(change.frame)
      let fields = descriptor(el1, page)
      if fields.load(PageDescriptor.listing, as: UInt64.self) != change.listing { continue }
      var flags = fields.load(PageDescriptor.flags, as: UInt64.self)
      let isListed = isListed(fields)
      if isListed && flags & PageDescriptor.lockedNew != 0 {
        // The batch of new pages brought it to the list, which does not count that mapping. Linux: lru_add().
        flags = flags & ~PageDescriptor.lockedNew | PageDescriptor.unevictable
      }
      settle(change.kind, &flags, isListed: isListed)
      fields.store(PageDescriptor.flags, flags)
    }
  }

  /// Linux: __mlock_folio(), __mlock_new_folio(), __munlock_folio().
  private func settle(_ kind: WaitingLock.Kind, _ flags: inout UInt64, isListed: Bool) {
    let counts = PageDescriptor.lockCount &* 0xff
    let isLocked = flags & PageDescriptor.locked != 0
    let isUnevictable = flags & PageDescriptor.unevictable != 0
    switch kind {
    case .new:
      flags &= ~(PageDescriptor.waitsLocked | counts)
      if isLocked { flags |= PageDescriptor.unevictable | PageDescriptor.lockCount }
    case .lock:
      if !isListed { return }
      if !isLocked {
        flags &= ~(PageDescriptor.unevictable | counts)
      } else if isUnevictable {
        if flags & counts != counts { flags += PageDescriptor.lockCount }
      } else {
        flags = flags & ~counts | PageDescriptor.unevictable | PageDescriptor.lockCount
      }
    case .unlock:
      if isListed && isUnevictable {
        if flags & counts != 0 { flags -= PageDescriptor.lockCount }
        if flags & counts != 0 { return }
      }
      flags &= ~(PageDescriptor.locked | PageDescriptor.lockedNew)
      if isListed { flags &= ~(PageDescriptor.unevictable | counts) }
    }
  }

  /// The pages of [start, end) become locked, or cease to be. Linux: mlock_vma_pages_range().
  func changePageLocks(_ el1: EL1Interface, _ mm: MMID, _ start: UInt64, _ end: UInt64, isLocked: Bool) {
    drainBatches(el1)
    var walk = firstEntry(el1, mm, start, end)
    while walk.isOngoing {
      let found = inspect(el1, walk)
      if let page = normalPage(found) {
        let head = folio(el1, page)
        if isLocked { lock(el1, head) } else { wait(el1, head, .unlock) }
      }
      walk = nextEntry(el1, walk)
    }
    drainBatches(el1)
  }
}

extension VMFlags {
  /// Whether accesses to the memory say that it will be used again. Linux: vma_has_recency().
  @inline(__always) var hasRecency: Bool { isDisjoint(with: [.SEQ_READ, .RAND_READ]) }
}
