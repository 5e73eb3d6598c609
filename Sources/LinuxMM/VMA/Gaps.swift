// Owns the free ranges between VMAs, and the place that mmap chooses for a mapping without an address.
// It does not know flags except a stack's guard gap. Linux: mm/vma.c unmapped_area(), unmapped_area_topdown().
import Architecture

extension VMArea {
  /// The start of the range that other mappings may not use: a stack keeps a guard gap below it. Linux: vm_start_gap.
  var gapStart: UInt64 {
    flags.contains(.GROWSDOWN) ? (start > Layout48.guardGap ? start - Layout48.guardGap : 0) : start
  }
}

extension MM {
  /// Whether [start, start+length) is free and outside a stack's guard gap.
  mutating func isFree(_ start: UInt64, _ length: UInt64) -> Bool {
    let index = vmas.firstPosition(endingAbove: start)
    return index == vmas.count || vmas[index].gapStart >= start + length
  }

  /// The address of a free range of `length` bytes. A length of whole huge pages is aligned so that huge pages can be used. `lowest` is
  /// vm.mmap_min_addr. Linux: __get_unmapped_area(), thp_get_unmapped_area_vmflags().
  mutating func unmappedArea(_ length: UInt64, lowest: UInt64) -> UInt64? {
    let hugePage = Layout48.hugePage
    if length & (hugePage - 1) == 0, length <= Layout48.taskSize - hugePage, let padded = freeRange(length + hugePage, lowest: lowest) {
      let offset = (0 &- padded) & (hugePage - 1)
      return offset == 0 ? padded + hugePage : padded + offset
    }
    return freeRange(length, lowest: lowest)
  }

  /// The highest free range of `length` bytes below `mmapBase`; if there is none, the lowest from `unmappedBase` up. In the legacy
  /// layout, the lowest from `mmapBase` up. Linux: generic_get_unmapped_area_topdown(), generic_get_unmapped_area().
  mutating func freeRange(_ length: UInt64, lowest: UInt64) -> UInt64? {
    if growsUpwards { return lowestGap(length, low: mmapBase, high: Layout48.taskSize) }
    return highestGap(length, low: lowest, high: mmapBase)
      ?? lowestGap(length, low: Layout48.unmappedBase, high: Layout48.taskSize)
  }

  /// Only the next VMA's guard gap is checked, and only if the range fits without it; the search then continues below the gap.
  /// Linux too retries when a guard gap is in the way: unmapped_area_topdown() tries again for each.
  private mutating func highestGap(_ length: UInt64, low: UInt64, high: UInt64) -> UInt64? {
    var index = vmas.firstPosition(endingAbove: high)
    var limit = high
    while limit > low {
      let bottom = max(index > 0 ? vmas[index - 1].end : 0, low)
      let isBelowSome = index < vmas.count
      let top = isBelowSome ? min(limit, vmas[index].start) : limit
      if top >= bottom && top - bottom >= length {
        if !isBelowSome || vmas[index].gapStart >= top { return top - length }
        limit = vmas[index].gapStart
        if limit >= bottom && limit - bottom >= length { return limit - length }
      }
      // Narrower gaps need not be checked.
      guard let next = vmas.lastPosition(upTo: index - 1, behindGapOf: length) else { return nil }
      index = next
    }
    return nil
  }

  private mutating func lowestGap(_ length: UInt64, low: UInt64, high: UInt64) -> UInt64? {
    var index = vmas.firstPosition(endingAbove: low)
    if index < vmas.count && vmas[index].start <= low { index += 1 }
    while true {
      let bottom = max(low, index > 0 ? vmas[index - 1].end : 0)
      let top = index < vmas.count ? min(vmas[index].gapStart, high) : high
      if top > bottom && top - bottom >= length { return bottom }
      if index >= vmas.count || vmas[index].end >= high { return nil }
      index = vmas.firstPosition(from: index + 1, behindGapOf: length) ?? vmas.count
    }
  }
}
