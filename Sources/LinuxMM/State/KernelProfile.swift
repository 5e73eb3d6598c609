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
  public var broadcastsOnAccessFlags: Bool
  /// flush_tlb_fix_spurious_fault does a local TLBI instead of nothing.
  public var flushesOnSpuriousFault: Bool
  /// Table descriptors carry the access flag (bit 10), which only FEAT_HAFT looks at. Linux: PMD_TABLE_AF and its kin.
  public var setsTableAccessFlag: Bool
  /// A write to the huge zero page allocates a huge page; else it is split and one 4 KiB page is copied.
  public var replacesHugeZeroPage: Bool
  /// A write to a page of a split huge page keeps it where all that maps the huge page is this address space's; else it is copied.
  /// Linux: __wp_can_reuse_large_anon_folio().
  public var reusesLargeFolios: Bool
  /// MADV_COLLAPSE makes huge pages where no page is writable.
  public var collapsesReadOnlyMemory: Bool
  /// MADV_COLLAPSE goes on behind an empty level 2 entry.
  public var collapsesPastEmptyEntries: Bool
  /// prctl(PR_SET_THP_DISABLE) can except memory that asked for huge pages (PR_THP_DISABLE_EXCEPT_ADVISED).
  public var exceptsAdvisedMemory: Bool
  /// PAGEMAP_SCAN reports guard pages (PAGE_IS_GUARD).
  public var reportsGuardPages: Bool
  /// UFFDIO_UNREGISTER refuses a range that another userfaultfd registered (EINVAL).
  public var refusesForeignUnregister: Bool
  /// mremap looks at its arguments before it looks at the mapping, and a pure move may span several VMAs (since 6.17).
  public var remapsInBatches: Bool

  public static let linux6_12 = KernelProfile(
    name: "linux-6.12", release: "6.12.117",
    broadcastsOnAccessFlags: true, flushesOnSpuriousFault: false, setsTableAccessFlag: false,
    replacesHugeZeroPage: false, reusesLargeFolios: false, collapsesReadOnlyMemory: false, collapsesPastEmptyEntries: false,
    exceptsAdvisedMemory: false,
    reportsGuardPages: false, refusesForeignUnregister: false,
    remapsInBatches: false)
  public static let linux7_2 = KernelProfile(
    name: "linux-7.2", release: "7.2.13",
    broadcastsOnAccessFlags: false, flushesOnSpuriousFault: true, setsTableAccessFlag: true,
    replacesHugeZeroPage: true, reusesLargeFolios: true, collapsesReadOnlyMemory: true, collapsesPastEmptyEntries: true,
    exceptsAdvisedMemory: true,
    reportsGuardPages: true, refusesForeignUnregister: true,
    remapsInBatches: true)

  /// Every profile, oldest first.
  public static let all: [KernelProfile] = [.linux6_12, .linux7_2]
  public static func named(_ name: String) -> KernelProfile? { all.first { $0.name == name } }
}
