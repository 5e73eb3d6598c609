// Owns single pages of the page cache: looking one up, adding and filling it, removing it, and the page limit of a tmpfs.
// It does not know who asks or where a page is mapped. Linux: mm/filemap.c, mm/shmem.c shmem_get_folio_gfp(), fs/libfs.c.
import Architecture

extension MemoryManager {
  /// Whether a page of a file is in RAM and up to date; mincore reports this. Linux: mincore_page().
  public func isCached(_ el1: EL1Interface, _ id: FileID, _ index: UInt64) -> Bool { upToDatePage(el1, id, index) != nil }

  /// The page if it is in RAM and up to date.
  @inline(__always)
  func upToDatePage(_ el1: EL1Interface, _ id: FileID, _ index: UInt64) -> UInt64? {
    guard let page = state.files[id].pages[index], hasFlag(el1, folio(el1, page), PageDescriptor.upToDate) else { return nil }
    return page
  }

  /// The page, which is added and filled if it is missing: with the host's bytes or with zeroes. ENOSPC if its tmpfs is full,
  /// ENOMEM if there is no RAM, EIO if the page has failed. `isUsed` tells that a fault asks for it.
  func filePage(_ el1: EL1Interface, _ id: FileID, _ index: UInt64, isUsed: Bool = false) throws(Errno) -> UInt64 {
    if let page = state.files[id].pages[index] {
      if _slowPath(hasFlag(el1, page, PageDescriptor.poisoned)) { throw .EIO }
      // A page that fallocate made is zero already, but counts as up to date only after its first use.
      let head = folio(el1, page)
      if !hasFlag(el1, head, PageDescriptor.upToDate) { setFlag(el1, head, PageDescriptor.upToDate) }
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
  /// meanwhile. A large folio that could not be split and reaches out of the range stays. False if there were no pages. Linux:
  /// truncate_cleanup_folio(), delete_from_page_cache_batch().
  @discardableResult
  func removePages(_ el1: EL1Interface, _ id: FileID, _ start: UInt64, _ end: UInt64) -> Bool {
    let found = state.files[id].pages.pages(start, end)
    for (index, page) in found {
      // The other pages of a large folio go with its first one.
      let head = folio(el1, page)
      if head != page && index > start { continue }
      let lock = LockName(.folio, head)
      el1.lock(lock)
      let (first, pages) = (index - (page - head) >> 12, folioPages(el1, head))
      // Another actor may have removed the page first.
      if state.files[id].pages[index] != page || first < start || first + UInt64(pages) > end {
        el1.unlock(lock)
        continue
      }
      if mappings(el1, head) > 0 { unmapMappingRange(el1, id, first, first + UInt64(pages), []) }
      removeFolio(el1, id, head) { el1.unlock(lock) }
    }
    return !found.isEmpty
  }

  /// Removes an unmapped folio from the cache; `unlock` is called before its references are dropped. Linux: filemap_remove_folio().
  func removeFolio(_ el1: EL1Interface, _ id: FileID, _ head: UInt64, unlock: () -> Void = {}) {
    let index = field(el1, head, PageDescriptor.index, as: UInt64.self)
    let pages = folioPages(el1, head)
    for page in 0..<UInt64(pages) { _ = state.files[id].pages.remove(at: index + page) }
    chargeQuota(state.files[id].quota, -pages)
    countCached(id, -pages)
    if pages == HugePage.pages { state.hugePages.sharedPages -= pages }
    setField(el1, head, PageDescriptor.mapping, 0 as UInt64)
    unlock()
    for _ in 0..<pages { putPage(el1, head) }
  }

  func countCached(_ id: FileID, _ pages: Int) {
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
  /// The physical address of the page that a read at a virtual address would find, if it finds one in RAM without a fault or with no more
  /// than a fault that maps a page of a file. It changes nothing.
  public func visiblePage(_ el1: EL1Interface, _ mm: MMID, _ address: UInt64) -> UInt64? {
    if let leaf = leaf(el1, mm, address), leaf.entry.isPresent { return leaf.page }
    return unmappedPage(el1, mm, address)
  }

  /// Whether a read at a virtual address would find zeros, because its anonymous mapping has no page there yet.
  public func readsAsZero(_ el1: EL1Interface, _ mm: MMID, _ address: UInt64) -> Bool {
    guard let vma = vma(mm, containing: address), vma.isAnonymous else { return false }
    return leaf(el1, mm, address)?.entry.isNone ?? true
  }

  /// The page in RAM that a read at a virtual address without an entry would find, for callers that look without a fault.
  public func unmappedPage(_ el1: EL1Interface, _ mm: MMID, _ address: UInt64) -> UInt64? {
    guard let vma = vma(mm, containing: address), vma.file != .none, !vma.flags.contains(.HUGETLB) else { return nil }
    if let entry = PageTableEditor(el1: el1).find(state[mm].pgd, address), !PageTableEditor(el1: el1).load(entry).isNone {
      return nil
    }
    return upToDatePage(el1, vma.file, vma.pageIndex(of: address))
  }
}
