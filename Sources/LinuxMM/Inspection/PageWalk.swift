// Owns the walk over what a range of an address space maps, for those who only look: entry by entry, nothing changed.
// It does not know who looks or what is made of it. Linux: mm/pagewalk.c.
import Architecture

/// What is found at an address: an entry with whatever it says, and where.
struct MappedEntry {
  /// Where the first page lies that the entry maps, and how many pages there are.
  var address: UInt64
  var pages: UInt64
  var entry: PageTableEntry
  /// A level 2 block, whose part this is. `page` is the physical address behind `address`.
  var isHuge: Bool
  var page: UInt64
}

extension MemoryManager {
  /// What a walk has found; a huge page is one entry, cut to the range. Linux: the callbacks of walk_page_range().
  func inspect(_ el1: EL1Interface, _ walk: EntryWalk) -> MappedEntry {
    let entry = PageTableEditor(el1: el1).load(walk.entry)
    if !walk.isHuge { return MappedEntry(address: walk.va, pages: 1, entry: entry, isHuge: false, page: entry.output) }
    let page = entry.output & ~HugePage.mask + walk.va & HugePage.mask
    return MappedEntry(address: walk.va, pages: (walk.partEnd - walk.va) >> 12, entry: entry, isHuge: true, page: page)
  }

  /// The folio behind an entry; nil for a page of zeroes, which is no folio. Linux: vm_normal_page().
  func normalPage(_ found: MappedEntry) -> UInt64? { found.entry.isPresent && !found.entry.isSpecial ? found.page : nil }

  /// How many entries map a page, as part of a huge page or alone. Linux: folio_precise_page_mapcount().
  func preciseMapCount(_ el1: EL1Interface, _ page: UInt64) -> UInt32 {
    field(el1, page, PageDescriptor.mapCount, as: UInt32.self)
      + field(el1, folio(el1, page), PageDescriptor.entireMapCount, as: UInt32.self)
  }
}
