// Owns views of TCR_EL1 and SCTLR_EL1: which bits mean what.
// It does not know what a walk does with them.

/// TCR_EL1. Arm ARM D23 TCR_EL1.
@frozen public struct TranslationControl: RawRepresentable, Hashable, Sendable {
  public var rawValue: UInt64
  @inlinable public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// The fields of one half of the address space.
  @frozen public struct HalfControl: Hashable, Sendable {
    /// TnSZ: the half covers 2^(64-TnSZ) bytes.
    public var sizeOffset: UInt64
    public var granule: Granule
    /// EPDn: walks are disabled, so a TLB miss is a translation fault.
    public var walksDisabled: Bool
    /// TBIn: the top byte is ignored in address matching.
    public var topByteIgnored: Bool
    /// TBIDn: the top byte is ignored for data addresses only.
    public var topByteIgnoredForDataOnly: Bool
    /// SHn: the shareability of all pages in the half under TCR_EL1.DS.
    public var shareability: UInt64
    /// HPDn: hierarchical permission bits in tables are ignored.
    public var hierarchicalDisabled: Bool
    /// E0PDn: EL0 accesses to this half fault at level 0.
    public var userAccessPrevented: Bool
  }

  /// The fields for TTBR0 (`upper` false) or TTBR1.
  public func half(upper: Bool) -> HalfControl {
    if upper {
      let granule: Granule =
        switch rawValue &>> 30 & 3 {
        case 1: .size16K
        case 3: .size64K
        default: .size4K
        }
      return HalfControl(
        sizeOffset: rawValue &>> 16 & 63, granule: granule, walksDisabled: bit(23), topByteIgnored: bit(38),
        topByteIgnoredForDataOnly: bit(52), shareability: rawValue &>> 28 & 3,
        hierarchicalDisabled: bit(42), userAccessPrevented: bit(56))
    }
    let granule: Granule =
      switch rawValue &>> 14 & 3 {
      case 1: .size64K
      case 2: .size16K
      default: .size4K
      }
    return HalfControl(
      sizeOffset: rawValue & 63, granule: granule, walksDisabled: bit(7), topByteIgnored: bit(37),
      topByteIgnoredForDataOnly: bit(51), shareability: rawValue &>> 12 & 3,
      hierarchicalDisabled: bit(41), userAccessPrevented: bit(55))
  }
  /// A1, bit 22: TTBR1_EL1 holds the ASID.
  @inlinable public var asidFromTTBR1: Bool { bit(22) }
  /// IPS, bits 34:32.
  @inlinable public var physicalAddressBits: UInt64 {
    switch rawValue &>> 32 & 7 {
    case 0: 32
    case 1: 36
    case 2: 40
    case 3: 42
    case 4: 44
    case 5: 48
    default: 52
    }
  }
  /// AS, bit 36: ASIDs have 16 bits.
  @inlinable public var asid16: Bool { bit(36) }
  /// HA, bit 39: hardware sets the access flag.
  @inlinable public var hardwareAccessFlag: Bool { bit(39) }
  /// HD, bit 40: hardware clears AP[2] where DBM is set.
  @inlinable public var hardwareDirtyState: Bool { bit(40) }
  /// DS, bit 59: 52-bit addresses with small granules.
  @inlinable public var has52BitSmallGranule: Bool { bit(59) }

  @inlinable func bit(_ n: UInt64) -> Bool { rawValue &>> n & 1 != 0 }
}

/// SCTLR_EL1. Arm ARM D23 SCTLR_EL1.
@frozen public struct SystemControl: RawRepresentable, Hashable, Sendable {
  public var rawValue: UInt64
  @inlinable public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// M: the MMU is on.
  @inlinable public var mmuEnabled: Bool { bit(0) }
  /// A: every unaligned data access faults.
  @inlinable public var alignmentCheck: Bool { bit(1) }
  /// SA: SP alignment check at EL1.
  @inlinable public var stackAlignmentCheckEL1: Bool { bit(3) }
  /// SA0: SP alignment check at EL0.
  @inlinable public var stackAlignmentCheckEL0: Bool { bit(4) }
  /// nAA: no alignment fault for LDAPR/STLR-like accesses inside 16 bytes (FEAT_LSE2).
  @inlinable public var noAlignmentCheckForOrdered: Bool { bit(6) }
  /// UMA: EL0 may access DAIF.
  @inlinable public var userMaskAccess: Bool { bit(9) }
  /// DZE: EL0 may execute DC ZVA.
  @inlinable public var userZeroEnabled: Bool { bit(14) }
  /// UCT: EL0 may read CTR_EL0.
  @inlinable public var userCacheTypeAccess: Bool { bit(15) }
  /// nTWI, nTWE: WFI, WFE at EL0 are not trapped.
  @inlinable public var userWFINotTrapped: Bool { bit(16) }
  @inlinable public var userWFENotTrapped: Bool { bit(18) }
  /// WXN: writable implies execute-never.
  @inlinable public var writeExecuteNever: Bool { bit(19) }
  /// TSCXT: EL0 may not access SCXTNUM_EL0 (FEAT_CSV2_2).
  @inlinable public var trapsContextNumber: Bool { bit(20) }
  /// SPAN: 0 sets PSTATE.PAN on exceptions to EL1.
  @inlinable public var preservePAN: Bool { bit(23) }
  /// UCI: EL0 may execute cache maintenance by VA.
  @inlinable public var userCacheMaintenance: Bool { bit(26) }
  /// EPAN: PAN also covers pages that EL0 may only execute.
  @inlinable public var enhancedPAN: Bool { bit(57) }

  @inlinable func bit(_ n: UInt64) -> Bool { rawValue &>> n & 1 != 0 }
}
