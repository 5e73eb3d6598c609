// Owns the sorted set of VMAs of an address space: find, insert, split, merge, gaps.
// It does not know pages: callers unmap before they remove. Linux: mm/vma.c, mm/mmap.c.
import Architecture

extension MM {
  /// Index of the first VMA that ends above `address`. Linux: find_vma.
  func firstIndex(endingAbove address: UInt64) -> Int {
    var low = 0
    var high = vmas.count
    while low < high {
      let middle = (low + high) / 2
      if vmas[middle].end > address { high = middle } else { low = middle + 1 }
    }
    return low
  }

  /// Index of the VMA that contains `address`. Linux: vma_lookup.
  @inline(__always)
  mutating func index(containing address: UInt64) -> Int? {
    if lastFound < vmas.count && vmas[lastFound].contains(address) { return lastFound }
    let index = firstIndex(endingAbove: address)
    guard index < vmas.count, vmas[index].start <= address else { return nil }
    lastFound = index
    return index
  }

  /// Whether two neighbours may be one VMA. Linux: can_vma_merge_after, is_mergeable_anon_vma.
  static func canMerge(_ lower: VMArea, _ upper: VMArea) -> Bool {
    lower.end == upper.start && lower.flags == upper.flags && lower.purpose == upper.purpose
      && lower.pageOffset &+ (lower.end - lower.start) >> 12 == upper.pageOffset
      && (lower.anonVMA == upper.anonVMA || lower.anonVMA == 0 || upper.anonVMA == 0)
  }

  /// Merges the VMA at `index` with its neighbours where that is possible; returns its index then.
  @discardableResult
  mutating func mergeAround(_ index: Int) -> Int {
    var index = index
    if index + 1 < vmas.count && Self.canMerge(vmas[index], vmas[index + 1]) {
      let upper = vmas.remove(at: index + 1)
      vmas[index].end = upper.end
      vmas[index].anonVMA = max(vmas[index].anonVMA, upper.anonVMA)
    }
    if index > 0 && Self.canMerge(vmas[index - 1], vmas[index]) {
      let upper = vmas.remove(at: index)
      vmas[index - 1].end = upper.end
      vmas[index - 1].anonVMA = max(vmas[index - 1].anonVMA, upper.anonVMA)
      index -= 1
    }
    lastFound = 0
    return index
  }

  /// Splits the VMA at `index` at `address`, which lies inside it. Linux: split_vma.
  mutating func split(_ index: Int, at address: UInt64, newID: UInt32) {
    var upper = vmas[index]
    precondition(address > upper.start && address < upper.end, "a split must leave two VMAs")
    vmas[index].end = address
    upper.pageOffset &+= (address - upper.start) >> 12
    upper.start = address
    upper.id = newID
    vmas.insert(upper, at: index + 1)
    lastFound = 0
  }

  /// Whether [start, start+length) is free and leaves the stack its guard gap.
  func isFree(_ start: UInt64, _ length: UInt64) -> Bool {
    let end = start + length
    let index = firstIndex(endingAbove: start)
    return index == vmas.count || vmas[index].gapStart >= end
  }

  /// The highest free range of `length` bytes below `mmapBase`, then above it. Linux: vm_unmapped_area, top-down first.
  func unmappedArea(_ length: UInt64) -> UInt64? {
    highestGap(length, low: Layout48.minimumAddress, high: mmapBase)
      ?? lowestGap(length, low: mmapBase, high: Layout48.taskSize)
  }

  private func highestGap(_ length: UInt64, low: UInt64, high: UInt64) -> UInt64? {
    var top = high
    var index = firstIndex(endingAbove: high)
    if index < vmas.count { top = min(top, vmas[index].gapStart) }
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
    var bottom = low
    while true {
      let top = index < vmas.count ? min(vmas[index].gapStart, high) : high
      if top > bottom && top - bottom >= length { return bottom }
      if index == vmas.count || vmas[index].end >= high { return nil }
      bottom = max(bottom, vmas[index].end)
      index += 1
    }
  }

  /// Bytes mapped in all.
  public var totalMapped: UInt64 { vmas.reduce(0) { $0 + ($1.end - $1.start) } }
}

extension VMArea {
  /// Where the range begins that nothing else may use: a stack keeps its guard gap below. Linux: vm_start_gap.
  var gapStart: UInt64 {
    flags.contains(.GROWSDOWN) ? (start > Layout48.guardGap ? start - Layout48.guardGap : 0) : start
  }
}

extension MemoryManager {
  func newVMAID() -> UInt32 {
    let id = state.nextVMAID
    state.nextVMAID &+= 1
    return id
  }

  /// Splits VMAs so that `start` and `end` are VMA borders wherever a VMA crosses them. Throws where that would exceed the
  /// number of mappings.
  func splitAt(_ mm: MMID, _ start: UInt64, _ end: UInt64) throws(Errno) {
    for address in [start, end] {
      let index = state.mms[mm.rawValue].firstIndex(endingAbove: address)
      let vmas = state.mms[mm.rawValue].vmas.count
      guard index < vmas, state.mms[mm.rawValue].vmas[index].start < address else { continue }
      if vmas >= Layout48.maximumMapCount { throw .ENOMEM }
      let id = newVMAID()
      state.mms[mm.rawValue].split(index, at: address, newID: id)
    }
  }

  /// Puts a VMA into a free range and merges it with its neighbours.
  func insertVMA(_ mm: MMID, _ vma: VMArea) throws(Errno) {
    if state.mms[mm.rawValue].vmas.count >= Layout48.maximumMapCount { throw .ENOMEM }
    let index = state.mms[mm.rawValue].firstIndex(endingAbove: vma.start)
    var vma = vma
    vma.id = newVMAID()
    state.mms[mm.rawValue].vmas.insert(vma, at: index)
    state.mms[mm.rawValue].mergeAround(index)
  }

  /// Asserts that VMAs are sorted, aligned, inside user space and merged no further than allowed.
  public func invariantCheck(_ mm: MMID) {
    var previous: VMArea?
    for vma in state.mms[mm.rawValue].vmas {
      precondition(vma.start < vma.end && vma.end <= Layout48.taskSize, "VMA outside user space")
      precondition(vma.start & 0xfff == 0 && vma.end & 0xfff == 0, "VMA not page-aligned")
      if let previous { precondition(previous.end <= vma.start, "VMAs overlap") }
      previous = vma
    }
  }
}
