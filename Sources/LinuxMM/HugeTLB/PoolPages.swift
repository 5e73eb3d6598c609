// Owns the movement of pages between the buddy allocator, the pool and their users, and the size of the pool.
// It does not know VMAs or files. Linux: mm/hugetlb.c.
import Architecture

extension MemoryManager {
  /// Sets the size of the pool, as a write to nr_hugepages does. The pool grows as far as RAM allows. It shrinks by its free and
  /// unreserved pages; pages in use leave it when they are given back. Linux: set_max_huge_pages().
  public func setHugePoolSize(_ el1: EL1Interface, _ count: UInt64) {
    let count = Int(clamping: count)
    el1.lock(Self.poolLock)
    while state.pool.surplus > 0 && count > state.pool.persistent { state.pool.surplus -= 1 }
    while count > state.pool.persistent, let head = newPoolPage(el1) {
      state.pool.total += 1
      state.pool.freePages.append(head)
    }
    let least = max(count, state.pool.total - state.pool.free + state.pool.reserved)
    while least < state.pool.persistent, let head = state.pool.freePages.popLast() { dissolve(el1, head) }
    while count < state.pool.persistent { state.pool.surplus += 1 }
    el1.unlock(Self.poolLock)
  }

  /// Sets the limit of surplus pages, as a write to nr_overcommit_hugepages does. Linux: hugetlb_overcommit_handler().
  public func setHugePoolOvercommit(_ count: UInt64) { state.pool.overcommit = count }

  /// hugetlb_lock. Because there is only one pool, the owner's number is 0.
  private static var poolLock: LockName { LockName(.hugetlbPool, 0) }

  // MARK: Reservations

  /// Reserves `count` pages; false if there are too few, even with surplus pages. Linux: hugetlb_acct_memory(),
  /// gather_surplus_pages().
  func promiseHugePages(_ el1: EL1Interface, _ count: Int) -> Bool {
    el1.lock(Self.poolLock)
    defer { el1.unlock(Self.poolLock) }
    let missing = state.pool.reserved + count - state.pool.free
    var added: [UInt64] = []
    while added.count < missing, let head = newSurplusPage(el1) { added.append(head) }
    if added.count < missing {
      for head in added { dissolveSurplus(el1, head) }
      return false
    }
    state.pool.freePages += added
    state.pool.reserved += count
    return true
  }

  /// Cancels reservations. Surplus pages that were allocated for them leave the pool. Linux: return_unused_surplus_pages().
  func withdrawPromises(_ el1: EL1Interface, _ count: Int) {
    el1.lock(Self.poolLock)
    precondition(count >= 0 && count <= state.pool.reserved, "more promises taken back than were made")
    state.pool.reserved -= count
    for _ in 0..<min(count, state.pool.surplus) {
      guard let head = state.pool.freePages.popLast() else { break }
      dissolveSurplus(el1, head)
    }
    el1.unlock(Self.poolLock)
  }

  // MARK: Pages

  /// Gives a page with one reference to a user; its contents are undefined. With `isPromised` a reservation is used for it. Nil if
  /// all remaining pages are reserved by others. Linux: dequeue_hugetlb_folio_vma(), alloc_buddy_hugetlb_folio_with_mpol().
  func takePoolPage(_ el1: EL1Interface, isPromised: Bool) -> UInt64? {
    el1.lock(Self.poolLock)
    defer { el1.unlock(Self.poolLock) }
    if isPromised {
      let head = state.pool.freePages.removeLast()
      state.pool.reserved -= 1
      // If the user cannot map the page, the reservation is restored.
      setFlag(el1, head, PageDescriptor.restoresPromise)
      return head
    }
    return state.pool.available > 0 ? state.pool.freePages.removeLast() : newSurplusPage(el1)
  }

  /// Takes back a page after its last reference was dropped. It becomes free, or leaves the pool if the pool is too large. Linux:
  /// free_huge_folio().
  func returnPoolPage(_ el1: EL1Interface, _ head: UInt64) {
    precondition(field(el1, head, PageDescriptor.entireMapCount, as: UInt32.self) == 0, "a huge page freed while it is mapped")
    el1.lock(Self.poolLock)
    if hasFlag(el1, head, PageDescriptor.restoresPromise) { state.pool.reserved += 1 }
    setOwnership(el1, head, PageOwnership(flags: PageDescriptor.pooled, referenceCount: 1))
    if state.pool.surplus > 0 { dissolveSurplus(el1, head) } else { state.pool.freePages.append(head) }
    el1.unlock(Self.poolLock)
  }

  private func newPoolPage(_ el1: EL1Interface) -> UInt64? {
    guard let (head, _) = allocateFolio(el1, order: HugePage.order) else { return nil }
    setFlag(el1, head, PageDescriptor.pooled)
    return head
  }

  /// Allocates one surplus page, if the limit allows it. Linux: alloc_surplus_hugetlb_folio().
  private func newSurplusPage(_ el1: EL1Interface) -> UInt64? {
    if UInt64(state.pool.surplus) >= state.pool.overcommit { return nil }
    guard let head = newPoolPage(el1) else { return nil }
    state.pool.total += 1
    state.pool.surplus += 1
    return head
  }

  private func dissolveSurplus(_ el1: EL1Interface, _ head: UInt64) {
    state.pool.surplus -= 1
    dissolve(el1, head)
  }

  /// Removes a page from the pool. Linux: remove_hugetlb_folio(), update_and_free_hugetlb_folio().
  private func dissolve(_ el1: EL1Interface, _ head: UInt64) {
    state.pool.total -= 1
    clearFlag(el1, head, PageDescriptor.pooled)
    putPage(el1, head)
  }
}
