// Owns mprotect, and changing the flags of parts of VMAs.
// It does not know registers. Linux: mm/mprotect.c.
import Architecture

extension MemoryManager {
  /// mprotect, and pkey_mprotect with a key that was never allocated. VMAs are changed one by one, so those before a hole change
  /// although the call fails. Linux: do_mprotect_pkey().
  public func mprotect(
    _ el1: EL1Interface, _ mm: MMID, task: TaskID, address: UInt64, length: UInt64, protection: UInt64,
    isKeyAllocated: Bool = true
  ) throws(Errno) {
    let growsDown = protection & 0x0100_0000 != 0
    let growsUp = protection & 0x0200_0000 != 0
    if growsDown && growsUp { throw .EINVAL }
    if address & 0xfff != 0 { throw .EINVAL }
    if length == 0 { return }
    let end = address &+ ((length &+ 0xfff) & ~0xfff)
    if end <= address { throw .ENOMEM }
    // READ, WRITE, EXEC and SEM are allowed, and BTI if the processor has it. MTE is not modelled.
    if protection & ~(0xf | 0x0300_0000 | (configuration.features.bti ? Self.landingPads : 0)) != 0 { throw .EINVAL }
    mmapWriteLock(el1, mm)
    do throws(Errno) {
      if !isKeyAllocated { throw .EINVAL }
      let start = try protectionStart(mm, address, end, growsDown: growsDown, growsUp: growsUp)
      try protectLocked(el1, mm, task, start, end, access(protection))
    } catch {
      mmapWriteUnlock(el1, mm)
      throw error
    }
    mmapWriteUnlock(el1, mm)
  }

  /// PROT_BTI.
  static var landingPads: UInt64 { 0x10 }
  /// The flags that PROT_* ask for. Linux: calc_vm_prot_bits(), arch_calc_vm_prot_bits().
  func access(_ protection: UInt64) -> VMFlags {
    let flags = VMFlags(rawValue: protection & 7)
    return configuration.features.bti && protection & Self.landingPads != 0 ? flags.union(.BTI) : flags
  }

  /// PROT_GROWSDOWN extends the range to the start of a stack. No VMA of arm64 grows upwards.
  private func protectionStart(
    _ mm: MMID, _ address: UInt64, _ end: UInt64, growsDown: Bool, growsUp: Bool
  ) throws(Errno) -> UInt64 {
    let first = state[mm].firstIndex(endingAbove: address)
    guard first < state[mm].vmas.count else { throw .ENOMEM }
    let vma = state[mm].vmas[first]
    if growsDown {
      if vma.start >= end { throw .ENOMEM }
      if !vma.flags.contains(.GROWSDOWN) { throw .EINVAL }
      return vma.start
    }
    if vma.start > address { throw .ENOMEM }
    if growsUp { throw .EINVAL }
    return address
  }

  private func protectLocked(
    _ el1: EL1Interface, _ mm: MMID, _ task: TaskID, _ start: UInt64, _ end: UInt64, _ wanted: VMFlags
  ) throws(Errno) {
    var at = start
    while at < end {
      let index = state[mm].firstIndex(endingAbove: at)
      guard index < state[mm].vmas.count, state[mm].vmas[index].start <= at else { throw .ENOMEM }
      let vma = state[mm].vmas[index]
      let stop = min(vma.end, end)
      // MAYREAD, MAYWRITE and MAYEXEC are four bits above the permissions that they allow.
      if wanted.rawValue & ~(vma.flags.rawValue >> 4) & 7 != 0 { throw .EACCES }
      try mprotectFixup(el1, mm, task, vma, at, stop, wanted)
      at = stop
    }
  }

  /// Changes one VMA and its accounting: memory that becomes writable is charged once. Linux: mprotect_fixup().
  private func mprotectFixup(
    _ el1: EL1Interface, _ mm: MMID, _ task: TaskID, _ vma: VMArea, _ start: UInt64, _ end: UInt64, _ wanted: VMFlags
  ) throws(Errno) {
    if vma.flags.contains(.SEALED) { throw .EPERM }
    var flags = vma.flags.subtracting(VMFlags.access.union(.BTI)).union(wanted)
    if flags == vma.flags { return }
    if flags.contains(.WRITE) {
      // Only an area that turns into data counts anew.
      if !mayExpand(mm, flags, by: end - start) && mayExpand(mm, vma.flags, by: end - start) { throw .ENOMEM }
      if vma.flags.isDisjoint(with: [.ACCOUNT, .WRITE, .HUGETLB, .SHARED, .NORESERVE]) {
        if !hasEnoughMemory(mm, end - start) { throw .ENOMEM }
        flags.insert(.ACCOUNT)
      }
    } else if vma.isAnonymous && vma.anonVMA == .none {
      flags.remove(.ACCOUNT)
    }
    try setFlags(el1, mm, start, end, flags)
    let index = state[mm].firstIndex(endingAbove: start)
    changeProtection(el1, mm, state[mm].vmas[index], start, end)
    mergeVMAs(el1, mm, index)
    // Locked private memory that becomes writable is copied now and not at a later fault.
    if vma.flags.intersection([.WRITE, .SHARED, .LOCKED]) == .LOCKED && flags.contains(.WRITE) {
      var changed = vma
      changed.flags = flags
      _ = populateVMA(el1, mm, task: task, changed, start, end, [])
    }
  }

  /// Sets the flags of the part [start, end) of one VMA. The part becomes a VMA of its own unless it is merged. ENOMEM if there
  /// would be too many VMAs. Linux: vma_modify(), split_vma().
  func setFlags(_ el1: EL1Interface, _ mm: MMID, _ start: UInt64, _ end: UInt64, _ flags: VMFlags) throws(Errno) {
    for border in [start, end] {
      let index = state[mm].firstIndex(endingAbove: border)
      let count = state[mm].vmas.count
      let isInside = index < count && state[mm].vmas[index].start < border
      if isInside && (count >= state.settings.maximumMapCount || !hasRoomForArea) {
        // The parts of the first split merge again.
        mergeVMAs(el1, mm, state[mm].firstIndex(endingAbove: start))
        throw .ENOMEM
      }
      try checkSplit(mm, at: border)
      if isInside { splitVMAs(el1, mm, at: border) }
    }
    let index = state[mm].firstIndex(endingAbove: start)
    vmaStartWrite(el1, mm, index)
    if state[mm].vmas[index].flags.contains(.ACCOUNT) != flags.contains(.ACCOUNT) {
      let pages = (end - start) >> 12
      if flags.contains(.ACCOUNT) { state[mm].chargedPages += pages } else { state[mm].chargedPages -= pages }
    }
    state[mm].vmas[index].flags = flags
  }

  /// Changes the protection of the entries in a range. Linux: change_pte_range(), with can_change_pte_writable() for pages that
  /// belong to this address space alone, and for written pages of shared files.
  private func changeProtection(_ el1: EL1Interface, _ mm: MMID, _ vma: VMArea, _ start: UInt64, _ end: UInt64) {
    if vma.flags.contains(.HUGETLB) { return changeHugetlbProtection(el1, mm, vma, start, end) }
    let editor = PageTableEditor(el1: el1)
    let flags = vma.flags
    let protection = pageProtection(vma)
    let gather = MMUGather()
    var walk = firstEntry(el1, mm, start, end)
    while walk.isOngoing {
      if _slowPath(walk.isHuge) {
        walk = nextEntry(el1, walk, after: changeHugePMD(el1, mm, gather, flags, walk.entry, walk.va, walk.partEnd))
        continue
      }
      // A marker has no protection.
      if editor.load(walk.entry).isPresent {
        // ptep_modify_prot_start: hardware cannot update an entry that is clear.
        var new = editor.getAndClear(walk.entry).modified(to: protection)
        if flags.contains(.WRITE) && !new.isWritable && !new.isProtNone && !new.isSpecial
          && (flags.contains(.SHARED) ? new.isDirty : isExclusive(el1, new.output))
        {
          new = new.makingWritable
        }
        editor.set(walk.entry, new)
        gather.noteEntry(walk.va)
      }
      walk = nextEntry(el1, walk)
    }
    finish(el1, mm, gather)
  }
}
