// Owns mmap, munmap, brk and the mappings that exec makes: argument checks in Linux's order, placement, and unmapping.
// It does not know registers or file descriptors. Linux: mm/mmap.c, mm/vma.c.
import Architecture

/// PROT_* and MAP_* as user space passes them.
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
  /// mmap of anonymous private memory. Shared and file mappings come with the file layer: ENODEV.
  public func mmap(
    _ el1: EL1Interface, _ mm: MMID, task: TaskID, address: UInt64, length: UInt64, protection: UInt64, flags: UInt64
  ) throws(Errno) -> UInt64 {
    if length == 0 { throw .EINVAL }
    let (rounded, overflow) = length.addingReportingOverflow(0xfff)
    let size = rounded & ~0xfff
    if overflow || size == 0 || size > Layout48.taskSize { throw .ENOMEM }
    switch flags & MapFlags.typeMask {
    case MapFlags.PRIVATE: break
    case MapFlags.SHARED, 3: throw .ENODEV
    default: throw .EINVAL
    }
    if protection & ~0x0100_003f != 0 { /* unknown protection bits are ignored, as Linux does on arm64 */  }
    let start = try place(mm, address, size, flags)
    // Heuristic overcommit: a single mapping larger than all of RAM is refused. Linux: __vm_enough_memory.
    if flags & MapFlags.NORESERVE == 0 && protection & 2 != 0 && size > UInt64(state.frames.count) << 12 { throw .ENOMEM }
    var vmFlags = VMFlags(rawValue: protection & 7).union(.may)
    if flags & MapFlags.GROWSDOWN != 0 { vmFlags.insert(.GROWSDOWN) }
    if flags & MapFlags.NORESERVE != 0 { vmFlags.insert(.NORESERVE) }
    if flags & MapFlags.LOCKED != 0 { vmFlags.insert(.LOCKED) }
    let lock = LockName(.mmapLockWrite, UInt64(mm.rawValue))
    el1.lock(lock)
    defer { el1.unlock(lock) }
    try unmapLocked(el1, mm, start, start + size)
    try insertVMA(mm, VMArea(start: start, end: start + size, flags: vmFlags, pageOffset: start >> 12))
    if flags & (MapFlags.POPULATE | MapFlags.LOCKED) != 0 {
      _ = populate(el1, mm, task: task, start, start + size, write: protection & 2 != 0)
    }
    return start
  }

  /// Linux: get_unmapped_area and the checks of MAP_FIXED.
  private func place(_ mm: MMID, _ address: UInt64, _ size: UInt64, _ flags: UInt64) throws(Errno) -> UInt64 {
    let hint = address
    if flags & (MapFlags.FIXED | MapFlags.FIXED_NOREPLACE) != 0 {
      if hint > Layout48.taskSize - size { throw .ENOMEM }
      if hint & 0xfff != 0 { throw .EINVAL }
      if hint < Layout48.minimumAddress { throw .EPERM }
      if flags & MapFlags.FIXED_NOREPLACE != 0 && state.mms[mm.rawValue].overlaps(hint, hint + size) { throw .EEXIST }
      return hint
    }
    if hint != 0 {
      let aligned = max((hint &+ 0xfff) & ~0xfff, Layout48.minimumAddress)
      if aligned <= Layout48.taskSize - size && state.mms[mm.rawValue].isFree(aligned, size) { return aligned }
    }
    guard let start = state.mms[mm.rawValue].unmappedArea(size) else { throw .ENOMEM }
    return start
  }

  public func munmap(_ el1: EL1Interface, _ mm: MMID, address: UInt64, length: UInt64) throws(Errno) {
    if address & 0xfff != 0 || address > Layout48.taskSize || length > Layout48.taskSize - address { throw .EINVAL }
    let size = (length + 0xfff) & ~0xfff
    if size == 0 { throw .EINVAL }
    let lock = LockName(.mmapLockWrite, UInt64(mm.rawValue))
    el1.lock(lock)
    defer { el1.unlock(lock) }
    try unmapLocked(el1, mm, address, address + size)
  }

  /// Unmaps a range with the mmap lock held for writing. Linux: do_vmi_align_munmap().
  func unmapLocked(_ el1: EL1Interface, _ mm: MMID, _ start: UInt64, _ end: UInt64) throws(Errno) {
    if !state.mms[mm.rawValue].overlaps(start, end) { return }
    try splitAt(mm, start, end)
    unmapRange(el1, mm, start, end)
  }

  /// Removes the VMAs of a range whose borders are VMA borders, their pages, and tables that nobody needs any more.
  func unmapRange(_ el1: EL1Interface, _ mm: MMID, _ start: UInt64, _ end: UInt64) {
    let first = state.mms[mm.rawValue].firstIndex(endingAbove: start)
    var last = first
    while last < state.mms[mm.rawValue].vmas.count && state.mms[mm.rawValue].vmas[last].start < end { last += 1 }
    if first == last { return }
    let floor = first > 0 ? state.mms[mm.rawValue].vmas[first - 1].end : 0
    let ceiling = last < state.mms[mm.rawValue].vmas.count ? state.mms[mm.rawValue].vmas[last].start : Layout48.taskSize
    let low = state.mms[mm.rawValue].vmas[first].start
    let high = state.mms[mm.rawValue].vmas[last - 1].end
    state.mms[mm.rawValue].vmas.removeSubrange(first..<last)
    state.mms[mm.rawValue].lastFound = 0
    zap(el1, mm, low, high, tables: true)
    freePageTables(el1, mm, low, high, floor: floor, ceiling: ceiling)
  }

  /// Clears every entry of a range, flushes, then gives the pages back. Linux: zap_page_range_single(), unmap_vmas().
  func zap(_ el1: EL1Interface, _ mm: MMID, _ start: UInt64, _ end: UInt64, tables: Bool) {
    let editor = PageTableEditor(el1: el1)
    var pages: [UInt64] = []
    var low: UInt64?
    var high: UInt64 = 0
    forEachEntry(el1, mm, start, end) { address, entry in
      if el1.load(entry, as: UInt64.self) == 0 { return }
      let old = editor.getAndClear(entry)
      if !old.isSpecial { pages.append(old.output) }
      if low == nil { low = address }
      high = address + 4096
    }
    guard let low else { return }
    state.statistics.tlbInvalidations &+= 1
    flush(el1, mm).range(low, high, tables: tables)
    state.mms[mm.rawValue].residentPages -= pages.count
    for page in pages { putPage(el1, page) }
  }

  // MARK: brk

  /// Where the heap starts, set by exec.
  public func setBrk(_ mm: MMID, start: UInt64) {
    state.mms[mm.rawValue].brkStart = start
    state.mms[mm.rawValue].brk = start
  }

  /// brk: the new end of the heap, or the old one where it cannot move. Linux: mm/mmap.c brk().
  public func brk(_ el1: EL1Interface, _ mm: MMID, _ value: UInt64) -> UInt64 {
    let old = state.mms[mm.rawValue].brk
    if value < state.mms[mm.rawValue].brkStart || value > Layout48.taskSize - 0x1000 { return old }
    let oldEnd = (old + 0xfff) & ~0xfff
    let newEnd = (value + 0xfff) & ~0xfff
    let lock = LockName(.mmapLockWrite, UInt64(mm.rawValue))
    el1.lock(lock)
    defer { el1.unlock(lock) }
    do throws(Errno) {
      if newEnd < oldEnd {
        try unmapLocked(el1, mm, newEnd, oldEnd)
      } else if newEnd > oldEnd {
        // The heap keeps a stack's guard gap to whatever lies above.
        if !state.mms[mm.rawValue].isFree(oldEnd, newEnd - oldEnd) { return old }
        if newEnd - oldEnd > UInt64(state.frames.count) << 12 { return old }
        let flags: VMFlags = [.READ, .WRITE, .MAYREAD, .MAYWRITE, .MAYEXEC]
        try insertVMA(
          mm, VMArea(start: oldEnd, end: newEnd, flags: flags, pageOffset: oldEnd >> 12, purpose: .heap))
      }
    } catch { return old }
    state.mms[mm.rawValue].brk = value
    return value
  }

  // MARK: exec

  /// Maps a range that exec chose. EEXIST where it overlaps another, EINVAL where it leaves user space.
  public func mapFixed(_ mm: MMID, start: UInt64, end: UInt64, flags: VMFlags, purpose: VMArea.Purpose) throws(Errno) {
    if start & 0xfff != 0 || end & 0xfff != 0 || start >= end || end > Layout48.taskSize { throw .EINVAL }
    if state.mms[mm.rawValue].overlaps(start, end) { throw .EEXIST }
    try insertVMA(
      mm, VMArea(start: start, end: end, flags: flags.union(.may), pageOffset: start >> 12, purpose: purpose))
  }

  /// Writes another's memory whatever its protection, as ptrace and exec do: pages are made present through the fault path,
  /// then written by physical address. Linux: mm/memory.c access_remote_vm() with FOLL_FORCE.
  public func pokeUser(_ el1: EL1Interface, _ mm: MMID, task: TaskID, address: UInt64, _ bytes: [UInt8]) throws(Errno) {
    var done = 0
    while done < bytes.count {
      let at = address + UInt64(done)
      let count = min(bytes.count - done, 4096 - Int(at & 0xfff))
      let page = try writablePage(el1, mm, task, at)
      bytes.withUnsafeBytes { el1.store(from: $0.baseAddress! + done, count: count, to: PhysicalAddress(page + at & 0xfff)) }
      done += count
    }
  }

  private func writablePage(_ el1: EL1Interface, _ mm: MMID, _ task: TaskID, _ address: UInt64) throws(Errno) -> UInt64 {
    guard let vma = lockMMAndFindVMA(el1, mm, address) else { throw .EFAULT }
    defer { unlockMM(el1, mm) }
    // A page of its own already, or a write fault that ends with one.
    for _ in 0..<2 {
      if let entry = PageTableEditor(el1: el1).find(state.mms[mm.rawValue].pgd, address) {
        let value = PageTableEntry(el1.load(entry, as: UInt64.self))
        if value.isPresent && !value.isSpecial { return value.output }
      }
      let fault = handleMMFault(el1, mm, vma, address: address, flags: [.WRITE, .REMOTE], task: task)
      if fault.contains(.OOM) { throw .ENOMEM }
      if !fault.isDisjoint(with: .ERROR) { throw .EFAULT }
    }
    throw .EFAULT
  }
}

extension MM {
  /// Whether any VMA has a page in [start, end).
  func overlaps(_ start: UInt64, _ end: UInt64) -> Bool {
    let index = firstIndex(endingAbove: start)
    return index < vmas.count && vmas[index].start < end
  }
}
