// Owns what /proc/PID/smaps counts in a VMA: resident, shared, dirty and referenced pages, in bytes.
// It does not know how the numbers are printed. Linux: fs/proc/task_mmu.c smap_gather_stats(), smaps_account().
import Architecture

/// The counts of one VMA, or their sum over several. Linux: struct mem_size_stats.
public struct Residency: Sendable {
  public internal(set) var resident: UInt64 = 0
  public internal(set) var sharedClean: UInt64 = 0
  public internal(set) var sharedDirty: UInt64 = 0
  public internal(set) var privateClean: UInt64 = 0
  public internal(set) var privateDirty: UInt64 = 0
  public internal(set) var referenced: UInt64 = 0
  public internal(set) var anonymous: UInt64 = 0
  public internal(set) var lazyFree: UInt64 = 0
  public internal(set) var anonymousHuge: UInt64 = 0
  public internal(set) var sharedHuge: UInt64 = 0
  public internal(set) var sharedHugetlb: UInt64 = 0
  public internal(set) var privateHugetlb: UInt64 = 0
  /// Each page's bytes divided by the number of its mappings, times 4096.
  var proportional: UInt64 = 0
  var proportionalDirty: UInt64 = 0
  var proportionalLocked: UInt64 = 0
  var proportionalAnonymous: UInt64 = 0
  var proportionalFile: UInt64 = 0
  var proportionalShmem: UInt64 = 0
  public var pss: UInt64 { proportional >> 12 }
  public var pssDirty: UInt64 { proportionalDirty >> 12 }
  public var pssAnonymous: UInt64 { proportionalAnonymous >> 12 }
  public var pssFile: UInt64 { proportionalFile >> 12 }
  public var pssShmem: UInt64 { proportionalShmem >> 12 }
  public var locked: UInt64 { proportionalLocked >> 12 }
  public init() {}
}

extension MemoryManager {
  /// Counts the pages that a VMA maps.
  public func residency(_ el1: EL1Interface, _ mm: MMID, _ vma: VMArea, addedTo sum: Residency = Residency()) -> Residency {
    var counts = sum
    var walk = firstEntry(el1, mm, vma.start, vma.end)
    while walk.isOngoing {
      let found = inspect(el1, walk)
      if let first = normalPage(found) {
        account(el1, first, found, vma, &counts)
      } else if let page = SwapEntry(found.entry)?.poisonedPage {
        // The entry still names its page.
        account(el1, page, PageTableEntry(0), vma, &counts)
      }
      walk = nextEntry(el1, walk)
    }
    return counts
  }

  private func account(_ el1: EL1Interface, _ first: UInt64, _ found: MappedEntry, _ vma: VMArea, _ counts: inout Residency) {
    if vma.flags.contains(.HUGETLB) {
      let isShared = preciseMapCount(el1, folio(el1, first)) > 1
      if isShared { counts.sharedHugetlb += found.pages << 12 } else { counts.privateHugetlb += found.pages << 12 }
      return
    }
    if found.isHuge {
      if isAnonymous(el1, first) { counts.anonymousHuge += found.pages << 12 } else { counts.sharedHuge += found.pages << 12 }
    }
    for n in 0..<found.pages { account(el1, first + n << 12, found.entry, vma, &counts) }
  }

  /// Counts one page. Linux: smaps_account(), smaps_page_accumulate().
  private func account(_ el1: EL1Interface, _ page: UInt64, _ entry: PageTableEntry, _ vma: VMArea, _ counts: inout Residency) {
    let size: UInt64 = 4096
    let head = folio(el1, page)
    let kind = residentKind(el1, page)
    let isFolioDirty = hasFlag(el1, head, PageDescriptor.dirty)
    counts.resident += size
    if entry.isYoung || isReferenced(el1, head) { counts.referenced += size }
    let users = UInt64(max(1, preciseMapCount(el1, page)))
    let share = (size << 12) / users
    counts.proportional += share
    switch kind {
    case .anonymous:
      counts.anonymous += size
      counts.proportionalAnonymous += share
      if hasFlag(el1, head, PageDescriptor.lazyFree) && !entry.isDirty && !isFolioDirty { counts.lazyFree += size }
    case .file: counts.proportionalFile += share
    case .shmem: counts.proportionalShmem += share
    }
    if vma.flags.contains(.LOCKED) { counts.proportionalLocked += share }
    switch (entry.isDirty || isFolioDirty, users > 1) {
    case (true, true): counts.sharedDirty += size
    case (true, false): counts.privateDirty += size
    case (false, true): counts.sharedClean += size
    case (false, false): counts.privateClean += size
    }
    if entry.isDirty || isFolioDirty { counts.proportionalDirty += share }
  }
}
