// Owns the life of a page: allocation, zeroing, its descriptor in guest RAM with flags, reference and map count, release.
// It does not know page tables or VMAs.
import Architecture

/// The descriptor of a frame: 64 bytes at the vmemmap, of which these are used. Linux: struct page.
///
/// Byte 0: flags (64 bits). Byte 8: references (32 bits). Byte 12: how many entries map it (32 bits).
enum PageDescriptor {
  static var flags: UInt64 { 0 }
  static var referenceCount: UInt64 { 8 }
  static var mapCount: UInt64 { 12 }

  /// The page is anonymous memory.
  static var anonymous: UInt64 { 1 }
  /// The page belongs to one address space alone (PageAnonExclusive).
  static var exclusive: UInt64 { 2 }
  /// The page is a translation table.
  static var table: UInt64 { 4 }
}

extension MemoryManager {
  /// A zeroed page with one reference; nil when RAM is used up. Linux: vma_alloc_zeroed_movable_folio().
  @inline(__always)
  func allocateZeroedPage(_ el1: EL1Interface) -> UInt64? {
    guard let (pa, isZero) = state.frames.allocate() else { return nil }
    if !isZero { el1.zeroFrame(PhysicalAddress(pa)) }
    initialise(el1, pa, flags: 0)
    return pa
  }

  /// A zeroed page for a translation table. Linux: pagetable_alloc with GFP_PGTABLE_USER.
  func allocateTable(_ el1: EL1Interface) -> UInt64? {
    guard let (pa, isZero) = state.frames.allocate() else { return nil }
    if !isZero { el1.zeroFrame(PhysicalAddress(pa)) }
    initialise(el1, pa, flags: PageDescriptor.table)
    return pa
  }

  /// A page with one reference and the contents of another; nil when RAM is used up.
  func allocateCopy(_ el1: EL1Interface, of source: UInt64) -> UInt64? {
    guard let (pa, _) = state.frames.allocate() else { return nil }
    el1.copyFrame(from: PhysicalAddress(source), to: PhysicalAddress(pa))
    initialise(el1, pa, flags: 0)
    return pa
  }

  @inline(__always)
  private func initialise(_ el1: EL1Interface, _ pa: UInt64, flags: UInt64) {
    state.statistics.pagesAllocated &+= 1
    el1.step(.folioReference, pa)
    el1.store(PhysicalAddress(state.frames.descriptor(of: pa)), (flags, 1 as UInt64))
  }

  /// A fresh page becomes the anonymous memory of one address space. Linux: folio_add_new_anon_rmap().
  @inline(__always)
  func addNewAnonymousMapping(_ el1: EL1Interface, _ pa: UInt64) {
    el1.step(.folioFlags, pa)
    let descriptor = state.frames.descriptor(of: pa)
    el1.store(
      PhysicalAddress(descriptor), (PageDescriptor.anonymous | PageDescriptor.exclusive, 1 as UInt64 | 1 << 32))
  }

  /// An entry no longer maps the page. Linux: folio_remove_rmap_pte().
  @inline(__always)
  func removeMapping(_ el1: EL1Interface, _ pa: UInt64) {
    el1.step(.folioFlags, pa)
    let field = PhysicalAddress(state.frames.descriptor(of: pa) + PageDescriptor.mapCount)
    let count = el1.load(field, as: UInt32.self)
    precondition(count > 0, "page unmapped more often than mapped")
    el1.store(field, count - 1)
  }

  @inline(__always)
  func isExclusive(_ el1: EL1Interface, _ pa: UInt64) -> Bool {
    el1.load(PhysicalAddress(state.frames.descriptor(of: pa)), as: UInt64.self) & PageDescriptor.exclusive != 0
  }
  func setExclusive(_ el1: EL1Interface, _ pa: UInt64) {
    el1.step(.folioFlags, pa)
    let field = PhysicalAddress(state.frames.descriptor(of: pa))
    el1.store(field, el1.load(field, as: UInt64.self) | PageDescriptor.exclusive)
  }

  func referenceCount(_ el1: EL1Interface, _ pa: UInt64) -> UInt32 {
    el1.load(PhysicalAddress(state.frames.descriptor(of: pa) + PageDescriptor.referenceCount), as: UInt32.self)
  }
  /// Linux: folio_get().
  func getPage(_ el1: EL1Interface, _ pa: UInt64) {
    el1.step(.folioReference, pa)
    let field = PhysicalAddress(state.frames.descriptor(of: pa) + PageDescriptor.referenceCount)
    el1.store(field, el1.load(field, as: UInt32.self) + 1)
  }
  /// Drops a reference; the last one frees the page. Linux: folio_put().
  func putPage(_ el1: EL1Interface, _ pa: UInt64) {
    el1.step(.folioReference, pa)
    let field = PhysicalAddress(state.frames.descriptor(of: pa) + PageDescriptor.referenceCount)
    let count = el1.load(field, as: UInt32.self)
    precondition(count > 0, "page freed twice")
    el1.store(field, count - 1)
    if count > 1 { return }
    state.statistics.pagesFreed &+= 1
    state.frames.release(pa)
  }
}
