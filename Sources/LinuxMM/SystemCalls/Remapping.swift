// Owns mremap's decisions: the checks in Linux's order, shrinking, growing in place, choosing a new place.
// It does not know how a mapping moves: RemappingMoves.swift does. Linux: mm/mremap.c.
import Architecture

/// MREMAP_* values.
public enum RemapFlags {
  public static let MAYMOVE: UInt64 = 1
  public static let FIXED: UInt64 = 2
  public static let DONTUNMAP: UInt64 = 4
}

/// The arguments of mremap, with lengths in whole pages. Linux: struct vma_remap_struct.
public struct RemapRequest: Sendable {
  var address: UInt64
  var oldSize: UInt64
  var newSize: UInt64
  let flags: UInt64
  var newAddress: UInt64
  /// Whether the two lengths were equal before they were rounded.
  let namesOneLength: Bool

  func has(_ flag: UInt64) -> Bool { flags & flag != 0 }
  /// Whether the caller names the new address, or lets the old mapping stay.
  var impliesNewAddress: Bool { has(RemapFlags.FIXED | RemapFlags.DONTUNMAP) }
  /// Whether only the place changes.
  var isMoveOnly: Bool { has(RemapFlags.FIXED) && oldSize == newSize }
  var overlaps: Bool { address &+ oldSize > newAddress && newAddress &+ newSize > address }

  /// Throws EINVAL for arguments that every kernel refuses before it looks up a mapping.
  public init(address: UInt64, oldLength: UInt64, newLength: UInt64, flags: UInt64, newAddress: UInt64) throws(Errno) {
    if flags & ~(RemapFlags.MAYMOVE | RemapFlags.FIXED | RemapFlags.DONTUNMAP) != 0 { throw .EINVAL }
    if flags & (RemapFlags.FIXED | RemapFlags.DONTUNMAP) != 0 && flags & RemapFlags.MAYMOVE == 0 { throw .EINVAL }
    if address & 0xfff != 0 { throw .EINVAL }
    self.address = address
    self.flags = flags
    self.newAddress = newAddress
    namesOneLength = oldLength == newLength
    // A length near 2^64 wraps to zero.
    oldSize = (oldLength &+ 0xfff) & ~0xfff
    newSize = (newLength &+ 0xfff) & ~0xfff
    if newSize == 0 { throw .EINVAL }
  }

  /// Throws EINVAL for an impossible new place.
  func checkNewAddress() throws(Errno) {
    if newAddress & 0xfff != 0 || newSize > Layout48.taskSize || newAddress > Layout48.taskSize - newSize || overlaps { throw .EINVAL }
  }
}

extension MemoryManager {
  /// Returns the new address of the mapping. Linux: sys_mremap().
  public func mremap(_ el1: EL1Interface, _ mm: MMID, task: TaskID, _ request: RemapRequest) throws(Errno) -> UInt64 {
    // Before 6.17 the unrounded lengths are compared.
    let keepsSize = configuration.profile.remapsInBatches ? request.oldSize == request.newSize : request.namesOneLength
    if request.has(RemapFlags.DONTUNMAP) && !keepsSize { throw .EINVAL }
    if configuration.profile.remapsInBatches {
      if request.newSize > Layout48.taskSize { throw .EINVAL }
      if request.impliesNewAddress {
        try request.checkNewAddress()
        try checkMapCount(mm)
      }
    }
    mmapWriteLock(el1, mm)
    let outcome: (address: UInt64, populates: Bool)
    do throws(Errno) {
      outcome = try remapLocked(el1, mm, request)
    } catch {
      mmapWriteUnlock(el1, mm)
      throw error
    }
    mmapWriteUnlock(el1, mm)
    // New pages of locked memory are brought in at once; pages that cannot be brought in are left to later faults.
    if outcome.populates {
      let (start, end) = (outcome.address + request.oldSize, outcome.address + request.newSize)
      if start < end { populate(el1, mm, task: task, start, end) }
    }
    return outcome.address
  }

  /// Checks that there is room for the VMAs into which a move may split others, four at most.
  private func checkMapCount(_ mm: MMID) throws(Errno) {
    if state[mm].vmas.count + 2 >= state.settings.maximumMapCount - 3 { throw .ENOMEM }
  }

  private func remapLocked(_ el1: EL1Interface, _ mm: MMID, _ request: RemapRequest) throws(Errno) -> (UInt64, Bool) {
    if configuration.profile.remapsInBatches && request.isMoveOnly { return (try remapMove(el1, mm, request), false) }
    guard let index = state[mm].index(containing: request.address) else { throw .EFAULT }
    let vma = state[mm].vmas[index]
    if vma.flags.contains(.SEALED) { throw .EPERM }
    let request = try alignHugetlb(vma, request)
    if configuration.profile.remapsInBatches {
      try checkVMA(mm, vma, request)
    } else if request.impliesNewAddress {
      try request.checkNewAddress()
      try checkMapCount(mm)
    }
    if request.impliesNewAddress { return (try remapTo(el1, mm, request), vma.flags.contains(.LOCKED)) }
    if request.oldSize >= request.newSize {
      if request.oldSize > request.newSize { try unmapTail(el1, mm, request) }
      return (request.address, false)
    }
    return (try expand(el1, mm, request), vma.flags.contains(.LOCKED))
  }

  /// Checks whether a VMA may be grown, moved or duplicated. Linux: check_prep_vma(), in older kernels vma_to_resize().
  private func checkVMA(_ mm: MMID, _ vma: VMArea, _ request: RemapRequest) throws(Errno) {
    if request.newSize <= request.oldSize && !request.impliesNewAddress { return }
    // Length 0 duplicates a shared mapping; private memory has nothing to share.
    if request.oldSize == 0 && !vma.flags.contains(.MAYSHARE) { throw .EINVAL }
    if request.has(RemapFlags.DONTUNMAP) && vma.flags.contains(.DONTEXPAND) { throw .EINVAL }
    // The part that is cut off may lie in other mappings.
    if min(request.oldSize, request.newSize) > vma.end - request.address { throw .EFAULT }
    if request.newSize == request.oldSize { return }
    let page = vma.pageIndex(of: request.address)
    if page &+ request.newSize >> 12 < page { throw .EINVAL }
    if vma.flags.contains(.DONTEXPAND) { throw .EFAULT }
    if request.newSize > request.oldSize && !mayExpand(mm, vma.flags, by: request.newSize - request.oldSize) { throw .ENOMEM }
  }

  /// Linux: expand_vma().
  private func expand(_ el1: EL1Interface, _ mm: MMID, _ request: RemapRequest) throws(Errno) -> UInt64 {
    let vma = try resizableVMA(mm, request)
    let growth = request.newSize - request.oldSize
    if request.address + request.oldSize == vma.end && isExpandable(mm, vma, growth) {
      if vma.flags.contains(.ACCOUNT) && !hasEnoughMemory(mm, growth) { throw .ENOMEM }
      let index = state[mm].firstIndex(endingAbove: vma.start)
      vmaStartWrite(el1, mm, index)
      lockReverseMap(el1, vma)
      state[mm].vmas[index].end += growth
      unlockReverseMap(el1, vma)
      state[mm].mappedPages += growth >> 12
      if vma.flags.contains(.ACCOUNT) { state[mm].chargedPages += growth >> 12 }
      if vma.flags.contains(.LOCKED) { state[mm].lockedPages += Int(growth >> 12) }
      mergeGrownVMA(el1, mm, index)
      return request.address
    }
    if !request.has(RemapFlags.MAYMOVE) { throw .ENOMEM }
    guard let target = state[mm].unmappedArea(request.newSize, lowest: state.settings.lowestHint) else { throw .ENOMEM }
    return try moveVMA(el1, mm, vma, request, to: target)
  }

  /// Moves to the caller's address, or keeps the old mapping empty. Linux: mremap_to().
  private func remapTo(_ el1: EL1Interface, _ mm: MMID, _ request: RemapRequest) throws(Errno) -> UInt64 {
    var request = request
    if request.has(RemapFlags.FIXED) {
      try unmapLocked(el1, mm, request.newAddress, request.newAddress + request.newSize)
    }
    if request.oldSize > request.newSize {
      try unmapTail(el1, mm, request)
      request.oldSize = request.newSize
    }
    let vma = try resizableVMA(mm, request)
    if request.has(RemapFlags.DONTUNMAP) && !mayExpand(mm, vma.flags, by: request.oldSize) { throw .ENOMEM }
    let lowest = state.settings.lowestHint
    let isHintFree =
      request.newAddress >= lowest && state[mm].isFree(request.newAddress, request.newSize)
    if request.has(RemapFlags.FIXED) || isHintFree { return try moveVMA(el1, mm, vma, request, to: request.newAddress) }
    let room =
      request.newAddress == 0
      ? state[mm].unmappedArea(request.newSize, lowest: lowest) : state[mm].freeRange(request.newSize, lowest: lowest)
    guard let target = room else { throw .ENOMEM }
    return try moveVMA(el1, mm, vma, request, to: target)
  }

  /// Moves every VMA of the range to the new place, with the gaps between them. VMAs moved before an error stay moved. Linux:
  /// remap_move(), since 6.17.
  private func remapMove(_ el1: EL1Interface, _ mm: MMID, _ request: RemapRequest) throws(Errno) -> UInt64 {
    let (end, overflow) = request.address.addingReportingOverflow(request.oldSize)
    if overflow { throw .EFAULT }
    var (at, target) = (request.address, request.newAddress)
    var moved: UInt64?
    while at < end {
      let index = state[mm].firstIndex(endingAbove: at)
      guard index < state[mm].vmas.count, state[mm].vmas[index].start < end else { break }
      let vma = state[mm].vmas[index]
      if vma.start > at {
        if moved == nil { throw .EFAULT }
        target += vma.start - at
        at = vma.start
      }
      var part = request
      (part.address, part.newAddress) = (at, target)
      part.oldSize = min(end, vma.end) - at
      part.newSize = part.oldSize
      // If the file chooses the place, the mapping must move alone. Linux: vma_multi_allowed().
      if choosesPlace(vma) && (moved != nil || vma.end < end) { throw .EFAULT }
      if vma.flags.contains(.SEALED) { throw .EPERM }
      if vma.flags.contains(.HUGETLB) { part = try alignHugetlb(vma, part) }
      try checkVMA(mm, vma, part)
      let place = try remapTo(el1, mm, part)
      moved = moved ?? place
      (at, target) = (at + part.oldSize, place + part.oldSize)
    }
    guard let moved else { throw .EFAULT }
    return moved
  }

  /// Whether the VMA's file chooses places in its own way, as pool memory and a ramfs do. Linux: ->get_unmapped_area.
  private func choosesPlace(_ vma: VMArea) -> Bool {
    if vma.flags.contains(.HUGETLB) { return true }
    if vma.file != .none, case .host = state.files[vma.file].kind { return true }
    return false
  }

  private func unmapTail(_ el1: EL1Interface, _ mm: MMID, _ request: RemapRequest) throws(Errno) {
    let (end, overflow) = request.address.addingReportingOverflow(request.oldSize)
    if overflow || end > Layout48.taskSize { throw .EINVAL }
    try unmapLocked(el1, mm, request.address + request.newSize, end)
  }

  private func resizableVMA(_ mm: MMID, _ request: RemapRequest) throws(Errno) -> VMArea {
    guard let index = state[mm].index(containing: request.address) else { throw .EFAULT }
    let vma = state[mm].vmas[index]
    try checkVMA(mm, vma, request)
    return vma
  }

  /// Linux: vma_expandable().
  private func isExpandable(_ mm: MMID, _ vma: VMArea, _ growth: UInt64) -> Bool {
    growth <= Layout48.taskSize - vma.end && !state[mm].overlaps(vma.end, vma.end + growth)
  }
}
