// Owns the settings of /sys/kernel/mm/transparent_hugepage, the prohibitions by prctl, and the counters of /proc/vmstat for huge
// pages, as values. It does not know who asks for huge pages. Linux: mm/huge_memory.c.

/// transparent_hugepage/enabled.
public enum HugePageMode: String, CaseIterable, Sendable {
  case always, madvise, never
}

/// transparent_hugepage/hugepages-2048kB/enabled.
public enum HugePageSizeMode: String, CaseIterable, Sendable {
  case always, inherit, madvise, never
}

/// prctl(PR_SET_THP_DISABLE) of an address space.
public enum HugePageDisabling: UInt8, Sendable {
  case none
  /// Only memory that asked for huge pages by MADV_HUGEPAGE, or asks by MADV_COLLAPSE, gets them.
  case exceptAdvised
  case completely
}

/// The settings of transparent huge pages, which a program may change through sysfs.
public struct HugePageSettings: Hashable, Sendable {
  public var enabled = HugePageMode.madvise
  /// hugepages-2048kB/enabled. This is the only size that is modelled.
  public var size = HugePageSizeMode.inherit
  /// The mode that follows from both settings.
  var mode: HugePageMode {
    switch size {
    case .inherit: enabled
    case .always: .always
    case .madvise: .madvise
    case .never: .never
    }
  }
  /// Whether any memory may get huge pages. Linux: hugepage_pmd_enabled().
  var areUsed: Bool { enabled != .never || mode != .never }
  /// use_zero_page: whether a read fault maps the huge zero page.
  public var usesZeroPage = true
  /// Physical address of the huge zero page; nil until a fault needs it.
  public internal(set) var zeroPage: UInt64?
  /// The pages of memory files that belong to huge folios, and those of them in folios that a level 2 entry maps. Linux: NR_SHMEM_THPS,
  /// NR_SHMEM_PMDMAPPED.
  public internal(set) var sharedPages = 0
  public internal(set) var mappedSharedPages = 0
  /// Folios of which some pages are no longer mapped, oldest first.
  var deferredSplits: [UInt64] = []
}

/// Events of huge pages since boot, by their names in /proc/vmstat (thp_fault_alloc...), and three events that /proc/vmstat does
/// not count.
public struct HugePageStatistics: Hashable, Sendable {
  public var faultAlloc: UInt64 = 0
  public var faultFallback: UInt64 = 0
  /// Level 2 entries that were made to map a file.
  public var fileMapped: UInt64 = 0
  public var collapseAlloc: UInt64 = 0
  public var collapseAllocFailed: UInt64 = 0
  public var splitPage: UInt64 = 0
  public var splitPageFailed: UInt64 = 0
  public var deferredSplitPage: UInt64 = 0
  public var splitPMD: UInt64 = 0
  public var zeroPageAlloc: UInt64 = 0
  public var zeroPageAllocFailed: UInt64 = 0
  /// Read faults that mapped the huge zero page.
  public var zeroPageFaults: UInt64 = 0
  /// Write faults that replaced the huge zero page by a huge page.
  public var zeroPageReplacements: UInt64 = 0
  /// Write faults on a huge page that belonged to this address space alone and was made writable.
  public var reuses: UInt64 = 0
}

extension MemoryManager {
  /// Sets transparent_hugepage/enabled. Existing mappings stay as they are.
  public func setHugePageMode(_ mode: HugePageMode) {
    state.hugePages.enabled = mode
    state.recommendFreeReserve()
  }

  /// A write to transparent_hugepage/hugepages-2048kB/enabled.
  public func setHugePageSizeMode(_ mode: HugePageSizeMode) {
    state.hugePages.size = mode
    state.recommendFreeReserve()
  }

  /// A write to transparent_hugepage/use_zero_page.
  public func setHugeZeroPageUse(_ isUsed: Bool) { state.hugePages.usesZeroPage = isUsed }

  /// Sets PR_SET_THP_DISABLE. Existing mappings stay as they are.
  public func setHugePageDisabling(_ mm: MMID, _ disabling: HugePageDisabling) {
    state[mm].hugePageDisabling = disabling
  }

  /// The value that smaps prints as THPeligible. Linux: thp_vma_allowable_orders() with TVA_SMAPS.
  public func isEligibleForHugePages(_ mm: MMID, _ vma: VMArea) -> Bool {
    mayHaveHugePages(vma) && allowsHugePages(mm, vma, forced: false) && vma.holdsHugePage
  }
}
