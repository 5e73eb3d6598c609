// Owns the memory operations of exec: mappings at the addresses that the program file gives, and their contents.
// It does not know ELF. Linux: fs/binfmt_elf.c, mm/memory.c access_remote_vm().
import Architecture

extension MemoryManager {
  /// Maps the virtual range that exec chose, of a file from a given page on, or of anonymous memory. EEXIST if it overlaps a
  /// mapping, EINVAL if it leaves user space, ENOMEM if it is larger than RAM.
  public func mapFixed(
    _ el1: EL1Interface, _ mm: MMID, start: UInt64, end: UInt64, flags: VMFlags, purpose: VMArea.Purpose,
    file: (id: FileID, page: UInt64)? = nil
  ) throws(Errno) {
    if start & 0xfff != 0 || end & 0xfff != 0 || start >= end || end > Layout48.taskSize { throw .EINVAL }
    if state[mm].overlaps(start, end) { throw .EEXIST }
    var flags = flags.union(.may)
    if purpose != .vdso && !mayExpand(mm, flags, by: end - start) { throw .ENOMEM }
    if flags.contains(.WRITE) {
      if !hasEnoughMemory(mm, end - start) { throw .ENOMEM }
      flags.insert(.ACCOUNT)
    }
    var vma = VMArea(start: start, end: end, flags: flags, pageOffset: start >> 12, purpose: purpose)
    if let file { (vma.file, vma.pageOffset) = (file.id, file.page) }
    insertVMA(el1, mm, vma)
    // No other task knows this address space yet, so no lock is needed; but the VMA must not stay write-locked.
    state[mm].lockSequence &+= 1
  }

  /// Records the file from which the program of an address space was loaded. The address space keeps the file alive. Linux:
  /// set_mm_exe_file().
  public func setExecutable(_ mm: MMID, _ file: FileID) {
    precondition(state[mm].executable == .none, "an address space is for one program")
    retainFile(file)
    state[mm].executable = file
  }

  /// Whether an address space runs a file as its program, so that writing to the file is refused. Linux:
  /// exe_file_deny_write_access().
  public func isExecuted(_ file: FileID) -> Bool { state.mms.ids.contains { state[$0].executable == file } }

  /// Reads part of a file into RAM without a fault. ENOMEM.
  public func cacheFile(_ el1: EL1Interface, _ file: FileID, offset: UInt64, length: UInt64) throws(Errno) {
    var index = offset >> 12
    let end = (min(offset &+ length, state.files[file].size) &+ 0xfff) >> 12
    while index < end {
      _ = try filePage(el1, file, index)
      index += 1
    }
  }

  /// Writes another address space's memory regardless of its protection, as ptrace and exec do. Pages are made present through the
  /// fault path and then written by physical address. EFAULT if nothing is mapped, ENOMEM if there is no RAM; bytes before the
  /// error are written. Linux: access_remote_vm() with FOLL_FORCE.
  public func pokeUser(_ el1: EL1Interface, _ mm: MMID, task: TaskID, address: UInt64, _ bytes: [UInt8]) throws(Errno) {
    var done = 0
    while done < bytes.count {
      let at = address &+ UInt64(done)
      let count = min(bytes.count - done, 4096 - Int(at & 0xfff))
      let page = try writablePage(el1, mm, task, at)
      bytes.withUnsafeBytes { el1.store(from: $0.baseAddress! + done, count: count, to: PhysicalAddress(page + at & 0xfff)) }
      done += count
    }
  }

  /// The physical address of the page at `address`, after it was made private to this address space. Linux:
  /// get_user_page_vma_remote().
  private func writablePage(_ el1: EL1Interface, _ mm: MMID, _ task: TaskID, _ address: UInt64) throws(Errno) -> UInt64 {
    // A fault may grow the stack, replace the zero page, or copy a page, so the entry is checked again after each.
    for _ in 0..<4 {
      guard let vma = lockMMAndFindVMA(el1, mm, address) else { throw .EFAULT }
      if let page = ownPage(el1, mm, address) {
        unlockMM(el1, mm)
        return page
      }
      let fault = handleMMFault(el1, mm, vma, address: address, flags: [.WRITE, .REMOTE], task: task)
      unlockMM(el1, mm)
      if fault.contains(.OOM) { throw .ENOMEM }
      if !fault.isDisjoint(with: .ERROR) { throw .EFAULT }
    }
    throw .EFAULT
  }

  private func ownPage(_ el1: EL1Interface, _ mm: MMID, _ address: UInt64) -> UInt64? {
    guard let leaf = leaf(el1, mm, address), leaf.entry.isPresent, !leaf.entry.isSpecial else { return nil }
    return isExclusive(el1, leaf.owner) ? leaf.page : nil
  }
}
