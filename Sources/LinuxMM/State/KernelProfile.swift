// Owns the kernels that are modelled and what tells them apart: a row for each difference, with the release that made it.
// It does not know who asks.

/// A kernel that Debian ships, by its release. What differs between kernels follows from that; a patch that no release has is a choice
/// of its own beside the profile, as `AccessFlagSetter` is.
public struct KernelProfile: Hashable, Sendable {
  public let version: KernelVersion
  /// What uname reports.
  public let release: String

  public static let linux6_12 = Self(version: KernelVersion(6, 12), release: "6.12.117")
  public static let linux7_2 = Self(version: .v7_2, release: "7.2.13")
  public static let linux7_3 = Self(version: .v7_3, release: "7.3.4")

  /// Every profile, oldest first.
  public static let all: [KernelProfile] = [.linux6_12, .linux7_2, .linux7_3]
  /// What is modelled where no kernel is named.
  public static let newest = linux7_3

  /// The name on the command line.
  public var name: String { "linux-\(version)" }
  public static func named(_ name: String) -> KernelProfile? { all.first { $0.name == name } }

  private func since(_ version: KernelVersion) -> Bool { self.version >= version }
  private func before(_ version: KernelVersion) -> Bool { self.version < version }
}

// The differences. For each release from 6.16 on, the newest kernel of it that Debian's archive keeps ran the oracle programs, and the
// first that answered in the new way stands in the row. There is none of 6.13 to 6.15: between those Linux's history decided.
extension KernelProfile {
  // MARK: Translation tables and the TLB

  /// ptep_set_access_flags after a write fault broadcasts the TLBI; newer kernels invalidate only this PE's TLB and let others take a
  /// spurious fault. Linux: arch/arm64/mm/fault.c.
  public var broadcastsOnAccessFlags: Bool { before(.v6_19) }
  /// flush_tlb_fix_spurious_fault does a local TLBI instead of nothing.
  public var flushesOnSpuriousFault: Bool { since(.v6_19) }
  /// Table descriptors carry the access flag (bit 10), which only FEAT_HAFT looks at. Linux: PMD_TABLE_AF, PUD_TABLE_AF.
  public var setsTableAccessFlag: Bool { since(.v6_13) }
  /// A writable entry of a page of a file that is dirty already is made dirty, so that without hardware's help a write needs no fault.
  public var mapsDirtyPagesDirty: Bool { since(.v6_16) }
  /// MADV_DONTNEED frees last-level tables that it leaves empty (PT_RECLAIM), so that huge pages may come instead.
  public var reclaimsEmptyTables: Bool { since(.v7_0) }

  // MARK: Forks and copies

  /// fork leaves the child's entries old (access flag clear). Linux: __copy_present_ptes().
  public var agesForkedEntries: Bool { before(.v7_2) }
  /// A write to a page of a split huge page keeps it where all that maps the huge page is this address space's; else it is copied.
  /// Linux: __wp_can_reuse_large_anon_folio().
  public var reusesLargeFolios: Bool { since(.v6_15) }
  // MARK: Huge pages

  /// A write to the huge zero page allocates a huge page; else it is split and one 4 KiB page is copied.
  public var replacesHugeZeroPage: Bool { since(.v6_13) }
  /// MADV_COLLAPSE makes huge pages where no page is writable.
  public var collapsesReadOnlyMemory: Bool { since(.v6_18) }
  /// MADV_COLLAPSE goes on behind an empty level 2 entry.
  public var collapsesPastEmptyEntries: Bool { since(.v6_19) }
  /// MADV_COLLAPSE of a range that holds no whole huge page succeeds wherever its borders are.
  public var collapsesNothing: Bool { since(.v7_2) }
  /// prctl(PR_SET_THP_DISABLE) can except memory that asked for huge pages (PR_THP_DISABLE_EXCEPT_ADVISED).
  public var exceptsAdvisedMemory: Bool { since(.v6_18) }

  // MARK: Advice and guard pages

  /// MADV_GUARD_INSTALL and MADV_GUARD_REMOVE are there; since 6.15 for memory of any kind.
  public var hasGuardPages: Bool { since(.v6_15) }
  /// madvise that drops pages, or is about guards, takes the lock of the one VMA alone where one is all.
  public var advisesUnderVMALock: Bool { since(.v6_17) }
  /// process_madvise takes any advice for the caller's own process; else only what others may give, too.
  public var advisesItselfFreely: Bool { since(.v6_13) }
  /// MADV_DOFORK is EINVAL for mappings that cannot grow (VM_SPECIAL), pool memory among them.
  public var refusesForkAdvice: Bool { since(.v7_0) }

  // MARK: Mappings

  /// mremap looks at its arguments before it looks at the mapping, and a pure move may span several VMAs.
  public var remapsInBatches: Bool { since(.v6_17) }
  /// A VMA with pages and a neighbour that never had any become one when the first changes; else only when the second does.
  public var mergesWithUntouched: Bool { since(.v6_16) }
  /// Anonymous memory whose pages MREMAP_DONTUNMAP took is as if it had just been mapped there.
  public var leavesMemoryAsFresh: Bool { since(.v7_2) }
  /// Of a private mapping of a file, a part whose written pages mremap moved is no longer one with a neighbour that did not move with
  /// it. Linux: needs_adjacent_anon_pgoff().
  public var keepsMovedCopiesApart: Bool { since(.v7_3) }

  // MARK: Files

  /// A write to a file takes hold of the page first and of the bytes then, so that one that fails for a bad address leaves the page
  /// there and dirty, and the file at least as long as where it was to begin.
  public var writesBeforeFaulting: Bool { since(.v6_16) }
  /// There is fchroot.
  public var hasFchroot: Bool { since(.v7_3) }
  /// fallocate of a memory file is EFBIG where it ends in the last page that a file can have.
  public var refusesTheLastPage: Bool { since(.v7_3) }

  // MARK: What /proc says

  /// A read of /proc/PID/maps goes on where the last mapping that it told of ended; else where the mapping behind it began then.
  public var mapsGoOnAtTheEnd: Bool { since(.v6_17) }
  /// /proc/PID/pagemap takes the first page's number of mappings for that of all pages of a huge page that is mapped whole.
  public var countsHugePagesByTheFirst: Bool { since(.v6_15) }
  /// /proc/PID/pagemap says of the huge zero page that it is a file's (PM_FILE, bit 61).
  public var showsHugeZeroPageAsFile: Bool { before(.v7_3) }
  /// /proc/PID/pagemap marks guard pages (PM_GUARD_REGION, bit 58).
  public var reportsGuardPages: Bool { since(.v6_15) }
  /// Pages that MADV_FREE gave up count as referenced in smaps, though their access flag is clear. Observed (oracle `advise`); the
  /// cause is not known.
  public var freedPagesStayReferenced: Bool { since(.v7_2) }
  /// /proc/PID/status pads masks of nodes to four digits.
  public var padsNodeMasks: Bool { before(.v7_3) }
  /// /proc/vmstat has counters of rotations (pgrotate_anon, pgrotate_file) and of swapped pages (nrswpin, nrswpout).
  public var countsRotations: Bool { since(.v7_3) }
  /// There is /proc/sys/vm/panic_on_unrecoverable_memory_failure.
  public var hasMemoryFailureSetting: Bool { since(.v7_3) }
}
