// Owns folios of more than one page: their descriptors from allocation to the last reference, and their mappings.
// It does not know how they are split. Linux: mm/page_alloc.c prep_compound_page(), mm/rmap.c.
import Architecture

extension MemoryManager {
  /// Allocates 2^order neighbouring frames as one folio with one reference, and says whether they are known to be zero; nil if
  /// there is no free block of that size. Linux: folio_alloc(), prep_compound_page().
  func allocateFolio(_ el1: EL1Interface, order: Int) -> (pa: UInt64, isZero: Bool)? {
    guard let (head, isZero) = allocateBlock(el1, order: order) else { return nil }
    state.statistics.pagesAllocated &+= 1 << UInt64(order)
    el1.step(.folioReference, head)
    setOwnership(el1, head, PageOwnership(referenceCount: 1))
    setComposition(el1, head, PageComposition(order: UInt32(order)))
    for page in 1..<UInt64(1 << order) {
      setOwnership(el1, head + page << 12, PageOwnership())
      setComposition(el1, head + page << 12, PageComposition(compoundHead: head | 1))
    }
    return (head, isZero)
  }

  /// Allocates a zeroed huge page with one reference; nil if none is free. Linux: vma_alloc_anon_folio_pmd().
  func allocateHugePage(_ el1: EL1Interface) -> UInt64? {
    guard let (head, isZero) = allocateFolio(el1, order: HugePage.order) else { return nil }
    if !isZero { clearHugePage(el1, head) }
    return head
  }

  /// Linux: folio_zero_user().
  func clearHugePage(_ el1: EL1Interface, _ head: UInt64) {
    for page in 0..<UInt64(HugePage.pages) { el1.zeroFrame(PhysicalAddress(head + page << 12)) }
  }

  /// Whether the page belongs to a folio of several pages. Linux: folio_test_large().
  func isLarge(_ el1: EL1Interface, _ page: UInt64) -> Bool {
    field(el1, page, PageDescriptor.compoundHead, as: UInt64.self) != 0
      || field(el1, page, PageDescriptor.order, as: UInt32.self) != 0
  }

  /// The file of whose page cache a folio is, and none if it was removed from it. Linux: folio->mapping.
  func file(_ el1: EL1Interface, ofFolio head: UInt64) -> FileID {
    FileID(UInt32(truncatingIfNeeded: field(el1, head, PageDescriptor.mapping, as: UInt64.self) >> 1))
  }

  /// Adds references to the page's folio. Linux: folio_ref_add().
  func addReferences(_ el1: EL1Interface, _ page: UInt64, _ count: Int) {
    let (head, descriptor) = folioDescriptor(el1, page)
    el1.step(.folioReference, head)
    descriptor.store(
      PageDescriptor.referenceCount, descriptor.load(PageDescriptor.referenceCount, as: UInt32.self) + UInt32(count))
  }

  // MARK: Maps

  /// Makes a new huge page the anonymous memory of one address space, mapped whole. Linux: folio_add_new_anon_rmap().
  func addNewHugeMapping(_ el1: EL1Interface, _ head: UInt64, _ anonVMA: AnonVMAID, index: UInt64) {
    el1.step(.folioFlags, head)
    setOwnership(
      el1, head,
      PageOwnership(
        flags: PageDescriptor.anonymous | PageDescriptor.exclusive, referenceCount: 1, mapping: PageDescriptor.mapping(anonVMA),
        index: index))
    setField(el1, head, PageDescriptor.entireMapCount, 1 as UInt32)
  }

  /// Counts level 2 entries that map the whole folio, one more or one less. Linux: folio_dup_anon_rmap_pmd(),
  /// folio_remove_rmap_pmd().
  func addHugeMappings(_ el1: EL1Interface, _ head: UInt64, _ difference: Int32) {
    el1.step(.folioFlags, head)
    let count = Int32(bitPattern: field(el1, head, PageDescriptor.entireMapCount, as: UInt32.self)) + difference
    precondition(count >= 0, "a huge page unmapped more often than mapped")
    setField(el1, head, PageDescriptor.entireMapCount, UInt32(bitPattern: count))
    // A folio of a file counts once as mapped whole, by however many entries.
    if count == max(difference, 0) && residentKind(el1, head) == .shmem {
      state.hugePages.mappedSharedPages += Int(difference) * HugePage.pages
    }
  }

  /// Replaces a mapping of the whole folio by a mapping of each page: it adds 511 references, and each page is exclusive if the
  /// whole was. Linux: folio_ref_add(), folio_add_anon_rmap_ptes(), folio_remove_rmap_pmd().
  func spreadHugeMapping(_ el1: EL1Interface, _ head: UInt64) {
    el1.step(.folioReference, head)
    let count = field(el1, head, PageDescriptor.referenceCount, as: UInt32.self)
    setField(el1, head, PageDescriptor.referenceCount, count + UInt32(HugePage.pages) - 1)
    let exclusive = isExclusive(el1, head) ? PageDescriptor.exclusive : 0
    for page in 0..<UInt64(HugePage.pages) {
      let pa = head + page << 12
      setField(el1, pa, PageDescriptor.flags, field(el1, pa, PageDescriptor.flags, as: UInt64.self) | exclusive)
      setField(el1, pa, PageDescriptor.mapCount, field(el1, pa, PageDescriptor.mapCount, as: UInt32.self) + 1)
    }
    addHugeMappings(el1, head, -1)
  }

  /// The number of entries, at both levels, that map the folio or a page of it. Linux: folio_mapcount().
  func mappings(_ el1: EL1Interface, _ head: UInt64) -> Int {
    (0..<UInt64(folioPages(el1, head))).reduce(Int(field(el1, head, PageDescriptor.entireMapCount, as: UInt32.self))) {
      $0 + Int(field(el1, head + $1 << 12, PageDescriptor.mapCount, as: UInt32.self))
    }
  }

  /// The entries of all address spaces that map the folio or a page of it. Linux: rmap_walk().
  func mappedPages(_ el1: EL1Interface, _ head: UInt64) -> [MappedPage] {
    let index = field(el1, head, PageDescriptor.index, as: UInt64.self)
    let end = index + UInt64(folioPages(el1, head))
    var found: [MappedPage] = []
    let ranges =
      isAnonymous(el1, head)
      ? mappedRanges(ofAnonVMA: anonVMA(el1, ofFolio: head), index, end) : mappedRanges(of: file(el1, ofFolio: head), index, end)
    for range in ranges {
      var va = range.start
      while va < range.end {
        let page = head + (range.vma.pageIndex(of: va) - index) << 12
        if let leaf = leaf(el1, range.mm, va), leaf.entry.isPresent, leaf.page == page {
          found.append(MappedPage(mm: range.mm, vma: range.vma, va: va, leaf: leaf))
          if leaf.isHuge { break }
        }
        va += 4096
      }
    }
    return found
  }
}

/// An entry that maps a page: its address space and its virtual address.
struct MappedPage {
  let mm: MMID
  let vma: VMArea
  let va: UInt64
  let leaf: Leaf
}
