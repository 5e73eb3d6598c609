// Owns the advice that concerns pages: dropping them now or later, ageing them, reclaiming them.
// It does not know guards, populating or flags of VMAs. Linux: mm/madvise.c, mm/vmscan.c.
import Architecture

extension MemoryManager {
  /// Drops the pages. Linux: madvise_dontneed_single_vma(), madvise_dontneed_free_valid_vma().
  func adviseDontNeed(
    _ el1: EL1Interface, _ mm: MMID, _ vma: VMArea, _ start: UInt64, _ end: UInt64, evenLocked: Bool
  ) -> Errno? {
    var end = end
    if vma.flags.contains(.HUGETLB) {
      // Only whole huge pages are dropped; a huge page that the range covers in part stays.
      if start & (Layout48.hugePage - 1) != 0 { return .EINVAL }
      end &= ~(Layout48.hugePage - 1)
    } else if vma.flags.contains(.PFNMAP) || !evenLocked && vma.flags.contains(.LOCKED) {
      return .EINVAL
    }
    if start >= end { return nil }
    if vma.flags.contains(.HUGETLB) {
      // Linux: hugetlb_zap_begin().
      el1.lock(mappingWriteLock(vma.file))
      zapHugetlb(el1, mm, vma, start, end)
      el1.unlock(mappingWriteLock(vma.file))
    } else {
      zap(el1, mm, start, end, .reclaimTables)
    }
    return nil
  }

  /// Marks pages as droppable until they are written again: they become old and clean. Linux: madvise_free_pte_range().
  func adviseFree(_ el1: EL1Interface, _ mm: MMID, _ vma: VMArea, _ start: UInt64, _ end: UInt64) -> Errno? {
    if !vma.flags.isDisjoint(with: [.HUGETLB, .LOCKED]) || !vma.isAnonymous { return .EINVAL }
    drainBatches(el1)
    let gather = MMUGather()
    var walk = firstEntry(el1, mm, start, end)
    while walk.isOngoing {
      if walk.isHuge {
        walk = nextEntry(el1, walk, after: adviseHugePMD(el1, mm, gather, .free, walk.entry, walk.va, walk.partEnd))
        continue
      }
      adviseFree(el1, gather, walk.entry, walk.va, start, end)
      walk = nextEntry(el1, walk)
    }
    finish(el1, mm, gather)
    return nil
  }

  /// One entry of the range [start, end), under its lock.
  private func adviseFree(
    _ el1: EL1Interface, _ gather: MMUGather, _ entry: PhysicalAddress, _ va: UInt64, _ start: UInt64, _ end: UInt64
  ) {
    let editor = PageTableEditor(el1: el1)
    let value = editor.load(entry)
    if !value.isPresent {
      // A poisoned page becomes usable again.
      if SwapEntry(value)?.isPoisoned == true { editor.set(entry, PageTableEntry(0)) }
      return
    }
    if !canAdviseAlone(el1, entry, va, start, end) || !makeClean(el1, value.output) { return }
    if value.isYoung || value.isDirty {
      editor.clearYoung(entry, dirtyToo: true)
      gather.noteEntry(va)
    }
    markLazyFree(el1, folio(el1, value.output))
  }

  /// Clears the folio's own dirtiness; false if other address spaces map it and may need its contents.
  private func makeClean(_ el1: EL1Interface, _ page: UInt64) -> Bool {
    if !hasFlag(el1, page, PageDescriptor.dirty) { return true }
    if field(el1, page, PageDescriptor.mapCount, as: UInt32.self) != 1 { return false }
    clearFlag(el1, page, PageDescriptor.dirty)
    return true
  }

  /// Ages pages, or reclaims those that can be reclaimed: pages given up by MADV_FREE and not written since, and pages of shmem,
  /// which stay in the file. There is no swap for other anonymous memory, and files of the root file system stay in RAM. Linux:
  /// madvise_cold_or_pageout_pte_range(), shrink_folio_list(), try_to_unmap_one().
  func adviseColdOrPageOut(
    _ el1: EL1Interface, _ mm: MMID, _ vma: VMArea, _ start: UInt64, _ end: UInt64, pageOut: Bool
  ) -> Errno? {
    if !vma.flags.isDisjoint(with: [.LOCKED, .HUGETLB, .PFNMAP]) { return .EINVAL }
    drainBatches(el1)
    let gather = MMUGather()
    let advice: PageAdvice = pageOut ? .pageOut : .cold
    var walk = firstEntry(el1, mm, start, end)
    while walk.isOngoing {
      if walk.isHuge {
        walk = nextEntry(el1, walk, after: adviseHugePMD(el1, mm, gather, advice, walk.entry, walk.va, walk.partEnd))
        continue
      }
      let value = PageTableEditor(el1: el1).load(walk.entry)
      if value.isPresent && canAdviseAlone(el1, walk.entry, walk.va, start, end) {
        ageOrPageOut(el1, mm, gather, walk.entry, value, walk.va, pageOut: pageOut)
      }
      walk = nextEntry(el1, walk)
    }
    finish(el1, mm, gather)
    return nil
  }

  /// One entry under its lock.
  private func ageOrPageOut(
    _ el1: EL1Interface, _ mm: MMID, _ gather: MMUGather, _ entry: PhysicalAddress, _ value: PageTableEntry, _ va: UInt64, pageOut: Bool
  ) {
    let page = value.output
    // Whether other address spaces use the page is not for this caller to decide, so a shared page is skipped.
    if field(el1, page, PageDescriptor.mapCount, as: UInt32.self) != 1 { return }
    if !pageOut && value.isYoung {
      PageTableEditor(el1: el1).clearYoung(entry, dirtyToo: false)
      gather.noteEntry(va)
    }
    let head = folio(el1, page)
    if !pageOut { return deactivate(el1, head) }
    clearReferenced(el1, head)
    if isLarge(el1, page) && hasFlag(el1, head, PageDescriptor.anonymous) && !hasFlag(el1, head, PageDescriptor.lazyFree) {
      // Swap would take single pages, so the folio is split before it turns out that there is no swap.
      let lock = LockName(.pageTable, entry.rawValue & ~0xfff)
      el1.unlock(lock)
      _ = splitFolio(el1, head)
      el1.lock(lock)
    } else {
      reclaim(el1, mm, gather, entry, va)
    }
  }

  /// Unmaps the page if it can be read again, or was given up; otherwise it stays.
  private func reclaim(_ el1: EL1Interface, _ mm: MMID, _ gather: MMUGather, _ entry: PhysicalAddress, _ va: UInt64) {
    let page = PageTableEditor(el1: el1).load(entry).output
    switch residentKind(el1, page) {
    case .shmem:
      zapEntry(el1, mm, gather, entry, va)
      clearReferenced(el1, folio(el1, page))
      // A page that was never written holds only zeroes, so the file loses it too.
      if isLarge(el1, page) || hasFlag(el1, page, PageDescriptor.dirty) {
        returnToLists(el1, page)
      } else {
        dropCleanPage(el1, page, entry)
      }
    case .file: countReturnToLists()
    case .anonymous: if !dropLazyFree(el1, mm, gather, entry, va) { returnToLists(el1, page) }
    }
  }

  /// Removes a clean page from its file. The caller holds the lock of an entry, which is released meanwhile. Linux: remove_mapping().
  private func dropCleanPage(_ el1: EL1Interface, _ page: UInt64, _ entry: PhysicalAddress) {
    let file = FileID(UInt32(truncatingIfNeeded: field(el1, page, PageDescriptor.mapping, as: UInt64.self) >> 1))
    let index = field(el1, page, PageDescriptor.index, as: UInt64.self)
    let lock = LockName(.pageTable, entry.rawValue & ~0xfff)
    el1.unlock(lock)
    removePages(el1, file, index, index + 1)
    el1.lock(lock)
  }

  /// Drops a page that was given up by MADV_FREE. If it was written since, it is an ordinary page again. True if it was dropped.
  /// Linux: try_to_unmap_one().
  func dropLazyFree(_ el1: EL1Interface, _ mm: MMID, _ gather: MMUGather, _ entry: PhysicalAddress, _ va: UInt64) -> Bool {
    let value = PageTableEditor(el1: el1).load(entry)
    if !value.isPresent || value.isSpecial { return false }
    let page = value.output
    if !hasFlag(el1, page, PageDescriptor.lazyFree) { return false }
    if value.isDirty || hasFlag(el1, page, PageDescriptor.dirty) {
      clearFlag(el1, page, PageDescriptor.lazyFree)
      return false
    }
    if referenceCount(el1, page) != field(el1, page, PageDescriptor.mapCount, as: UInt32.self) { return false }
    zapEntry(el1, mm, gather, entry, va)
    return true
  }

  /// Punches a hole into the file. Linux: madvise_remove(), vfs_fallocate().
  func adviseRemove(_ el1: EL1Interface, _ mm: MMID, _ vma: VMArea, _ start: UInt64, _ end: UInt64) -> Errno? {
    if vma.flags.contains(.LOCKED) || vma.isAnonymous { return .EINVAL }
    if !vma.flags.isSuperset(of: [.SHARED, .MAYWRITE]) { return .EACCES }
    leaveMmapLock(el1, mm, holding: vma.file)
    var problem: Errno?
    do throws(Errno) {
      try punchHole(el1, vma.file, offset: vma.pageIndex(of: start) << 12, length: end - start)
    } catch { problem = error }
    returnToMmapLock(el1, mm, from: vma.file)
    return problem
  }

  /// Reads a host file's pages ahead. Files that exist only in RAM have nothing to read. Linux: madvise_willneed(), vfs_fadvise().
  func adviseWillNeed(_ el1: EL1Interface, _ mm: MMID, _ vma: VMArea, _ start: UInt64, _ end: UInt64) -> Errno? {
    // Nothing was swapped out, but what waits goes to its list all the same.
    if vma.isAnonymous || state.files[vma.file].kind == .shmem {
      drainBatches(el1)
      return nil
    }
    guard case .host = state.files[vma.file].kind else { return nil }
    let first = vma.pageIndex(of: start)
    leaveMmapLock(el1, mm, holding: vma.file)
    readAhead(el1, vma.file, first, first + (end - start) >> 12)
    returnToMmapLock(el1, mm, from: vma.file)
    return nil
  }

  /// Operations on the file itself run without the mmap lock, so a reference keeps the file meanwhile.
  func leaveMmapLock(_ el1: EL1Interface, _ mm: MMID, holding file: FileID) {
    retainFile(file)
    unlockMM(el1, mm)
  }
  func returnToMmapLock(_ el1: EL1Interface, _ mm: MMID, from file: FileID) {
    releaseFile(el1, file)
    mmapReadLock(el1, mm)
  }
}
