// Owns the words of /proc/kpagecount and /proc/kpageflags, 64 bits for each page frame.
// It does not know how the files are read. Linux: fs/proc/page.c stable_page_flags().
import Architecture

/// KPF_* bits.
private enum PageWordBit {
  static let referenced: UInt64 = 1 << 2
  static let upToDate: UInt64 = 1 << 3
  static let dirty: UInt64 = 1 << 4
  static let buddy: UInt64 = 1 << 10
  static let mapped: UInt64 = 1 << 11
  static let anonymous: UInt64 = 1 << 12
  static let swapBacked: UInt64 = 1 << 14
  static let head: UInt64 = 1 << 15
  static let tail: UInt64 = 1 << 16
  static let huge: UInt64 = 1 << 17
  static let noPage: UInt64 = 1 << 20
  static let transparentHuge: UInt64 = 1 << 22
  static let zeroPage: UInt64 = 1 << 24
  static let table: UInt64 = 1 << 26
}

extension MemoryManager {
  /// The frame number behind the last one of RAM. Linux: max_pfn.
  public var frameEnd: UInt64 { state.frames.ramBase >> 12 + UInt64(state.frames.count) }

  /// The number of times that a page frame is mapped.
  public func frameMapCount(_ el1: EL1Interface, _ frame: UInt64) -> UInt64 {
    let pa = frame << 12
    return isManaged(pa) && referenceCount(el1, pa) > 0 ? UInt64(preciseMapCount(el1, pa)) : 0
  }

  /// What a page frame is used for.
  public func frameFlags(_ el1: EL1Interface, _ frame: UInt64) -> UInt64 {
    let pa = frame << 12
    if pa < state.frames.ramBase || frame >= frameEnd { return PageWordBit.noPage }
    if pa == state.frames.zeroFrame { return PageWordBit.zeroPage }
    if !isManaged(pa) { return 0 }
    let head = folio(el1, pa)
    if field(el1, head, PageDescriptor.referenceCount, as: UInt32.self) == 0 { return PageWordBit.buddy }
    if pa == state.hugePages.zeroPage { return PageWordBit.zeroPage | PageWordBit.transparentHuge | PageWordBit.head }
    let flags = field(el1, head, PageDescriptor.flags, as: UInt64.self)
    if flags & PageDescriptor.table != 0 { return PageWordBit.table }
    var word: UInt64 = preciseMapCount(el1, pa) > 0 ? PageWordBit.mapped : 0
    if flags & PageDescriptor.anonymous != 0 { word |= PageWordBit.anonymous | PageWordBit.swapBacked | PageWordBit.upToDate }
    if flags & PageDescriptor.upToDate != 0 { word |= PageWordBit.upToDate }
    if flags & PageDescriptor.dirty != 0 { word |= PageWordBit.dirty }
    if isReferenced(el1, head) { word |= PageWordBit.referenced }
    if field(el1, head, PageDescriptor.order, as: UInt32.self) > 0 {
      word |= pa == head ? PageWordBit.head : PageWordBit.tail
      word |= flags & PageDescriptor.pooled != 0 ? PageWordBit.huge : PageWordBit.transparentHuge
    }
    return word
  }
}
