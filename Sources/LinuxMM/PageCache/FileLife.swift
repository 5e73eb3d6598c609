// Owns the life of a backing file: it is made, held by descriptors and mappings, and removed with its pages.
// It does not know paths or descriptors. Linux: mm/shmem.c, fs/inode.c iput().
import Architecture

/// The source of host files' bytes. It is the only thing that memory management needs from outside.
public protocol PageSource: AnyObject {
  /// Reads a host file at an offset, and returns the number of bytes, which is smaller only at the file's end.
  func read(_ handle: Int32, offset: UInt64, _ buffer: UnsafeMutableRawBufferPointer) -> Int
}

extension MemoryManager {
  /// Makes a file without pages, with one reference. /proc/PID/maps prints `inode`. Its pages count against
  /// `quota`.
  public func createFile(
    _ kind: BackingFile.Kind, name: [UInt8], size: UInt64, inode: UInt64 = 0, quota: PageQuotaID = .none
  ) -> FileID {
    var file = BackingFile(kind: kind, name: name, inode: inode, size: size)
    file.sourceLimit = size
    file.quota = quota
    return state.files.insert(file)
  }

  /// Charges a new memory file for its whole size.
  func chargeWhole(_ id: FileID) {
    state.files[id].chargedPages = Int(state.files[id].size >> 12)
    state.committedShared += state.files[id].chargedPages
  }

  /// Counts one more open file description or directory entry that holds the file.
  public func retainFile(_ id: FileID) { state.files[id].openReferences += 1 }

  /// Drops one reference. A file that is neither open nor mapped is removed with its pages.
  public func releaseFile(_ el1: EL1Interface, _ id: FileID) {
    precondition(state.files[id].openReferences > 0, "a file released more often than held")
    state.files[id].openReferences -= 1
    dropIfUnused(el1, id)
  }

  private func dropIfUnused(_ el1: EL1Interface, _ id: FileID) {
    if state.files[id].openReferences > 0 || state.files[id].mappings > 0 { return }
    truncatePages(el1, id, 0, .max)
    state.committedShared -= state.files[id].chargedPages
    state.files.remove(id)
  }
}
