// Owns what a fault maps of a large folio beyond the page that it needs: the folio by a level 2 entry, or by an entry for each page.
// It does not know single pages. Linux: mm/memory.c finish_fault(), mm/filemap.c filemap_map_folio_range().
import Architecture

extension MemoryManager {
  /// Maps the large folio of a page whole if that is possible; nil if only the page is to be mapped. The folio's lock and a reference for
  /// one entry are held. Linux: finish_fault().
  func finishLargeFault(_ el1: EL1Interface, _ fault: FaultInProgress, _ page: UInt64) -> VMFault? {
    let head = folio(el1, page)
    if fault.pte == nil && mapHugeFolio(el1, fault.mm, fault.vma, fault.pmd, fault.hugeAddress, head, isWrite: fault.isWrite) {
      state.statistics.fileFaults &+= 1
      return []
    }
    guard mapsWholeFolios(fault.vma), let start = wholeFolioStart(el1, fault, head, page, fault.address) else { return nil }
    guard let pte = pteAlloc(el1, fault.mm, fault.pmd, fault.address) else { return .OOM }
    let (table, pages) = (pte.rawValue & ~0xfff, folioPages(el1, head))
    let first = PageTableEditor.entry(table, 3, start)
    let lock = LockName(.pageTable, table)
    el1.lock(lock)
    defer { el1.unlock(lock) }
    if PageTableEditor(el1: el1).unusedEntries(from: first, limit: UInt64(pages)) != pages { return nil }
    addReferences(el1, head, pages - 1)
    var value = PageTableEntry(head | pageProtection(fault.vma))
    if fault.isWrite {
      value = value.makingDirty
      if fault.vma.flags.contains(.WRITE) { value = value.makingWritable }
    }
    setFileEntries(el1, fault, first, head, value, count: pages)
    state.statistics.fileFaults &+= 1
    state.statistics.faultAroundPages &+= UInt64(pages - 1)
    return []
  }

  /// Maps pages [index, last] of a file as far as they belong to the large folio of the first of them, or the whole folio if the kernel does
  /// that. Entries in use stay. It returns the index behind, and the number of mapped pages. The table's lock is held. Linux:
  /// filemap_map_folio_range().
  func mapFolioRange(
    _ el1: EL1Interface, _ fault: FaultInProgress, _ page: UInt64, _ index: UInt64, _ last: UInt64, at va: UInt64, _ old: UInt64
  ) -> (next: UInt64, mapped: Int, result: VMFault) {
    let editor = PageTableEditor(el1: el1)
    let head = folio(el1, page)
    let place = (page - head) >> 12
    let pages = UInt64(folioPages(el1, head))
    let next = min(index - place + pages, last + 1)
    let start = configuration.profile.mapsWholeFolios ? wholeFolioStart(el1, fault, head, page, va) : nil
    var at = start ?? va
    let stop = start.map { $0 + pages << 12 } ?? va + (next - index) << 12
    let table = editor.findTable(state[fault.mm].pgd, va)!
    var mapped = 0
    var result: VMFault = []
    while at < stop {
      let entry = PageTableEditor.entry(table, 3, at)
      let count = editor.unusedEntries(from: entry, limit: (stop - at) >> 12)
      if count > 0 {
        // Pages that are mapped together with the one that is asked for are young.
        let isAsked = fault.address >= at && fault.address < at + count << 12
        let part = page &+ at &- va
        addReferences(el1, head, Int(count))
        let value = PageTableEntry((part | pageProtection(fault.vma)) & (isAsked ? .max : ~old))
        setFileEntries(el1, fault, entry, part, value, count: Int(count))
        mapped += Int(count)
        if isAsked { result = .NOPAGE }
      }
      at += (count + 1) << 12
    }
    return (next, mapped, result)
  }

  /// Whether faults by page map all pages of a large folio. Before 6.18 this holds only for memory files without a name.
  private func mapsWholeFolios(_ vma: VMArea) -> Bool {
    configuration.profile.mapsWholeFolios || state.files[vma.file].kind == .shmem && state.files[vma.file].place == nil
  }

  /// Where the folio begins whose page belongs at a virtual address, if VMA and table hold all of it.
  private func wholeFolioStart(_ el1: EL1Interface, _ fault: FaultInProgress, _ head: UInt64, _ page: UInt64, _ va: UInt64) -> UInt64? {
    let (offset, size) = (page - head, UInt64(folioPages(el1, head)) << 12)
    if va < fault.vma.start + offset { return nil }
    let start = va - offset
    return start + size <= fault.vma.end && start ^ (start + size - 1) < HugePage.size ? start : nil
  }

  /// Maps neighbouring pages of a file at neighbouring entries, which take over references.
  private func setFileEntries(
    _ el1: EL1Interface, _ fault: FaultInProgress, _ entry: PhysicalAddress, _ page: UInt64, _ value: PageTableEntry, count: Int
  ) {
    for n in 0..<UInt64(count) {
      setFileEntry(
        el1, fault, PhysicalAddress(entry.rawValue + n * 8), page + n << 12, PageTableEntry(value.rawValue + n << 12))
    }
  }
}
