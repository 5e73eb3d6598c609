// Owns the EL1&0 translation regime's controls in the form that a walk uses.
// It does not walk.
import Architecture

/// TCR_EL1, TCR2_EL1, SCTLR_EL1, the TTBRs and MAIR_EL1. Their fields are extracted once, when one of them is written. Arm ARM
/// D8.2.
struct TranslationRegime {
  var tcr = TranslationControl(rawValue: 0)
  var tcr2: UInt64 = 0
  var sctlr = SystemControl(rawValue: 0)
  var ttbr0: UInt64 = 0
  var ttbr1: UInt64 = 0
  var mair: UInt64 = 0
  /// The processor's features, which decide about addresses beyond 48 bits.
  var features = ProcessorFeatures()
  /// Whether overlapping TLB entries are a TLB conflict abort. This needs blocks that are cached whole, and a FEAT_BBM level below
  /// 2.
  var detectsConflicts = false
  /// Whether the MMU is on and conflicts are not detected. Every translation tests this first.
  private(set) var isPlain = false
  private(set) var lower = Half()
  private(set) var upper = Half()
  private(set) var asid: UInt16 = 0
  /// The keys that distinguish the fast tables of EL0 and of EL1 from those of other contexts. Bits 31:16 hold the ASID. The low
  /// bits hold the MMU's state (1), alignment checks (2), EL1 (8), and the controls that keep EL0 out (E0PD: 16, 32) or EL1 out
  /// (EPAN: 32).
  private(set) var contextKeyEL0: UInt64 = 0
  private(set) var contextKeyEL1: UInt64 = 8
  /// TCR_EL1.HA with TCR2_EL1.HAFT: whether walks set the access flag of table descriptors.
  private(set) var setsTableAccessFlags = false

  /// One half of the address space, ready for a walk.
  struct Half {
    var control = TranslationControl(rawValue: 0).half(upper: false)
    /// TnSZ is out of range, so every walk is a translation fault at level 0.
    var sizeIsInvalid = false
    /// The address bits that must all equal bit 55. If a tag is ignored, walks get addresses without it.
    var checkMask: UInt64 = 0
    var startLevel: Int = 0
    /// Physical address of the first table.
    var table: UInt64 = 0
    /// The TTBR holds an address beyond IPS, so every walk is an address size fault at level 0. Arm ARM D8.2.
    var tableIsOutOfRange = false
    /// The lowest bit and the mask of the first table's index.
    var startMask: UInt64 = 0
    /// The number of bits of an output address.
    var outputLimit: UInt64 = 48
    var format = DescriptorFormat()
    /// The masks of `format`, computed once: bits at the same place in an output address, and bits that belong `highShift` places
    /// higher.
    var outputMask: UInt64 = 0
    var highMask: UInt64 = 0
    var highShift: UInt64 = 0
    /// Bit n is set where level n has blocks.
    var blockLevels: UInt8 = 0
    /// Whether TCR_EL1.DS is in effect, so that SH comes from TCR_EL1.
    var has52BitSmallGranule = false

    /// The output address of a descriptor. A block's address keeps whatever bits the descriptor has below the block's size.
    @inline(__always) func output(_ descriptor: UInt64) -> UInt64 {
      descriptor & outputMask | (descriptor & highMask) &<< highShift
    }
    @inline(__always) func hasBlocks(_ level: Int) -> Bool { level >= 0 && blockLevels &>> UInt8(truncatingIfNeeded: level) & 1 != 0 }
  }

  /// An ASID as a register holds it. With 8-bit ASIDs the upper byte means nothing. Arm ARM D8.14.
  @inline(__always)
  func meaningfulASID(_ asid: UInt16) -> UInt16 { tcr.asid16 ? asid : asid & 0xff }

  /// Works out everything derived; call after any field was written.
  mutating func update() {
    isPlain = sctlr.mmuEnabled && !detectsConflicts
    lower = derive(tcr.half(upper: false), base: ttbr0)
    upper = derive(tcr.half(upper: true), base: ttbr1)
    asid = meaningfulASID(UInt16(truncatingIfNeeded: (tcr.asidFromTTBR1 ? ttbr1 : ttbr0) &>> 48))
    setsTableAccessFlags = tcr.hardwareAccessFlag && tcr2 &>> 11 & 1 != 0
    let common = UInt64(asid) &<< 16 | (sctlr.mmuEnabled ? 1 : 0) | (sctlr.alignmentCheck ? 2 : 0)
    contextKeyEL0 = common | (lower.control.userAccessPrevented ? 16 : 0) | (upper.control.userAccessPrevented ? 32 : 0)
    contextKeyEL1 = common | 8 | (sctlr.enhancedPAN ? 32 : 0)
  }

  private func derive(_ control: TranslationControl.HalfControl, base: UInt64) -> Half {
    var half = Half()
    half.control = control
    let granule = control.granule
    let is64K = granule == .size64K
    let isWide = is64K ? features.lpa : tcr.has52BitSmallGranule && features.lpa2
    let format = DescriptorFormat(granule, hasWideAddresses: isWide)
    half.has52BitSmallGranule = format.hasWideSmallGranule
    half.outputLimit = min(tcr.physicalAddressBits, isWide ? 52 : 48)
    // TnSZ out of range is a fault: required with FEAT_LVA, permitted without. Arm ARM: AArch64.S1TxSZFaults.
    let smallest: UInt64 = half.has52BitSmallGranule || (is64K && features.lva) ? 12 : 16
    let largest: UInt64 = features.ttst ? (is64K ? 47 : 48) : 39
    half.sizeIsInvalid = control.sizeOffset < smallest || control.sizeOffset > largest
    let bits = 64 &- min(max(control.sizeOffset, smallest), largest)
    half.checkMask = ~((1 &<< bits) &- 1)
    let resolved = bits &- granule.shift
    let levels = (resolved &+ granule.bitsPerLevel &- 1) / granule.bitsPerLevel
    half.startLevel = 4 &- Int(levels)
    let firstBits = resolved &- (levels &- 1) &* granule.bitsPerLevel
    half.startMask = (1 &<< firstBits) &- 1
    half.format = format
    half.outputMask = format.outputMask
    half.highMask = format.highMask
    half.highShift = format.highShift
    half.blockLevels = format.blockLevels
    // Arm ARM: AArch64.S1TTBaseAddress. BADDR[51:48] stands in bits 5:2.
    if half.has52BitSmallGranule || (is64K && features.lpa && tcr.physicalAddressBits == 52) {
      half.table = (base & 0x0000_ffff_ffff_ffc0 | (base & 0x3c) &<< 46) & ~((8 &<< max(firstBits, 3)) &- 1)
    } else {
      half.table = base & 0x0000_ffff_ffff_fffe & ~((8 &<< firstBits) &- 1)
    }
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
  /// The same for the target of a branch. Under TBIDn the top byte of such an address counts. Arm ARM: AArch64.BranchAddr.
  @inline(__always) func strippingInstructionTag(_ va: UInt64) -> UInt64 {
    half(of: va).control.topByteIgnoredForDataOnly ? va : strippingTag(va)
  }
}
