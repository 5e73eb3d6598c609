// Owns munmap: removing VMAs with their pages, and the tables that no VMA needs any more.
// It does not know registers. Linux: mm/vma.c, mm/memory.c.
import Architecture

extension MemoryManager {
  /// Linux: do_vmi_munmap().
  public func munmap(_ el1: EL1Interface, _ mm: MMID, address: UInt64, length: UInt64) throws(Errno) {
    if address & 0xfff != 0 || address > Layout48.taskSize || length > Layout48.taskSize - address { throw .EINVAL }
    let size = (length + 0xfff) & ~0xfff
    if size == 0 { throw .EINVAL }
    mmapWriteLock(el1, mm)
    do throws(Errno) {
      try unmapLocked(el1, mm, address, address + size)
    } catch {
      mmapWriteUnlock(el1, mm)
      throw error
    }
    mmapWriteUnlock(el1, mm)
  }

  /// Unmaps a range; the caller holds the mmap lock for writing. ENOMEM if a hole in one VMA would make one VMA too many, EPERM if a part
  /// is sealed. Linux: do_vmi_align_munmap().
  func unmapLocked(_ el1: EL1Interface, _ mm: MMID, _ start: UInt64, _ end: UInt64) throws(Errno) {
    let first = state[mm].firstIndex(endingAbove: start)
    let count = state[mm].vmas.count
    guard first < count, state[mm].vmas[first].start < end else { return }
    let (firstStart, firstEnd) = (state[mm].vmas[first].start, state[mm].vmas[first].end)
    if firstStart < start && end < firstEnd && (count >= state.settings.maximumMapCount || !hasRoomForArea) { throw .ENOMEM }
    let hasSeals = state[mm].hasSeals
    if _slowPath(hasSeals && firstStart < start && state[mm].vmas[first].flags.contains(.SEALED)) { throw .EPERM }
    if firstStart < start { try partVMAs(el1, mm, at: start) }
    if _slowPath(hasSeals) { try checkSeals(mm, start, end) }
    // If a VMA ends there, none must be split.
    if firstEnd != end { try partVMAs(el1, mm, at: end) }
    unmapRange(el1, mm, start, end)
  }

  /// EPERM if a VMA that has pages in the range is sealed.
  private func checkSeals(_ mm: MMID, _ start: UInt64, _ end: UInt64) throws(Errno) {
    var index = state[mm].firstIndex(endingAbove: start)
    while index < state[mm].vmas.count, state[mm].vmas[index].start < end {
      if state[mm].vmas[index].flags.contains(.SEALED) { throw .EPERM }
      index += 1
    }
  }

  /// Removes the VMAs of a range that begins and ends at VMA borders, their pages, and tables that no VMA needs any more. Linux:
  /// vms_complete_munmap_vmas(), unmap_region(), exit_mmap().
  func unmapRange(_ el1: EL1Interface, _ mm: MMID, _ start: UInt64, _ end: UInt64, wholeSpace: Bool = false) {
    let first = state[mm].firstIndex(endingAbove: start)
    let count = state[mm].vmas.count
    var past = first
    while past < count && state[mm].vmas[past].start < end {
      vmaStartWrite(el1, mm, past)
      past += 1
    }
    if !wholeSpace { state[mm].noteHighWater() }
    if first == past { return }
    if configuration.profile.drainsBatchesToUnmap { drainBatches(el1) }
    let floor = first > 0 ? state[mm].vmas[first - 1].end : 0
    let ceiling = past < count ? state[mm].vmas[past].start : Layout48.taskSize
    let low = state[mm].vmas[first].start
    let high = state[mm].vmas[past - 1].end
    let gather = MMUGather()
    for index in first..<past where state[mm].vmas[index].flags.contains(.HUGETLB) {
      let vma = state[mm].vmas[index]
      el1.lock(mappingWriteLock(vma.file))
      zapHugetlbRange(el1, mm, gather, vma, vma.start, vma.end)
      el1.unlock(mappingWriteLock(vma.file))
    }
    zapRange(el1, mm, gather, low, high)
    // Until here a walk of the reverse map can find the VMAs; tables are freed only when none can.
    let removed = state[mm].vmas.takeOut(first..<past)
    for vma in removed {
      unlinkAnonVMAs(el1, vma)
      unlinkFile(el1, vma)
    }
    freePageTables(el1, mm, gather, low, high, floor: floor, ceiling: ceiling)
    finish(el1, mm, gather, wholeSpace: wholeSpace)
    for vma in removed {
      state[mm].mappedPages -= (vma.end - vma.start) >> 12
      if vma.flags.contains(.ACCOUNT) { state[mm].chargedPages -= (vma.end - vma.start) >> 12 }
      if vma.flags.contains(.LOCKED) { state[mm].lockedPages -= Int((vma.end - vma.start) >> 12) }
      closeVMA(el1, vma)
    }
  }
}
