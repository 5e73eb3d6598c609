// Owns the move of a mapping to another place: the new VMA, the pages, and the fate of the old VMA.
// It does not know why a mapping moves, nor how entries move from table to table. Linux: mm/mremap.c move_vma().
import Architecture

extension MemoryManager {
  /// Moves a part of a VMA with its pages. If there is no RAM for the new tables, everything is moved back. Linux: move_vma().
  func moveVMA(_ el1: EL1Interface, _ mm: MMID, _ vma: VMArea, _ request: RemapRequest, to target: UInt64) throws(Errno) -> UInt64 {
    if state[mm].vmas.count >= state.settings.maximumMapCount - 3 { throw .ENOMEM }
    // If the old mapping is removed, only the growth is charged.
    let charge = request.has(RemapFlags.DONTUNMAP) ? request.newSize : request.newSize - request.oldSize
    if vma.flags.contains(.ACCOUNT) && !hasEnoughMemory(mm, charge) { throw .ENOMEM }
    let end = request.address + request.oldSize
    for border in [request.address, end] { try checkSplit(mm, at: border) }
    // Of a locked VMA that is to stay, only the part whose pages move is unlocked, so this part is split off first.
    var vma = vma
    if request.has(RemapFlags.DONTUNMAP) && vma.flags.contains(.LOCKED) {
      splitVMAs(el1, mm, at: request.address)
      splitVMAs(el1, mm, at: end)
      if let index = state[mm].index(containing: request.address) { vma = state[mm].vmas[index] }
    }
    vmaStartWrite(el1, mm, request.address, max(end, request.address + 1))
    // Anonymous memory that was never written takes the offset of its new place, so that it can merge there.
    let isFresh = vma.isAnonymous && vma.anonVMA == .none
    var copy = vma
    (copy.start, copy.end) = (target, target + request.newSize)
    copy.pageOffset = isFresh ? target >> 12 : vma.pageIndex(of: request.address)
    let isMovedCopy = !vma.isAnonymous && vma.anonVMA != .none && configuration.profile.keepsMovedCopiesApart
    copy.displacement = isMovedCopy ? vma.displacement &+ target >> 12 &- request.address >> 12 : 0
    copy.hugeReservation = HugeReservation()
    // If the old VMA is to stay empty, the copy must not merge with it.
    let isMerged = insertVMA(el1, mm, copy, sparing: request.has(RemapFlags.DONTUNMAP) ? vma.id : nil)
    let move = TableMove(
      vma: vma, source: request.address, target: target, size: request.oldSize,
      mayBeMissed: isMerged && standsBefore(mm, target, vma))
    let isHugetlb = vma.flags.contains(.HUGETLB)
    if !(isHugetlb ? moveHugetlbTables(el1, mm, move) : moveTables(el1, mm, move)) {
      // The tables from which the entries came still exist.
      let isBack = isHugetlb ? moveHugetlbTables(el1, mm, move.reverted) : moveTables(el1, mm, move.reverted)
      precondition(isBack, "moving back needs no memory")
      unmapParting(el1, mm, target, target + request.newSize)
      throw .ENOMEM
    }
    // Linux: ->mremap of the special mapping, vdso_mremap().
    if vma.purpose == .vdso { state[mm].vdso = target }
    if isHugetlb {
      splitVMAs(el1, mm, at: request.address)
      splitVMAs(el1, mm, at: end)
      moveReservation(mm, from: request.address, to: target)
    }
    if request.has(RemapFlags.DONTUNMAP) {
      leaveEmpty(el1, mm, request.address, end)
    } else if request.oldSize > 0 {
      unmapParting(el1, mm, request.address, end)
    }
    // A mapping that stays is no longer locked, so the count moved with the pages.
    if vma.flags.contains(.LOCKED) && !request.has(RemapFlags.DONTUNMAP) {
      state[mm].lockedPages += Int(request.newSize >> 12)
    }
    return target
  }

  /// Whether a walk of the reverse map may reach the VMA at the new place first: one into which a copy was merged and that begins
  /// at a page not later than the old one. Linux: need_rmap_locks of copy_vma().
  private func standsBefore(_ mm: MMID, _ target: UInt64, _ old: VMArea) -> Bool {
    guard let index = state[mm].index(containing: target) else { return false }
    let new = state[mm].vmas[index]
    return new.contains(old.start) || new.pageOffset <= old.pageOffset
  }

  /// Unmaps a range that was just mapped or whose pages just left. One VMA too many is no reason to fail here.
  private func unmapParting(_ el1: EL1Interface, _ mm: MMID, _ start: UInt64, _ end: UInt64) {
    splitVMAs(el1, mm, at: start)
    splitVMAs(el1, mm, at: end)
    unmapRange(el1, mm, start, end)
  }

  /// Keeps the old VMA, unlocked. If all its pages left, it needs no reverse map.
  private func leaveEmpty(_ el1: EL1Interface, _ mm: MMID, _ start: UInt64, _ end: UInt64) {
    guard let index = state[mm].index(containing: start) else { return }
    vmaStartWrite(el1, mm, index)
    let vma = state[mm].vmas[index]
    if vma.start == start && vma.end == end {
      var emptied = vma
      (emptied.anonVMA, emptied.anonVMAChain, emptied.displacement) = (.none, AnonVMAChain(), 0)
      state[mm].vmas[index] = emptied
      unlinkAnonVMAs(el1, vma)
      if vma.isAnonymous { state[mm].vmas[index].pageOffset = start >> 12 }
    }
    state[mm].vmas[index].flags.subtract([.LOCKED, .LOCKONFAULT])
  }
}
