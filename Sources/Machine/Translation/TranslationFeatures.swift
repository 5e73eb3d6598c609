// Owns what a processor's translation features mean for its registers: the control bits that it lacks, and the values of its ID
// fields.
// It does not know what a control bit does.
import Architecture

extension ProcessorFeatures {
  /// FEAT_TCR2, which a processor has here exactly if it has FEAT_HAFT, whose control bit is in TCR2_EL1.
  var hasTCR2: Bool { hardwareUpdate == .accessFlagAndDirtyAndTables }

  /// The bits of TCR_EL1 that are RES0 because their feature is absent. Arm ARM D23 TCR_EL1.
  var absentTranslationControl: UInt64 {
    var bits: UInt64 = 0xff &<< 43 | 3 &<< 53 | 3 &<< 57 | 15 &<< 60  // HWUnnn, NFDn, TCMAn, MTXn and what follows
    if hardwareUpdate == .off { bits |= 1 &<< 39 }
    if hardwareUpdate.rawValue < HardwareUpdate.accessFlagAndDirty.rawValue { bits |= 1 &<< 40 }
    if !asid16 { bits |= 1 &<< 36 }
    if !hpds { bits |= 3 &<< 41 }
    if !tbid { bits |= 3 &<< 51 }
    if !e0pd { bits |= 3 &<< 55 }
    if !lpa2 { bits |= 1 &<< 59 }
    return bits
  }

  /// The bits of SCTLR_EL1 that are RES0 because their feature is absent. EE and E0E always are: ID_AA64MMFR0_EL1 reports no mixed-endian
  /// support at EL1 or EL0, so walks and data are little-endian. Arm ARM D23 SCTLR_EL1.
  var absentSystemControl: UInt64 {
    let keys: UInt64 = 3 &<< 30 | 1 &<< 27 | 1 &<< 13  // EnIA, EnIB, EnDA, EnDB
    return Self.neverInSystemControl | (epan ? 0 : 1 &<< 57) | (ssbs ? 0 : 1 &<< 44) | (bti ? 0 : 3 &<< 35) | (hasPAuth ? 0 : keys)
      | (lse2 ? 0 : 1 &<< 6)  // nAA
  }

  /// The bits of SCTLR_EL1 whose features no processor here has: EnRCTX; bit 17; IESB; E0E, EE; CMOW, MSCEn and bit 34; ITFSB, TCF0, TCF, ATA0,
  /// ATA; TWEDEn to EnALS; what follows EPAN.
  private static let neverInSystemControl: UInt64 =
    1 << 10 | 1 << 17 | 1 << 21 | 3 << 24 | 7 << 32 | 0x7f << 37 | 0xfff << 45 | 0x3f << 58

  /// The bits of TTBRn_EL1 that are RES0: the upper half of the ASID on a processor with 8-bit ASIDs, and CnP without FEAT_TTCNP.
  var absentTableBase: UInt64 { (asid16 ? 0 : 0xff00 &<< 48) | (cnp ? 0 : 1) }

  /// ID_AA64MMFR0_EL1: PARange, ASIDBits, SNSMem, TGran16 and TGran4, which are 1 more with 52-bit addresses, and TGran64, where 0
  /// means supported.
  var memoryModel0: UInt64 {
    (physicalAddressBits == 52 ? 6 : 5) | (asid16 ? 2 &<< 4 : 0) | 1 &<< 12 | (lpa2 ? 2 : 1) &<< 20 | (lpa2 ? 1 &<< 28 : 0)
  }
  /// ID_AA64MMFR1_EL1: HAFDBS, HPDS, PAN.
  var memoryModel1: UInt64 {
    UInt64(hardwareUpdate.rawValue) | (hpds ? 1 &<< 12 : 0) | (pan ? (epan ? 3 : pan2 ? 2 : 1) &<< 20 : 0)
  }
  /// ID_AA64MMFR2_EL1: CnP, VARange, ST, TTL, BBM, E0PD.
  var memoryModel2: UInt64 {
    (cnp ? 1 : 0) | (lva ? 1 &<< 16 : 0) | (ttst ? 1 &<< 28 : 0) | (ttl ? 1 &<< 48 : 0) | UInt64(blockChange.rawValue) &<< 52
      | (e0pd ? 1 &<< 60 : 0)
  }
}
