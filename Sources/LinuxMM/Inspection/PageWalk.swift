// Owns the read-only walk over the entries of a range of an address space.
// It does not know what its callers look for. Linux: mm/pagewalk.c.
import Architecture

/// An entry that a walk found, and its address.
struct MappedEntry {
  /// The virtual address of the first page that the entry maps, and the number of pages.
  var address: UInt64
  var pages: UInt64
  var entry: PageTableEntry
  /// Whether the entry is a part of a level 2 block. `page` is the physical address behind `address`.
  var isHuge: Bool
  var page: UInt64
}

extension MemoryManager {
  /// Describes what a walk has found. A huge page is one entry, cut to the range. Linux: the callbacks of walk_page_range().
  func inspect(_ el1: EL1Interface, _ walk: EntryWalk) -> MappedEntry {
    let entry = PageTableEditor(el1: el1).load(walk.entry)
    if !walk.isHuge { return MappedEntry(address: walk.va, pages: 1, entry: entry, isHuge: false, page: entry.output) }
    let page = entry.output & ~HugePage.mask + walk.va & HugePage.mask
    return MappedEntry(address: walk.va, pages: (walk.partEnd - walk.va) >> 12, entry: entry, isHuge: true, page: page)
  }

  /// The folio behind an entry; nil for the zero page, which is no folio. Linux: vm_normal_page().
  func normalPage(_ found: MappedEntry) -> UInt64? { found.entry.isPresent && !found.entry.isSpecial ? found.page : nil }

  /// The number of entries that map a page, alone or as part of a huge page. Linux: folio_precise_page_mapcount().
  func preciseMapCount(_ el1: EL1Interface, _ page: UInt64) -> UInt32 {
    field(el1, page, PageDescriptor.mapCount, as: UInt32.self)
      + field(el1, folio(el1, page), PageDescriptor.entireMapCount, as: UInt32.self)
  }
}
