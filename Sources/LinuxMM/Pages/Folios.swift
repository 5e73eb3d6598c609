// Owns folios of more than one page: how their descriptors hang together, and the parting of one into its pages.
// It does not know who maps them. Linux: mm/page_alloc.c prep_compound_page(), mm/huge_memory.c __split_folio_to_order().
import Architecture

extension MemoryManager {
  /// A zeroed folio of 2^order pages with one reference, by its head; nil where RAM has no such block free.
  /// Linux: vma_alloc_folio(), folio_zero_user().
  func allocateFolio(_ el1: EL1Interface, order: Int) -> UInt64? {
    guard let head = allocateBlock(el1, order: order) else { return nil }
    for page in 0..<UInt64(1) << UInt64(order) {
      let pa = head + page << 12
      if hasFlag(el1, pa, PageDescriptor.used) { el1.zeroFrame(PhysicalAddress(pa)) }
      initialise(el1, pa, flags: 0)
      if page == 0 {
        setField(el1, pa, PageDescriptor.order, UInt32(order))
      } else {
        setField(el1, pa, PageDescriptor.referenceCount, 0 as UInt32)
        setField(el1, pa, PageDescriptor.compoundHead, head | 1)
      }
    }
    return head
  }

  /// Makes each page of a folio a folio of its own, with a reference for each entry that maps it, one for the page cache if that
  /// holds it, and for the first page the caller's; pages that nobody has are freed. No level 2 block may map it any more.
  /// False, and nothing changed, where somebody else holds a reference. Linux: split_folio().
  func splitFolio(_ el1: EL1Interface, _ head: UInt64) -> Bool {
    let count = UInt64(folioPages(el1, head))
    precondition(field(el1, head, PageDescriptor.entireMapCount, as: UInt32.self) == 0, "a block still maps the folio")
    let mapping = field(el1, head, PageDescriptor.mapping, as: UInt64.self)
    let cached: UInt32 = mapping != 0 && mapping & 1 == 0 ? 1 : 0
    let held = (0..<count).map { field(el1, head + $0 << 12, PageDescriptor.mapCount, as: UInt32.self) + cached }
    el1.step(.folioReference, head)
    if field(el1, head, PageDescriptor.referenceCount, as: UInt32.self) != held.reduce(1, +) { return false }
    let index = field(el1, head, PageDescriptor.index, as: UInt64.self)
    let flags = field(el1, head, PageDescriptor.flags, as: UInt64.self) & ~PageDescriptor.exclusive
    setField(el1, head, PageDescriptor.order, 0 as UInt32)
    for page in 0..<count {
      let pa = head + page << 12
      setField(el1, pa, PageDescriptor.compoundHead, 0 as UInt64)
      setField(el1, pa, PageDescriptor.referenceCount, held[Int(page)] + (page == 0 ? 1 : 0))
      setField(el1, pa, PageDescriptor.mapping, mapping)
      setField(el1, pa, PageDescriptor.index, index &+ page)
      // Which of its pages are one address space's alone each page knew already.
      setFlag(el1, pa, flags)
      if page != 0 && held[Int(page)] == 0 { freePage(el1, pa, order: 0) }
    }
    return true
  }
}
