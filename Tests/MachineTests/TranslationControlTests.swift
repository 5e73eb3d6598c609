// Owns control bits of the translation regime that have no walk of their own: EE and E0E, CnP, HPDn, TBIDn, the Contiguous bit; what is RES0
// where a feature is absent. It does not know how a walk is done. Arm ARM D23 TCR_EL1, SCTLR_EL1, TTBR0_EL1.
import Architecture
import TestSupport
import Testing

@testable import Machine

struct TranslationControlTests {
  /// Big-endian EL1 and EL0 are refused as the architecture has it: no mixed-endian support is claimed, the bits are RES0.
  @Test func bigEndianIsRefused() throws {
    let machine = try BareMachine()
    machine[0].write(.SCTLR_EL1, 0x33d0_0819)
    #expect(machine[0].read(.SCTLR_EL1) == 0x30d0_0819)
    let model = machine[0].read(.ID_AA64MMFR0_EL1)!
    #expect(model >> 8 & 15 == 0 && model >> 16 & 15 == 0)
    #expect(machine.walk(0x3000) == .pa(0x4020_0000))
    machine.put(0x4020_0000, 0x1122_3344_5566_7788)
    #expect(machine.exception(of: 0xb940_0001, x0: 0x3000)?.esr == 0x5600_0000)  // ldr w1, [x0]
    #expect(machine[0][x: 1] == 0x5566_7788)
  }

  /// A control bit of SCTLR_EL1 whose feature is absent reads as written 0, so that software does not take it for a feature. Those of
  /// features that can be switched come and go with them; the rest of the register keeps what is written.
  @Test func controlsOfAbsentFeatures() throws {
    var features = ProcessorFeatures()
    let switched: [(WritableKeyPath<ProcessorFeatures, Bool>, UInt64)] = [
      (\.lse2, 1 << 6), (\.hasPAuth, 0xc800_2000), (\.bti, 3 << 35), (\.ssbs, 1 << 44), (\.epan, 1 << 57),
    ]
    for (feature, _) in switched { features[keyPath: feature] = false }
    // M, A, C, SA, SA0, CP15BEN, ITD, SED, UMA, EOS, I, DZE, UCT, nTWI, nTWE, WXN, TSCXT, EIS, SPAN, UCI, nTLSMD, LSMAOE.
    let always: UInt64 = 0x34dd_dbbf
    let machine = try BareMachine.guestEL1([], features: features)
    machine[0].write(.SCTLR_EL1, ~0)
    #expect(machine[0].read(.SCTLR_EL1) == always)
    for (feature, bits) in switched {
      var one = features
      one[keyPath: feature] = true
      let machine = try BareMachine.guestEL1([], features: one)
      machine[0].write(.SCTLR_EL1, ~0)
      #expect(machine[0].read(.SCTLR_EL1) == always | bits)
    }
  }

  /// CnP is kept and shares nothing; without FEAT_TTCNP it is RES0.
  @Test func commonNotPrivate() throws {
    for cnp in [true, false] {
      var features = ProcessorFeatures()
      features.cnp = cnp
      let machine = try BareMachine(processors: 2, features: features)
      for number in 0...1 {
        machine[number].write(.TTBR0_EL1, 0x4001_0001)
        #expect(machine[number].read(.TTBR0_EL1) == (cnp ? 0x4001_0001 : 0x4001_0000))
      }
      #expect(machine[0].read(.ID_AA64MMFR2_EL1)! & 15 == (cnp ? 1 : 0))
      #expect(machine.translate(0x4000, number: 0) == .pa(0x4020_1000))
      machine.put(BareMachine.table + 0x20, 0x0060_0000_4020_4f43)
      #expect(machine.translate(0x4000, number: 0) == .pa(0x4020_1000))
      #expect(machine.translate(0x4000, number: 1) == .pa(0x4020_4000))
    }
  }

  /// TBID0: the top byte is ignored for data and counts for instructions.
  @Test(arguments: [true, false]) func tagsOfInstructions(fastTable: Bool) throws {
    var features = ProcessorFeatures()
    features.tbid = true
    let machine = try BareMachine(features: features, fastTable: fastTable)
    machine.put(0x4030_0000, words: [0xd400_0061])  // svc #0x3
    machine[0].write(.TCR_EL1, 0x0008_0035_8080_0019)
    let tagged: UInt64 = 0x5a00_0000_0000_2000
    let expected = TakenException(esr: 0x8200_0004, far: tagged, elr: tagged, spsr: 0x400)  // BTYPE 1
    for _ in 0..<2 {
      #expect(machine.exception(of: 0xd61f_0000, x0: tagged) == expected)  // br x0
      #expect(machine.exception(of: 0xd61f_0000, x0: 0x2000)?.esr == 0x5600_0003)  // br x0
      #expect(machine.exception(of: 0xf940_0001, x0: 0x5a00_0000_0000_3000)?.esr == 0x5600_0000)  // ldr x1, [x0]
    }
    // Without TBI the bit says nothing, without the feature it is RES0.
    machine[0].write(.TCR_EL1, 0x0008_0015_8080_0019)
    #expect(machine.exception(of: 0xd61f_0000, x0: tagged)?.esr == 0x8200_0004)
    features.tbid = false
    let without = try BareMachine(features: features, fastTable: fastTable)
    without[0].write(.TCR_EL1, 0x0018_0035_8080_0019)
    #expect(without[0].read(.TCR_EL1) == 0x35_8080_0019)
  }

  /// The Contiguous bit is a hint: each descriptor of a run still speaks for itself.
  @Test func theContiguousBitIsAHint() throws {
    let machine = try BareMachine()
    for index in 0..<16 as Range<UInt64> { machine.put(BareMachine.table + 0x80 + index * 8, 0x0070_0000_4020_0f43 | index << 12) }
    machine.put(BareMachine.table + 0xa8, 0)
    #expect(machine.translate(0x1_0000) == .pa(0x4020_0000))
    #expect(machine.translate(0x1_5000) == .fault(0x07))
    machine.put(BareMachine.table + 0xb0, 0x0070_0000_4030_0f43)
    #expect(machine.translate(0x1_6000) == .pa(0x4030_0000))
  }

  /// What is RES0 where the features are absent.
  @Test func absentFeatures() throws {
    var features = ProcessorFeatures()
    (features.hpds, features.tbid, features.e0pd, features.lpa2, features.asid16) = (false, false, false, false, false)
    features.hardwareUpdate = .off
    let machine = try BareMachine(features: features)
    machine[0].write(.TCR_EL1, ~0)
    #expect(machine[0].read(.TCR_EL1) == 0x0000_006f_ffff_ffff)
    #expect(machine[0].read(.ID_AA64MMFR1_EL1)! >> 12 & 15 == 0)
    // With all features: HWUnnn, NFDn, TCMAn and MTXn belong to features that the machine does not have.
    features = ProcessorFeatures()
    features.tbid = true
    let full = try BareMachine(features: features)
    full[0].write(.TCR_EL1, ~0)
    #expect(full[0].read(.TCR_EL1) == 0x0998_07ff_ffff_ffff)
    #expect(full[0].read(.ID_AA64MMFR1_EL1)! >> 12 & 15 == 1)
  }

  /// The identification registers of the presets, field by field.
  @Test func identificationRegistersOfThePresets() throws {
    let rows: [(name: String, isar0TLB: UInt64, mmfr0: UInt64, mmfr1: UInt64, mmfr2: UInt64)] = [
      ("max", 2, 0x1020_1026, 0x0021_1002, 0x1021_0010_1001_0011),
      ("neoverse-n1", 0, 0x0010_1025, 0x0021_1002, 0x0000_0000_0000_0011),
      ("cortex-a53", 0, 0x0010_1025, 0x0000_0000, 0),
    ]
    for row in rows {
      let features = ProcessorFeatures.presets.first { $0.name == row.name }!.features
      let machine = try BareMachine(features: features)
      #expect(machine[0].read(.ID_AA64ISAR0_EL1)! >> 56 & 15 == row.isar0TLB, "\(row.name)")
      #expect(machine[0].read(.ID_AA64MMFR0_EL1) == row.mmfr0, "\(row.name)")
      #expect(machine[0].read(.ID_AA64MMFR1_EL1) == row.mmfr1, "\(row.name)")
      #expect(machine[0].read(.ID_AA64MMFR2_EL1) == row.mmfr2, "\(row.name)")
    }
  }
}
