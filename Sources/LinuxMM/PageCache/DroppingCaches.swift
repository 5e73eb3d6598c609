// Owns the removal of clean pages of the page cache on request. It does not know who asks. Linux: fs/drop_caches.c,
// mm/truncate.c invalidate_mapping_pages().
import Architecture

extension MemoryManager {
  /// Removes every page of a file that is clean, not mapped and not in use; a read brings it in again. Pages of memory files have no
  /// other place, so they stay.
  public func dropCaches(_ el1: EL1Interface) {
    drainBatches(el1)
    for id in state.files.ids {
      guard case .host = state.files[id].kind else { continue }
      for (index, page) in state.files[id].pages.pages(0, .max) where isDroppable(el1, page) { removePages(el1, id, index, index + 1) }
    }
  }

  private func isDroppable(_ el1: EL1Interface, _ page: UInt64) -> Bool {
    !hasFlag(el1, folio(el1, page), PageDescriptor.dirty) && referenceCount(el1, page) == 1
      && field(el1, page, PageDescriptor.mapCount, as: UInt32.self) == 0
  }
}
