// Owns the modelled kernels and their differences: a row for each difference, with the release that introduced it.
// It does not know who asks.

/// A kernel that Debian ships, by its release. The release determines all differences between kernels. A patch that is in no
/// release is a separate choice beside the profile, as `AccessFlagSetter` is.
public struct KernelProfile: Hashable, Sendable {
  public let version: KernelVersion
  /// The release and the build that uname reports, as they stand in the image that firmware/linux/fetch.sh fetches.
  public let release: String
  public let build: String
  /// Who built it and with what, as /proc/version has it between the two.
  public static let builder =
    "(debian-kernel@lists.debian.org) (aarch64-linux-gnu-gcc-14 (Debian 14.2.0-19) 14.2.0, GNU ld (GNU Binutils for Debian) 2.44)"

  public static let linux6_12 = Self(
    version: KernelVersion(6, 12), release: "6.12.117+deb13-cloud-arm64", build: "#1 SMP Debian 6.12.117-1 (2026-11-12)")
  public static let linux7_2 = Self(
    version: .v7_2, release: "7.2.12+deb13-cloud-arm64", build: "#1 SMP PREEMPT Debian 7.2.12-1~bpo13+1 (2026-11-04)")
  public static let linux7_3 = Self(
    version: .v7_3, release: "7.3.4+deb13-cloud-arm64", build: "#1 SMP PREEMPT Debian 7.3.4-1~bpo13+1 (2026-11-15)")

  /// Every profile, oldest first.
  public static let all: [KernelProfile] = [.linux6_12, .linux7_2, .linux7_3]
  /// The kernel that is modelled if none is named.
  public static let newest = linux7_3

  /// The name on the command line.
  public var name: String { "linux-\(version)" }
  public static func named(_ name: String) -> KernelProfile? { all.first { $0.name == name } }

  private func since(_ version: KernelVersion) -> Bool { self.version >= version }
  private func before(_ version: KernelVersion) -> Bool { self.version < version }
}

// The differences. For each release from 6.16 on, the newest kernel of it in Debian's archive ran the oracle programs, and a row
// names the first release with the new answer. The archive has no kernel of 6.13 to 6.15; for these the history of Linux's source
// decided.
extension KernelProfile {
  // MARK: Translation tables and the TLB

  /// After a write fault, ptep_set_access_flags broadcasts its TLBI. Newer kernels invalidate only this PE's TLB, and other PEs
  /// take a spurious fault. Linux: arch/arm64/mm/fault.c.
  public var broadcastsOnAccessFlags: Bool { before(.v6_19) }
  /// flush_tlb_fix_spurious_fault executes a local TLBI; older kernels do nothing.
  public var flushesOnSpuriousFault: Bool { since(.v6_19) }
  /// Table descriptors have the access flag (bit 10) set, which only hardware with FEAT_HAFT reads. Linux: PMD_TABLE_AF,
  /// PUD_TABLE_AF.
  public var setsTableAccessFlag: Bool { since(.v6_13) }
  /// A writable entry of a file page that is already dirty is made dirty, so that a write needs no fault even without hardware
  /// updates.
  public var mapsDirtyPagesDirty: Bool { since(.v6_16) }
  /// MADV_DONTNEED frees last-level tables that it empties (PT_RECLAIM), so that huge pages can replace them.
  public var reclaimsEmptyTables: Bool { since(.v7_0) }

  // MARK: Forks and copies

  /// fork clears the access flag of the child's entries. Linux: __copy_present_ptes().
  public var agesForkedEntries: Bool { before(.v7_2) }
  /// A write to a page of a split huge page keeps the page if only this address space maps the huge page; older kernels copy it.
  /// Linux: __wp_can_reuse_large_anon_folio().
  public var reusesLargeFolios: Bool { since(.v6_15) }
  /// A large folio counts its mappings by address space (CONFIG_MM_ID).
  public var countsMappingsByAddressSpace: Bool { since(.v6_15) }
  // MARK: Huge pages

  /// A write to the huge zero page allocates a huge page; older kernels split it and copy one 4 KiB page.
  public var replacesHugeZeroPage: Bool { since(.v6_13) }
  /// MADV_COLLAPSE makes huge pages even if no page is writable.
  public var collapsesReadOnlyMemory: Bool { since(.v6_18) }
  /// MADV_COLLAPSE continues after an empty level 2 entry.
  public var collapsesPastEmptyEntries: Bool { since(.v6_19) }
  /// MADV_COLLAPSE of a range without a whole huge page succeeds wherever the range begins and ends.
  public var collapsesNothing: Bool { since(.v7_2) }
  /// Where a part of a large folio of a file goes, the folio is split around that part only; older kernels split it into single pages.
  /// Linux: truncate_inode_partial_folio().
  public var splitsAroundHoles: Bool { since(.v6_15) }
  /// A fault that cannot map a huge folio of a file by a level 2 entry maps all its pages. Linux: filemap_map_folio_range(),
  /// finish_fault().
  public var mapsWholeFolios: Bool { since(.v6_18) }
  /// A huge folio of a file counts as used if an entry that was young is removed as a whole. Linux: zap_huge_pmd().
  public var marksHugePagesAccessed: Bool { since(.v6_16) }
  /// prctl(PR_SET_THP_DISABLE) can exempt memory that asked for huge pages (PR_THP_DISABLE_EXCEPT_ADVISED).
  public var exceptsAdvisedMemory: Bool { since(.v6_18) }

  /// A fault under MADV_HUGEPAGE reads huge pages only from a file system that has large folios. 6.12 does not ask, 7.2 does; the
  /// releases between them were not tried. Linux: do_sync_mmap_readahead().
  public var readsHugePagesIntoLargeFolios: Bool { since(.v7_2) }

  // MARK: Advice and guard pages

  /// MADV_GUARD_INSTALL and MADV_GUARD_REMOVE exist, since 6.15 for memory of any kind.
  public var hasGuardPages: Bool { since(.v6_15) }
  /// madvise takes only the VMA's lock for advice that drops pages or concerns guards, if the range lies in one VMA.
  public var advisesUnderVMALock: Bool { since(.v6_17) }
  /// process_madvise takes any advice for the caller's own process; older kernels take only advice that is allowed for other
  /// processes.
  public var advisesItselfFreely: Bool { since(.v6_13) }
  /// MADV_DOFORK is EINVAL for mappings that cannot grow (VM_SPECIAL), including pool memory.
  public var refusesForkAdvice: Bool { since(.v7_0) }

  /// process_madvise takes PIDFD_SELF_THREAD and PIDFD_SELF_THREAD_GROUP for the caller.
  public var hasDescriptorsOfSelf: Bool { since(.v6_15) }

  // MARK: Mappings

  /// mremap checks its arguments before it looks up the mapping, and a pure move may span several VMAs.
  public var remapsInBatches: Bool { since(.v6_17) }
  /// A VMA that has pages and a neighbour that never had any merge when the first of them changes; in older kernels only when the
  /// second one changes.
  public var mergesWithUntouched: Bool { since(.v6_16) }
  /// In a private mapping of a file, a part with written pages that mremap moved does not merge with a neighbour that was not moved
  /// together with it. Linux: needs_adjacent_anon_pgoff().
  public var keepsMovedCopiesApart: Bool { since(.v7_3) }

  // MARK: Programs

  /// execveat has AT_EXECVE_CHECK.
  public var checksExecution: Bool { since(.v6_14) }
  /// execveat of a descriptor without a path gives the task its file's name; older kernels give it the descriptor's number.
  public var namesTasksByFile: Bool { since(.v6_14) }
  /// The auxiliary vector has AT_HWCAP3.
  public var hasThirdCapabilities: Bool { since(.v6_14) }
  /// struct rseq has the members of time slice extension, and is aligned to 64 bytes.
  public var extendsRseq: Bool { since(.v7_0) }

  // MARK: The vDSO

  /// The vDSO's data has four pages, one for each use, that are mapped with their descriptors. In older kernels it has two, which are
  /// mapped by frame number, and the first holds all that is used. Linux: lib/vdso/datastore.c.
  public var hasVDSODataStore: Bool { since(.v6_15) }
  /// The vDSO's data is marked as memory of a device (VM_IO).
  public var marksVDSODataAsIO: Bool { since(.v6_15) && before(.v7_3) }
  /// The pages of the vDSO's data that have no use are there. In older kernels an access to one of them is a SIGBUS.
  public var backsUnusedVDSOData: Bool { since(.v7_3) }

  // MARK: Timers

  /// A queued signal of a POSIX timer that was set anew or deleted is dropped, and a timer whose signal is ignored waits until it no
  /// longer is.
  public var dropsStaleTimerSignals: Bool { since(.v6_13) }

  // MARK: Files

  /// A write to a file first finds the page and then copies the bytes. If the source address is bad, the page is therefore present
  /// and dirty, and the file is at least as long as the offset of the write.
  public var writesBeforeFaulting: Bool { since(.v6_16) }
  /// The system call fchroot exists.
  public var hasFchroot: Bool { since(.v7_3) }
  /// fallocate of a memory file answers EFBIG if the range ends in the last page that a file can have.
  public var refusesTheLastPage: Bool { since(.v7_3) }

  /// A pipe cannot be mapped executable (EPERM), as on a mount with MS_NOEXEC; in older kernels it only cannot be mapped (ENODEV).
  public var pipesAreNotExecutable: Bool { since(.v7_2) }

  // MARK: Files in /proc

  /// A second read of /proc/PID/maps continues where the last printed mapping ended; in older kernels it continues where the next
  /// mapping began at the time of the first read.
  public var mapsGoOnAtTheEnd: Bool { since(.v6_17) }
  /// /proc/PID/pagemap takes the first page's number of mappings for all pages of a huge page that is mapped whole.
  public var countsHugePagesByTheFirst: Bool { since(.v6_15) }
  /// /proc/PID/pagemap marks the huge zero page as a page of a file (PM_FILE, bit 61).
  public var showsHugeZeroPageAsFile: Bool { before(.v7_3) }
  /// /proc/PID/pagemap marks guard pages (PM_GUARD_REGION, bit 58).
  public var reportsGuardPages: Bool { since(.v6_15) }
  /// A new page that a fault brings is marked as referenced, unless the VMA was advised of random or sequential reads. Linux:
  /// folio_add_lru().
  public var marksFaultedPagesReferenced: Bool { since(.v6_14) }
  /// A page that is given up by MADV_FREE keeps that mark. Linux: lru_lazyfree(), lru_gen_clear_refs().
  public var freedPagesStayReferenced: Bool { since(.v6_14) }
  /// Unmapping moves all new pages, and those that MADV_FREE and MADV_COLD have taken, to their lists, before it begins and again before it
  /// gives pages back. Linux: lru_add_drain() in zap_page_range_single(), vms_clear_ptes(), exit_mmap(), free_pages_and_swap_cache().
  public var drainsBatchesToUnmap: Bool { before(.v7_2) }
  /// A write to a page that is not exclusive moves waiting pages to their lists if the page waits and has no more other
  /// references than this. Linux: wp_can_reuse_anon_folio().
  public var referencesWorthDraining: UInt32 { since(.v6_15) ? 1 : 2 }
  /// A write to /proc/PID/mem needs memory that the process itself may write, as Debian configures kernels with PROC_MEM_FORCE_PTRACE.
  public var protectsFromMemoryFiles: Bool { since(.v6_13) }
  /// A lock with priority inheritance and a private key belongs to a task of the same address space only. Linux: attach_to_pi_owner().
  public var checksLockOwners: Bool { since(.v7_2) }
  /// futex() has the flags FUTEX_ROBUST_UNLOCK and FUTEX_ROBUST_LIST32.
  public var hasRobustUnlock: Bool { since(.v7_2) }
  /// The flags of futex2 say that a second word names a node (FUTEX2_NUMA), or that the policy of the memory does (FUTEX2_MPOL).
  public var hasFutexNodes: Bool { since(.v7_2) }
  /// The functions in which tasks wait for pipes, futexes and in polls have the names of later kernels.
  public var hasLaterWaitNames: Bool { since(.v7_2) }
  /// /proc/PID/status pads masks of nodes to four digits.
  public var padsNodeMasks: Bool { before(.v7_3) }
  /// /proc/vmstat has counters of rotations (pgrotate_anon, pgrotate_file) and of swapped pages (nrswpin, nrswpout).
  public var countsRotations: Bool { since(.v7_3) }
  /// The controllers cpuset and memory have a first version, which /proc/cgroups lists. Debian builds later kernels without (CPUSETS_V1,
  /// MEMCG_V1).
  public var hasFirstMemoryGroups: Bool { before(.v7_2) }
  /// The number of reasons in /proc/sys/kernel/tainted.
  public var taintBits: UInt64 { since(.v6_15) ? 20 : 19 }
  /// The file /proc/sys/vm/panic_on_unrecoverable_memory_failure exists.
  public var hasMemoryFailureSetting: Bool { since(.v7_3) }
}
