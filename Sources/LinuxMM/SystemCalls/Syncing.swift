// Owns msync: its checks of a range and of the mappings in it.
// It does not know files' contents: no file has a disk behind it. Linux: mm/msync.c.
import Architecture

/// MS_*.
public enum SyncFlags {
  public static let ASYNC: UInt64 = 1
  public static let INVALIDATE: UInt64 = 2
  public static let SYNC: UInt64 = 4
}

extension MemoryManager {
  /// msync. No file has a disk behind it, so the call only checks its arguments: EINVAL, ENOMEM for holes, EBUSY for INVALIDATE of
  /// locked memory. Linux: sys_msync().
  public func msync(_ el1: EL1Interface, _ mm: MMID, address: UInt64, length: UInt64, flags: UInt64) throws(Errno) {
    if flags & ~(SyncFlags.ASYNC | SyncFlags.INVALIDATE | SyncFlags.SYNC) != 0 || address & 0xfff != 0 { throw .EINVAL }
    if flags & SyncFlags.ASYNC != 0 && flags & SyncFlags.SYNC != 0 { throw .EINVAL }
    let end = address &+ ((length &+ 0xfff) & ~0xfff)
    if end < address { throw .ENOMEM }
    if end == address { return }
    mmapReadLock(el1, mm)
    let error = syncProblem(mm, address, end, flags)
    unlockMM(el1, mm)
    if let error { throw error }
  }

  private func syncProblem(_ mm: MMID, _ start: UInt64, _ end: UInt64, _ flags: UInt64) -> Errno? {
    var unmapped: Errno?
    var at = start
    while at < end {
      let index = state[mm].firstIndex(endingAbove: at)
      guard index < state[mm].vmas.count else { return .ENOMEM }
      let vma = state[mm].vmas[index]
      if at < vma.start {
        if flags == SyncFlags.ASYNC || vma.start >= end { return .ENOMEM }
        unmapped = .ENOMEM
      }
      if flags & SyncFlags.INVALIDATE != 0 && vma.flags.contains(.LOCKED) { return .EBUSY }
      at = vma.end
    }
    return unmapped
  }
}
