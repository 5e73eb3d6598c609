// Owns the life of a page: allocation, zeroing, references and map counts, release.
// It does not know page tables or VMAs.
import Architecture

extension MemoryManager {
  /// Allocates a zeroed page with one reference; nil if RAM is used up. Linux: vma_alloc_zeroed_movable_folio().
  @inline(__always)
  func allocateZeroedPage(_ el1: EL1Interface) -> UInt64? {
    guard let (pa, isZero) = allocateFrame(el1) else { return nil }
    if !isZero { el1.zeroFrame(PhysicalAddress(pa)) }
    initialise(el1, pa, flags: 0)
    return pa
  }

  /// A zeroed page for a translation table. Linux: pagetable_alloc with GFP_PGTABLE_USER.
  func allocateTable(_ el1: EL1Interface) -> UInt64? {
    guard let (pa, isZero) = allocateFrame(el1) else { return nil }
    if !isZero { el1.zeroFrame(PhysicalAddress(pa)) }
    initialise(el1, pa, flags: PageDescriptor.table)
    // No table is deposited with the new one.
    setField(el1, pa, PageDescriptor.next, 0 as UInt32)
    return pa
  }

  /// Allocates a page with one reference and the contents of another page; nil if RAM is used up.
  func allocateCopy(_ el1: EL1Interface, of source: UInt64) -> UInt64? {
    guard let (pa, _) = allocateFrame(el1) else { return nil }
    el1.copyFrame(from: PhysicalAddress(source), to: PhysicalAddress(pa))
    initialise(el1, pa, flags: 0)
    return pa
  }

  /// Fills `count` bytes from a physical address on with zeroes, frame by frame, because each frame may have flags of its own.
  /// Linux: folio_zero_range().
  func clearBytes(_ el1: EL1Interface, _ pa: UInt64, _ count: UInt64) {
    withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 16) { zeroes in
      zeroes.initializeMemory(as: UInt8.self, repeating: 0)
      var at = pa
      while at < pa + count {
        let piece = min(pa + count - at, 4096 - at & 0xfff)
        el1.store(from: zeroes.baseAddress!, count: Int(piece), to: PhysicalAddress(at))
        at += piece
      }
    }
  }

  @inline(__always)
  func initialise(_ el1: EL1Interface, _ pa: UInt64, flags: UInt64) {
    state.statistics.pagesAllocated &+= 1
    el1.step(.folioReference, pa)
    // The new descriptor has flags and one reference, and no mapping and index; the page is its own head, of order 0.
    let descriptor = descriptor(el1, pa)
    descriptor.store(PageDescriptor.flags, flags)
    descriptor.store(PageDescriptor.referenceCount, 1 as UInt32)
    descriptor.store(PageDescriptor.mapCount, 0 as UInt32)
    descriptor.store(PageDescriptor.mapping, 0 as UInt64)
    descriptor.store(PageDescriptor.index, 0 as UInt64)
    descriptor.store(PageDescriptor.compoundHead, 0 as UInt64)
    descriptor.store(PageDescriptor.order, 0 as UInt32)
    descriptor.store(PageDescriptor.entireMapCount, 0 as UInt32)
  }

  /// Makes a new page that a fault has brought the anonymous memory of one address space. Linux: folio_add_new_anon_rmap().
  @inline(__always)
  func addNewAnonymousMapping(_ el1: EL1Interface, _ pa: UInt64, _ anonVMA: AnonVMAID, _ vma: VMFlags, index: UInt64) {
    el1.step(.folioFlags, pa)
    let descriptor = descriptor(el1, pa)
    descriptor.store(PageDescriptor.flags, PageDescriptor.anonymous | PageDescriptor.exclusive | addToLists(descriptor, vma))
    descriptor.store(PageDescriptor.referenceCount, 1 as UInt32)
    descriptor.store(PageDescriptor.mapCount, 1 as UInt32)
    descriptor.store(PageDescriptor.mapping, UInt64(anonVMA.rawValue) << 1 | 1)
    descriptor.store(PageDescriptor.index, index)
    if _slowPath(vma.contains(.LOCKED)) { noteNewLocked(el1, pa) }
  }

  /// From now on the folio is found only through this anon_vma, because no other address space has it. Linux:
  /// folio_move_anon_rmap().
  func moveToAnonVMA(_ el1: EL1Interface, _ page: UInt64, _ anonVMA: AnonVMAID) {
    setField(el1, folio(el1, page), PageDescriptor.mapping, UInt64(anonVMA.rawValue) << 1 | 1)
  }

  /// Counts one more entry that maps the page. Linux: folio_add_file_rmap_pte(), folio_dup_anon_rmap_pte().
  func addMapping(_ el1: EL1Interface, _ pa: UInt64) {
    el1.step(.folioFlags, pa)
    let descriptor = descriptor(el1, pa)
    descriptor.store(PageDescriptor.mapCount, descriptor.load(PageDescriptor.mapCount, as: UInt32.self) + 1)
  }

  /// Counts one entry less that maps the page. Linux: folio_remove_rmap_pte().
  @inline(__always)
  func removeMapping(_ el1: EL1Interface, _ pa: UInt64) {
    el1.step(.folioFlags, pa)
    let descriptor = descriptor(el1, pa)
    let count = descriptor.load(PageDescriptor.mapCount, as: UInt32.self)
    precondition(count > 0, "page unmapped more often than mapped")
    descriptor.store(PageDescriptor.mapCount, count - 1)
  }

  @inline(__always)
  func isAnonymous(_ el1: EL1Interface, _ pa: UInt64) -> Bool {
    folioDescriptor(el1, pa).fields.load(PageDescriptor.flags, as: UInt64.self) & PageDescriptor.anonymous != 0
  }
  @inline(__always)
  func isExclusive(_ el1: EL1Interface, _ pa: UInt64) -> Bool { hasFlag(el1, pa, PageDescriptor.exclusive) }
  func setExclusive(_ el1: EL1Interface, _ pa: UInt64) { setFlag(el1, pa, PageDescriptor.exclusive) }

  /// The number of references to the page's folio.
  func referenceCount(_ el1: EL1Interface, _ pa: UInt64) -> UInt32 {
    field(el1, folio(el1, pa), PageDescriptor.referenceCount, as: UInt32.self)
  }
  /// Linux: folio_get().
  func getPage(_ el1: EL1Interface, _ pa: UInt64) {
    let (head, descriptor) = folioDescriptor(el1, pa)
    el1.step(.folioReference, head)
    descriptor.store(PageDescriptor.referenceCount, descriptor.load(PageDescriptor.referenceCount, as: UInt32.self) + 1)
  }
  /// Drops a reference; the last one frees the page. Linux: folio_put().
  func putPage(_ el1: EL1Interface, _ pa: UInt64) {
    let (head, descriptor) = folioDescriptor(el1, pa)
    el1.step(.folioReference, head)
    let count = descriptor.load(PageDescriptor.referenceCount, as: UInt32.self)
    precondition(count > 0, "page freed twice")
    descriptor.store(PageDescriptor.referenceCount, count - 1)
    if count > 1 { return }
    freePage(el1, head, order: Int(descriptor.load(PageDescriptor.order, as: UInt32.self)))
  }

  /// Frees a folio after its last reference was dropped.
  func freePage(_ el1: EL1Interface, _ head: UInt64, order: Int) {
    if _slowPath(order > 0) {
      if hasFlag(el1, head, PageDescriptor.pooled) { return returnPoolPage(el1, head) }
      forgetDeferredSplit(el1, head)
    }
    precondition(field(el1, head, PageDescriptor.mapCount, as: UInt32.self) == 0, "a page freed while it is mapped")
    state.statistics.pagesFreed &+= 1 << UInt64(order)
    releaseBlock(el1, head, order: order)
  }
}
