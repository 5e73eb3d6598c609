// Owns writes to pool pages that are mapped read-only: the page is kept, copied, or taken away from a child.
// It does not know first accesses. Linux: mm/hugetlb.c hugetlb_wp(), unmap_ref_private().
import Architecture

extension MemoryManager {
  /// Serves such a write. The caller holds the entry's lock, and this function releases it. SIGBUS for a child if the pool has no
  /// page for the copy; this cannot happen to the owner of a reservation. Linux: hugetlb_wp().
  func hugetlbWP(_ el1: EL1Interface, _ fault: FaultInProgress, isFirstTouch: Bool) -> VMFault {
    let vma = fault.vma
    let editor = PageTableEditor(el1: el1)
    let lock = PageTableEditor.lock(fault.pmd)
    // A mapping that does not allow writes is never written, not even by ptrace.
    if !vma.flags.contains(.WRITE) {
      el1.unlock(lock)
      return .SIGSEGV
    }
    let old = fault.original.output
    if vma.flags.contains(.MAYSHARE) || isOnlyMapping(el1, fault) {
      makeHugetlbWritable(el1, fault)
      el1.unlock(lock)
      if !isFirstTouch { state.statistics.reuses &+= 1 }
      return []
    }
    let number = hugePageNumber(fault)
    // The copied page has used the reservation, unless it is the file's page.
    let fromOwner = vma.hugeReservation.map != .none && state.files[vma.file].pages[number] != old
    getPage(el1, old)
    el1.unlock(lock)
    guard let new = allocatePoolPage(el1, vma, number, fromOwner: fromOwner) else {
      putPage(el1, old)
      return fromOwner ? takeFromOthers(el1, fault) : .SIGBUS
    }
    guard let anonVMA = anonVMAPrepare(el1, fault) else {
      giveBackUnused(el1, new, vma, number)
      putPage(el1, old)
      return .RETRY
    }
    for page in 0..<UInt64(HugePage.pages) {
      el1.copyFrame(from: PhysicalAddress(old + page << 12), to: PhysicalAddress(new + page << 12))
    }
    el1.lock(lock)
    if editor.load(fault.pmd) != fault.original {
      el1.unlock(lock)
      giveBackUnused(el1, new, vma, number)
      putPage(el1, old)
      return []
    }
    _ = editor.getAndClear(fault.pmd)
    flushHugePage(el1, fault.mm, fault.hugeAddress)
    addHugeMappings(el1, old, -1)
    addNewHugetlbMapping(el1, new, anonVMA, index: vma.pageIndex(of: fault.address))
    editor.set(fault.pmd, hugetlbEntry(new, vma, isWritable: true))
    el1.unlock(lock)
    if !isFirstTouch { state.statistics.copies &+= 1 }
    // Drops the entry's reference and the reference that was taken for the copy.
    putPage(el1, old)
    putPage(el1, old)
    return []
  }

  /// Whether the entry is the only mapping of a private page, which is then exclusive.
  private func isOnlyMapping(_ el1: EL1Interface, _ fault: FaultInProgress) -> Bool {
    let head = fault.original.output
    if field(el1, head, PageDescriptor.entireMapCount, as: UInt32.self) != 1 || !isAnonymous(el1, head) { return false }
    if !isExclusive(el1, head) {
      moveToAnonVMA(el1, head, fault.vma.anonVMA)
      setExclusive(el1, head)
    }
    return true
  }

  /// Linux: set_huge_ptep_writable().
  private func makeHugetlbWritable(_ el1: EL1Interface, _ fault: FaultInProgress) {
    _ = setAccessFlags(el1, fault, fault.pmd, fault.original.makingDirty.makingWritable)
  }

  /// The pool is empty: a mapping that has the page without a reservation loses it, and its process may not touch it again.
  private func takeFromOthers(_ el1: EL1Interface, _ fault: FaultInProgress) -> VMFault {
    // A fault in progress must not wait for the lock of the file's mappings.
    let mutex = LockName(.hugetlbFault, UInt64(fault.vma.file.rawValue))
    el1.unlock(mutex)
    unmapFromOthers(el1, fault)
    el1.lock(mutex)
    let lock = PageTableEditor.lock(fault.pmd)
    el1.lock(lock)
    let isUnchanged = PageTableEditor(el1: el1).load(fault.pmd) == fault.original
    let isOurs = isUnchanged && isOnlyMapping(el1, fault)
    if isOurs {
      makeHugetlbWritable(el1, fault)
      state.statistics.reuses &+= 1
    }
    el1.unlock(lock)
    return isOurs || !isUnchanged ? [] : .SIGBUS
  }

  /// Linux: unmap_ref_private().
  private func unmapFromOthers(_ el1: EL1Interface, _ fault: FaultInProgress) {
    let page = fault.vma.pageIndex(of: fault.address)
    let lock = mappingWriteLock(fault.vma.file)
    var losers: [(mm: MMID, address: UInt64)] = []
    el1.lock(lock)
    for range in mappedRanges(of: fault.vma.file, page, page + UInt64(HugePage.pages)) {
      if range.vma.flags.contains(.MAYSHARE) || range.vma.hugeReservation.map != .none { continue }
      guard let leaf = leaf(el1, range.mm, range.start), leaf.entry.output == fault.original.output else { continue }
      zapHugetlb(el1, range.mm, range.vma, range.start, range.end)
      losers.append((range.mm, range.start))
    }
    for (mm, address) in losers {
      guard let index = state[mm].index(containing: address) else { continue }
      state[mm].vmas[index].hugeReservation.lostPages = true
    }
    el1.unlock(lock)
  }
}
