// Owns reads and writes of files through their pages, and changes of their size.
// It does not know descriptors or user memory. Linux: mm/filemap.c, mm/shmem.c, mm/truncate.c.
import Architecture

extension MemoryManager {
  /// Reads from an offset; the bytes read, fewer only at the end.
  public func readFile(
    _ el1: EL1Interface, _ id: FileID, offset: UInt64, into buffer: UnsafeMutableRawBufferPointer
  ) throws(Errno) -> Int {
    let size = state.files[id].size
    let count = offset >= size ? 0 : min(buffer.count, Int(clamping: size - offset))
    var done = 0
    while done < count {
      let at = offset + UInt64(done)
      let piece = min(count - done, 4096 - Int(at & 0xfff))
      let target = UnsafeMutableRawBufferPointer(rebasing: buffer[done..<done + piece])
      if let page = try cachedPage(el1, id, at >> 12, creates: false) {
        target.copyMemory(from: UnsafeRawBufferPointer(start: el1.hostAddress(PhysicalAddress(page + at & 0xfff), size: UInt64(piece)), count: piece))
      } else {
        target.initializeMemory(as: UInt8.self, repeating: 0)
      }
      done += piece
    }
    return count
  }

  /// Writes at an offset, which may grow the file; the bytes written. Throws ENOSPC where RAM is used up.
  public func writeFile(_ el1: EL1Interface, _ id: FileID, offset: UInt64, _ bytes: UnsafeRawBufferPointer) throws(Errno) -> Int {
    var done = 0
    while done < bytes.count {
      let at = offset + UInt64(done)
      let piece = min(bytes.count - done, 4096 - Int(at & 0xfff))
      guard let page = try cachedPage(el1, id, at >> 12, creates: true) else {
        if done == 0 { throw .ENOSPC }
        break
      }
      el1.store(from: bytes.baseAddress! + done, count: piece, to: PhysicalAddress(page + at & 0xfff))
      done += piece
      state.files[id].size = max(state.files[id].size, at + UInt64(piece))
    }
    return done
  }

  /// Linux: shmem_setattr(), truncate_setsize().
  public func truncateFile(_ el1: EL1Interface, _ id: FileID, size: UInt64) throws(Errno) {
    let old = state.files[id].size
    if size < old { try punchHole(el1, id, offset: size, length: UInt64.max - size) }
    state.files[id].size = size
  }

  /// Frees whole pages and clears the rest of a range. Linux: shmem_fallocate().
  public func punchHole(_ el1: EL1Interface, _ id: FileID, offset: UInt64, length: UInt64) throws(Errno) {
    let end = offset &+ length
    for (index, page) in state.files[id].pages.pages(offset >> 12, end >> 12 &+ 1) {
      let low = max(offset, index << 12) & 0xfff
      let high = end >> 12 == index ? end & 0xfff : 4096
      if low == 0 && high == 4096 {
        _ = state.files[id].pages.remove(at: index)
        putPage(el1, page)
      } else if low < high {
        let zeroes = [UInt8](repeating: 0, count: Int(high - low))
        zeroes.withUnsafeBytes { el1.store(from: $0.baseAddress!, count: zeroes.count, to: PhysicalAddress(page + low)) }
      }
    }
  }

  /// fallocate without flags but FALLOC_FL_KEEP_SIZE: pages for a whole range.
  public func allocateFile(_ el1: EL1Interface, _ id: FileID, offset: UInt64, length: UInt64, keepsSize: Bool) throws(Errno) {
    for index in offset >> 12...(offset + length - 1) >> 12 {
      if try cachedPage(el1, id, index, creates: true) == nil { throw .ENOSPC }
    }
    if !keepsSize { state.files[id].size = max(state.files[id].size, offset + length) }
  }

  private func cachedPage(_ el1: EL1Interface, _ id: FileID, _ index: UInt64, creates: Bool) throws(Errno) -> UInt64? {
    if let page = state.files[id].pages[index] { return page }
    var handle: Int32 = -1
    if case .host(let number) = state.files[id].kind { handle = number }
    if handle < 0 && !creates { return nil }
    guard let page = allocateZeroedPage(el1) else { throw .ENOSPC }
    if handle >= 0, let pageSource {
      var bytes = [UInt8](repeating: 0, count: 4096)
      let count = bytes.withUnsafeMutableBytes { pageSource.read(handle, offset: index << 12, $0) }
      bytes.withUnsafeBytes { el1.store(from: $0.baseAddress!, count: count, to: PhysicalAddress(page)) }
    }
    state.files[id].pages.insert(page, at: index)
    return page
  }
}
