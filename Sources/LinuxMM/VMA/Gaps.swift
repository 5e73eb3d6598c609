// Owns the free ranges between VMAs: where mmap puts a mapping that asks for no place.
// It does not know flags beyond a stack's guard gap. Linux: mm/vma.c unmapped_area(), unmapped_area_topdown().
import Architecture

extension VMArea {
  /// Where the range begins that nothing else may use: a stack keeps its guard gap below. Linux: vm_start_gap.
  var gapStart: UInt64 {
    flags.contains(.GROWSDOWN) ? (start > Layout48.guardGap ? start - Layout48.guardGap : 0) : start
  }
}

extension MM {
  /// Whether [start, start+length) is free and leaves the stack its guard gap.
  func isFree(_ start: UInt64, _ length: UInt64) -> Bool {
    let index = firstIndex(endingAbove: start)
    return index == vmas.count || vmas[index].gapStart >= start + length
  }

  /// The highest free range of `length` bytes below `mmapBase`; where there is none, the lowest from `unmappedBase` up.
  /// Linux: generic_get_unmapped_area_topdown().
  func unmappedArea(_ length: UInt64) -> UInt64? {
    highestGap(length, low: Layout48.minimumAddress, high: mmapBase)
      ?? lowestGap(length, low: Layout48.unmappedBase, high: Layout48.taskSize)
  }

  private func highestGap(_ length: UInt64, low: UInt64, high: UInt64) -> UInt64? {
    var index = firstIndex(endingAbove: high)
    var top = index < vmas.count ? min(high, vmas[index].gapStart) : high
    while true {
      let bottom = max(index > 0 ? vmas[index - 1].end : 0, low)
      if top >= bottom && top - bottom >= length { return top - length }
      if index == 0 { return nil }
      index -= 1
      top = min(top, vmas[index].gapStart)
      if top <= low { return nil }
    }
  }

  private func lowestGap(_ length: UInt64, low: UInt64, high: UInt64) -> UInt64? {
    var index = firstIndex(endingAbove: low)
    var bottom = index < vmas.count && vmas[index].start <= low ? vmas[index].end : low
    if bottom > low { index += 1 }
    while true {
      let top = index < vmas.count ? min(vmas[index].gapStart, high) : high
      if top > bottom && top - bottom >= length { return bottom }
      if index >= vmas.count || vmas[index].end >= high { return nil }
      bottom = max(bottom, vmas[index].end)
      index += 1
    }
  }
}
