// Owns what differs between the kernels that are modelled, as values.
// It does not know who asks.

/// One kernel version, by what a program or a page table can see of it.
public struct KernelProfile: Hashable, Sendable {
  /// The name on the command line.
  public var name: String
  /// What uname reports.
  public var release: String
  /// ptep_set_access_flags after a write fault: broadcast the TLBI, or invalidate only this PE's TLB and let others take a
  /// spurious fault. Linux: arch/arm64/mm/fault.c.
  public var broadcastsOnAccessFlags = false
  /// flush_tlb_fix_spurious_fault does a local TLBI instead of nothing.
  public var flushesOnSpuriousFault = false
  /// Table descriptors carry the access flag (bit 10), which only FEAT_HAFT looks at. Linux: PMD_TABLE_AF and its kin.
  public var setsTableAccessFlag = false
  /// A write to the huge zero page allocates a huge page; else it is split and one 4 KiB page is copied.
  public var replacesHugeZeroPage = false
  /// fork leaves the child's entries old (access flag clear). Linux: __copy_present_ptes().
  public var agesForkedEntries = false
  /// A write to a page of a split huge page keeps it where all that maps the huge page is this address space's; else it is copied.
  /// Linux: __wp_can_reuse_large_anon_folio().
  public var reusesLargeFolios = false
  /// MADV_DONTNEED frees last-level tables that it leaves empty (PT_RECLAIM), so that huge pages may come instead.
  public var reclaimsEmptyTables = false
  /// MADV_COLLAPSE makes huge pages where no page is writable.
  public var collapsesReadOnlyMemory = false
  /// MADV_COLLAPSE goes on behind an empty level 2 entry.
  public var collapsesPastEmptyEntries = false
  /// MADV_COLLAPSE of a range that holds no whole huge page succeeds wherever its borders are.
  public var collapsesNothing = false
  /// /proc/PID/pagemap takes the first page's number of mappings for that of all pages of a huge page that is mapped whole.
  public var countsHugePagesByTheFirst = false
  /// prctl(PR_SET_THP_DISABLE) can except memory that asked for huge pages (PR_THP_DISABLE_EXCEPT_ADVISED).
  public var exceptsAdvisedMemory = false
  /// /proc/PID/pagemap marks guard pages (PM_GUARD_REGION, bit 58).
  public var reportsGuardPages = false
  /// UFFDIO_UNREGISTER refuses a range that another userfaultfd registered (EINVAL).
  public var refusesForeignUnregister = false
  /// mremap looks at its arguments before it looks at the mapping, and a pure move may span several VMAs (since 6.17).
  public var remapsInBatches = false
  /// MADV_GUARD_INSTALL and MADV_GUARD_REMOVE are there (since 6.13), for memory of any kind (since 6.15).
  public var hasGuardPages = false
  /// madvise that drops pages, or is about guards, takes the lock of the one VMA alone where one is all (since 6.17).
  public var advisesUnderVMALock = false
  /// process_madvise takes any advice for the caller's own process (since 6.13); else only what others may give, too.
  public var advisesItselfFreely = false
  /// Pages that MADV_FREE gave up count as referenced in smaps, though their access flag is clear. Seen; the reason is not known.
  public var freedPagesStayReferenced = false
  /// MADV_DOFORK is EINVAL for mappings that cannot grow (VM_SPECIAL), pool memory among them.
  public var refusesForkAdvice = false
  /// A writable entry of a page of a file that is dirty already is made dirty, so that without hardware's help a write needs no fault.
  public var mapsDirtyPagesDirty = false
  /// A VMA with pages and a neighbour that never had any become one when the first changes; else only when the second does.
  public var mergesWithUntouched = false

  /// A read of /proc/PID/maps goes on where the last mapping that it told of ended; else where the mapping behind it began then
  /// (since 6.17).
  public var mapsGoOnAtTheEnd = false

  /// A write to a file takes hold of the page first and of the bytes then, so that one that fails for a bad address leaves the page
  /// there and dirty, and the file at least as long as where it was to begin (since 6.16).
  public var writesBeforeFaulting = false

  public static let linux6_12 = {
    var profile = KernelProfile(name: "linux-6.12", release: "6.12.117")
    profile.broadcastsOnAccessFlags = true
    profile.agesForkedEntries = true
    return profile
  }()
  public static let linux7_2 = {
    var profile = KernelProfile(name: "linux-7.2", release: "7.2.13")
    profile.flushesOnSpuriousFault = true
    profile.setsTableAccessFlag = true
    profile.mapsGoOnAtTheEnd = true
    profile.replacesHugeZeroPage = true
    profile.reusesLargeFolios = true
    profile.reclaimsEmptyTables = true
    profile.collapsesNothing = true
    profile.countsHugePagesByTheFirst = true
    profile.collapsesReadOnlyMemory = true
    profile.collapsesPastEmptyEntries = true
    profile.exceptsAdvisedMemory = true
    profile.reportsGuardPages = true
    profile.refusesForkAdvice = true
    profile.refusesForeignUnregister = true
    profile.remapsInBatches = true
    profile.hasGuardPages = true
    profile.advisesUnderVMALock = true
    profile.advisesItselfFreely = true
    profile.freedPagesStayReferenced = true
    profile.mergesWithUntouched = true
    profile.mapsDirtyPagesDirty = true
    profile.writesBeforeFaulting = true
    return profile
  }()

  /// Every profile, oldest first.
  public static let all: [KernelProfile] = [.linux6_12, .linux7_2]
  public static func named(_ name: String) -> KernelProfile? { all.first { $0.name == name } }
}
