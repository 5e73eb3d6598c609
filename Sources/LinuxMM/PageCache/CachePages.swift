// Owns single pages of the page cache: looking one up, adding and filling it, removing it, and the page limit of a tmpfs.
// It does not know who asks or where a page is mapped. Linux: mm/filemap.c, mm/shmem.c shmem_get_folio_gfp(), fs/libfs.c.
import Architecture

extension MemoryManager {
  /// Whether a page of a file is in RAM and up to date; mincore reports this. Linux: mincore_page().
  public func isCached(_ el1: EL1Interface, _ id: FileID, _ index: UInt64) -> Bool { upToDatePage(el1, id, index) != nil }

  /// The page if it is in RAM and up to date.
  @inline(__always)
  func upToDatePage(_ el1: EL1Interface, _ id: FileID, _ index: UInt64) -> UInt64? {
    guard let page = state.files[id].pages[index], hasFlag(el1, page, PageDescriptor.upToDate) else { return nil }
    return page
  }

  /// The page, which is added and filled if it is missing: with the host's bytes or with zeroes. ENOSPC if its tmpfs is full,
  /// ENOMEM if there is no RAM, EIO if the page has failed. `isUsed` tells that a fault asks for it.
  func filePage(_ el1: EL1Interface, _ id: FileID, _ index: UInt64, isUsed: Bool = false) throws(Errno) -> UInt64 {
    if let page = state.files[id].pages[index] {
      let flags = field(el1, page, PageDescriptor.flags, as: UInt64.self)
      if _slowPath(flags & PageDescriptor.poisoned != 0) { throw .EIO }
      // A page that fallocate made is zero already, but counts as up to date only after its first use.
      if flags & PageDescriptor.upToDate == 0 { setFlag(el1, page, PageDescriptor.upToDate) }
      return page
    }
    let page = try addPage(el1, id, index, isUsed: isUsed)
    readIn(el1, id, index, page)
    setFlag(el1, page, PageDescriptor.upToDate)
    return page
  }

  /// Adds a zeroed page, not up to date yet, to the cache. The cache holds the page's one reference. Linux: filemap_add_folio(),
  /// shmem_alloc_and_add_folio().
  func addPage(_ el1: EL1Interface, _ id: FileID, _ index: UInt64, isUsed: Bool = false) throws(Errno) -> UInt64 {
    let quota = state.files[id].quota
    if isExhausted(quota) { throw .ENOSPC }
    guard let page = allocateZeroedPage(el1) else { throw .ENOMEM }
    setField(el1, page, PageDescriptor.mapping, PageDescriptor.mapping(id))
    setField(el1, page, PageDescriptor.index, index)
    setField(el1, page, PageDescriptor.flags, addToLists(descriptor(el1, page), isUsed: isUsed))
    state.files[id].pages.insert(page, at: index)
    chargeQuota(quota, 1)
    countCached(id, 1)
    return page
  }

  /// Removes the pages of [start, end) because the file loses them. Linux: truncate_inode_pages_range(), shmem_undo_range().
  func truncatePages(_ el1: EL1Interface, _ id: FileID, _ start: UInt64, _ end: UInt64) {
    if isHugetlb(id) { return removeHugetlbPages(el1, id, start, end, isTruncation: true) }
    // Linux: __folio_batch_release().
    if removePages(el1, id, start, end) { drainBatches(el1) }
  }

  /// Removes the pages of [start, end) from the cache of a file that is no pool memory, and from any table that a fault has put them into
  /// meanwhile. False if there were none. Linux: truncate_cleanup_folio(), delete_from_page_cache_batch().
  @discardableResult
  func removePages(_ el1: EL1Interface, _ id: FileID, _ start: UInt64, _ end: UInt64) -> Bool {
    let pages = state.files[id].pages.pages(start, end)
    for (index, page) in pages {
      let lock = LockName(.folio, page)
      el1.lock(lock)
      // Another actor may have removed the page first.
      if state.files[id].pages[index] != page {
        el1.unlock(lock)
        continue
      }
      if field(el1, page, PageDescriptor.mapCount, as: UInt32.self) > 0 {
        unmapMappingRange(el1, id, index, index + 1, [])
      }
      _ = state.files[id].pages.remove(at: index)
      chargeQuota(state.files[id].quota, -1)
      countCached(id, -1)
      setField(el1, page, PageDescriptor.mapping, 0 as UInt64)
      el1.unlock(lock)
      putPage(el1, page)
    }
    return !pages.isEmpty
  }

  private func countCached(_ id: FileID, _ pages: Int) {
    if state.files[id].kind == .special { return }
    state.cachedPages += pages
    if state.files[id].kind == .shmem {
      state.sharedPages += pages
      if state.files[id].chargedPages == 0 { state.committedShared += pages }
    }
  }

  /// Reads a page's bytes from the host. The host's bytes count only up to the smallest size that the file ever had.
  private func readIn(_ el1: EL1Interface, _ id: FileID, _ index: UInt64, _ page: UInt64) {
    guard case .host(let handle) = state.files[id].kind, handle >= 0, let pageSource else { return }
    let (offset, limit) = (index << 12, state.files[id].sourceLimit)
    if offset >= limit { return }
    let wanted = Int(min(4096, limit - offset))
    let bytes = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, count in
      count = max(pageSource.read(handle, offset: offset, UnsafeMutableRawBufferPointer(buffer)), 0)
      precondition(count <= wanted, "the host gave more than was asked for")
    }
    bytes.withUnsafeBytes { if let start = $0.baseAddress { el1.store(from: start, count: $0.count, to: PhysicalAddress(page)) } }
  }
}

extension MemoryManager {
  /// The page in RAM that a read at a virtual address without an entry would find, for callers that look without a fault.
  public func unmappedPage(_ el1: EL1Interface, _ mm: MMID, _ address: UInt64) -> UInt64? {
    guard let vma = vma(mm, containing: address), vma.file != .none, !vma.flags.contains(.HUGETLB) else { return nil }
    if let entry = PageTableEditor(el1: el1).find(state[mm].pgd, address), !PageTableEditor(el1: el1).load(entry).isNone {
      return nil
    }
    return upToDatePage(el1, vma.file, vma.pageIndex(of: address))
  }
}
