// Owns mmap and brk: argument checks in Linux's order, placement, and the new VMA.
// It does not know registers or file descriptors. Linux: mm/mmap.c, mm/vma.c.
import Architecture

/// MAP_* as user space passes them.
public enum MapFlags {
  public static let SHARED: UInt64 = 0x1
  public static let PRIVATE: UInt64 = 0x2
  public static let typeMask: UInt64 = 0xf
  public static let FIXED: UInt64 = 0x10
  public static let ANONYMOUS: UInt64 = 0x20
  public static let GROWSDOWN: UInt64 = 0x100
  public static let LOCKED: UInt64 = 0x2000
  public static let NORESERVE: UInt64 = 0x4000
  public static let POPULATE: UInt64 = 0x8000
  public static let STACK: UInt64 = 0x2_0000
  public static let FIXED_NOREPLACE: UInt64 = 0x10_0000
}

extension MemoryManager {
  /// mmap of anonymous private memory; unknown protection bits and flags are ignored, as Linux does. Shared anonymous memory
  /// needs the file layer: ENODEV. Linux: do_mmap(), __mmap_region().
  public func mmap(
    _ el1: EL1Interface, _ mm: MMID, task: TaskID, address: UInt64, length: UInt64, protection: UInt64, flags: UInt64
  ) throws(Errno) -> UInt64 {
    mmapWriteLock(el1, mm)
    let start: UInt64
    do throws(Errno) {
      start = try mmapLocked(el1, mm, address, length, protection, flags)
    } catch {
      mmapWriteUnlock(el1, mm)
      throw error
    }
    mmapWriteUnlock(el1, mm)
    // What cannot be populated is left to later faults.
    if flags & (MapFlags.POPULATE | MapFlags.LOCKED) != 0 {
      _ = populate(el1, mm, task: task, start, start + ((length + 0xfff) & ~0xfff), write: protection & 2 != 0)
    }
    return start
  }

  private func mmapLocked(
    _ el1: EL1Interface, _ mm: MMID, _ address: UInt64, _ length: UInt64, _ protection: UInt64, _ flags: UInt64
  ) throws(Errno) -> UInt64 {
    if length == 0 { throw .EINVAL }
    let size = (length &+ 0xfff) & ~0xfff
    if size == 0 { throw .ENOMEM }
    if state.mms[mm.rawValue].vmas.count > Layout48.maximumMapCount { throw .ENOMEM }
    let start = try unmappedArea(mm, address, size, flags)
    switch flags & MapFlags.typeMask {
    case MapFlags.PRIVATE: break
    case MapFlags.SHARED: throw flags & MapFlags.GROWSDOWN != 0 ? .EINVAL : .ENODEV
    default: throw .EINVAL
    }
    var vmFlags = VMFlags(rawValue: protection & 7).union(.may)
    if flags & MapFlags.GROWSDOWN != 0 { vmFlags.insert(.GROWSDOWN) }
    if flags & MapFlags.LOCKED != 0 { vmFlags.insert(.LOCKED) }
    if flags & MapFlags.NORESERVE != 0 { vmFlags.insert(.NORESERVE) }
    if vmFlags.contains(.WRITE) && !vmFlags.contains(.NORESERVE) {
      if !hasEnoughMemory(size) { throw .ENOMEM }
      vmFlags.insert(.ACCOUNT)
    }
    try unmapLocked(el1, mm, start, start + size)
    insertVMA(el1, mm, VMArea(start: start, end: start + size, flags: vmFlags, pageOffset: start >> 12))
    return start
  }

  /// Where a mapping goes: exactly there, at the hint if that is free, else where there is room.
  /// Linux: round_hint_to_min(), __get_unmapped_area(), generic_get_unmapped_area_topdown().
  private func unmappedArea(_ mm: MMID, _ address: UInt64, _ size: UInt64, _ flags: UInt64) throws(Errno) -> UInt64 {
    if size > Layout48.taskSize - Layout48.minimumAddress { throw .ENOMEM }
    if flags & (MapFlags.FIXED | MapFlags.FIXED_NOREPLACE) != 0 {
      if address > Layout48.taskSize - size { throw .ENOMEM }
      if address & 0xfff != 0 { throw .EINVAL }
      if flags & MapFlags.FIXED_NOREPLACE != 0 && state.mms[mm.rawValue].overlaps(address, address + size) { throw .EEXIST }
      return address
    }
    let hint = address & ~0xfff
    if hint != 0 {
      let wanted = max(hint, Layout48.minimumAddress)
      if wanted <= Layout48.taskSize - size && state.mms[mm.rawValue].isFree(wanted, size) { return wanted }
    }
    // Huge pages are thought of only where the program has no wish.
    let space = state.mms[mm.rawValue]
    guard let start = hint == 0 ? space.unmappedArea(size) : space.freeRange(size) else { throw .ENOMEM }
    return start
  }

  // MARK: brk

  /// Where the heap starts, set by exec.
  public func setBrk(_ mm: MMID, start: UInt64) {
    state.mms[mm.rawValue].brkStart = start
    state.mms[mm.rawValue].brk = start
  }

  /// brk: the new end of the heap, or the old one where it cannot move. Linux: mm/mmap.c brk().
  public func brk(_ el1: EL1Interface, _ mm: MMID, _ value: UInt64) -> UInt64 {
    mmapWriteLock(el1, mm)
    let old = state.mms[mm.rawValue].brk
    if value >= state.mms[mm.rawValue].brkStart && value <= Layout48.taskSize - 0x1000 && moveBrk(el1, mm, from: old, to: value) {
      state.mms[mm.rawValue].brk = value
    }
    let new = state.mms[mm.rawValue].brk
    mmapWriteUnlock(el1, mm)
    return new
  }

  private func moveBrk(_ el1: EL1Interface, _ mm: MMID, from old: UInt64, to new: UInt64) -> Bool {
    let oldEnd = (old + 0xfff) & ~0xfff
    let newEnd = (new + 0xfff) & ~0xfff
    if newEnd < oldEnd {
      // A heap that the program has unmapped itself cannot shrink.
      if !state.mms[mm.rawValue].overlaps(newEnd, oldEnd) { return false }
      do { try unmapLocked(el1, mm, newEnd, oldEnd) } catch { return false }
    } else if newEnd > oldEnd {
      // One page stays free above the heap, and a stack keeps its guard gap.
      let size = newEnd - oldEnd
      if !state.mms[mm.rawValue].isFree(oldEnd, size + 0x1000) { return false }
      if state.mms[mm.rawValue].vmas.count > Layout48.maximumMapCount || !hasEnoughMemory(size) { return false }
      let flags: VMFlags = [.READ, .WRITE, .MAYREAD, .MAYWRITE, .MAYEXEC, .ACCOUNT]
      insertVMA(el1, mm, VMArea(start: oldEnd, end: newEnd, flags: flags, pageOffset: oldEnd >> 12, purpose: .heap))
    }
    return true
  }
}
