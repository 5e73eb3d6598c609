// Owns a file's size and holes: truncation, hole punching, preallocation, and unmapping removed pages everywhere.
// It does not know descriptors. Linux: mm/truncate.c, mm/shmem.c shmem_setattr(), shmem_fallocate().
import Architecture

extension MemoryManager {
  /// Changes the size. Pages behind a smaller size are removed, from mappings too, including private copies. EFBIG; EPERM by seals.
  /// Linux: shmem_setattr(), truncate_setsize().
  public func truncateFile(_ el1: EL1Interface, _ id: FileID, size: UInt64) throws(Errno) {
    if size > Self.maximumFileSize { throw .EFBIG }
    if isHugetlb(id) { return try truncateHugetlb(el1, id, size: size) }
    try checkSizeSeals(id, newSize: size)
    let old = state.files[id].size
    state.files[id].size = size
    state.files[id].sourceLimit = min(state.files[id].sourceLimit, size)
    if size > old { return }
    let first = (size + 0xfff) >> 12
    if el1.traces(.mapping) { recordTruncation(el1, id, first, (old + 0xfff) >> 12) }
    unmapMappingRange(el1, id, first, .max, .evenCopies)
    forgetAllocation(id, first, .max)
    cutFolio(el1, id, of: size >> 12, size, .max)
    truncatePages(el1, id, first, .max)
    if size & 0xfff != 0 { clear(el1, id, size, (size | 0xfff) + 1) }
    // This removes copies that a fault made of pages that it had found before they were removed.
    unmapMappingRange(el1, id, first, .max, .evenCopies)
  }

  /// Records that mappings of a file have lost the pages from `first` to below `end`.
  private func recordTruncation(_ el1: EL1Interface, _ id: FileID, _ first: UInt64, _ end: UInt64) {
    for range in mappedRanges(of: id, first, end) {
      let flags = range.vma.flags
      let rights: UInt64 = (flags.contains(.READ) ? 1 : 0) | (flags.contains(.WRITE) ? 2 : 0) | (flags.contains(.EXEC) ? 4 : 0)
      el1.record(
        .mapping, detail: MappingChange.truncated.rawValue, range.start, range.end, UInt64(range.mm.rawValue) << 8 | rights)
    }
  }

  /// fallocate with FALLOC_FL_PUNCH_HOLE: removes whole pages and zeroes the rest of the range; private copies and the size stay.
  /// EOPNOTSUPP if the file is no memory file, EPERM by seals. Linux: shmem_fallocate().
  public func punchHole(_ el1: EL1Interface, _ id: FileID, offset: UInt64, length: UInt64) throws(Errno) {
    if isHugetlb(id) { return try punchHugetlb(el1, id, offset: offset, length: length) }
    if state.files[id].kind != .shmem { throw .EOPNOTSUPP }
    if state.files[id].seals.forbidWrites { throw .EPERM }
    let end = offset + min(length, .max - 0xfff - min(offset, .max - 0xfff))
    let (first, last) = ((offset + 0xfff) >> 12, end >> 12)
    if first < last { unmapMappingRange(el1, id, first, last, []) }
    if offset < end {
      forgetAllocation(id, first, last)
      cutFolio(el1, id, of: offset >> 12, offset, end)
      cutFolio(el1, id, of: (end - 1) >> 12, offset, end)
    }
    if first < last { truncatePages(el1, id, first, last) }
    let head = min(end, (offset + 0xfff) & ~0xfff)
    if offset < head { clear(el1, id, offset, head) }
    let tail = max(head, end & ~0xfff)
    if tail < end { clear(el1, id, tail, end) }
  }

  /// fallocate of mode 0 or FALLOC_FL_KEEP_SIZE: makes every page of the range present, or none that was not present before.
  /// EOPNOTSUPP if the file is no memory file, EPERM by seals, ENOSPC, ENOMEM. Linux: shmem_fallocate().
  public func allocateFile(
    _ el1: EL1Interface, _ id: FileID, offset: UInt64, length: UInt64, keepsSize: Bool
  ) throws(Errno) {
    if isHugetlb(id) { return try allocateHugetlb(el1, id, offset: offset, length: length, keepsSize: keepsSize) }
    if state.files[id].kind != .shmem { throw .EOPNOTSUPP }
    let (end, overflows) = offset.addingReportingOverflow(length)
    if overflows || end > Self.maximumFileSize { throw .EFBIG }
    if state.files[id].seals.contains(.GROW) && end > state.files[id].size { throw .EPERM }
    // The last possible page cannot be preallocated in newer kernels.
    if configuration.profile.refusesTheLastPage && end > UInt64(Int64.max) - 0xfff { throw .EFBIG }
    let (first, last) = (offset >> 12, (end + 0xfff) >> 12)
    let quota = state.files[id].quota
    if quota != .none, state.quotas.contains(quota), let limit = state.quotas[quota].limit, last - first > UInt64(limit) { throw .ENOSPC }
    let allocatedBefore = state.files[id].allocatedEnd
    state.files[id].allocatedEnd = max(allocatedBefore, last)
    var added: [UInt64] = []
    for index in first..<last {
      // A preallocated page must be swapped rather than dropped, so it is dirty, even if it was there before. One that an earlier call
      // preallocated becomes up to date, so that a failure of this call does not remove it.
      if let page = state.files[id].pages[index] {
        let head = folio(el1, page)
        setFlag(el1, head, PageDescriptor.upToDate)
        setFlag(el1, head, PageDescriptor.dirty)
        continue
      }
      do throws(Errno) {
        setFlag(el1, try addPage(el1, id, index), PageDescriptor.dirty)
        added.append(index)
      } catch {
        state.files[id].allocatedEnd = allocatedBefore
        for index in added { truncatePages(el1, id, index, index + 1) }
        throw error
      }
    }
    if !keepsSize { state.files[id].size = max(state.files[id].size, end) }
  }

  /// Pages behind the end of the file that fallocate made and that are gone do not count as preallocated any more. Linux:
  /// shmem_undo_range().
  private func forgetAllocation(_ id: FileID, _ first: UInt64, _ end: UInt64) {
    let allocated = state.files[id].allocatedEnd
    if allocated > first && allocated <= end { state.files[id].allocatedEnd = first }
  }

  /// Zeroes part of a page, if it is in RAM. Linux: folio_zero_range().
  private func clear(_ el1: EL1Interface, _ id: FileID, _ start: UInt64, _ end: UInt64) {
    // A hole is zero already, and so is the part of a host file that has no source any more.
    guard let page = state.files[id].pages[start >> 12] else { return }
    clearBytes(el1, page + start & 0xfff, end - start)
    // A ramfs does not mark the page dirty. Linux: shmem_undo_range().
    if state.files[id].kind == .shmem { setFlag(el1, folio(el1, page), PageDescriptor.dirty) }
  }

  // MARK: Mappings

  /// Unmaps pages [first, end) of a file from all address spaces; with `.evenCopies` also the copies in private mappings. Linux:
  /// mm/memory.c unmap_mapping_pages().
  func unmapMappingRange(_ el1: EL1Interface, _ id: FileID, _ first: UInt64, _ end: UInt64, _ details: ZapDetails) {
    let lock = mappingReadLock(id)
    el1.lock(lock)
    for range in mappedRanges(of: id, first, end) { zapFilePages(el1, range.mm, range.start, range.end, details) }
    el1.unlock(lock)
  }

  /// Linux: unmap_mapping_range_vma(). Markers stay.
  private func zapFilePages(_ el1: EL1Interface, _ mm: MMID, _ start: UInt64, _ end: UInt64, _ details: ZapDetails) {
    if configuration.profile.drainsBatchesToUnmap { drainBatches(el1) }
    let gather = MMUGather()
    var walk = firstEntry(el1, mm, start, end)
    while walk.isOngoing {
      if walk.isHuge {
        var step = HugeStep.descend
        if details.contains(.byReclaim) {
          splitHugePMD(el1, mm, walk.entry, walk.va)
        } else {
          step = zapHugePMD(el1, mm, gather, walk.entry, walk.va, walk.partEnd)
        }
        walk = nextEntry(el1, walk, after: step)
        continue
      }
      let value = PageTableEditor(el1: el1).load(walk.entry)
      let isTaken =
        value.isPresent
        ? details.contains(.evenCopies) || !isAnonymous(el1, value.output)
        : details.contains(.evenCopies) && SwapEntry(value)?.poisonedPage != nil
      if isTaken { zapEntry(el1, mm, gather, walk.entry, walk.va, marksUse: !details.contains(.byReclaim)) }
      walk = nextEntry(el1, walk)
    }
    finish(el1, mm, gather)
  }
}
