// Owns files of pool memory: their pages from allocation to removal, their size and holes, and reading them.
// It does not know descriptors or mappings' tables. Linux: fs/hugetlbfs/inode.c.
import Architecture

extension MemoryManager {
  /// The device that /proc/PID/maps prints for the kernel's own hugetlbfs, as observed on 6.12.
  public static let hugetlbDevice: (major: UInt32, minor: UInt32) = (0, 17)

  /// Makes a file for memfd_create(MFD_HUGETLB), with one reference. `sizeBits` is the page size as in bits 31:26 of the flags.
  /// ENODEV if there is no such size. Linux: hugetlb_file_setup().
  public func createHugetlbFile(name: [UInt8], sizeBits: UInt64) throws(Errno) -> FileID {
    guard let shift = HugePagePool.size(encoded: sizeBits) else { throw .ENODEV }
    return addHugetlbFile(name: name, size: 0, shift: shift)
  }

  /// Makes a file of a hugetlbfs, with one reference. `pageSize` is in bytes, and one of those that the kernel has.
  public func createHugetlbFile(name: [UInt8], pageSize: UInt64, quota: PageQuotaID) -> FileID {
    let id = addHugetlbFile(name: name, size: 0, shift: UInt8(pageSize.trailingZeroBitCount))
    state.files[id].quota = quota
    return id
  }
  /// The sizes of huge pages in bytes that the kernel has, smallest first.
  public static var hugePageSizes: [UInt64] { HugePagePool.sizes.map { 1 << UInt64($0) } }

  func addHugetlbFile(name: [UInt8], size: UInt64, shift: UInt8) -> FileID {
    let id = createFile(.hugetlb, name: name, size: size, inode: state.nextSharedInode())
    state.files[id].hugePageShift = shift
    state.files[id].device = Self.hugetlbDevice
    return id
  }

  /// Adds a cleared page to the file, which holds its reference. Linux: hugetlb_add_to_page_cache().
  func addHugetlbPage(_ el1: EL1Interface, _ id: FileID, _ number: UInt64, _ head: UInt64) {
    clearFlag(el1, head, PageDescriptor.restoresPromise)
    setField(el1, head, PageDescriptor.mapping, PageDescriptor.mapping(id))
    setField(el1, head, PageDescriptor.index, number << 9)
    state.files[id].pages.insert(head, at: number)
  }

  /// Removes the huge pages [first, end) from the file. Reservations of absent pages in a hole stay. Linux:
  /// remove_inode_hugepages().
  func removeHugetlbPages(_ el1: EL1Interface, _ id: FileID, _ first: UInt64, _ end: UInt64, isTruncation: Bool) {
    var freed = 0
    let mutex = LockName(.hugetlbFault, UInt64(id.rawValue))
    for (number, head) in state.files[id].pages.pages(first, end) {
      // No fault may map the page again while it is being removed.
      el1.lock(mutex)
      if field(el1, head, PageDescriptor.entireMapCount, as: UInt32.self) > 0 { unmapHugetlbFile(el1, id, number, number + 1) }
      let lock = LockName(.folio, head)
      el1.lock(lock)
      // Another actor may have removed the page first.
      let isThere = state.files[id].pages[number] == head
      if isThere {
        _ = state.files[id].pages.remove(at: number)
        setField(el1, head, PageDescriptor.mapping, 0 as UInt64)
      }
      el1.unlock(lock)
      if isThere {
        putPage(el1, head)
        freed += 1
        if !isTruncation { unreserveHugePages(el1, id, number, number + 1, freed: 1) }
      }
      el1.unlock(mutex)
    }
    if isTruncation { unreserveHugePages(el1, id, first, end, freed: freed) }
  }

  /// Unmaps huge pages [first, end) from every table, including the private copies. Linux: hugetlb_unmap_file_folio().
  private func unmapHugetlbFile(_ el1: EL1Interface, _ id: FileID, _ first: UInt64, _ end: UInt64) {
    let lock = mappingWriteLock(id)
    el1.lock(lock)
    unmapHugetlbFileLocked(el1, id, first, end)
    el1.unlock(lock)
  }

  /// The same; the caller holds the lock of the file's mappings. Linux: hugetlb_vmdelete_list().
  private func unmapHugetlbFileLocked(_ el1: EL1Interface, _ id: FileID, _ first: UInt64, _ end: UInt64) {
    let limit = end > .max >> 9 ? .max : end << 9
    for range in mappedRanges(of: id, first << 9, limit) { zapHugetlb(el1, range.mm, range.vma, range.start, range.end) }
  }

  /// Changes the size. EINVAL if it is not a multiple of the page size; EPERM by seals. Linux: hugetlbfs_setattr(),
  /// hugetlb_vmtruncate().
  func truncateHugetlb(_ el1: EL1Interface, _ id: FileID, size: UInt64) throws(Errno) {
    if size & (hugetlbPageSize(of: id) - 1) != 0 { throw .EINVAL }
    try checkSizeSeals(id, newSize: size)
    state.files[id].size = size
    let first = size >> HugePagePool.defaultSize
    unmapHugetlbFile(el1, id, first, .max)
    removeHugetlbPages(el1, id, first, .max, isTruncation: true)
  }

  /// Removes whole pages, from private mappings too, and zeroes the rest of the range. Linux: hugetlbfs_punch_hole().
  func punchHugetlb(_ el1: EL1Interface, _ id: FileID, offset: UInt64, length: UInt64) throws(Errno) {
    if state.files[id].seals.forbidWrites { throw .EPERM }
    let size = hugetlbPageSize(of: id)
    let end = offset + min(length, .max - size - min(offset, .max - size))
    let (holeStart, holeEnd) = ((offset + size - 1) & ~(size - 1), end & ~(size - 1))
    let (first, last) = (holeStart >> HugePagePool.defaultSize, holeEnd >> HugePagePool.defaultSize)
    let lock = mappingWriteLock(id)
    el1.lock(lock)
    if offset < holeStart { zeroHugetlb(el1, id, offset, min(end, holeStart)) }
    if holeEnd > holeStart { unmapHugetlbFileLocked(el1, id, first, last) }
    if end > holeEnd && end > holeStart { zeroHugetlb(el1, id, holeEnd, end) }
    el1.unlock(lock)
    if holeEnd > holeStart { removeHugetlbPages(el1, id, first, last, isTruncation: false) }
  }

  /// Zeroes part of a huge page, if the page is present. Linux: hugetlbfs_zero_partial_page().
  private func zeroHugetlb(_ el1: EL1Interface, _ id: FileID, _ start: UInt64, _ end: UInt64) {
    guard let head = state.files[id].pages[start >> HugePagePool.defaultSize] else { return }
    clearBytes(el1, head + start & HugePage.mask, end - start)
  }

  /// Makes every page of the range present. ENOSPC if the pool runs out; the pages before that stay. EPERM by seals. Linux:
  /// hugetlbfs_fallocate().
  func allocateHugetlb(_ el1: EL1Interface, _ id: FileID, offset: UInt64, length: UInt64, keepsSize: Bool) throws(Errno) {
    let (end, overflows) = offset.addingReportingOverflow(length)
    if overflows || end > Self.maximumFileSize { throw .EFBIG }
    if state.files[id].seals.contains(.GROW) && end > state.files[id].size { throw .EPERM }
    // There are no pages of other sizes.
    if state.files[id].hugePageShift != HugePagePool.defaultSize { throw .ENOSPC }
    // The pages are allocated as for accesses through a shared mapping.
    let pseudo = VMArea(start: 0, end: 0, flags: [.HUGETLB, .SHARED, .MAYSHARE], pageOffset: 0, file: id)
    for number in offset >> HugePagePool.defaultSize..<(end + HugePage.mask) >> HugePagePool.defaultSize
    where state.files[id].pages[number] == nil {
      if !state.files[id].reservedHugePages.contains(number) && !hasHugeRoom(id, 1) { throw .ENOSPC }
      guard let head = allocatePoolPage(el1, pseudo, number) else { throw .ENOSPC }
      clearHugePage(el1, head)
      addHugetlbPage(el1, id, number, head)
    }
    if !keepsSize { state.files[id].size = max(state.files[id].size, end) }
  }

  /// The page size of a file of pool memory; nil for others.
  public func hugetlbFilePageSize(_ id: FileID) -> UInt64? { isHugetlb(id) ? hugetlbPageSize(of: id) : nil }

  /// Physical address of the base page at an offset; nil in a hole. Linux: hugetlbfs_read_iter().
  func hugetlbBasePage(_ id: FileID, at offset: UInt64) -> UInt64? {
    state.files[id].pages[offset >> HugePagePool.defaultSize].map { $0 + offset & HugePage.mask & ~0xfff }
  }
}
