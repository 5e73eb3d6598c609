// Owns every TLBI: which operation, which operand, which barriers around it.
// It does not know why entries changed. Linux: arch/arm64/include/asm/tlbflush.h.
import Architecture

/// The one issuer of TLBI.
struct TLBFlush {
  let el1: EL1Interface
  let asid: UInt16

  /// MAX_DVM_OPS: beyond so many pages the whole address space is invalidated.
  private static var maximumPages: UInt64 { 512 }

  private func operand(_ va: UInt64) -> UInt64 { UInt64(asid) << 48 | (va >> 12 & 0xfff_ffff_ffff) }

  /// flush_tlb_page: one last-level entry, on every PE.
  func page(_ va: UInt64) {
    el1.barrier(.DSB_ISHST)
    el1.invalidateTLB(.VALE1IS, operand(va))
    el1.barrier(.DSB_ISH)
  }

  /// The local form: this PE's TLB only.
  func localPage(_ va: UInt64) {
    el1.barrier(.DSB_NSHST)
    el1.invalidateTLB(.VALE1, operand(va))
    el1.barrier(.DSB_NSH)
  }

  /// flush_tlb_range. `tables`: tables above were freed too, so cached walks must go.
  func range(_ start: UInt64, _ end: UInt64, tables: Bool) {
    if (end - start) >> 12 > Self.maximumPages { return all() }
    el1.barrier(.DSB_ISHST)
    var va = start
    while va < end {
      el1.invalidateTLB(tables ? .VAE1IS : .VALE1IS, operand(va))
      va += 4096
    }
    el1.barrier(.DSB_ISH)
  }

  /// flush_tlb_mm.
  func all() {
    el1.barrier(.DSB_ISHST)
    el1.invalidateTLB(.ASIDE1IS, UInt64(asid) << 48)
    el1.barrier(.DSB_ISH)
  }
}
