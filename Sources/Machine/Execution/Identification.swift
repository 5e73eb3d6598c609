// Owns the identification registers of a processor: each field follows from the feature that it names.
// It does not know who may read them. The memory model's fields are in TranslationFeatures.swift.
import Architecture

extension ProcessorFeatures {
  /// The value of an identification register, which claims only what executes; nil if there is no such register. Arm ARM D23,
  /// ID_AA64*.
  func identification(_ register: SystemRegister) -> UInt64? {
    switch register {
    case .MIDR_EL1: return mainID
    case .REVIDR_EL1: return 0
    case .CTR_EL0: return 0x8444_c004 | (idc ? 1 &<< 28 : 0)
    case .DCZID_EL0: return zeroBlockLog2Words
    case .ID_AA64PFR0_EL1: return 0x11 | Self.word(processor0)
    case .ID_AA64PFR1_EL1: return Self.word([(0, bti ? 1 : 0), (4, ssbs ? 2 : 0), (8, mte ? 1 : 0)])
    case .ID_AA64DFR0_EL1:
      // Armv8.0 debug with the OS double lock; no trace, no performance monitors.
      return 6 | UInt64(DebugUnits.breakpointCount - 1) << 12 | UInt64(DebugUnits.watchpointCount - 1) << 20
        | UInt64(DebugUnits.contextAwareCount - 1) << 28
    case .ID_AA64ISAR0_EL1: return Self.word(instructions0)
    case .ID_AA64ISAR1_EL1: return Self.word(instructions1)
    case .ID_AA64ISAR2_EL1: return Self.word([(0, wfxt ? 2 : 0), (52, cssc ? 1 : 0)])
    case .ID_AA64MMFR0_EL1: return memoryModel0 | (ecv ? 1 &<< 60 : 0)
    case .ID_AA64MMFR1_EL1: return memoryModel1 | (lor ? 1 &<< 16 : 0)
    case .ID_AA64MMFR2_EL1: return memoryModel2 | (uao ? 1 &<< 4 : 0) | (lse2 ? 1 &<< 32 : 0) | (idst ? 1 &<< 36 : 0)
    case .ID_AA64MMFR3_EL1: return hasTCR2 ? 1 : 0
    default:
      // The rest of the identification space reads as zero. Arm ARM D23.3.1.
      return register.op0 == 3 && register.op1 == 0 && register.crn == 0 && register.crm <= 7 && register.crm > 0 ? 0 : nil
    }
  }

  /// A field of an identification register: its lowest bit and its value.
  private typealias Field = (low: UInt64, value: UInt64)
  private static func word(_ fields: [Field]) -> UInt64 { fields.reduce(0) { $0 | $1.value &<< $1.low } }

  private var processor0: [Field] {
    [
      (16, fp16 ? 1 : 0),  // FP
      (20, fp16 ? 1 : 0),  // AdvSIMD
      (48, dit ? 1 : 0),
      (56, csv2 ? (csv2_2 ? 2 : 1) : 0),
      (60, csv3 ? 1 : 0),
    ]
  }

  private var instructions0: [Field] {
    [
      (4, aes ? (pmull ? 2 : 1) : 0),
      (8, sha1 ? 1 : 0),
      (12, sha256 ? (sha512 ? 2 : 1) : 0),
      (16, crc32 ? 1 : 0),
      (20, lse ? 2 : 0),
      (28, rdm ? 1 : 0),
      (32, sha3 ? 1 : 0),
      (36, sm3 ? 1 : 0),
      (40, sm4 ? 1 : 0),
      (44, dotprod ? 1 : 0),
      (48, fhm ? 1 : 0),
      (52, flagm ? (flagm2 ? 2 : 1) : 0),
      (56, UInt64(tlbMaintenance.rawValue)),
      (60, rng ? 1 : 0),  // RNDR
    ]
  }

  private var instructions1: [Field] {
    [
      (0, dpb ? (dpb2 ? 2 : 1) : 0),
      (4, UInt64(pauth.rawValue)),  // APA
      (12, jscvt ? 1 : 0),
      (16, fcma ? 1 : 0),
      (20, lrcpc ? (lrcpc2 ? 2 : 1) : 0),
      (24, hasPAuth ? 1 : 0),  // GPA
      (32, frintts ? 1 : 0),
      (36, sb ? 1 : 0),
      (44, bf16 ? 1 : 0),
      (48, dgh ? 1 : 0),
      (52, i8mm ? 1 : 0),
    ]
  }
}
