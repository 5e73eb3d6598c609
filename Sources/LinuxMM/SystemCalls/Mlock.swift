// Owns mlock, mlock2, mlockall and their opposites: which VMAs are locked, the number of locked pages, and which pages are brought
// in at once. It does not know limits: the only user is root, whom RLIMIT_MEMLOCK does not restrict. Linux: mm/mlock.c.
import Architecture

/// MCL_* of mlockall.
public enum LockAllFlags {
  public static let CURRENT: UInt64 = 1
  public static let FUTURE: UInt64 = 2
  public static let ONFAULT: UInt64 = 4
}

extension MemoryManager {
  /// Locks a range and brings its pages in, or with `onFault` locks them when they are first touched. ENOMEM if the range has holes
  /// (what lies before the first is locked), if pages may not be touched, or if a page lies behind the end of its file; EAGAIN if
  /// there is no RAM; EINVAL if the range wraps. Linux: do_mlock().
  /// range that wraps. Linux: do_mlock().
  public func mlock(
    _ el1: EL1Interface, _ mm: MMID, task: TaskID, address: UInt64, length: UInt64, onFault: Bool
  ) throws(Errno) {
    let (start, size) = Self.lockedRange(address, length)
    try changeLocks(el1, mm, task, start, size, onFault ? .lockedMask : .LOCKED)
    switch populate(el1, mm, task: task, start, start &+ size, errors: .reported) {
    case nil: return
    // Linux: __mlock_posix_error_return().
    case .EFAULT: throw .ENOMEM
    case .ENOMEM: throw .EAGAIN
    case let error?: throw error
    }
  }

  /// Linux: munlock().
  public func munlock(_ el1: EL1Interface, _ mm: MMID, task: TaskID, address: UInt64, length: UInt64) throws(Errno) {
    let (start, size) = Self.lockedRange(address, length)
    try changeLocks(el1, mm, task, start, size, [])
  }

  /// The range extended to whole pages. The extension may wrap around to an empty range.
  private static func lockedRange(_ address: UInt64, _ length: UInt64) -> (start: UInt64, size: UInt64) {
    (address & ~0xfff, (length &+ (address & 0xfff) &+ 0xfff) & ~0xfff)
  }

  /// Linux: apply_vma_lock_flags().
  private func changeLocks(
    _ el1: EL1Interface, _ mm: MMID, _ task: TaskID, _ start: UInt64, _ size: UInt64, _ flags: VMFlags
  ) throws(Errno) {
    let end = start &+ size
    if end < start { throw .EINVAL }
    mmapWriteLock(el1, mm)
    var problem: Errno?
    var at = start
    while at < end && problem == nil {
      if let index = state[mm].index(containing: at) {
        let vma = state[mm].vmas[index]
        let stop = min(vma.end, end)
        problem = lockVMA(el1, mm, vma, at, stop, flags)
        at = stop
      } else {
        problem = .ENOMEM
      }
    }
    mmapWriteUnlock(el1, mm)
    if let problem { throw problem }
  }

  /// mlockall, and without flags munlockall. EINVAL if the flags select nothing. Linux: mlockall(), apply_mlockall_flags().
  public func mlockall(_ el1: EL1Interface, _ mm: MMID, task: TaskID, flags: UInt64) throws(Errno) {
    let known = LockAllFlags.CURRENT | LockAllFlags.FUTURE | LockAllFlags.ONFAULT
    if flags == 0 || flags & ~known != 0 || flags == LockAllFlags.ONFAULT { throw .EINVAL }
    changeAllLocks(el1, mm, flags)
    if flags & LockAllFlags.CURRENT != 0 { populate(el1, mm, task: task, 0, Layout48.taskSize) }
  }

  /// Linux: munlockall().
  public func munlockall(_ el1: EL1Interface, _ mm: MMID) { changeAllLocks(el1, mm, 0) }

  private func changeAllLocks(_ el1: EL1Interface, _ mm: MMID, _ flags: UInt64) {
    let wanted: VMFlags = flags & LockAllFlags.ONFAULT != 0 ? .lockedMask : .LOCKED
    mmapWriteLock(el1, mm)
    state[mm].defaultFlags.subtract(.lockedMask)
    if flags & LockAllFlags.FUTURE != 0 { state[mm].defaultFlags.formUnion(wanted) }
    // MCL_FUTURE alone leaves existing mappings as they are.
    if flags != LockAllFlags.FUTURE && flags != LockAllFlags.FUTURE | LockAllFlags.ONFAULT {
      var at: UInt64 = 0
      while true {
        let index = state[mm].firstIndex(endingAbove: at)
        guard index < state[mm].vmas.count else { break }
        let vma = state[mm].vmas[index]
        // A VMA that cannot be locked stays as it is, and the other VMAs are still locked.
        _ = lockVMA(el1, mm, vma, max(at, vma.start), vma.end, flags & LockAllFlags.CURRENT != 0 ? wanted : [])
        at = vma.end
      }
    }
    mmapWriteUnlock(el1, mm)
  }

  /// Sets the lock flags of the part [start, end) of a VMA, and counts its pages. Linux: mlock_fixup().
  private func lockVMA(
    _ el1: EL1Interface, _ mm: MMID, _ vma: VMArea, _ start: UInt64, _ end: UInt64, _ locks: VMFlags
  ) -> Errno? {
    let flags = vma.flags.subtracting(.lockedMask).union(locks)
    if flags == vma.flags || !vma.flags.isDisjoint(with: VMFlags.special.union([.HUGETLB, .DROPPABLE])) { return nil }
    do throws(Errno) { try setFlags(el1, mm, start, end, flags) } catch { return error }
    mergeVMAs(el1, mm, state[mm].firstIndex(endingAbove: start))
    if !vma.flags.contains(.LOCKED) || !locks.contains(.LOCKED) { changePageLocks(el1, mm, start, end, isLocked: locks.contains(.LOCKED)) }
    let pages = Int((end - start) >> 12)
    if !locks.contains(.LOCKED) {
      state[mm].lockedPages -= pages
    } else if !vma.flags.contains(.LOCKED) {
      state[mm].lockedPages += pages
    }
    return nil
  }
}
