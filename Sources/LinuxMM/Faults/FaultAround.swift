// Owns fault-around: a read fault also maps nearby pages that are in RAM already.
// It does not know how a page gets into RAM. Linux: mm/memory.c do_fault_around(), mm/filemap.c filemap_map_pages().
import Architecture

/// The virtual addresses that one read fault may map, both ends included.
struct FaultAroundWindow: Equatable {
  var first: UInt64
  var last: UInt64

  /// The size of the window in pages: fault_around_bytes / 4096.
  static var pages: UInt64 { 16 }

  /// The window begins at the address rounded down to 16 pages, or at the start of the VMA if that is higher. It is 16 pages long,
  /// or shorter if the VMA or the last-level table ends before. Linux: do_fault_around().
  init(_ vma: VMArea, _ address: UInt64) {
    let slot = address & ~(Self.pages << 12 - 1)
    first = max(slot, vma.start)
    let table = (address | (Layout48.hugePage - 1)) + 1
    last = min(first + Self.pages << 12, table, vma.end) - 0x1000
  }
}

extension MemoryManager {
  /// Maps the window. NOPAGE means that the faulting page was mapped too; OOM means that there is no RAM for a table.
  func doFaultAround(_ el1: EL1Interface, _ fault: FaultInProgress) -> VMFault {
    let window = FaultAroundWindow(fault.vma, fault.address)
    let file = fault.vma.file
    // The kernel's own pages are mapped one by one: there is no ->map_pages.
    if state.files[file].kind == .special { return [] }
    // The file's size in pages, rounded up.
    let end = (state.files[file].size &+ 0xfff) >> 12
    let first = fault.vma.pageIndex(of: window.first)
    let last = min(fault.vma.pageIndex(of: window.last), end &- 1)
    guard end > first, let found = (first...last).first(where: { mappablePage(el1, file, $0) != nil }) else { return [] }
    // The last page of a file may not be part of a block, and the attempt to map one is what brings a missing table. Memory files are
    // exempt. Linux: filemap_map_pages(), filemap_map_pmd().
    if fault.pte == nil && found == end - 1 && state.files[file].kind != .shmem { return [] }
    guard let pte = fault.pte ?? pteAlloc(el1, fault.mm, fault.pmd, fault.address) else { return .OOM }
    let table = pte.rawValue & ~0xfff
    let isOld = configuration.features.hardwareUpdate != .off
    let protection = pageProtection(fault.vma)
    var result: VMFault = []
    var mapped = 0
    el1.lock(LockName(.pageTable, table))
    for index in found...last {
      let va = window.first + (index - first) << 12
      let entry = PageTableEditor.entry(table, 3, va)
      guard PageTableEditor(el1: el1).load(entry).isNone, let page = mappablePage(el1, file, index) else { continue }
      var value = PageTableEntry(page | protection)
      if va == fault.address {
        result = .NOPAGE
      } else if isOld {
        // These pages are mapped old, because hardware sets the access flag at no cost when one is used. Linux:
        // arch_wants_old_prefaulted_pte().
        value.rawValue &= ~PageTableEntry.Bits.accessFlag
      }
      getPage(el1, page)
      setFileEntry(el1, fault, entry, page, value)
      mapped += 1
    }
    el1.unlock(LockName(.pageTable, table))
    let asked = result == .NOPAGE ? 1 : 0
    state.statistics.fileFaults &+= UInt64(asked)
    state.statistics.faultAroundPages &+= UInt64(mapped - asked)
    state.files[file].readahead.noteHits(mapped)
    return result
  }

  /// A page that is up to date and only needs an entry. Linux: next_uptodate_folio().
  private func mappablePage(_ el1: EL1Interface, _ file: FileID, _ index: UInt64) -> UInt64? {
    guard let page = upToDatePage(el1, file, index), !hasFlag(el1, page, PageDescriptor.readahead | PageDescriptor.poisoned) else {
      return nil
    }
    return page
  }
}
