// Owns reads of whole files that have no effect, for debuggers. It does not know what the bytes mean.
import Architecture

extension MemoryManager {
  /// The bytes of a file as reads would find them, at most `limit`. A page that is not in RAM is read from the host and not kept; a page
  /// without contents is zero.
  public func peekFile(_ el1: EL1Interface, _ id: FileID, limit: Int) -> [UInt8] {
    let size = Int(min(state.files[id].size, UInt64(limit)))
    var bytes = [UInt8](repeating: 0, count: size)
    if case .host(let handle) = state.files[id].kind, handle >= 0, let pageSource {
      let wanted = Int(min(UInt64(size), state.files[id].sourceLimit))
      bytes.withUnsafeMutableBytes { buffer in
        var done = 0
        while done < wanted {
          let count = pageSource.read(handle, offset: UInt64(done), UnsafeMutableRawBufferPointer(rebasing: buffer[done..<wanted]))
          if count <= 0 { break }
          done += count
        }
      }
    }
    if isHugetlb(id) { return bytes }
    for start in stride(from: 0, to: size, by: 4096) {
      guard let page = upToDatePage(el1, id, UInt64(start) >> 12) else { continue }
      let count = min(4096, size - start)
      let address = el1.hostAddress(PhysicalAddress(page), size: UInt64(count))
      bytes.replaceSubrange(start..<start + count, with: UnsafeRawBufferPointer(start: address, count: count))
    }
    return bytes
  }
}
