// Owns madvise: its checks in Linux's order, its locks, the walk over VMAs, and changes of their flags.
// It does not know registers, nor what happens to pages. Linux: mm/madvise.c.
import Architecture

/// One piece of advice and the range that it applies to.
struct AdviceRequest {
  let mm: MMID
  let task: TaskID
  let effect: Advice.Effect
  /// Whether contents are lost.
  let discards: Bool
}

extension MemoryManager {
  /// Linux: do_madvise().
  public func madvise(
    _ el1: EL1Interface, _ mm: MMID, task: TaskID, address: UInt64, length: UInt64, advice: UInt64
  ) throws(Errno) {
    guard let row = Advice.row(advice, configuration.profile), address & 0xfff == 0 else { throw .EINVAL }
    let size = (length &+ 0xfff) & ~0xfff
    if length != 0 && size == 0 { throw .EINVAL }
    let end = address &+ size
    if end < address { throw .EINVAL }
    if end == address { return }
    if case .fail(let soft) = row.effect { return try injectFailures(el1, mm, task, address, address &+ length, soft: soft) }
    let request = AdviceRequest(mm: mm, task: task, effect: row.effect, discards: row.discards)
    if let error = advise(el1, request, under: row.lock, address, end) { throw error }
  }

  /// Linux: madvise_lock(), madvise_do_behavior().
  private func advise(
    _ el1: EL1Interface, _ request: AdviceRequest, under lock: Advice.Lock, _ start: UInt64, _ end: UInt64
  ) -> Errno? {
    let mm = request.mm
    if lock == .mmapWrite {
      mmapWriteLock(el1, mm)
      let error = walkVMAs(el1, request, start, end)
      mmapWriteUnlock(el1, mm)
      return error
    }
    if lock == .vmaRead, let vma = lockVMAForAdvice(el1, request, start, end) {
      let error = advise(el1, request, vma, start, end)
      unlockVMA(el1, vma)
      return error
    }
    mmapReadLock(el1, mm)
    let error: Errno?
    if case .populate(let write) = request.effect {
      error = faultInPageRange(el1, mm, task: request.task, start, end, write: write)
    } else {
      error = walkVMAs(el1, request, start, end)
    }
    unlockMM(el1, mm)
    return error
  }

  /// The VMA that holds the whole range, locked. Nil if no single VMA does, or if its anon_vma must be made first, which requires
  /// the mmap lock. Linux: try_vma_read_lock().
  private func lockVMAForAdvice(_ el1: EL1Interface, _ request: AdviceRequest, _ start: UInt64, _ end: UInt64) -> VMArea? {
    if !configuration.profile.advisesUnderVMALock { return nil }
    guard let vma = lockVMAUnderRCU(el1, request.mm, start) else { return nil }
    var mustPrepare = false
    if case .installGuards = request.effect { mustPrepare = vma.isAnonymous && vma.anonVMA == .none }
    if end <= vma.end && !mustPrepare { return vma }
    unlockVMA(el1, vma)
    return nil
  }

  /// Applies the advice to each VMA. Holes are skipped, and reported at the end. Linux: madvise_walk_vmas().
  private func walkVMAs(_ el1: EL1Interface, _ request: AdviceRequest, _ start: UInt64, _ end: UInt64) -> Errno? {
    let mm = request.mm
    var unmapped: Errno?
    var at = start
    while at < end {
      let index = state[mm].firstIndex(endingAbove: at)
      guard index < state[mm].vmas.count, state[mm].vmas[index].start < end else { return .ENOMEM }
      let vma = state[mm].vmas[index]
      if vma.start > at {
        unmapped = .ENOMEM
        at = vma.start
      }
      let stop = min(vma.end, end)
      if let error = advise(el1, request, vma, at, stop) { return error }
      at = stop
    }
    return unmapped
  }

  /// Applies the advice to the part [start, end) of one VMA. Linux: madvise_vma_behavior().
  private func advise(_ el1: EL1Interface, _ request: AdviceRequest, _ vma: VMArea, _ start: UInt64, _ end: UInt64) -> Errno? {
    let mm = request.mm
    if request.discards && refusesDiscard(vma) { return .EPERM }
    switch request.effect {
    case .flags(let remove, let add): return adviseFlags(el1, mm, vma, start, end, remove: remove, add: add)
    case .willNeed: return adviseWillNeed(el1, mm, vma, start, end)
    case .dontNeed(let evenLocked): return adviseDontNeed(el1, mm, vma, start, end, evenLocked: evenLocked)
    case .free: return adviseFree(el1, mm, vma, start, end)
    case .remove: return adviseRemove(el1, mm, vma, start, end)
    case .cold: return adviseColdOrPageOut(el1, mm, vma, start, end, pageOut: false)
    case .pageOut: return adviseColdOrPageOut(el1, mm, vma, start, end, pageOut: true)
    case .collapse: return collapse(el1, mm, vma, start, end)
    case .installGuards: return installGuards(el1, mm, vma, start, end)
    case .removeGuards: return removeGuards(el1, mm, vma, start, end)
    case .populate, .fail: preconditionFailure("these look VMAs up themselves")
    }
  }

  /// Changes flags, which splits and merges VMAs. EAGAIN if there are too many VMAs. Linux: madvise_update_vma().
  private func adviseFlags(
    _ el1: EL1Interface, _ mm: MMID, _ vma: VMArea, _ start: UInt64, _ end: UInt64, remove: VMFlags, add: VMFlags
  ) -> Errno? {
    let hasFile = !vma.isAnonymous && !vma.isSpecialMapping
    if add.contains(.WIPEONFORK) && (hasFile || vma.flags.contains(.SHARED)) { return .EINVAL }
    let isSpecial = !vma.flags.isDisjoint(with: .special)
    if vma.flags.contains(.DROPPABLE) && !remove.isDisjoint(with: [.DONTDUMP, .WIPEONFORK]) { return .EINVAL }
    if remove.contains(.DONTDUMP) && !vma.flags.contains(.HUGETLB) && isSpecial { return .EINVAL }
    if remove.contains(.DONTCOPY) && isSpecial && configuration.profile.refusesForkAdvice { return .EINVAL }
    // For memory whose pages cannot be merged the advice is ignored. Linux: vma_ksm_compatible().
    if add.contains(.MERGEABLE) && !vma.flags.isDisjoint(with: VMFlags.special.union([.SHARED, .MAYSHARE, .HUGETLB])) { return nil }
    let flags = vma.flags.subtracting(remove).union(add)
    if flags == vma.flags { return nil }
    if !flags.hasRecency { state[mm].hasReadAdvice = true }
    do throws(Errno) { try setFlags(el1, mm, start, end, flags) } catch { return error == .ENOMEM ? .EAGAIN : error }
    mergeVMAs(el1, mm, state[mm].firstIndex(endingAbove: start))
    return nil
  }
}
