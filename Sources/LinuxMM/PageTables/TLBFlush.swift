// Owns every TLBI: which operation, which operand, which barriers around it.
// It does not know why entries changed. Linux: arch/arm64/include/asm/tlbflush.h.
import Architecture

/// The one issuer of TLBI. Each function answers how many TLBI instructions it took.
struct TLBFlush {
  let el1: EL1Interface
  let asid: UInt16

  /// MAX_DVM_OPS: from so many pages on the whole address space is invalidated.
  private static var maximumPages: UInt64 { 512 }

  private func operand(_ va: UInt64) -> UInt64 { UInt64(asid) << 48 | (va >> 12 & 0xfff_ffff_ffff) }

  /// flush_tlb_page: one last-level entry, on every PE.
  func page(_ va: UInt64) -> UInt64 {
    el1.barrier(.DSB_ISHST)
    el1.invalidateTLB(.VALE1IS, operand(va))
    el1.barrier(.DSB_ISH)
    return 1
  }

  /// The local form: this PE's TLB only.
  func localPage(_ va: UInt64) -> UInt64 {
    el1.barrier(.DSB_NSHST)
    el1.invalidateTLB(.VALE1, operand(va))
    el1.barrier(.DSB_NSH)
    return 1
  }

  /// flush_tlb_range. `tables`: tables above were freed too, so cached walks must go.
  func range(_ start: UInt64, _ end: UInt64, tables: Bool) -> UInt64 {
    if (end &- start) >> 12 >= Self.maximumPages { return all() }
    el1.barrier(.DSB_ISHST)
    var va = start
    while va < end {
      el1.invalidateTLB(tables ? .VAE1IS : .VALE1IS, operand(va))
      va &+= 4096
    }
    el1.barrier(.DSB_ISH)
    return (end &- start) >> 12
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
  private func flush(_ el1: EL1Interface, _ mm: MMID) -> TLBFlush { TLBFlush(el1: el1, asid: state.mms[mm.rawValue].asid) }

  private func count(_ invalidations: UInt64) { state.statistics.tlbInvalidations &+= invalidations }

  func flushPage(_ el1: EL1Interface, _ mm: MMID, _ va: UInt64) { count(flush(el1, mm).page(va)) }
  func flushLocalPage(_ el1: EL1Interface, _ mm: MMID, _ va: UInt64) { count(flush(el1, mm).localPage(va)) }
  func flushRange(_ el1: EL1Interface, _ mm: MMID, _ start: UInt64, _ end: UInt64, tables: Bool) {
    count(flush(el1, mm).range(start, end, tables: tables))
  }
  func flushAll(_ el1: EL1Interface, _ mm: MMID) { count(flush(el1, mm).all()) }
}
