// Owns every TLBI: its operation, its operand, and the barriers around it.
// It does not know why entries changed. Linux: arch/arm64/include/asm/tlbflush.h.
import Architecture

/// What the entries of a range were, whose translations must go. Linux: stride and last_level of __flush_tlb_range().
struct FlushExtent: OptionSet {
  var rawValue: UInt8
  /// Tables above them went too, so what walks have cached of those must go. Linux: !last_level.
  static let tables = FlushExtent(rawValue: 1)
  /// None was smaller than a block. Linux: a stride of PMD_SIZE.
  static let blocks = FlushExtent(rawValue: 2)
}

/// The one issuer of TLBI. Each function answers how many TLBI instructions it took.
struct TLBFlush {
  let el1: EL1Interface
  let asid: UInt16
  /// FEAT_TTL: whether the operand may give the level of the entry.
  let hasLevelHints: Bool

  /// MAX_DVM_OPS: from this number of pages on, the whole address space is invalidated instead.
  private static var maximumPages: UInt64 { 512 }

  private func operand(_ va: UInt64) -> UInt64 { UInt64(asid) << 48 | (va >> 12 & 0xfff_ffff_ffff) }

  /// flush_tlb_page: invalidates one last-level entry on every PE.
  func page(_ va: UInt64) -> UInt64 {
    el1.barrier(.DSB_ISHST)
    el1.invalidateTLB(.VALE1IS, operand(va))
    el1.barrier(.DSB_ISH)
    return 1
  }

  /// flush_pmd_tlb_range of one huge page: invalidates its block, and cached walks that ended there, on every PE.
  func hugePage(_ va: UInt64) -> UInt64 {
    el1.barrier(.DSB_ISHST)
    el1.invalidateTLB(.VAE1IS, operand(va) | levelHint(2))
    el1.barrier(.DSB_ISH)
    return 1
  }

  /// The TTL field for the 4 KiB granule and a level. Linux: __tlbi_level().
  private func levelHint(_ level: UInt64) -> UInt64 { hasLevelHints ? (0b0100 | level) << 44 : 0 }

  /// The local form of `page`: invalidates an entry of this PE's TLB only.
  func localPage(_ va: UInt64) -> UInt64 {
    el1.barrier(.DSB_NSHST)
    el1.invalidateTLB(.VALE1, operand(va))
    el1.barrier(.DSB_NSH)
    return 1
  }

  /// flush_tlb_range.
  func range(_ start: UInt64, _ end: UInt64, _ extent: FlushExtent) -> UInt64 {
    let stride = extent.contains(.blocks) ? HugePage.size : 4096
    let (low, high) = (start & ~(stride - 1), (end + stride - 1) & ~(stride - 1))
    let operations = (high &- low) / stride
    if operations >= Self.maximumPages { return all() }
    let hint = extent == .blocks ? levelHint(2) : 0
    el1.barrier(.DSB_ISHST)
    var va = low
    while va < high {
      el1.invalidateTLB(extent.contains(.tables) ? .VAE1IS : .VALE1IS, operand(va) | hint)
      va &+= stride
    }
    el1.barrier(.DSB_ISH)
    return operations
  }

  /// flush_tlb_all: invalidates all entries of every ASID.
  func everything() -> UInt64 {
    el1.barrier(.DSB_ISHST)
    el1.invalidateTLB(.VMALLE1IS)
    el1.barrier(.DSB_ISH)
    return 1
  }

  /// flush_tlb_mm.
  func all() -> UInt64 {
    el1.barrier(.DSB_ISHST)
    el1.invalidateTLB(.ASIDE1IS, UInt64(asid) << 48)
    el1.barrier(.DSB_ISH)
    return 1
  }
}

extension MemoryManager {
  @inline(__always)
  private func flush(_ el1: EL1Interface, _ mm: MMID) -> TLBFlush {
    TLBFlush(el1: el1, asid: state[mm].asid, hasLevelHints: configuration.features.ttl)
  }

  private func count(_ invalidations: UInt64) { state.statistics.tlbInvalidations &+= invalidations }

  func flushPage(_ el1: EL1Interface, _ mm: MMID, _ va: UInt64) { count(flush(el1, mm).page(va)) }
  func flushLocalPage(_ el1: EL1Interface, _ mm: MMID, _ va: UInt64) { count(flush(el1, mm).localPage(va)) }
  func flushHugePage(_ el1: EL1Interface, _ mm: MMID, _ va: UInt64) { count(flush(el1, mm).hugePage(va)) }
  func flushRange(_ el1: EL1Interface, _ mm: MMID, _ start: UInt64, _ end: UInt64, _ extent: FlushExtent) {
    count(flush(el1, mm).range(start, end, extent))
  }
  func flushAll(_ el1: EL1Interface, _ mm: MMID) { count(flush(el1, mm).all()) }
  func flushEverything(_ el1: EL1Interface) { count(TLBFlush(el1: el1, asid: 0, hasLevelHints: false).everything()) }
}
