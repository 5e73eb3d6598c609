// Owns mappings of the kernel's own pages, as the vDSO has them: their pages, their place in an address space, and their faults.
// It does not know what the pages hold. Linux: mm/mmap.c _install_special_mapping(), mm/memory.c vmf_insert_pfn().
import Architecture

extension MemoryManager {
  /// Makes pages of the kernel itself that programs may map. A page that is nil is not there: an access to it is a SIGBUS. ENOMEM.
  public func createSpecialFile(_ el1: EL1Interface, _ pages: [[UInt8]?]) throws(Errno) -> FileID {
    let id = createFile(.special, name: [], size: UInt64(pages.count) << 12)
    do throws(Errno) {
      for (index, bytes) in pages.enumerated() {
        guard let bytes else { continue }
        precondition(bytes.count <= 4096, "a page holds 4096 bytes")
        let page = try filePage(el1, id, UInt64(index))
        bytes.withUnsafeBytes { if let start = $0.baseAddress { el1.store(from: start, count: $0.count, to: PhysicalAddress(page)) } }
      }
    } catch {
      releaseFile(el1, id)
      throw error
    }
    return id
  }

  /// Maps all such pages, with exactly these flags and DONTEXPAND. The range is free. Linux: _install_special_mapping().
  public func mapSpecial(
    _ el1: EL1Interface, _ mm: MMID, at start: UInt64, _ file: FileID, flags: VMFlags, purpose: VMArea.Purpose
  ) {
    let end = start + state.files[file].size
    precondition(!state[mm].overlaps(start, end) && end <= Layout48.taskSize, "the kernel chose a free range")
    insertVMA(el1, mm, VMArea(start: start, end: end, flags: flags.union(.DONTEXPAND), pageOffset: 0, file: file, purpose: purpose))
    // No other task knows this address space yet, so no lock is needed; but the VMA must not stay write-locked.
    state[mm].lockSequence &+= 1
    if purpose == .vdso { state[mm].vdso = start }
  }

  /// The place that mmap would choose for a mapping of this many bytes; nil if there is none.
  public func unmappedArea(_ mm: MMID, bytes: UInt64) -> UInt64? {
    state[mm].unmappedArea(bytes, lowest: state.settings.lowestHint)
  }

  /// Serves a read of a page that is mapped by frame number: the entry takes no reference and counts nowhere. Linux: vmf_insert_pfn().
  func mapFrame(_ el1: EL1Interface, _ fault: FaultInProgress) -> VMFault {
    guard let page = state.files[fault.vma.file].pages[fault.vma.pageIndex(of: fault.address)] else { return .SIGBUS }
    guard let pte = fault.pte ?? pteAlloc(el1, fault.mm, fault.pmd, fault.address) else { return .OOM }
    let lock = LockName(.pageTable, pte.rawValue & ~0xfff)
    el1.lock(lock)
    defer { el1.unlock(lock) }
    if !PageTableEditor(el1: el1).load(pte).isNone { return .NOPAGE }
    PageTableEditor(el1: el1).set(pte, PageTableEntry(page | pageProtection(fault.vma) | PageTableEntry.Bits.special))
    state.statistics.fileFaults &+= 1
    return .NOPAGE
  }
}
