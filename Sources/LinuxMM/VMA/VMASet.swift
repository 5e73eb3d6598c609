// Owns what becomes of the VMAs of an address space: find, split, merge.
// It does not know how the set keeps them, nor pages, locks or gaps: callers unmap before they remove. Linux: mm/vma.c.
import Architecture

/// Looks at an address space stand as `mutating` here and in Gaps.swift, because a look in place does not copy the address space first.
extension MM {
  /// Index of the first VMA that ends above `address`. Linux: find_vma.
  @inline(__always)
  mutating func firstIndex(endingAbove address: UInt64) -> Int { vmas.findPosition(endingAbove: address) }

  /// Index of the VMA that contains `address`. Linux: vma_lookup.
  @inline(__always)
  mutating func index(containing address: UInt64) -> Int? { vmas.position(containing: address) }

  /// Whether any VMA has a page in [start, end). Linux: find_vma_intersection.
  mutating func overlaps(_ start: UInt64, _ end: UInt64) -> Bool {
    let index = vmas.firstPosition(endingAbove: start)
    return index < vmas.count && vmas[index].start < end
  }

  /// Whether two neighbours may be one VMA. Linux: can_vma_merge_after, is_mergeable_anon_vma.
  static func canMerge(_ lower: VMArea, _ upper: VMArea) -> Bool {
    lower.end == upper.start && lower.flags.isDisjoint(with: .special) && lower.flags.merges(with: upper.flags) && lower.file == upper.file
      && lower.purpose.merges(with: upper.purpose) && lower.displacement == upper.displacement
      && lower.pageOffset &+ (lower.end - lower.start) >> 12 == upper.pageOffset
      && VMArea.canMergeAnonVMA(lower, upper)
  }

  /// Whether the VMA at `index`, which has changed or is new, may become one with the lower or the upper neighbour. A VMA with pages
  /// and a neighbour that never had any do so in newer kernels only (`untouchedToo`). The VMA `sparing` stays what it is.
  mutating func mergeable(_ index: Int, untouchedToo: Bool, sparing: UInt32) -> (lower: Bool, upper: Bool) {
    let vma = vmas[index]
    let (lower, upper) = (index > 0 ? vmas[index - 1] : nil, index + 1 < vmas.count ? vmas[index + 1] : nil)
    func mayTake(_ other: VMArea) -> Bool { other.id != sparing && (untouchedToo || vma.anonVMA == .none || other.anonVMA != .none) }
    return (
      lower.map { Self.canMerge($0, vma) && mayTake($0) } ?? false, upper.map { Self.canMerge(vma, $0) && mayTake($0) } ?? false
    )
  }

  /// Merges the VMA at `index` with its neighbours where that is possible; returns its index then. The lower one goes first:
  /// where only one of two can be had, Linux takes that. Linux: vma_merge_new_range, vma_merge_existing_range.
  @discardableResult
  mutating func mergeAround(_ index: Int, untouchedToo: Bool = true, sparing: UInt32 = .max) -> Int {
    var index = index
    let mergeable = mergeable(index, untouchedToo: untouchedToo, sparing: sparing)
    if mergeable.lower {
      index -= 1
      absorbNext(index)
    }
    if mergeable.upper && Self.canMerge(vmas[index], vmas[index + 1]) { absorbNext(index) }
    return index
  }

  private mutating func absorbNext(_ index: Int) {
    let upper = vmas.remove(at: index + 1)
    vmas[index].end = upper.end
    vmas[index].flags.formUnion(upper.flags)
    if vmas[index].anonVMA == .none { vmas[index].takeAnonVMA(of: upper) }
    vmas[index].lockSequence = lockSequence
  }

  /// Splits the VMA at `index` at `address`, which lies inside it; the upper part gets a new id. Linux: split_vma.
  mutating func split(_ index: Int, at address: UInt64, newID: UInt32) {
    var upper = vmas[index]
    precondition(address > upper.start && address < upper.end, "a split must leave two VMAs")
    vmas[index].end = address
    vmas[index].lockSequence = lockSequence
    upper.pageOffset &+= (address - upper.start) >> 12
    upper.start = address
    upper.id = newID
    upper.lockSequence = lockSequence
    vmas.insert(upper, at: index + 1)
  }
}

extension VMArea.Purpose {
  /// The heap is anonymous memory like any other: Linux names it by its address alone.
  func merges(with other: Self) -> Bool { self == other || (isPlain && other.isPlain) }
  private var isPlain: Bool { self == .anonymous || self == .heap }
}

extension MemoryManager {
  /// Whether there may be one VMA more: all together take at most a quarter of RAM, at 256 bytes each as in Linux, or what two address
  /// spaces may have. Linux: a slab that cannot grow is ENOMEM.
  var hasRoomForArea: Bool { state.areas < max(Int(state.frames.managed) * 4, 2 * Layout48.maximumMapCount) }

  func newVMAID() -> UInt32 {
    let id = state.nextVMAID
    state.nextVMAID &+= 1
    return id
  }

  /// Makes `address` a border of VMAs, unless it lies inside a page of pool memory: EINVAL. The mmap lock is held for writing.
  func partVMAs(_ el1: EL1Interface, _ mm: MMID, at address: UInt64) throws(Errno) {
    let index = state[mm].firstIndex(endingAbove: address)
    if index == state[mm].vmas.count || state[mm].vmas[index].start >= address { return }
    try checkHugetlbSplit(mm, at: address)
    splitVMAs(el1, mm, at: address)
  }

  /// Makes `address` a border of VMAs. The mmap lock is held for writing.
  func splitVMAs(_ el1: EL1Interface, _ mm: MMID, at address: UInt64) {
    let index = state[mm].firstIndex(endingAbove: address)
    guard index < state[mm].vmas.count, state[mm].vmas[index].start < address else { return }
    vmaStartWrite(el1, mm, index)
    splitHugePMD(el1, mm, state[mm].vmas[index], across: address)
    let id = newVMAID()
    noteMapped(state[mm].vmas[index])
    state[mm].split(index, at: address, newID: id)
  }

  /// Puts a VMA into a free range and merges it with its neighbours. The mmap lock is held for writing.
  func insertVMA(_ el1: EL1Interface, _ mm: MMID, _ vma: VMArea) {
    mergeVMAs(el1, mm, placeVMA(mm, vma))
  }

  /// Puts a VMA into a free range; returns its index. It is write-locked like every new VMA.
  func placeVMA(_ mm: MMID, _ vma: VMArea) -> Int {
    let index = state[mm].firstIndex(endingAbove: vma.start)
    var vma = vma
    vma.id = newVMAID()
    vma.lockSequence = state[mm].lockSequence
    noteMapped(vma)
    state[mm].mappedPages += (vma.end - vma.start) >> 12
    state[mm].vmas.insert(vma, at: index)
    return index
  }

  /// Merges the VMA at `index` with its neighbours, but not with the VMA `sparing`, where that is possible, write-locking those that
  /// change.
  func mergeVMAs(_ el1: EL1Interface, _ mm: MMID, _ index: Int, sparing: UInt32 = .max) {
    let untouchedToo = configuration.profile.mergesWithUntouched
    let mergeable = state[mm].mergeable(index, untouchedToo: untouchedToo, sparing: sparing)
    if !mergeable.lower && !mergeable.upper { return }
    if mergeable.lower { vmaStartWrite(el1, mm, index - 1) }
    vmaStartWrite(el1, mm, index)
    if mergeable.upper { vmaStartWrite(el1, mm, index + 1) }
    let last = min(index + 1, state[mm].vmas.count - 1)
    let before = (max(index - 1, 0)...last).map { state[mm].vmas[$0] }
    let merged = state[mm].vmas[state[mm].mergeAround(index, untouchedToo: untouchedToo, sparing: sparing)]
    // An anon_vma that only an absorbed VMA had now belongs to the VMA that remains, so none is lost.
    var inherits = before.first { $0.id == merged.id }?.anonVMA == AnonVMAID.none
    for vma in before where vma.id != merged.id && vma.start >= merged.start && vma.end <= merged.end {
      var gone = vma
      if inherits && gone.anonVMA != .none { (gone.anonVMA, inherits) = (.none, false) }
      noteUnmapped(el1, gone)
    }
  }
}
