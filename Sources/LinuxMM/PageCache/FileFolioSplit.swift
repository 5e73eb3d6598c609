// Owns the split of large folios of files, because part of one goes or because single pages are wanted.
// It does not know level 2 entries: its mappings are removed first. Linux: mm/huge_memory.c __folio_split(), mm/truncate.c.
import Architecture

extension MemoryManager {
  /// Splits a folio of a file, whose lock is held, into single pages; or, around one of its pages, into that page and the largest folios
  /// beside it. What lies behind the end of the file is removed. False if there are references other than the mappings and the page
  /// cache's. Linux: __folio_split().
  func splitFileFolio(_ el1: EL1Interface, _ head: UInt64, around place: UInt64? = nil) -> Bool {
    let id = file(el1, ofFolio: head)
    let index = field(el1, head, PageDescriptor.index, as: UInt64.self)
    let order = Int(field(el1, head, PageDescriptor.order, as: UInt32.self))
    let pages = 1 << order
    let isHuge = order == HugePage.order
    if Int(referenceCount(el1, head)) != mappings(el1, head) + pages {
      if isHuge { state.statistics.hugePages.splitPageFailed &+= 1 }
      return false
    }
    unmapMappingRange(el1, id, index, index + UInt64(pages), .byReclaim)
    let pieces = place.map { self.pieces(order, around: $0 - index) } ?? (0..<UInt64(pages)).map { (offset: $0, order: 0) }
    let kept = field(el1, head, PageDescriptor.flags, as: UInt64.self) & ~PageDescriptor.poisoned
    for piece in pieces { makeFolio(el1, id, head + piece.offset << 12, order: piece.order, index: index + piece.offset, flags: kept) }
    if isHuge {
      state.hugePages.sharedPages -= HugePage.pages
      state.statistics.hugePages.splitPage &+= 1
    }
    let end = max((state.files[id].size &+ 0xfff) >> 12, state.files[id].allocatedEnd)
    for piece in pieces where piece.offset > 0 && index + piece.offset >= end { removeFolio(el1, id, head + piece.offset << 12) }
    return true
  }

  /// The folios into which one is split around its page `place`: each half without the page stays whole. Linux: __split_unmapped_folio().
  private func pieces(_ order: Int, around place: UInt64) -> [(offset: UInt64, order: Int)] {
    var pieces: [(offset: UInt64, order: Int)] = []
    for half in (0..<order).reversed() { pieces.append((offset: (place >> UInt64(half) ^ 1) << UInt64(half), order: half)) }
    pieces.append((offset: place, order: 0))
    return pieces.sorted { $0.offset < $1.offset }
  }

  /// Makes pages of a larger folio, which nothing maps, a folio with the page cache's references.
  private func makeFolio(_ el1: EL1Interface, _ id: FileID, _ head: UInt64, order: Int, index: UInt64, flags: UInt64) {
    for page in 0..<UInt64(1 << order) {
      let pa = head + page << 12
      let own = field(el1, pa, PageDescriptor.flags, as: UInt64.self) & PageDescriptor.poisoned
      if page == 0 {
        setOwnership(
          el1, pa,
          PageOwnership(flags: flags | own, referenceCount: 1 << UInt32(order), mapping: PageDescriptor.mapping(id), index: index))
        setComposition(el1, pa, PageComposition(order: UInt32(order)))
      } else {
        setOwnership(el1, pa, PageOwnership(flags: own))
        setComposition(el1, pa, PageComposition(compoundHead: head | 1))
      }
    }
  }

  /// Zeroes the part of bytes [start, end) of a file that lies in the large folio of a page, and splits the folio where the part begins
  /// and ends. Nothing is done to a folio that lies in the range as a whole. Linux: truncate_inode_partial_folio().
  func cutFolio(_ el1: EL1Interface, _ id: FileID, of index: UInt64, _ start: UInt64, _ end: UInt64) {
    guard let page = state.files[id].pages[index], isLarge(el1, page) else { return }
    let head = folio(el1, page)
    let lock = LockName(.folio, head)
    el1.lock(lock)
    defer { el1.unlock(lock) }
    if state.files[id].pages[index] != page || folio(el1, page) != head { return }
    let base = field(el1, head, PageDescriptor.index, as: UInt64.self) << 12
    let behind = base + UInt64(folioPages(el1, head)) << 12
    let (low, high) = (max(base, start), min(behind, end))
    if low == base && high == behind { return }
    clearBytes(el1, head + low - base, high - low)
    setFlag(el1, head, PageDescriptor.dirty)
    let splitsAround = configuration.profile.splitsAroundHoles
    if !splitFileFolio(el1, head, around: splitsAround ? low >> 12 : nil) || !splitsAround || high == behind { return }
    guard let second = state.files[id].pages[high >> 12], isLarge(el1, second) else { return }
    let secondHead = folio(el1, second)
    let secondLock = LockName(.folio, secondHead)
    if secondHead != head && !el1.tryLock(secondLock) { return }
    _ = splitFileFolio(el1, secondHead, around: high >> 12)
    if secondHead != head { el1.unlock(secondLock) }
  }
}
