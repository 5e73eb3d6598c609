// Owns faulting ranges in without an access: MADV_POPULATE_*, and what mlock, MAP_LOCKED and MAP_POPULATE do.
// It does not know VMAs' flags beyond what they allow. Linux: mm/gup.c.
import Architecture

/// How pages are faulted in without an access. Linux: FOLL_*.
struct FollowFlags: OptionSet {
  var rawValue: UInt32
  static let WRITE = FollowFlags(rawValue: 1 << 0)
  /// A fault may let the mmap lock go, and is tried again after that.
  static let UNLOCKABLE = FollowFlags(rawValue: 1 << 21)
  /// Trying again is the fault's second try (FAULT_FLAG_TRIED), not a fresh fault, which would count as minor.
  static let MADV_POPULATE = FollowFlags(rawValue: 1 << 22)
}

/// What becomes of a problem in one VMA: it ends the call, or only that VMA. Linux: ignore_errors of __mm_populate().
enum PopulateErrors { case ignored, reported }

extension MemoryManager {
  /// Faults in every page of a range for MADV_POPULATE_*. The first error ends the call: ENOMEM for a hole or a lack of RAM, EINVAL
  /// for a VMA that does not allow the access, EFAULT if the fault would end in a signal, EHWPOISON. Pages before the error stay.
  /// The caller holds the mmap lock for reading. Linux: faultin_page_range(), madvise_populate().
  func faultInPageRange(
    _ el1: EL1Interface, _ mm: MMID, task: TaskID, _ start: UInt64, _ end: UInt64, write: Bool
  ) -> Errno? {
    defer { drainBatches(el1) }
    var at = start
    while at < end {
      guard let index = state[mm].index(containing: at) else { return .ENOMEM }
      let vma = state[mm].vmas[index]
      // Linux: check_vma_flags().
      if !vma.flags.contains(write ? .WRITE : .READ) || !vma.flags.isDisjoint(with: [.IO, .PFNMAP]) { return .EINVAL }
      switch faultInPage(el1, mm, task, at, write ? [.WRITE, .UNLOCKABLE, .MADV_POPULATE] : [.UNLOCKABLE, .MADV_POPULATE]) {
      case .success(let next): at = next
      case .failure(let error): return error
      }
    }
    return nil
  }

  /// Faults in what lies mapped in a range, VMA by VMA: writing to private memory that may be written, reading the rest, and
  /// nothing where pages are locked as they come. A problem is EFAULT for memory without any permission and for faults that end in a
  /// signal, ENOMEM if RAM runs out. Linux: __mm_populate().
  @discardableResult
  func populate(
    _ el1: EL1Interface, _ mm: MMID, task: TaskID, _ start: UInt64, _ end: UInt64, errors: PopulateErrors = .ignored
  ) -> Errno? {
    mmapReadLock(el1, mm)
    var at = start
    var problem: Errno?
    while at < end && problem == nil {
      let index = state[mm].firstIndex(endingAbove: at)
      guard index < state[mm].vmas.count, state[mm].vmas[index].start < end else { break }
      let vma = state[mm].vmas[index]
      let stop = min(vma.end, end)
      if !vma.flags.isDisjoint(with: [.IO, .PFNMAP]) {
        at = stop
        continue
      }
      let error = populateVMA(el1, mm, task: task, vma, max(at, vma.start), stop, .UNLOCKABLE)
      if errors == .reported { problem = error }
      at = stop
    }
    unlockMM(el1, mm)
    return problem
  }

  /// The mmap lock is held; if not UNLOCKABLE it is not let go, however long a page takes. Linux: populate_vma_page_range().
  func populateVMA(
    _ el1: EL1Interface, _ mm: MMID, task: TaskID, _ vma: VMArea, _ start: UInt64, _ end: UInt64, _ flags: FollowFlags
  ) -> Errno? {
    if vma.flags.contains(.LOCKONFAULT) { return nil }
    // Any permission will do for a read; memory with none is not touched.
    if vma.flags.isDisjoint(with: .access) { return .EFAULT }
    let isWrite = vma.flags.contains(.WRITE) && !vma.flags.contains(.SHARED)
    defer { drainBatches(el1) }
    var at = start
    while at < end {
      switch faultInPage(el1, mm, task, at, isWrite ? flags.union(.WRITE) : flags) {
      case .success(let next): at = next
      case .failure(let error): return error == .EHWPOISON ? .EFAULT : error
      }
    }
    return nil
  }

  /// Makes one page present for the access, by as many faults as that takes. Returns the address behind the page that it found.
  /// Linux: __get_user_pages() with FOLL_TOUCH, faultin_page().
  func faultInPage(
    _ el1: EL1Interface, _ mm: MMID, _ task: TaskID, _ address: UInt64, _ wanted: FollowFlags
  ) -> Result<UInt64, Errno> {
    var flags: FaultFlags = wanted.contains(.UNLOCKABLE) ? [.ALLOW_RETRY, .KILLABLE] : []
    if wanted.contains(.WRITE) { flags.insert(.WRITE) }
    while true {
      if let next = follow(el1, mm, address, wanted) { return .success(next) }
      // A fault may have given the VMA its anon_vma, or the lock away.
      guard let index = state[mm].index(containing: address) else { return .failure(.ENOMEM) }
      let fault = handleMMFault(el1, mm, state[mm].vmas[index], address: address, flags: flags, task: task)
      if fault.contains(.OOM) {
        // Linux's allocator never refuses a single page: the OOM killer makes room instead. The call itself may ignore the error.
        state.wantsOOMKill = true
        return .failure(.ENOMEM)
      }
      if !fault.isDisjoint(with: [.HWPOISON, .HWPOISON_LARGE]) { return .failure(.EHWPOISON) }
      if !fault.isDisjoint(with: .ERROR) { return .failure(.EFAULT) }
      if !fault.isDisjoint(with: [.RETRY, .COMPLETED]) {
        mmapReadLock(el1, mm)
        // Without the lock, populating begins anew at this page. Linux: __mm_populate().
        if !wanted.contains(.MADV_POPULATE) { drainBatches(el1) }
      }
      if fault.contains(.RETRY) && wanted.contains(.MADV_POPULATE) { flags.insert(.TRIED) }
    }
  }

  /// Where the access would succeed: the address behind the page, or behind the huge page. A page that is written through the
  /// kernel's own mapping would be dirty without its entry saying so, as it would be used.
  /// Linux: follow_page_mask().
  private func follow(_ el1: EL1Interface, _ mm: MMID, _ address: UInt64, _ wanted: FollowFlags) -> UInt64? {
    let write = wanted.contains(.WRITE)
    let editor = PageTableEditor(el1: el1)
    guard let pmd = editor.findPMD(state[mm].pgd, address) else { return nil }
    var value = editor.load(pmd)
    var size = Layout48.hugePage
    if !PageTableEditor.isHuge(value.rawValue) {
      guard value.rawValue & 3 == 3 else { return nil }
      value = editor.load(PageTableEditor.entry(value.output, 3, address))
      size = 4096
    }
    if !value.isPresent || write && !value.isWritable { return nil }
    if size > 4096 {
      // Linux: touch_pmd().
      if !value.isYoung || write && !value.isDirty { editor.set(pmd, write ? value.makingYoung.makingDirty : value.makingYoung) }
    } else if !value.isSpecial {
      if write && !value.isDirty { setFlag(el1, folio(el1, value.output), PageDescriptor.dirty) }
      markAccessed(el1, value.output)
    }
    return (address & ~(size - 1)) + size
  }
}
