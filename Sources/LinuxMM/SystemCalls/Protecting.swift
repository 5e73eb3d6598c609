// Owns mprotect and madvise: what they check and what they do to VMAs and present pages.
// It does not know registers. Linux: mm/mprotect.c, mm/madvise.c.
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
}

extension MemoryManager {
  public func mprotect(_ el1: EL1Interface, _ mm: MMID, address: UInt64, length: UInt64, protection: UInt64) throws(Errno) {
    let growsDown = protection & 0x0100_0000 != 0
    let growsUp = protection & 0x0200_0000 != 0
    if growsDown && growsUp { throw .EINVAL }
    if address & 0xfff != 0 { throw .EINVAL }
    if length == 0 { return }
    let (rounded, overflow) = length.addingReportingOverflow(0xfff)
    let (end, wraps) = address.addingReportingOverflow(rounded & ~0xfff)
    if overflow || wraps || end <= address { throw .ENOMEM }
    // Bits beyond READ, WRITE, EXEC, SEM, and arm64's BTI and MTE, which this processor lacks.
    if protection & ~(0xf | 0x0300_0000) != 0 { throw .EINVAL }
    let lock = LockName(.mmapLockWrite, UInt64(mm.rawValue))
    el1.lock(lock)
    defer { el1.unlock(lock) }
    var first = state.mms[mm.rawValue].firstIndex(endingAbove: address)
    guard first < state.mms[mm.rawValue].vmas.count else { throw .ENOMEM }
    var start = address
    if growsDown {
      let vma = state.mms[mm.rawValue].vmas[first]
      if vma.start >= end { throw .ENOMEM }
      if !vma.flags.contains(.GROWSDOWN) { throw .EINVAL }
      start = vma.start
    } else if state.mms[mm.rawValue].vmas[first].start > start {
      throw .ENOMEM
    }
    // VMA by VMA, as Linux does: what lies before a hole is changed all the same.
    var at = start
    while at < end {
      first = state.mms[mm.rawValue].firstIndex(endingAbove: at)
      guard first < state.mms[mm.rawValue].vmas.count, state.mms[mm.rawValue].vmas[first].start <= at else { throw .ENOMEM }
      let vma = state.mms[mm.rawValue].vmas[first]
      let stop = min(vma.end, end)
      let wanted = VMFlags(rawValue: protection & 7)
      if wanted.contains(.READ) && !vma.flags.contains(.MAYREAD) || wanted.contains(.WRITE) && !vma.flags.contains(.MAYWRITE)
        || wanted.contains(.EXEC) && !vma.flags.contains(.MAYEXEC)
      {
        throw .EACCES
      }
      try changeFlags(el1, mm, at, stop, remove: .access, add: wanted, protectionChanges: true)
      at = stop
    }
  }

  /// Changes the flags of the VMA parts in [start, end), which lies in one VMA, and its present pages where asked.
  func changeFlags(
    _ el1: EL1Interface, _ mm: MMID, _ start: UInt64, _ end: UInt64, remove: VMFlags, add: VMFlags, protectionChanges: Bool
  ) throws(Errno) {
    let before = state.mms[mm.rawValue].vmas[state.mms[mm.rawValue].firstIndex(endingAbove: start)]
    let flags = before.flags.subtracting(remove).union(add)
    if flags == before.flags { return }
    try splitAt(mm, start, end)
    let index = state.mms[mm.rawValue].firstIndex(endingAbove: start)
    state.mms[mm.rawValue].vmas[index].flags = flags
    let vma = state.mms[mm.rawValue].vmas[index]
    if protectionChanges {
      let lock = LockName(.vmaLockWrite, UInt64(vma.id))
      el1.lock(lock)
      changeProtection(el1, mm, vma, start, end)
      el1.unlock(lock)
    }
    state.mms[mm.rawValue].mergeAround(index)
  }

  /// Linux: change_pte_range(), with can_change_pte_writable() for pages that belong to this address space alone.
  private func changeProtection(_ el1: EL1Interface, _ mm: MMID, _ vma: VMArea, _ start: UInt64, _ end: UInt64) {
    let editor = PageTableEditor(el1: el1)
    let protection = protection(vma.flags)
    var low: UInt64?
    var high: UInt64 = 0
    forEachEntry(el1, mm, start, end) { address, entry in
      if el1.load(entry, as: UInt64.self) == 0 { return }
      // ptep_modify_prot_start: hardware cannot update an entry that is clear.
      let old = editor.getAndClear(entry)
      var new = old.modified(to: protection)
      if vma.flags.contains(.WRITE) && !new.isWritable && !new.isProtNone && !new.isSpecial
        && pageFlags(el1, new.output) & PageDescriptor.exclusive != 0
      {
        new = new.makingWritable
      }
      editor.set(entry, new)
      if low == nil { low = address }
      high = address + 4096
    }
    guard let low else { return }
    state.statistics.tlbInvalidations &+= 1
    flush(el1, mm).range(low, high, tables: false)
  }

  public func madvise(
    _ el1: EL1Interface, _ mm: MMID, task: TaskID, address: UInt64, length: UInt64, advice: UInt64
  ) throws(Errno) {
    let known = [
      Advice.NORMAL, Advice.RANDOM, Advice.SEQUENTIAL, Advice.WILLNEED, Advice.DONTNEED, Advice.HUGEPAGE, Advice.NOHUGEPAGE,
      Advice.POPULATE_READ, Advice.POPULATE_WRITE,
    ]
    if !known.contains(advice) { throw .EINVAL }
    if address & 0xfff != 0 { throw .EINVAL }
    let (rounded, overflow) = length.addingReportingOverflow(0xfff)
    let size = rounded & ~0xfff
    if overflow || (length != 0 && size == 0) { throw .EINVAL }
    let (end, wraps) = address.addingReportingOverflow(size)
    if wraps { throw .EINVAL }
    if size == 0 { return }
    if advice == Advice.POPULATE_READ || advice == Advice.POPULATE_WRITE {
      if let error = populate(el1, mm, task: task, address, end, write: advice == Advice.POPULATE_WRITE) { throw error }
      return
    }
    // Holes are passed over and reported at the end.
    var unmapped = false
    var at = address
    while at < end {
      let index = state.mms[mm.rawValue].firstIndex(endingAbove: at)
      guard index < state.mms[mm.rawValue].vmas.count, state.mms[mm.rawValue].vmas[index].start < end else {
        unmapped = true
        break
      }
      let vma = state.mms[mm.rawValue].vmas[index]
      if vma.start > at {
        unmapped = true
        at = vma.start
      }
      let stop = min(vma.end, end)
      switch advice {
      case Advice.DONTNEED:
        if vma.flags.contains(.LOCKED) { throw .EINVAL }
        zap(el1, mm, at, stop, tables: false)
      case Advice.HUGEPAGE:
        try changeFlags(el1, mm, at, stop, remove: .NOHUGEPAGE, add: .HUGEPAGE, protectionChanges: false)
      case Advice.NOHUGEPAGE:
        try changeFlags(el1, mm, at, stop, remove: .HUGEPAGE, add: .NOHUGEPAGE, protectionChanges: false)
      default: break
      }
      at = stop
    }
    if unmapped { throw .ENOMEM }
  }

  /// Faults every page of a range in, as GUP does; the first problem ends it. Linux: mm/gup.c faultin_page_range().
  func populate(_ el1: EL1Interface, _ mm: MMID, task: TaskID, _ start: UInt64, _ end: UInt64, write: Bool) -> Errno? {
    var at = start
    while at < end {
      guard let index = state.mms[mm.rawValue].index(containing: at) else { return .ENOMEM }
      let vma = state.mms[mm.rawValue].vmas[index]
      if !vma.flags.contains(write ? .WRITE : .READ) { return .EINVAL }
      let present = PageTableEditor(el1: el1).find(state.mms[mm.rawValue].pgd, at)
        .map { PageTableEntry(el1.load($0, as: UInt64.self)) }
      if !(present.map { $0.isPresent && (!write || $0.isWritable) } ?? false) {
        let fault = handleMMFault(el1, mm, vma, address: at, flags: write ? [.WRITE] : [], task: task)
        if fault.contains(.OOM) { return .ENOMEM }
        if !fault.isDisjoint(with: .ERROR) { return .EFAULT }
      }
      at += 4096
    }
    return nil
  }
}
