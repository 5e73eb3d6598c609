// Owns the EL1&0 translation regime's controls in the form that a walk wants them.
// It does not walk.
import Architecture

/// TCR_EL1, SCTLR_EL1, the TTBRs and MAIR_EL1, taken apart once when one of them is written. Arm ARM D8.2.
struct TranslationRegime {
  var tcr = TranslationControl(rawValue: 0)
  var sctlr = SystemControl(rawValue: 0)
  var ttbr0: UInt64 = 0
  var ttbr1: UInt64 = 0
  var mair: UInt64 = 0
  private(set) var lower = Half()
  private(set) var upper = Half()
  private(set) var asid: UInt16 = 0

  /// One half of the address space, ready for a walk.
  struct Half {
    var control = TranslationControl(rawValue: 0).half(upper: false)
    /// Address bits that must all equal bit 55, below the tag byte where it is ignored.
    var checkMask: UInt64 = 0
    var startLevel: Int = 0
    /// Physical address of the first table.
    var table: UInt64 = 0
    /// The TTBR holds an address that IPS does not cover: every walk is an address size fault at level 0. Arm ARM D8.2.
    var tableIsOutOfRange = false
    /// Lowest bit and mask of the first table's index.
    var startMask: UInt64 = 0
    /// Output addresses have so many bits.
    var outputLimit: UInt64 = 48
  }

  /// Works out everything derived; call after any field was written.
  mutating func update() {
    lower = derive(tcr.half(upper: false), base: ttbr0)
    upper = derive(tcr.half(upper: true), base: ttbr1)
    let wide = (tcr.asidFromTTBR1 ? ttbr1 : ttbr0) &>> 48
    asid = UInt16(truncatingIfNeeded: tcr.asid16 ? wide : wide & 0xff)
  }

  private func derive(_ control: TranslationControl.Half, base: UInt64) -> Half {
    var half = Half()
    half.control = control
    half.outputLimit = min(tcr.physicalAddressBits, 48)
    // TnSZ below 16 or above 39 is clamped, as permitted (Arm ARM D8.2.4.1, CONSTRAINED UNPREDICTABLE).
    let bits = 64 &- min(max(control.sizeOffset, 16), 39)
    let top: UInt64 = control.topByteIgnored ? 1 &<< 56 : 0
    half.checkMask = (top &- 1) & ~((1 &<< bits) &- 1)
    let granule = control.granule
    let resolved = bits &- granule.shift
    let levels = (resolved &+ granule.bitsPerLevel &- 1) / granule.bitsPerLevel
    half.startLevel = 4 &- Int(levels)
    let firstBits = resolved &- (levels &- 1) &* granule.bitsPerLevel
    half.startMask = (1 &<< firstBits) &- 1
    half.table = base & 0x0000_ffff_ffff_fffe & ~((8 &<< firstBits) &- 1)
    half.tableIsOutOfRange = half.table &>> half.outputLimit != 0
    return half
  }

  @inline(__always) func half(upper isUpper: Bool) -> Half { isUpper ? upper : lower }
  /// The half that `va` belongs to.
  @inline(__always) func half(of va: UInt64) -> Half { va & (1 &<< 55) != 0 ? upper : lower }

  /// `va` with an ignored top byte replaced by copies of bit 55.
  @inline(__always) func strippingTag(_ va: UInt64) -> UInt64 {
    half(of: va).control.topByteIgnored ? UInt64(bitPattern: Int64(bitPattern: va &<< 8) &>> 8) : va
  }
}
