// Owns mseal: which ranges can be sealed, and what a seal means for advice. What unmaps, moves or protects checks the flag itself.
// It does not know registers. Linux: mm/mseal.c.
import Architecture

extension MemoryManager {
  /// Seals the VMAs of a range, which stays so for good. EINVAL for a bad range, ENOMEM for holes, which leave everything as it was.
  /// Linux: do_mseal().
  public func mseal(_ el1: EL1Interface, _ mm: MMID, address: UInt64, length: UInt64, flags: UInt64) throws(Errno) {
    if flags != 0 || address & 0xfff != 0 { throw .EINVAL }
    let size = (length &+ 0xfff) & ~0xfff
    if length != 0 && size == 0 { throw .EINVAL }
    let end = address &+ size
    if end < address { throw .EINVAL }
    if end == address { return }
    mmapWriteLock(el1, mm)
    var problem: Errno? = isMapped(mm, address, end) ? nil : .ENOMEM
    var at = address
    while at < end && problem == nil {
      let vma = state[mm].vmas[state[mm].firstIndex(endingAbove: at)]
      let stop = min(vma.end, end)
      problem = seal(el1, mm, vma, at, stop)
      at = stop
    }
    mmapWriteUnlock(el1, mm)
    if let problem { throw problem }
  }

  /// Whether a range has no hole. Linux: range_contains_unmapped().
  private func isMapped(_ mm: MMID, _ start: UInt64, _ end: UInt64) -> Bool {
    var at = start
    while at < end {
      guard let index = state[mm].index(containing: at) else { return false }
      at = state[mm].vmas[index].end
    }
    return true
  }

  private func seal(_ el1: EL1Interface, _ mm: MMID, _ vma: VMArea, _ start: UInt64, _ end: UInt64) -> Errno? {
    if vma.flags.contains(.SEALED) { return nil }
    state[mm].hasSeals = true
    do throws(Errno) { try setFlags(el1, mm, start, end, vma.flags.union(.SEALED)) } catch { return error }
    mergeVMAs(el1, mm, state[mm].firstIndex(endingAbove: start))
    return nil
  }

  /// Whether advice that loses contents is refused, because the program could not lose them by writing either. Linux:
  /// can_madvise_modify().
  func refusesDiscard(_ vma: VMArea) -> Bool { vma.flags.contains(.SEALED) && vma.isAnonymous && !vma.flags.contains(.WRITE) }
}
