// Owns mremap's decisions: shrinking, growing in place, moving.
// It does not know how entries move from table to table. Linux: mm/mremap.c.
import Architecture

/// MREMAP_* values.
public enum RemapFlags {
  public static let MAYMOVE: UInt64 = 1
  public static let FIXED: UInt64 = 2
  public static let DONTUNMAP: UInt64 = 4
}

/// What a caller of mremap asks for, lengths in whole pages.
private struct RemapRequest {
  let address: UInt64
  var oldSize: UInt64
  let newSize: UInt64
  let flags: UInt64
  let newAddress: UInt64

  func has(_ flag: UInt64) -> Bool { flags & flag != 0 }

  init(_ address: UInt64, _ oldLength: UInt64, _ newLength: UInt64, _ flags: UInt64, _ newAddress: UInt64) throws(Errno) {
    let known = RemapFlags.MAYMOVE | RemapFlags.FIXED | RemapFlags.DONTUNMAP
    if flags & ~known != 0 { throw .EINVAL }
    if flags & (RemapFlags.FIXED | RemapFlags.DONTUNMAP) != 0 && flags & RemapFlags.MAYMOVE == 0 { throw .EINVAL }
    if flags & RemapFlags.DONTUNMAP != 0 && oldLength != newLength { throw .EINVAL }
    if address & 0xfff != 0 { throw .EINVAL }
    self.address = address
    self.flags = flags
    self.newAddress = newAddress
    // A length near 2^64 wraps to nothing.
    oldSize = (oldLength &+ 0xfff) & ~0xfff
    newSize = (newLength &+ 0xfff) & ~0xfff
    if newSize == 0 { throw .EINVAL }
  }
}

extension MemoryManager {
  /// Answers where the mapping is now. Linux: sys_mremap().
  public func mremap(
    _ el1: EL1Interface, _ mm: MMID, address: UInt64, oldLength: UInt64, newLength: UInt64, flags: UInt64, newAddress: UInt64
  ) throws(Errno) -> UInt64 {
    let request = try RemapRequest(address, oldLength, newLength, flags, newAddress)
    mmapWriteLock(el1, mm)
    let result: UInt64
    do throws(Errno) {
      result = try remapLocked(el1, mm, request)
    } catch {
      mmapWriteUnlock(el1, mm)
      throw error
    }
    mmapWriteUnlock(el1, mm)
    return result
  }

  private func remapLocked(_ el1: EL1Interface, _ mm: MMID, _ request: RemapRequest) throws(Errno) -> UInt64 {
    if state.mms[mm.rawValue].index(containing: request.address) == nil { throw .EFAULT }
    if request.has(RemapFlags.FIXED | RemapFlags.DONTUNMAP) { return try remapTo(el1, mm, request) }
    if request.oldSize >= request.newSize {
      if request.oldSize > request.newSize { try unmapTail(el1, mm, request) }
      return request.address
    }
    let vma = try resizableVMA(mm, request)
    let growth = request.newSize - request.oldSize
    if request.address + request.oldSize == vma.end && isExpandable(mm, vma, growth) {
      if vma.flags.contains(.ACCOUNT) && !hasEnoughMemory(growth) { throw .ENOMEM }
      let index = state.mms[mm.rawValue].firstIndex(endingAbove: vma.start)
      vmaStartWrite(el1, mm, index)
      state.mms[mm.rawValue].vmas[index].end += growth
      mergeVMAs(el1, mm, index)
      return request.address
    }
    if !request.has(RemapFlags.MAYMOVE) { throw .ENOMEM }
    guard let target = state.mms[mm.rawValue].unmappedArea(request.newSize) else { throw .ENOMEM }
    return try move(el1, mm, vma, request, to: target)
  }

  /// To an address of the caller's, or keeping the old mapping empty. Linux: mremap_to().
  private func remapTo(_ el1: EL1Interface, _ mm: MMID, _ request: RemapRequest) throws(Errno) -> UInt64 {
    var request = request
    if request.newAddress & 0xfff != 0 { throw .EINVAL }
    if request.newSize > Layout48.taskSize || request.newAddress > Layout48.taskSize - request.newSize { throw .EINVAL }
    if request.address &+ request.oldSize > request.newAddress && request.newAddress + request.newSize > request.address {
      throw .EINVAL
    }
    if state.mms[mm.rawValue].vmas.count + 2 >= Layout48.maximumMapCount - 3 { throw .ENOMEM }
    if request.has(RemapFlags.FIXED) {
      try unmapLocked(el1, mm, request.newAddress, request.newAddress + request.newSize)
    }
    if request.oldSize > request.newSize {
      try unmapTail(el1, mm, request)
      request.oldSize = request.newSize
    }
    let vma = try resizableVMA(mm, request)
    let isHintFree =
      request.newAddress >= Layout48.minimumAddress && state.mms[mm.rawValue].isFree(request.newAddress, request.newSize)
    if request.has(RemapFlags.FIXED) || isHintFree { return try move(el1, mm, vma, request, to: request.newAddress) }
    let space = state.mms[mm.rawValue]
    let room = request.newAddress == 0 ? space.unmappedArea(request.newSize) : space.freeRange(request.newSize)
    guard let target = room else { throw .ENOMEM }
    return try move(el1, mm, vma, request, to: target)
  }

  private func unmapTail(_ el1: EL1Interface, _ mm: MMID, _ request: RemapRequest) throws(Errno) {
    let (end, overflow) = request.address.addingReportingOverflow(request.oldSize)
    if overflow || end > Layout48.taskSize { throw .EINVAL }
    try unmapLocked(el1, mm, request.address + request.newSize, end)
  }

  /// Linux: vma_to_resize().
  private func resizableVMA(_ mm: MMID, _ request: RemapRequest) throws(Errno) -> VMArea {
    guard let index = state.mms[mm.rawValue].index(containing: request.address) else { throw .EFAULT }
    let vma = state.mms[mm.rawValue].vmas[index]
    // Length 0 duplicates a shared mapping; private memory has none to share.
    if request.oldSize == 0 { throw .EINVAL }
    if request.oldSize > vma.end - request.address { throw .EFAULT }
    return vma
  }

  /// Linux: vma_expandable().
  private func isExpandable(_ mm: MMID, _ vma: VMArea, _ growth: UInt64) -> Bool {
    growth <= Layout48.taskSize - vma.end && !state.mms[mm.rawValue].overlaps(vma.end, vma.end + growth)
  }

  /// Moves a part of a VMA with its pages. Where RAM does not hold the new tables, everything goes back. Linux: move_vma().
  private func move(
    _ el1: EL1Interface, _ mm: MMID, _ vma: VMArea, _ request: RemapRequest, to target: UInt64
  ) throws(Errno) -> UInt64 {
    if state.mms[mm.rawValue].vmas.count >= Layout48.maximumMapCount - 3 { throw .ENOMEM }
    if vma.flags.contains(.ACCOUNT) && !hasEnoughMemory(request.newSize) { throw .ENOMEM }
    vmaStartWrite(el1, mm, request.address, request.address + request.oldSize)
    // Memory that was never written takes the offset of its new place, so that it can merge there.
    let offset = vma.anonVMA == 0 ? target >> 12 : vma.pageOffset &+ (request.address - vma.start) >> 12
    var copy = vma
    (copy.start, copy.end, copy.pageOffset) = (target, target + request.newSize, offset)
    insertVMA(el1, mm, copy)
    if !moveTables(el1, mm, from: request.address, to: target, request.oldSize) {
      // The tables it came from are still there.
      let isBack = moveTables(el1, mm, from: target, to: request.address, request.oldSize)
      precondition(isBack, "moving back needs no memory")
      unmapRange(el1, mm, parting: target, target + request.newSize)
      throw .ENOMEM
    }
    if request.has(RemapFlags.DONTUNMAP) {
      forgetAnonVMA(mm, request.address, request.address + request.oldSize)
    } else {
      unmapRange(el1, mm, parting: request.address, request.address + request.oldSize)
    }
    return target
  }

  /// A range that was just mapped or whose pages just left: one VMA more is no reason to fail.
  private func unmapRange(_ el1: EL1Interface, _ mm: MMID, parting start: UInt64, _ end: UInt64) {
    splitVMAs(el1, mm, at: start)
    splitVMAs(el1, mm, at: end)
    unmapRange(el1, mm, start, end)
  }

  /// A VMA whose pages all left needs no reverse map; a part of one keeps it.
  private func forgetAnonVMA(_ mm: MMID, _ start: UInt64, _ end: UInt64) {
    guard let index = state.mms[mm.rawValue].index(containing: start) else { return }
    let vma = state.mms[mm.rawValue].vmas[index]
    if vma.start == start && vma.end == end {
      state.anonVMAs.unlink(vma)
      state.mms[mm.rawValue].vmas[index].anonVMA = 0
      state.mms[mm.rawValue].vmas[index].anonVMAChain = AnonVMAChain()
    }
    state.mms[mm.rawValue].vmas[index].flags.remove(.LOCKED)
  }
}
