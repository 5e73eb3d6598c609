// Owns reads and writes of files by offset, through the page cache.
// It does not know descriptors or user memory. Linux: mm/filemap.c, mm/shmem.c.
import Architecture

extension MemoryManager {
  /// MAX_LFS_FILESIZE: the largest size of a file in bytes.
  static var maximumFileSize: UInt64 { UInt64(Int64.max) }

  /// Reads at most `count` bytes at an offset, and fewer only at the end of the file. ENOMEM if there is no RAM for a page of a
  /// host file. A hole of a memory file reads as zeroes and stays a hole. Linux: filemap_read(), shmem_file_read_iter().
  public func readFile(_ el1: EL1Interface, _ id: FileID, offset: UInt64, count wanted: Int) throws(Errno) -> [UInt8] {
    let size = state.files[id].size
    var bytes: [UInt8] = []
    if offset >= size { return bytes }
    let count = Int(min(UInt64(wanted), size - offset))
    bytes.reserveCapacity(count)
    while bytes.count < count {
      let at = offset + UInt64(bytes.count)
      let piece = min(count - bytes.count, 4096 - Int(at & 0xfff))
      let page: UInt64?
      if state.files[id].kind == .shmem {
        page = upToDatePage(el1, id, at >> 12)
      } else if isHugetlb(id) {
        page = hugetlbBasePage(id, at: at)
      } else {
        do { page = try filePage(el1, id, at >> 12) } catch {
          if !bytes.isEmpty { return bytes }
          throw error
        }
      }
      if let page, hasFlag(el1, page, PageDescriptor.poisoned) {
        if !bytes.isEmpty { return bytes }
        throw .EIO
      }
      if let page {
        // A memory file counts only reads of a page's beginning.
        if state.files[id].kind != .shmem || at & 0xfff == 0 { markAccessed(el1, page) }
        let address = el1.hostAddress(PhysicalAddress(page + at & 0xfff), size: UInt64(piece))
        bytes += UnsafeRawBufferPointer(start: address, count: piece)
      } else {
        bytes += repeatElement(0, count: piece)
      }
    }
    return bytes
  }

  /// Writes bytes at an offset and extends the file if necessary. It returns the number of bytes written, which is smaller if space
  /// runs out. EFBIG; EPERM if a seal forbids it; ENOSPC if the tmpfs is full; ENOMEM if there is no RAM. Linux:
  /// generic_perform_write().
  public func writeFile(_ el1: EL1Interface, _ id: FileID, offset: UInt64, _ bytes: [UInt8]) throws(Errno) -> Int {
    // A file of pool memory can only be written through mappings.
    if isHugetlb(id) { throw .EINVAL }
    if bytes.isEmpty { return 0 }
    if offset >= Self.maximumFileSize { throw .EFBIG }
    let count = Int(min(UInt64(bytes.count), Self.maximumFileSize - offset))
    var done = 0
    while done < count {
      let at = offset + UInt64(done)
      let piece = min(count - done, 4096 - Int(at & 0xfff))
      do throws(Errno) {
        try writePage(el1, id, offset: at, count: piece) { _ in bytes[done..<done + piece] }
      } catch {
        if done > 0 { return done }
        throw error
      }
      done += piece
    }
    return done
  }

  /// Writes to one page of a file that is no pool memory: first the page is there, then `source` is asked for at most `count` bytes,
  /// which must lie in the page. Even if `source` has none, the page is there afterwards. It returns the number of bytes written. EPERM
  /// if a seal forbids it; ENOSPC if the tmpfs is full; ENOMEM if there is no RAM. Linux: shmem_write_begin(), shmem_write_end().
  @discardableResult
  public func writePage(
    _ el1: EL1Interface, _ id: FileID, offset: UInt64, count: Int, from source: (_ count: Int) -> ArraySlice<UInt8>
  ) throws(Errno) -> Int {
    precondition(count > 0 && offset & 0xfff + UInt64(count) <= 4096, "the bytes lie in one page")
    if isHugetlb(id) { throw .EINVAL }
    try checkWriteSeals(id, end: offset + UInt64(count))
    let page = try filePage(el1, id, offset >> 12)
    let bytes = source(count)
    bytes.withUnsafeBytes {
      if let start = $0.baseAddress { el1.store(from: start, count: $0.count, to: PhysicalAddress(page + offset & 0xfff)) }
    }
    endWrite(el1, id, page, offset + UInt64(bytes.count))
    return bytes.count
  }

  /// The number of bytes, a power of two, that a write to a file may hope to copy to one folio. Linux: mapping_max_folio_size().
  public func largestFolio(_ id: FileID) -> UInt64 { state.files[id].kind == .shmem ? Layout48.hugePage : 4096 }

  /// Linux: simple_write_end(), shmem_write_end().
  private func endWrite(_ el1: EL1Interface, _ id: FileID, _ page: UInt64, _ end: UInt64) {
    let folio = folio(el1, page)
    setFlag(el1, folio, PageDescriptor.dirty)
    // A ramfs does not do this, because its pages cannot be evicted.
    if state.files[id].kind == .shmem { markAccessed(el1, folio) }
    state.files[id].size = max(state.files[id].size, end)
  }
}
