// Owns the reverse map: the address spaces and virtual addresses at which a page of a file or of anonymous memory may be mapped.
// It does not know what callers do there, nor whether an entry is present. Linux: mm/rmap.c, mm/interval_tree.c.
import Architecture

/// The part of a VMA that may map the pages asked for.
struct MappedRange {
  let mm: MMID
  let vma: VMArea
  let start: UInt64
  let end: UInt64
}

extension MemoryManager {
  /// Where VMAs may map some of the pages [first, end) of a file, in the order of their first pages and then of their age, so that a
  /// mapping which moves is met at its old place first. The list is made before the first step that its user takes; the lock of the
  /// file's mappings is held. Linux: vma_interval_tree_foreach over i_mmap.
  func mappedRanges(of file: FileID, _ first: UInt64, _ end: UInt64) -> [MappedRange] {
    if state.files[file].mappings == 0 { return [] }
    return mappedRanges(in: VMAContents(of: file, first, end), first, end) { $0.file == file }
  }

  /// The same for pages of anonymous memory, in VMAs that this anon_vma's pages may be found in: the one that they were made for, and
  /// its descendants by fork. The lock of the family is held, but by who only counts. Linux: anon_vma_interval_tree_foreach.
  func mappedRanges(ofAnonVMA anonVMA: AnonVMAID, _ first: UInt64, _ end: UInt64) -> [MappedRange] {
    let root = state.anonVMAs.root(of: anonVMA)
    if root == .none { return [] }
    return mappedRanges(in: VMAContents(ofRoot: root, first, end), first, end) {
      state.anonVMAs.contains($0.anonVMAChain, anonVMA)
    }
  }

  private func mappedRanges(
    in contents: VMAContents, _ first: UInt64, _ end: UInt64, where belongs: (VMArea) -> Bool
  ) -> [MappedRange] {
    var ranges: [MappedRange] = []
    for id in state.mms.ids {
      for vma in state[id].vmas.areas(that: contents) where belongs(vma) {
        let pages = (vma.end - vma.start) >> 12
        let low = max(first, vma.pageOffset)
        let high = min(end, vma.pageOffset &+ pages)
        if low >= high { continue }
        let start = vma.start + (low - vma.pageOffset) << 12
        ranges.append(MappedRange(mm: id, vma: vma, start: start, end: start + (high - low) << 12))
      }
    }
    return ranges.sorted { ($0.vma.pageOffset, $0.vma.id) < ($1.vma.pageOffset, $1.vma.id) }
  }
}
