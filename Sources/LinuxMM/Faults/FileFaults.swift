// Owns faults on pages of files: from the page cache into the tables, shared or copied, and writes to shared pages.
// It does not know how the cache is filled or which pages fault-around maps. Linux: mm/memory.c do_fault(), mm/filemap.c,
// mm/shmem.c.
import Architecture

/// A file's answer to a fault. Linux: the result of ->fault in struct vm_fault.
private enum FaultedPage {
  /// The page's physical address. The page has a reference for the future entry, and its folio is locked. The flags hold MAJOR if
  /// the page had to be read.
  case found(UInt64, VMFault)
  case failed(VMFault)
}

extension MemoryManager {
  /// Serves the first access to a page of a file. Linux: do_fault().
  func doFault(_ el1: EL1Interface, _ fault: FaultInProgress) -> VMFault {
    if !fault.isWrite { return doReadFault(el1, fault) }
    return fault.vma.flags.contains(.SHARED) ? doSharedFault(el1, fault) : doCoWFault(el1, fault)
  }

  /// Serves a read: maps the page and the nearby pages that are in RAM. Linux: do_read_fault().
  private func doReadFault(_ el1: EL1Interface, _ fault: FaultInProgress) -> VMFault {
    if _slowPath(fault.vma.flags.contains(.PFNMAP)) { return mapFrame(el1, fault) }
    let around = doFaultAround(el1, fault)
    if !around.isEmpty { return around }
    switch faultPage(el1, fault) {
    case .failed(let result): return result
    case .found(let page, let major):
      let result = finishFault(el1, fault, page)
      el1.unlock(folioLock(el1, page))
      if !result.isEmpty { putPage(el1, page) }
      return result.union(major)
    }
  }

  /// Serves a write to private memory: maps a copy, and leaves the page itself unmapped. Linux: do_cow_fault().
  private func doCoWFault(_ el1: EL1Interface, _ fault: FaultInProgress) -> VMFault {
    guard let anonVMA = anonVMAPrepare(el1, fault) else { return .RETRY }
    guard let copy = allocateZeroedPage(el1) else { return .OOM }
    switch faultPage(el1, fault) {
    case .failed(let result):
      putPage(el1, copy)
      return result
    case .found(let page, let major):
      el1.copyFrame(from: PhysicalAddress(page), to: PhysicalAddress(copy))
      var result = major
      if let pte = fault.pte ?? pteAlloc(el1, fault.mm, fault.pmd, fault.address) {
        result.formUnion(install(el1, fault, pte, copy: copy, anonVMA))
      } else {
        result = .OOM
      }
      el1.unlock(folioLock(el1, page))
      putPage(el1, page)
      if !result.isDisjoint(with: [.OOM, .NOPAGE]) { putPage(el1, copy) }
      return result
    }
  }

  /// Maps the copy. NOPAGE means that another fault mapped a page first. Linux: finish_fault(), set_pte_range() of a copy.
  private func install(
    _ el1: EL1Interface, _ fault: FaultInProgress, _ pte: PhysicalAddress, copy: UInt64, _ anonVMA: AnonVMAID
  ) -> VMFault {
    let lock = LockName(.pageTable, pte.rawValue & ~0xfff)
    el1.lock(lock)
    defer { el1.unlock(lock) }
    if !PageTableEditor(el1: el1).load(pte).isNone { return .NOPAGE }
    addNewAnonymousMapping(el1, copy, anonVMA, fault.vma.flags, index: fault.vma.pageIndex(of: fault.address))
    state[fault.mm].resident.anonymous &+= 1
    PageTableEditor(el1: el1).set(pte, writtenEntry(copy, fault.vma))
    state.statistics.copies &+= 1
    return []
  }

  /// Serves a write to shared memory: notifies the file if it asks for that, then maps the page dirty. Linux: do_shared_fault().
  private func doSharedFault(_ el1: EL1Interface, _ fault: FaultInProgress) -> VMFault {
    switch faultPage(el1, fault) {
    case .failed(let result): return result
    case .found(let page, let major):
      let result = finishFault(el1, fault, page)
      // Linux: fault_dirty_shared_page().
      setFlag(el1, folio(el1, page), PageDescriptor.dirty)
      el1.unlock(folioLock(el1, page))
      if !result.isEmpty { putPage(el1, page) }
      return result.union(major)
    }
  }

  /// Maps a page of the file at an empty entry, which takes over the page's reference. OOM if there is no RAM for a table; NOPAGE
  /// if another fault mapped a page first. Linux: finish_fault().
  private func finishFault(_ el1: EL1Interface, _ fault: FaultInProgress, _ page: UInt64) -> VMFault {
    if _slowPath(isLarge(el1, page)), let result = finishLargeFault(el1, fault, page) { return result }
    guard let pte = fault.pte ?? pteAlloc(el1, fault.mm, fault.pmd, fault.address) else { return .OOM }
    let lock = LockName(.pageTable, pte.rawValue & ~0xfff)
    el1.lock(lock)
    defer { el1.unlock(lock) }
    if !PageTableEditor(el1: el1).load(pte).isNone { return .NOPAGE }
    var value = PageTableEntry(page | pageProtection(fault.vma))
    if fault.isWrite {
      value = value.makingDirty
      if fault.vma.flags.contains(.WRITE) { value = value.makingWritable }
    }
    setFileEntry(el1, fault, pte, page, value)
    state.statistics.fileFaults &+= 1
    return []
  }

  /// Maps a page of a file with one more entry. Linux: set_pte_range().
  func setFileEntry(
    _ el1: EL1Interface, _ fault: FaultInProgress, _ pte: PhysicalAddress, _ page: UInt64, _ value: PageTableEntry
  ) {
    addMapping(el1, page)
    if _slowPath(fault.vma.flags.contains(.LOCKED)) { noteLocked(el1, page) }
    state[fault.mm].resident.add(1, residentKind(el1, page))
    // A page that is dirty already needs no fault to record a write.
    let isDirty = configuration.profile.mapsDirtyPagesDirty && value.isWritable && hasFlag(el1, folio(el1, page), PageDescriptor.dirty)
    PageTableEditor(el1: el1).set(pte, isDirty ? value.makingDirty : value)
  }

  /// Serves a write to a page of a shared mapping whose entry is not writable yet. The caller holds the entry's lock, and this
  /// function releases it. Linux: wp_page_shared().
  func wpPageShared(_ el1: EL1Interface, _ fault: FaultInProgress, _ pte: PhysicalAddress, _ lock: LockName) -> VMFault {
    let page = fault.original.output
    if !wantsWriteNotify(fault.vma) {
      wpPageReuse(el1, fault, pte)
      el1.unlock(lock)
      setFlag(el1, folio(el1, page), PageDescriptor.dirty)
      return []
    }
    getPage(el1, page)
    el1.unlock(lock)
    defer { putPage(el1, page) }
    let folioLock = LockName(.folio, folio(el1, page))
    el1.lock(folioLock)
    defer { el1.unlock(folioLock) }
    // The page was truncated meanwhile; the retried fault finds the current state. Linux: filemap_page_mkwrite().
    if state.files[fault.vma.file].pages[fault.vma.pageIndex(of: fault.address)] != page { return .NOPAGE }
    setFlag(el1, page, PageDescriptor.dirty)
    el1.lock(lock)
    if PageTableEditor(el1: el1).load(pte) == fault.original { wpPageReuse(el1, fault, pte) }
    el1.unlock(lock)
    return []
  }

  // MARK: The page

  /// Linux: __do_fault().
  private func faultPage(_ el1: EL1Interface, _ fault: FaultInProgress) -> FaultedPage {
    let (id, index) = (fault.vma.file, fault.vma.pageIndex(of: fault.address))
    if index >= (state.files[id].size &+ 0xfff) >> 12 { return .failed(.SIGBUS) }
    if state.files[id].kind == .special && state.files[id].pages[index] == nil { return .failed(.SIGBUS) }
    var major: VMFault = []
    if case .host = state.files[id].kind {
      let reading = filemapFault(el1, fault, index)
      if !reading.isDisjoint(with: [.RETRY, .OOM]) { return .failed(reading) }
      major = reading
    }
    let page: UInt64
    do { page = try filePage(el1, id, index, isUsed: fault.vma.flags.hasRecency) } catch {
      // A full tmpfs is an error of this file (SIGBUS); a lack of RAM concerns the whole system (OOM). Linux: vmf_error().
      if error == .EIO { return .failed(.HWPOISON) }
      return .failed(error == .ENOMEM ? .OOM : .SIGBUS)
    }
    getPage(el1, page)
    let lock = folioLock(el1, page)
    el1.lock(lock)
    // The page is not in the file any more, or its folio was split.
    if state.files[id].pages[index] != page || folioLock(el1, page) != lock {
      el1.unlock(lock)
      putPage(el1, page)
      return .failed(.NOPAGE)
    }
    return .found(page, major)
  }

  /// The lock of a page's folio.
  private func folioLock(_ el1: EL1Interface, _ page: UInt64) -> LockName { LockName(.folio, folio(el1, page)) }

  /// Finds or reads the page. If the fault may be retried and pages must be read, this function releases the lock and answers
  /// RETRY, with MAJOR if the page itself was missing. Linux: filemap_fault().
  private func filemapFault(_ el1: EL1Interface, _ fault: FaultInProgress, _ index: UInt64) -> VMFault {
    let id = fault.vma.file
    let mayRetry = fault.flags.contains(.ALLOW_RETRY) && !fault.flags.contains(.TRIED)
    if let page = state.files[id].pages[index] {
      // Linux: do_async_mmap_readahead().
      if fault.flags.contains(.TRIED) || !noteHit(el1, fault.vma, page) { return [] }
      if mayRetry { releaseFaultLock(el1, fault) }
      readNextWindow(el1, fault.vma, page, index)
      return mayRetry ? .RETRY : []
    }
    if mayRetry { releaseFaultLock(el1, fault) }
    readAround(el1, fault.vma, index)
    // If the read fails the retried fault asks for the page again.
    do { _ = try filePage(el1, id, index, isUsed: fault.vma.flags.hasRecency) } catch { return mayRetry ? [.RETRY, .MAJOR] : .OOM }
    return mayRetry ? [.RETRY, .MAJOR] : .MAJOR
  }

  /// Linux: release_fault_lock().
  func releaseFaultLock(_ el1: EL1Interface, _ fault: FaultInProgress) {
    if fault.flags.contains(.VMA_LOCK) { unlockVMA(el1, fault.vma) } else { unlockMM(el1, fault.mm) }
  }

  // MARK: Protection

  /// Whether the file must be notified of the first write to each page of a shared mapping. This holds for all files except memory
  /// files. Linux: vma_wants_writenotify().
  func wantsWriteNotify(_ vma: VMArea) -> Bool {
    guard vma.flags.isSuperset(of: [.SHARED, .WRITE]), vma.file != .none else { return false }
    if case .host = state.files[vma.file].kind { return true }
    return false
  }

  /// The protection with which pages of the VMA are first mapped. Linux: vm_page_prot, vma_set_page_prot().
  @inline(__always)
  func pageProtection(_ vma: VMArea) -> UInt64 {
    protection(wantsWriteNotify(vma) ? vma.flags.subtracting(.SHARED) : vma.flags)
  }
}
