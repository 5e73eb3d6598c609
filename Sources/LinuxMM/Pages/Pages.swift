// Owns the life of a page: allocation, zeroing, its descriptor in guest RAM with reference and map count, release.
// It does not know page tables or VMAs.
import Architecture

/// Fields of a page descriptor, as byte offsets into its 64 bytes. Linux: struct page.
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
  /// A page of its own with one reference, zeroed; nil when RAM is used up. Linux: alloc_zeroed_folio, __GFP_ZERO.
  @inline(__always)
  func allocateZeroedPage(_ el1: EL1Interface, flags: UInt64) -> UInt64? {
    guard let (pa, isZero) = state.frames.allocate() else { return nil }
    if !isZero { el1.zeroFrame(PhysicalAddress(pa)) }
    initialise(el1, pa, flags)
    return pa
  }

  /// A page of its own with one reference and the contents of another.
  func allocateCopy(_ el1: EL1Interface, of source: UInt64, flags: UInt64) -> UInt64? {
    guard let (pa, _) = state.frames.allocate() else { return nil }
    el1.copyFrame(from: PhysicalAddress(source), to: PhysicalAddress(pa))
    initialise(el1, pa, flags)
    return pa
  }

  @inline(__always)
  private func initialise(_ el1: EL1Interface, _ pa: UInt64, _ flags: UInt64) {
    state.statistics.pagesAllocated &+= 1
    el1.step(.folioReference, pa)
    let descriptor = state.frames.descriptor(of: pa)
    el1.store(PhysicalAddress(descriptor + PageDescriptor.flags), flags)
    el1.store(PhysicalAddress(descriptor + PageDescriptor.referenceCount), UInt64(1))
  }

  @inline(__always)
  func pageFlags(_ el1: EL1Interface, _ pa: UInt64) -> UInt64 {
    el1.load(PhysicalAddress(state.frames.descriptor(of: pa) + PageDescriptor.flags), as: UInt64.self)
  }
  func setPageFlags(_ el1: EL1Interface, _ pa: UInt64, _ flags: UInt64) {
    el1.step(.folioFlags, pa)
    el1.store(PhysicalAddress(state.frames.descriptor(of: pa) + PageDescriptor.flags), flags)
  }
  func referenceCount(_ el1: EL1Interface, _ pa: UInt64) -> UInt32 {
    el1.load(PhysicalAddress(state.frames.descriptor(of: pa) + PageDescriptor.referenceCount), as: UInt32.self)
  }

  /// Drops a reference; the last one frees the page. The zero page has none to drop.
  func putPage(_ el1: EL1Interface, _ pa: UInt64) {
    if pa == state.frames.zeroFrame { return }
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
