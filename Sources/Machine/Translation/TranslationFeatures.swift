// Owns what a processor's translation features mean for its registers: which control bits it lacks, what its ID fields claim.
// It does not know what a control bit does.
import Architecture

extension ProcessorFeatures {
  /// FEAT_TCR2: here it comes with FEAT_HAFT, whose control it holds.
  var hasTCR2: Bool { hardwareUpdate == .accessFlagAndDirtyAndTables }

  /// TCR_EL1 bits that are RES0 here: those of absent features. Arm ARM D23 TCR_EL1.
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

  /// SCTLR_EL1 bits that are RES0 here: EPAN where it is absent, EE and E0E always. ID_AA64MMFR0_EL1 says that there is no mixed-endian
  /// support, at EL1 or EL0: walks and data are little-endian.
  var absentSystemControl: UInt64 {
    let keys: UInt64 = 3 &<< 30 | 1 &<< 27 | 1 &<< 13  // EnIA, EnIB, EnDA, EnDB
    return (epan ? 0 : 1 &<< 57) | 3 &<< 24 | (ssbs ? 0 : 1 &<< 44) | (bti ? 0 : 3 &<< 35) | (hasPAuth ? 0 : keys)
  }

  /// TTBRn_EL1 bits that are RES0 here: the upper half of an 8-bit processor's ASID, CnP without FEAT_TTCNP.
  var absentTableBase: UInt64 { (asid16 ? 0 : 0xff00 &<< 48) | (cnp ? 0 : 1) }

  /// ID_AA64MMFR0_EL1: PARange, ASIDBits, SNSMem, TGran16 and TGran4 (1 more where they have 52 bits); TGran64 0 is support.
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
