// Owns madvise and the populating of ranges: what they check and what they do to VMAs and pages.
// It does not know registers. Linux: mm/madvise.c, mm/gup.c.
import Architecture

/// MADV_* values.
public enum Advice {
  public static let NORMAL: UInt64 = 0
  public static let RANDOM: UInt64 = 1
  public static let SEQUENTIAL: UInt64 = 2
  public static let WILLNEED: UInt64 = 3
  public static let DONTNEED: UInt64 = 4
  public static let HUGEPAGE: UInt64 = 14
  public static let NOHUGEPAGE: UInt64 = 15
  public static let POPULATE_READ: UInt64 = 22
  public static let POPULATE_WRITE: UInt64 = 23
  public static let COLLAPSE: UInt64 = 25

  /// What an advice does to the flags of a VMA; nil where it does nothing to them.
  static func flagChange(_ advice: UInt64) -> (remove: VMFlags, add: VMFlags)? {
    switch advice {
    case NORMAL: ([.RAND_READ, .SEQ_READ], [])
    case RANDOM: (.SEQ_READ, .RAND_READ)
    case SEQUENTIAL: (.RAND_READ, .SEQ_READ)
    case HUGEPAGE: (.NOHUGEPAGE, .HUGEPAGE)
    case NOHUGEPAGE: (.HUGEPAGE, .NOHUGEPAGE)
    default: nil
    }
  }

  /// Every advice that is modelled; the rest is EINVAL.
  static func isKnown(_ advice: UInt64) -> Bool {
    advice <= DONTNEED || advice == HUGEPAGE || advice == NOHUGEPAGE || advice == POPULATE_READ || advice == POPULATE_WRITE
      || advice == COLLAPSE
  }
}

extension MemoryManager {
  /// Linux: do_madvise().
  public func madvise(
    _ el1: EL1Interface, _ mm: MMID, task: TaskID, address: UInt64, length: UInt64, advice: UInt64
  ) throws(Errno) {
    if !Advice.isKnown(advice) || address & 0xfff != 0 { throw .EINVAL }
    let size = (length &+ 0xfff) & ~0xfff
    if length != 0 && size == 0 { throw .EINVAL }
    let end = address &+ size
    if end < address { throw .EINVAL }
    if end == address { return }
    switch advice {
    case Advice.POPULATE_READ, Advice.POPULATE_WRITE:
      if let error = populate(el1, mm, task: task, address, end, write: advice == Advice.POPULATE_WRITE) { throw error }
    case Advice.DONTNEED, Advice.WILLNEED, Advice.COLLAPSE:
      // These change no VMA, so the lock is only held for reading.
      mmapReadLock(el1, mm)
      let error = walkVMAs(el1, mm, address, end, advice)
      unlockMM(el1, mm)
      if let error { throw error }
    default:
      mmapWriteLock(el1, mm)
      let error = walkVMAs(el1, mm, address, end, advice)
      mmapWriteUnlock(el1, mm)
      if let error { throw error }
    }
  }

  /// Holes are passed over and reported at the end. Linux: madvise_walk_vmas().
  private func walkVMAs(_ el1: EL1Interface, _ mm: MMID, _ start: UInt64, _ end: UInt64, _ advice: UInt64) -> Errno? {
    var unmapped: Errno?
    var at = start
    while at < end {
      let index = state.mms[mm.rawValue].firstIndex(endingAbove: at)
      guard index < state.mms[mm.rawValue].vmas.count, state.mms[mm.rawValue].vmas[index].start < end else { return .ENOMEM }
      let vma = state.mms[mm.rawValue].vmas[index]
      if vma.start > at {
        unmapped = .ENOMEM
        at = vma.start
      }
      let stop = min(vma.end, end)
      if let error = advise(el1, mm, vma, at, stop, advice) { return error }
      at = stop
    }
    return unmapped
  }

  /// Linux: madvise_vma_behavior(). Running out of VMAs is EAGAIN here.
  private func advise(
    _ el1: EL1Interface, _ mm: MMID, _ vma: VMArea, _ start: UInt64, _ end: UInt64, _ advice: UInt64
  ) -> Errno? {
    if advice == Advice.DONTNEED {
      if vma.flags.contains(.LOCKED) { return .EINVAL }
      zap(el1, mm, start, end)
    }
    if advice == Advice.COLLAPSE { return collapse(el1, mm, vma, start, end) }
    guard let change = Advice.flagChange(advice) else { return nil }
    let flags = vma.flags.subtracting(change.remove).union(change.add)
    if flags == vma.flags { return nil }
    do throws(Errno) { try setFlags(el1, mm, start, end, flags) } catch { return error == .ENOMEM ? .EAGAIN : error }
    mergeVMAs(el1, mm, state.mms[mm.rawValue].firstIndex(endingAbove: start))
    return nil
  }

  /// Faults every page of a range in, as GUP does; the first problem ends it: ENOMEM for a hole or for want of RAM, EINVAL for
  /// a VMA that does not allow the access, EFAULT where the fault fails. Linux: mm/gup.c faultin_page_range().
  func populate(_ el1: EL1Interface, _ mm: MMID, task: TaskID, _ start: UInt64, _ end: UInt64, write: Bool) -> Errno? {
    mmapReadLock(el1, mm)
    var problem: Errno?
    var at = start
    while at < end && problem == nil {
      problem = populatePage(el1, mm, task, at, write: write)
      at += 4096
    }
    unlockMM(el1, mm)
    return problem
  }

  private func populatePage(_ el1: EL1Interface, _ mm: MMID, _ task: TaskID, _ address: UInt64, write: Bool) -> Errno? {
    guard let index = state.mms[mm.rawValue].index(containing: address) else { return .ENOMEM }
    let vma = state.mms[mm.rawValue].vmas[index]
    if !vma.flags.contains(write ? .WRITE : .READ) { return .EINVAL }
    if let value = leaf(el1, mm, address)?.entry, value.isPresent, !value.isProtNone, !write || value.isWritable { return nil }
    var flags: FaultFlags = write ? [.ALLOW_RETRY, .KILLABLE, .WRITE] : [.ALLOW_RETRY, .KILLABLE]
    var fault = handleMMFault(el1, mm, vma, address: address, flags: flags, task: task)
    while fault.contains(.RETRY) {
      // The lock was given up: everything may have changed.
      mmapReadLock(el1, mm)
      guard let index = state.mms[mm.rawValue].index(containing: address) else { return .ENOMEM }
      flags.insert(.TRIED)
      fault = handleMMFault(el1, mm, state.mms[mm.rawValue].vmas[index], address: address, flags: flags, task: task)
    }
    if fault.contains(.OOM) { return .ENOMEM }
    return fault.isDisjoint(with: .ERROR) ? nil : .EFAULT
  }
}
