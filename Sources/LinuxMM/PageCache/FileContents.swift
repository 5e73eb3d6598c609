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
  /// generic_perform_write(), shmem_write_begin().
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
      let page: UInt64
      do throws(Errno) {
        try checkWriteSeals(id, end: at + UInt64(piece))
        page = try filePage(el1, id, at >> 12)
      } catch {
        if done > 0 { return done }
        throw error
      }
      bytes.withUnsafeBytes { el1.store(from: $0.baseAddress! + done, count: piece, to: PhysicalAddress(page + at & 0xfff)) }
      endWrite(el1, id, page, at + UInt64(piece))
      done += piece
    }
    return done
  }

  /// The effect of a write whose source bytes, up to an offset, could not be read. It returns whether the file changed. Linux:
  /// generic_perform_write(), where nothing was copied.
  public func failWrite(_ el1: EL1Interface, _ id: FileID, offset: UInt64) -> Bool {
    if !configuration.profile.writesBeforeFaulting || isHugetlb(id) || offset >= Self.maximumFileSize { return false }
    guard let page = try? filePage(el1, id, offset >> 12) else { return false }
    endWrite(el1, id, page, offset)
    return true
  }

  /// Linux: simple_write_end(), shmem_write_end().
  private func endWrite(_ el1: EL1Interface, _ id: FileID, _ page: UInt64, _ end: UInt64) {
    // Pages of a ramfs cannot be evicted, so Linux does not mark them referenced.
    setFlag(el1, page, state.files[id].kind == .shmem ? PageDescriptor.dirty | PageDescriptor.referenced : PageDescriptor.dirty)
    state.files[id].size = max(state.files[id].size, end)
  }
}
