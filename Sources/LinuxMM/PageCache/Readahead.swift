// Owns which pages of a host file are read together with the page that a fault needs.
// It does not know how a page is read. Linux: mm/filemap.c do_sync_mmap_readahead(), mm/readahead.c.
import Architecture

/// The state of reading a file through its mappings. There is one for each file, as if the file were opened once. Linux: struct
/// file_ra_state.
struct ReadaheadState: Hashable, Sendable {
  /// The latest window: its first page, its size in pages, and how many of its pages are left when the next window is started.
  var start: UInt64 = 0
  var size: UInt64 = 0
  var asyncSize: UInt64 = 0
  /// The number of faults that missed the cache, minus the number of hits.
  var misses = 0

  /// The largest window in pages (ra_pages, 128 KiB). Linux: VM_READAHEAD_PAGES.
  static var maximum: UInt64 { 32 }
  /// After this many misses, no pages are read around a fault any more. Linux: MMAP_LOTSAMISS.
  static var lotsOfMisses: Int { 100 }

  mutating func noteHits(_ count: Int) { misses = max(misses - count, 0) }

  /// Linux: get_next_ra_size().
  var nextSize: UInt64 { size < Self.maximum / 16 ? 4 * size : min(2 * size, Self.maximum) }
}

extension MemoryManager {
  private func hasReadahead(_ vma: VMArea) -> Bool { isOnDisk(vma) && !vma.flags.contains(.RAND_READ) }

  /// Whether a file comes from the host. The other files of the page cache belong to a ramfs, which has neither readahead nor large
  /// folios.
  private func isOnDisk(_ vma: VMArea) -> Bool {
    guard case .host(let handle) = state.files[vma.file].kind else { return false }
    return handle >= 0
  }

  /// Reads the window around a missing page. Linux: do_sync_mmap_readahead().
  func readAround(_ el1: EL1Interface, _ vma: VMArea, _ index: UInt64) {
    // Under MADV_HUGEPAGE whole huge pages are read, even if readahead is off.
    if vma.flags.contains(.HUGEPAGE) && (isOnDisk(vma) || !configuration.profile.readsHugePagesIntoLargeFolios) {
      let pages = Layout48.hugePage >> 12
      let window = state.files[vma.file].readahead
      state.files[vma.file].readahead = ReadaheadState(
        start: index & ~(pages - 1), size: vma.flags.contains(.RAND_READ) ? pages : 2 * pages, asyncSize: pages, misses: window.misses)
      return readWindow(el1, vma)
    }
    if !hasReadahead(vma) { return }
    let maximum = ReadaheadState.maximum
    var window = state.files[vma.file].readahead
    if vma.flags.contains(.SEQ_READ) {
      (window.start, window.size, window.asyncSize) = (index, maximum, maximum / 4)
    } else {
      window.misses = min(window.misses + 1, 10 * ReadaheadState.lotsOfMisses)
      state.files[vma.file].readahead.misses = window.misses
      if window.misses > ReadaheadState.lotsOfMisses { return }
      (window.start, window.size, window.asyncSize) = (index - min(index, maximum / 2), maximum, maximum / 4)
    }
    state.files[vma.file].readahead = window
    readWindow(el1, vma)
  }

  /// Records that a fault found its page; true if that page marks the start of the next window. Linux: do_async_mmap_readahead().
  func noteHit(_ el1: EL1Interface, _ vma: VMArea, _ page: UInt64) -> Bool {
    if !hasReadahead(vma) { return false }
    state.files[vma.file].readahead.noteHits(1)
    return hasFlag(el1, page, PageDescriptor.readahead)
  }

  /// Linux: page_cache_async_ra().
  func readNextWindow(_ el1: EL1Interface, _ vma: VMArea, _ page: UInt64, _ index: UInt64) {
    let id = vma.file
    clearFlag(el1, page, PageDescriptor.readahead)
    var window = state.files[id].readahead
    if index == window.start &+ window.size &- window.asyncSize {
      window.start += window.size
      window.size = window.nextSize
    } else {
      // The mark belongs to another reader's window, so the next window begins at the first page that the cache lacks.
      guard let start = (index + 1...index + ReadaheadState.maximum).first(where: { state.files[id].pages[$0] == nil }) else { return }
      window.start = start
      window.size = start - index + ReadaheadState.maximum
      window.size = window.nextSize
    }
    window.asyncSize = window.size
    state.files[id].readahead = window
    readWindow(el1, vma)
  }

  /// Reads those pages of the latest window that are missing, up to the end of the file. It stops if RAM runs out. Linux:
  /// page_cache_ra_unbounded().
  private func readWindow(_ el1: EL1Interface, _ vma: VMArea) {
    let id = vma.file
    let window = state.files[id].readahead
    let end = (state.files[id].size &+ 0xfff) >> 12
    if window.start >= end { return }
    let count = min(window.size, end - window.start)
    let mark = count >= window.asyncSize ? window.start + count - window.asyncSize : .max
    for index in window.start..<window.start + count where state.files[id].pages[index] == nil {
      guard let page = try? filePage(el1, id, index, isUsed: vma.flags.hasRecency) else { return }
      if index == mark { setFlag(el1, page, PageDescriptor.readahead) }
    }
  }

  /// Starts reading pages [start, end) of a host file. Linux: madvise_willneed(), force_page_cache_ra().
  func readAhead(_ el1: EL1Interface, _ id: FileID, _ start: UInt64, _ end: UInt64) {
    guard case .host(let handle) = state.files[id].kind, handle >= 0 else { return }
    let last = min(end, (state.files[id].size &+ 0xfff) >> 12, start &+ ReadaheadState.maximum)
    var index = start
    while index < last {
      guard (try? filePage(el1, id, index)) != nil else { return }
      index += 1
    }
  }
}
