// Owns mremap: shrinking, growing in place, moving.
// It does not know registers. Linux: mm/mremap.c.
import Architecture

/// MREMAP_* values.
public enum RemapFlags {
  public static let MAYMOVE: UInt64 = 1
  public static let FIXED: UInt64 = 2
  public static let DONTUNMAP: UInt64 = 4
}

extension MemoryManager {
  public func mremap(
    _ el1: EL1Interface, _ mm: MMID, address: UInt64, oldLength: UInt64, newLength: UInt64, flags: UInt64, newAddress: UInt64
  ) throws(Errno) -> UInt64 {
    let known = RemapFlags.MAYMOVE | RemapFlags.FIXED | RemapFlags.DONTUNMAP
    if flags & ~known != 0 { throw .EINVAL }
    if flags & (RemapFlags.FIXED | RemapFlags.DONTUNMAP) != 0 && flags & RemapFlags.MAYMOVE == 0 { throw .EINVAL }
    if flags & RemapFlags.DONTUNMAP != 0 && oldLength != newLength { throw .EINVAL }
    if address & 0xfff != 0 { throw .EINVAL }
    guard let oldSize = pageAligned(oldLength), let newSize = pageAligned(newLength), newSize != 0 else { throw .EINVAL }
    if address > Layout48.taskSize || oldSize > Layout48.taskSize - address { throw .EFAULT }
    let lock = LockName(.mmapLockWrite, UInt64(mm.rawValue))
    el1.lock(lock)
    defer { el1.unlock(lock) }
    guard let index = state.mms[mm.rawValue].index(containing: address) else { throw .EFAULT }
    let vma = state.mms[mm.rawValue].vmas[index]
    if newSize > Layout48.taskSize { throw flags & RemapFlags.FIXED != 0 ? .EINVAL : .ENOMEM }
    if flags & RemapFlags.FIXED != 0 {
      if newAddress & 0xfff != 0 || newAddress > Layout48.taskSize - newSize { throw .EINVAL }
      if newAddress < Layout48.minimumAddress { throw .EPERM }
      if newAddress < address + oldSize && address < newAddress + newSize { throw .EINVAL }
    }
    // Length 0 duplicates a shared mapping; private memory has none to share.
    if oldSize == 0 { throw .EINVAL }
    if flags & (RemapFlags.FIXED | RemapFlags.DONTUNMAP) == 0 && oldSize >= newSize {
      if oldSize > newSize { try unmapLocked(el1, mm, address + newSize, address + oldSize) }
      return address
    }
    if oldSize > vma.end - address { throw .EFAULT }
    if newSize > oldSize {
      if newSize - oldSize > UInt64(state.frames.count) << 12 { throw .ENOMEM }
      if flags & RemapFlags.FIXED == 0 && address + oldSize == vma.end && canGrow(mm, index, newSize - oldSize) {
        state.mms[mm.rawValue].vmas[index].end += newSize - oldSize
        state.mms[mm.rawValue].mergeAround(index)
        return address
      }
    }
    if flags & RemapFlags.MAYMOVE == 0 { throw .ENOMEM }
    return try move(el1, mm, vma, address, oldSize, newSize, flags, newAddress)
  }

  private func pageAligned(_ length: UInt64) -> UInt64? {
    let (rounded, overflow) = length.addingReportingOverflow(0xfff)
    return overflow ? nil : rounded & ~0xfff
  }

  private func canGrow(_ mm: MMID, _ index: Int, _ bytes: UInt64) -> Bool {
    let vma = state.mms[mm.rawValue].vmas[index]
    if bytes > Layout48.taskSize - vma.end { return false }
    return index + 1 == state.mms[mm.rawValue].vmas.count
      || state.mms[mm.rawValue].vmas[index + 1].gapStart >= vma.end + bytes
  }

  /// Moves a part of a VMA with its pages. Linux: move_vma(), move_page_tables().
  private func move(
    _ el1: EL1Interface, _ mm: MMID, _ vma: VMArea, _ address: UInt64, _ oldSize: UInt64, _ newSize: UInt64, _ flags: UInt64,
    _ newAddress: UInt64
  ) throws(Errno) -> UInt64 {
    if state.mms[mm.rawValue].vmas.count >= Layout48.maximumMapCount - 3 { throw .ENOMEM }
    let target: UInt64
    if flags & RemapFlags.FIXED != 0 {
      try unmapLocked(el1, mm, newAddress, newAddress + newSize)
      target = newAddress
    } else {
      guard let free = state.mms[mm.rawValue].unmappedArea(newSize) else { throw .ENOMEM }
      target = free
    }
    // FIXED asks for a smaller piece than there is: the rest goes.
    let moved = min(oldSize, newSize)
    if oldSize > newSize { try unmapLocked(el1, mm, address + newSize, address + oldSize) }
    // Unfaulted memory takes the offset of its new place, so that it can merge there.
    let offset = vma.anonVMA == 0 ? target >> 12 : vma.pageOffset &+ (address - vma.start) >> 12
    try insertVMA(
      mm,
      VMArea(start: target, end: target + newSize, flags: vma.flags, pageOffset: offset, anonVMA: vma.anonVMA, purpose: vma.purpose))
    try moveEntries(el1, mm, from: address, to: target, moved)
    if flags & RemapFlags.DONTUNMAP == 0 { try unmapLocked(el1, mm, address, address + moved) }
    return target
  }

  private func moveEntries(_ el1: EL1Interface, _ mm: MMID, from source: UInt64, to target: UInt64, _ size: UInt64) throws(Errno) {
    let editor = PageTableEditor(el1: el1)
    var places: [(UInt64, PhysicalAddress)] = []
    forEachEntry(el1, mm, source, source + size) { address, entry in
      if el1.load(entry, as: UInt64.self) != 0 { places.append((address, entry)) }
    }
    for (address, entry) in places {
      guard let destination = allocateEntry(el1, mm, target + (address - source)) else { throw .ENOMEM }
      let value = editor.getAndClear(entry)
      editor.set(destination, value)
    }
    if let first = places.first, let last = places.last {
      state.statistics.tlbInvalidations &+= 1
      flush(el1, mm).range(first.0, last.0 + 4096, tables: true)
    }
  }
}
