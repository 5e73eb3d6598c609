// Owns the way back from pages to VMAs: in which address spaces, and where, a page of a file or of anonymous memory may be mapped.
// It does not know what callers do there, nor whether an entry is present. Linux: mm/rmap.c, mm/interval_tree.c.
import Architecture

extension MemoryManager {
  /// Calls `body` for each VMA that maps some of the pages [first, end) of a file, with the addresses of those; oldest address space
  /// first. It may change entries, not VMAs. Linux: vma_interval_tree_foreach over i_mmap.
  func forEachVMA(
    of file: FileID, _ first: UInt64, _ end: UInt64, _ body: (_ mm: MMID, _ vma: VMArea, _ start: UInt64, _ end: UInt64) -> Void
  ) {
    if state.files[file].mappings == 0 { return }
    forEachVMA(in: VMAContents(of: file, first, end), where: { $0.file == file }, first, end, body)
  }

  /// The same for pages of anonymous memory, in VMAs that this anon_vma's pages may be found in: the one that they were made for, and
  /// its descendants by fork. Linux: anon_vma_interval_tree_foreach.
  func forEachVMA(
    ofAnonVMA anonVMA: UInt32, _ first: UInt64, _ end: UInt64,
    _ body: (_ mm: MMID, _ vma: VMArea, _ start: UInt64, _ end: UInt64) -> Void
  ) {
    let root = state.anonVMAs.root(of: anonVMA)
    if root == 0 { return }
    let contents = VMAContents(ofRoot: root, first, end)
    forEachVMA(in: contents, where: { state.anonVMAs.contains($0.anonVMAChain, anonVMA) }, first, end, body)
  }

  private func forEachVMA(
    in contents: VMAContents, where belongs: (VMArea) -> Bool, _ first: UInt64, _ end: UInt64,
    _ body: (MMID, VMArea, UInt64, UInt64) -> Void
  ) {
    for index in state.mms.indices where state.mms[index].isLive {
      for vma in state.mms[index].vmas.areas(that: contents) where belongs(vma) {
        let pages = (vma.end - vma.start) >> 12
        let low = max(first, vma.pageOffset)
        let high = min(end, vma.pageOffset &+ pages)
        if low < high {
          body(MMID(index), vma, vma.start + (low - vma.pageOffset) << 12, vma.start + (high - vma.pageOffset) << 12)
        }
      }
    }
  }
}
