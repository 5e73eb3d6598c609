// Owns which pages of a host file come into RAM with the one that a fault asks for.
// It does not know how a page is read. Linux: mm/filemap.c do_sync_mmap_readahead(), mm/readahead.c.
import Architecture

/// How a file is being read through its mappings. One for each file, as if it were opened once. Linux: struct file_ra_state.
struct ReadaheadState: Hashable, Sendable {
  /// The latest window: its first page, its pages, and how many of them are left where the next one is begun.
  var start: UInt64 = 0
  var size: UInt64 = 0
  var asyncSize: UInt64 = 0
  /// Faults that missed the cache, less those that did not.
  var misses = 0

  /// ra_pages: 128 KiB. Linux: VM_READAHEAD_PAGES.
  static var maximum: UInt64 { 32 }
  /// So many misses, and reading around is given up. Linux: MMAP_LOTSAMISS.
  static var lotsOfMisses: Int { 100 }

  mutating func noteHits(_ count: Int) { misses = max(misses - count, 0) }

  /// Linux: get_next_ra_size().
  var nextSize: UInt64 { size < Self.maximum / 16 ? 4 * size : min(2 * size, Self.maximum) }
}

extension MemoryManager {
  private func hasReadahead(_ vma: VMArea) -> Bool {
    guard case .host(let handle) = state.files[vma.file].kind else { return false }
    return handle >= 0 && !vma.flags.contains(.RAND_READ)
  }

  /// The window around a page that is missing. Linux: do_sync_mmap_readahead().
  func readAround(_ el1: EL1Interface, _ vma: VMArea, _ index: UInt64) {
    // For MADV_HUGEPAGE whole huge pages are read, even where nothing is read ahead.
    if vma.flags.contains(.HUGEPAGE) {
      let pages = Layout48.hugePage >> 12
      let window = state.files[vma.file].readahead
      state.files[vma.file].readahead = ReadaheadState(
        start: index & ~(pages - 1), size: vma.flags.contains(.RAND_READ) ? pages : 2 * pages, asyncSize: pages, misses: window.misses)
      return readWindow(el1, vma.file)
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
    readWindow(el1, vma.file)
  }

  /// A fault found its page: true where that page says that the next window is due. Linux: do_async_mmap_readahead().
  func noteHit(_ el1: EL1Interface, _ vma: VMArea, _ page: UInt64) -> Bool {
    if !hasReadahead(vma) { return false }
    state.files[vma.file].readahead.noteHits(1)
    return hasFlag(el1, page, PageDescriptor.readahead)
  }

  /// Linux: page_cache_async_ra().
  func readNextWindow(_ el1: EL1Interface, _ id: FileID, _ page: UInt64, _ index: UInt64) {
    clearFlag(el1, page, PageDescriptor.readahead)
    var window = state.files[id].readahead
    if index == window.start &+ window.size &- window.asyncSize {
      window.start += window.size
      window.size = window.nextSize
    } else {
      // The window of another reader: the next one begins where the cache does not go on.
      guard let start = (index + 1...index + ReadaheadState.maximum).first(where: { state.files[id].pages[$0] == nil }) else { return }
      window.start = start
      window.size = start - index + ReadaheadState.maximum
      window.size = window.nextSize
    }
    window.asyncSize = window.size
    state.files[id].readahead = window
    readWindow(el1, id)
  }

  /// Reads the pages of the latest window that are not there, up to the end of the file; RAM that ends ends it.
  /// Linux: page_cache_ra_unbounded().
  private func readWindow(_ el1: EL1Interface, _ id: FileID) {
    let window = state.files[id].readahead
    let end = (state.files[id].size &+ 0xfff) >> 12
    if window.start >= end { return }
    let count = min(window.size, end - window.start)
    let mark = count >= window.asyncSize ? window.start + count - window.asyncSize : .max
    for index in window.start..<window.start + count where state.files[id].pages[index] == nil {
      guard let page = try? filePage(el1, id, index) else { return }
      if index == mark { setFlag(el1, page, PageDescriptor.readahead) }
    }
  }

  /// Asks for pages [start, end) of a host file. Linux: madvise_willneed(), force_page_cache_ra().
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
