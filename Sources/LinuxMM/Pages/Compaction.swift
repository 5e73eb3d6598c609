// Owns compaction: pages in use move from the start of RAM to free frames at its end, so that the free frames between them become large
// blocks. It does not know who asks for it. Linux: mm/compaction.c compact_zone().
import Architecture

extension MemoryManager {
  /// Moves every page that can be moved to the highest free frame, until the two meet. Linux: compact_nodes().
  public func compactMemory(_ el1: EL1Interface) {
    returnPerCPU(el1)
    var (low, high) = (state.frames.firstManaged, state.frames.count)
    while low < high {
      let page = state.frames.address(low)
      low += 1
      if !isMovable(el1, page) { continue }
      var block: UInt32?
      while block == nil && high > low {
        high -= 1
        block = freeBlock(el1, holding: high)
      }
      guard block != nil else { return }
      takeFrame(el1, high)
      let new = state.frames.address(high)
      el1.copyFrame(from: PhysicalAddress(page), to: PhysicalAddress(new))
      initialise(el1, new, flags: 0)
      getPage(el1, page)
      migrate(el1, page, to: new)
      putPage(el1, page)
      state.statistics.pagesMigrated &+= 1
      returnPerCPU(el1)
    }
  }

  /// Whether a page is a single page of anonymous memory or of a file, and only mappings and the page cache refer to it. A written page of a
  /// ramfs stays where it is. Linux: isolate_migratepages_block(), fallback_migrate_folio().
  private func isMovable(_ el1: EL1Interface, _ page: UInt64) -> Bool {
    let flags = field(el1, page, PageDescriptor.flags, as: UInt64.self)
    let fixed = PageDescriptor.buddy | PageDescriptor.table | PageDescriptor.pooled | PageDescriptor.poisoned
    let references = field(el1, page, PageDescriptor.referenceCount, as: UInt32.self)
    if flags & fixed != 0 || references == 0 || isLarge(el1, page) { return false }
    let mappings = field(el1, page, PageDescriptor.mapCount, as: UInt32.self)
    let mapping = field(el1, page, PageDescriptor.mapping, as: UInt64.self)
    if flags & PageDescriptor.anonymous != 0 { return mappings > 0 && references == mappings }
    let file = FileID(UInt32(truncatingIfNeeded: mapping >> 1))
    guard mapping != 0, mapping & 1 == 0, references == mappings + 1, state.files.contains(file) else { return false }
    if state.files[file].pages[field(el1, page, PageDescriptor.index, as: UInt64.self)] != page { return false }
    switch state.files[file].kind {
    case .shmem: return true
    case .host: return flags & PageDescriptor.dirty == 0
    default: return false
    }
  }
}
