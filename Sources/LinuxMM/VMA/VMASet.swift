// Owns operations on the VMAs of an address space: find, split, merge.
// It does not know how the set stores them, nor pages, locks or gaps: callers unmap before they remove. Linux: mm/vma.c.
import Architecture

/// Lookups are `mutating` here and in Gaps.swift, because a lookup in place does not copy the address space first.
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

  /// Whether two neighbours may be merged. Linux: can_vma_merge_after, is_mergeable_anon_vma.
  static func canMerge(_ lower: VMArea, _ upper: VMArea) -> Bool { areAlike(lower, upper) && VMArea.canMergeAnonVMA(lower, upper) }

  /// Whether two VMAs are neighbours that agree in everything except the anon_vma. Linux: is_mergeable_vma(), and the offsets in
  /// can_vma_merge_after().
  private static func areAlike(_ lower: VMArea, _ upper: VMArea) -> Bool {
    lower.end == upper.start && lower.flags.isDisjoint(with: .special) && lower.flags.merges(with: upper.flags) && lower.file == upper.file
      && lower.purpose.merges(with: upper.purpose) && lower.displacement == upper.displacement
      && lower.pageOffset &+ (lower.end - lower.start) >> 12 == upper.pageOffset
  }

  /// The neighbours with which the VMA at `index`, new or changed, is to be merged; nil if none. The lower one comes first: if only
  /// one of two can be merged, Linux takes that. Linux: vma_merge_new_range(), vma_merge_existing_range().
  mutating func mergePlan(_ index: Int, _ rules: VMAMergeRules) -> VMAMergePlan? {
    let vma = vmas[index]
    func allows(_ other: VMArea) -> Bool {
      other.id != rules.spared && (rules.takesUntouched || vma.anonVMA == .none || other.anonVMA != .none)
    }
    var plan: VMAMergePlan?
    if index > 0 {
      let lower = vmas[index - 1]
      if Self.canMerge(lower, vma) && allows(lower) { plan = VMAMergePlan(target: index - 1, absorbed: 1, merged: lower.absorbing(vma)) }
    }
    if index + 1 < vmas.count {
      let upper = vmas[index + 1]
      let below = plan ?? VMAMergePlan(target: index, absorbed: 0, merged: vma)
      if Self.canMerge(vma, upper) && allows(upper) && Self.canMerge(below.merged, upper) {
        plan = VMAMergePlan(target: below.target, absorbed: below.absorbed + 1, merged: below.merged.absorbing(upper))
      }
    }
    return plan
  }

  /// The merge of the VMA at `index`, which has just grown, with its upper neighbour; nil if there is none. The lower neighbour is not
  /// asked. Where only the grown VMA has an anon_vma, it does not matter whether fork has cloned it. Linux: vma_merge_extend().
  mutating func growthPlan(_ index: Int, _ rules: VMAMergeRules) -> VMAMergePlan? {
    guard index + 1 < vmas.count else { return nil }
    let (vma, upper) = (vmas[index], vmas[index + 1])
    if !Self.areAlike(vma, upper) { return nil }
    let isAllowed = vma.anonVMA != .none && upper.anonVMA == .none ? rules.takesUntouched : VMArea.canMergeAnonVMA(vma, upper)
    return isAllowed ? VMAMergePlan(target: index, absorbed: 1, merged: vma.absorbing(upper)) : nil
  }

  /// Merges, and returns the VMAs that no longer exist. Linux: the middle of commit_merge().
  mutating func merge(_ plan: VMAMergePlan) -> [VMArea] {
    var merged = vmas[plan.target]
    var absorbed: [VMArea] = []
    for _ in 0..<plan.absorbed {
      absorbed.append(vmas.remove(at: plan.target + 1))
      merged = merged.absorbing(absorbed[absorbed.count - 1])
    }
    merged.lockSequence = lockSequence
    vmas[plan.target] = merged
    return absorbed
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

/// The rules of a merge beside the VMAs' own properties. Linux: struct vma_merge_struct.
struct VMAMergeRules {
  /// Whether a VMA with pages and a neighbour that never had any merge also when the first changes; in older kernels they merge
  /// only when the second does.
  var takesUntouched: Bool
  /// The VMA that must not be merged.
  var spared: UInt32?
}

/// A merge of a VMA with the ones behind it. Linux: struct vma_prepare.
struct VMAMergePlan {
  /// The position of the VMA that remains, and the number of VMAs behind it that are removed.
  let target: Int
  let absorbed: Int
  /// The merged VMA.
  let merged: VMArea
}

extension VMArea {
  /// This VMA merged with its upper neighbour.
  func absorbing(_ upper: VMArea) -> VMArea {
    var merged = self
    merged.end = upper.end
    merged.flags.formUnion(upper.flags)
    if anonVMA == .none { merged.takeAnonVMA(of: upper) }
    return merged
  }
}

extension VMArea.Purpose {
  /// The heap is anonymous memory like any other: Linux recognises it by its address alone.
  func merges(with other: Self) -> Bool { self == other || (isPlain && other.isPlain) }
  private var isPlain: Bool { self == .anonymous || self == .heap }
}

extension MemoryManager {
  /// Whether there may be one more VMA. All VMAs together take at most a quarter of RAM, at 256 bytes each as in Linux, or as much
  /// as two full address spaces. In Linux a slab that cannot grow gives ENOMEM.
  var hasRoomForArea: Bool { state.areas < max(Int(state.frames.managed) * 4, 2 * MemorySettings.firstMapCount) }

  func newVMAID() -> UInt32 {
    let id = state.nextVMAID
    state.nextVMAID &+= 1
    return id
  }

  /// Makes `address` a border of VMAs. EINVAL if a VMA must not be split there. The caller holds the mmap lock for writing.
  func partVMAs(_ el1: EL1Interface, _ mm: MMID, at address: UInt64) throws(Errno) {
    let index = state[mm].firstIndex(endingAbove: address)
    if index == state[mm].vmas.count || state[mm].vmas[index].start >= address { return }
    try checkSplit(mm, at: address)
    splitVMAs(el1, mm, at: address)
  }

  /// Makes `address` a border of VMAs. The caller holds the mmap lock for writing. Linux: __split_vma().
  func splitVMAs(_ el1: EL1Interface, _ mm: MMID, at address: UInt64) {
    let index = state[mm].firstIndex(endingAbove: address)
    guard index < state[mm].vmas.count, state[mm].vmas[index].start < address else { return }
    let vma = state[mm].vmas[index]
    linkAnonVMAs(el1, vma)
    openVMA(vma)
    vmaStartWrite(el1, mm, index)
    lockReverseMap(el1, vma)
    enterMappings(vma)
    splitHugePMD(el1, mm, vma, across: address)
    state[mm].split(index, at: address, newID: newVMAID())
    unlockReverseMap(el1, vma)
  }

  /// Puts a VMA into a free range, merged with its neighbours if possible, except with the VMA `sparing`. True if it was merged.
  /// The caller holds the mmap lock for writing. Linux: vma_merge_new_range(), else anon_vma_clone() and vma_link().
  @discardableResult
  func insertVMA(_ el1: EL1Interface, _ mm: MMID, _ vma: VMArea, sparing spared: UInt32? = nil) -> Bool {
    let index = addVMA(mm, vma)
    if let plan = state[mm].mergePlan(index, mergeRules(sparing: spared)) {
      merge(el1, mm, plan, unlinked: index)
      return true
    }
    linkAnonVMAs(el1, vma)
    openVMA(vma)
    linkFile(el1, vma)
    return false
  }

  /// Puts a VMA whose anon_vmas are already linked into a free range. Linux: the loop of dup_mmap().
  func placeVMA(_ el1: EL1Interface, _ mm: MMID, _ vma: VMArea) {
    _ = addVMA(mm, vma)
    openVMA(vma)
    linkFile(el1, vma)
  }

  /// Adds the VMA and returns its index. It is write-locked like every new VMA.
  private func addVMA(_ mm: MMID, _ vma: VMArea) -> Int {
    let index = state[mm].firstIndex(endingAbove: vma.start)
    var vma = vma
    vma.id = newVMAID()
    vma.lockSequence = state[mm].lockSequence
    let pages = (vma.end - vma.start) >> 12
    state[mm].mappedPages += pages
    if vma.flags.contains(.ACCOUNT) { state[mm].chargedPages += pages }
    state[mm].vmas.insert(vma, at: index)
    return index
  }

  /// Merges the VMA at `index` with its neighbours where that is possible.
  func mergeVMAs(_ el1: EL1Interface, _ mm: MMID, _ index: Int) {
    if let plan = state[mm].mergePlan(index, mergeRules(sparing: nil)) { merge(el1, mm, plan, unlinked: nil) }
  }

  /// Merges the VMA at `index`, which has grown up to its upper neighbour, with that neighbour where that is possible.
  func mergeGrownVMA(_ el1: EL1Interface, _ mm: MMID, _ index: Int) {
    if let plan = state[mm].growthPlan(index, mergeRules(sparing: nil)) { merge(el1, mm, plan, unlinked: nil) }
  }

  private func mergeRules(sparing spared: UInt32?) -> VMAMergeRules {
    VMAMergeRules(takesUntouched: configuration.profile.mergesWithUntouched, spared: spared)
  }

  /// Write-locks the VMAs that are merged, and keeps walks of the reverse map away meanwhile. `unlinked` is the position of a new
  /// VMA, which has no links yet. Linux: dup_anon_vma(), commit_merge(), vma_complete().
  private func merge(_ el1: EL1Interface, _ mm: MMID, _ plan: VMAMergePlan, unlinked: Int?) {
    for index in plan.target...plan.target + plan.absorbed { vmaStartWrite(el1, mm, index) }
    // The links of one VMA become those of the merged one, which may inherit an anon_vma from the others.
    let heir = state[mm].vmas[plan.target == unlinked ? plan.target + 1 : plan.target]
    let new = unlinked.map { state[mm].vmas[$0].id }
    if heir.anonVMA == .none { linkAnonVMAs(el1, plan.merged) }
    lockReverseMap(el1, plan.merged)
    let gone = state[mm].merge(plan).filter { $0.id != heir.id && $0.id != new }
    for vma in gone { leaveMappings(vma) }
    unlockReverseMap(el1, plan.merged)
    for vma in gone {
      unlinkAnonVMAs(el1, vma)
      closeVMA(el1, vma)
    }
  }
}
