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
    if fault.pte == nil && mapHugeFolioAround(el1, fault, found) { return .NOPAGE }
    // The last page of a file may not be part of a block, and the attempt to map one is what brings a missing table. Memory files are
    // exempt. Linux: filemap_map_pages(), filemap_map_pmd().
    if fault.pte == nil && found == end - 1 && state.files[file].kind != .shmem { return [] }
    guard let pte = fault.pte ?? pteAlloc(el1, fault.mm, fault.pmd, fault.address) else { return .OOM }
    let table = pte.rawValue & ~0xfff
    let isOld = configuration.features.hardwareUpdate != .off
    let protection = pageProtection(fault.vma)
    var result: VMFault = []
    var mapped = 0
    var next = found
    el1.lock(LockName(.pageTable, table))
    for index in found...last where index >= next {
      let va = window.first + (index - first) << 12
      let entry = PageTableEditor.entry(table, 3, va)
      guard PageTableEditor(el1: el1).load(entry).isNone, let page = mappablePage(el1, file, index) else { continue }
      if _slowPath(isLarge(el1, page)) {
        let part = mapFolioRange(el1, fault, page, index, last, at: va, isOld ? PageTableEntry.Bits.accessFlag : 0)
        next = part.next
        mapped += part.mapped
        result.formUnion(part.result)
        continue
      }
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

  /// Maps the huge folio of the window's first page in RAM at the empty level 2 entry; false if it cannot be. Linux: filemap_map_pmd().
  private func mapHugeFolioAround(_ el1: EL1Interface, _ fault: FaultInProgress, _ index: UInt64) -> Bool {
    guard let page = state.files[fault.vma.file].pages[index], isLarge(el1, page) else { return false }
    let head = folio(el1, page)
    getPage(el1, head)
    if !mapHugeFolio(el1, fault.mm, fault.vma, fault.pmd, fault.hugeAddress, head, isWrite: false) {
      putPage(el1, head)
      return false
    }
    state.statistics.fileFaults &+= 1
    return true
  }

  /// A page that is up to date and only needs an entry. Linux: next_uptodate_folio().
  private func mappablePage(_ el1: EL1Interface, _ file: FileID, _ index: UInt64) -> UInt64? {
    typealias Flag = PageDescriptor
    guard let page = state.files[file].pages[index] else { return nil }
    let (head, fields) = folioDescriptor(el1, page)
    let flags = fields.load(Flag.flags, as: UInt64.self)
    if flags & (Flag.upToDate | Flag.readahead | Flag.poisoned) != Flag.upToDate { return nil }
    return head == page || !hasFlag(el1, page, Flag.poisoned) ? page : nil
  }
}
