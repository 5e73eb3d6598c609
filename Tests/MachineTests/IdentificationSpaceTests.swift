// Owns tests of the feature ID space and of registers that exist only to be read: what each answers or raises, by feature.
// It does not know what a feature does. Arm ARM: FEAT_IDST, FEAT_LOR, FEAT_CSV2_2, FEAT_CSV3, CTR_EL0, RVBAR_EL1.
import Architecture
import TestSupport
import Testing

@testable import Machine

struct IdentificationSpaceTests {
  /// ESR after one word at an Exception level, or 0 where it retired. X1 is 0x1234 before, and `x1` after.
  private func run(
    _ word: UInt32, level: Int, sctlr: UInt64 = 0x30d0_0819, _ change: (inout ProcessorFeatures) -> Void = { _ in }
  ) throws -> (esr: UInt64, x1: UInt64) {
    var features = ProcessorFeatures()
    change(&features)
    let machine = try BareMachine.guestEL1([word], el0: [word], features: features)
    machine[0].write(.SCTLR_EL1, sctlr)
    if level == 0 { machine.enterEL0() } else { machine[0].pstate = .EL1hMasked }
    machine[0][x: 1] = 0x1234
    let pc = machine[0].pc
    #expect(machine.run(count: 1) == .instructionLimit)
    return (machine[0].pc == pc + 4 ? 0 : machine[0].read(.ESR_EL1)!, machine[0][x: 1])
  }

  /// With FEAT_IDST an MRS in the space of op0 = 3, op1 = 0, 1 or 3, CRn = 0, CRm = 0 to 7 traps with EC 0x18 where it would be
  /// UNDEFINED, at EL1 as at EL0; without it, it is UNDEFINED. MSR and all other spaces are UNDEFINED either way.
  @Test(arguments: [0, 1]) func unallocatedReadsTrap(level: Int) throws {
    let trapped: [(word: UInt32, esr: UInt64)] = [
      (0xd539_0040, 0x6234_4001),  // mrs x0, ccsidr2_el1: FEAT_CCIDX is absent
      (0xd539_0081, 0x6238_4021),  // mrs x1, gmid_el1: FEAT_MTE2 is absent
      (0xd538_0021, 0x6232_0021),  // mrs x1, s3_0_c0_c0_1
      (0xd538_00e1, 0x623e_0021),  // mrs x1, s3_0_c0_c0_7
      (0xd539_0061, 0x6236_4021),  // mrs x1, s3_1_c0_c0_3
      (0xd539_0721, 0x6232_402f),  // mrs x1, s3_1_c0_c7_1
      (0xd53b_0041, 0x6234_c021),  // mrs x1, s3_3_c0_c0_2
      (0xd53b_07e1, 0x623e_c02f),  // mrs x1, s3_3_c0_c7_7
    ]
    for (word, esr) in trapped {
      #expect(try run(word, level: level).esr == esr, "\(String(word, radix: 16))")
      #expect(try run(word, level: level) { $0.idst = false }.esr == 0x0200_0000)
    }
    let undefined: [UInt32] = [
      0xd519_0041,  // msr ccsidr2_el1, x1
      0xd538_0801,  // mrs x1, s3_0_c0_c8_0
      0xd53a_0041,  // mrs x1, s3_2_c0_c0_2
      0xd53c_0041,  // mrs x1, s3_4_c0_c0_2
      0xd539_1041,  // mrs x1, s3_1_c1_c0_2
    ]
    for word in undefined { #expect(try run(word, level: level).esr == 0x0200_0000, "\(String(word, radix: 16))") }
  }

  /// No LORegion is implemented, so LORSA_EL1, LOREA_EL1, LORN_EL1 and LORC_EL1 are RES0 and LORID_EL1 is 0 and read-only.
  @Test func limitedOrderingRegions() throws {
    // lorsa, lorea, lorn, lorc
    for word in [0xd518_a401, 0xd518_a421, 0xd518_a441, 0xd518_a461] as [UInt32] {
      #expect(try run(word, level: 1) == (0, 0x1234))
      #expect(try run(word | 0x20_0000, level: 1) == (0, 0))  // mrs x1
      for word in [word, word | 0x20_0000] {
        #expect(try run(word, level: 0).esr == 0x0200_0000)
        #expect(try run(word, level: 1) { $0.lor = false }.esr == 0x0200_0000)
      }
    }
    #expect(try run(0xd538_a4e1, level: 1) == (0, 0))  // mrs x1, lorid_el1
    #expect(try run(0xd518_a4e1, level: 1).esr == 0x0200_0000)
    let machine = try BareMachine.guestEL1([])
    machine[0].write(.LORSA_EL1, ~0)
    #expect(machine[0].read(.LORSA_EL1) == 0 && machine[0].read(.ID_AA64MMFR1_EL1)! >> 16 & 15 == 1)
  }

  /// EL1 is the highest Exception level, so RVBAR_EL1 exists, read-only.
  @Test func resetAddress() throws {
    #expect(try run(0xd538_c021, level: 1) == (0, 0))  // mrs x1, rvbar_el1
    #expect(try run(0xd518_c021, level: 1).esr == 0x0200_0000)
    #expect(try run(0xd538_c021, level: 0).esr == 0x0200_0000)
  }

  /// CSV2, CSV3 and IDC by processor and by switch.
  @Test func speculationFields() throws {
    func fields(_ features: ProcessorFeatures) -> [UInt64] {
      let pfr0 = features.identification(.ID_AA64PFR0_EL1)!
      return [pfr0 >> 56 & 15, pfr0 >> 60, features.identification(.CTR_EL0)! >> 28 & 1]
    }
    // max has CSV2 and CSV3 of QEMU 7.2 and CTR_EL0.IDC of QEMU 10. The values of the cores are not checked against their manuals yet.
    let rows: [(String, [UInt64])] = [
      ("max", [2, 1, 1]), ("neoverse-v1", [1, 1, 1]), ("neoverse-n1", [1, 1, 0]), ("cortex-a72", [0, 0, 0]), ("cortex-a53", [0, 0, 0]),
    ]
    for (name, values) in rows { #expect(fields(ProcessorFeatures.presets.first { $0.name == name }!.features) == values, "\(name)") }
    let switches: [(String, [UInt64])] = [("csv2", [0, 1, 1]), ("csv2_2", [1, 1, 1]), ("csv3", [2, 0, 1]), ("idc", [2, 1, 0])]
    for (name, values) in switches {
      var features = ProcessorFeatures()
      features[keyPath: ProcessorFeatures.switches.first { $0.name == name }!.keyPath] = false
      #expect(fields(features) == values, "max,-\(name)")
    }
  }

  /// SCXTNUM_EL0 and SCXTNUM_EL1 come with FEAT_CSV2_2; SCTLR_EL1.TSCXT keeps EL0 away from the first.
  @Test func contextNumbers() throws {
    let open: UInt64 = 0x30d0_0819 & ~(1 << 20)
    // msr and mrs of scxtnum_el0, at EL0 while TSCXT is set.
    for (word, esr) in [(0xd51b_d0e1, 0x623e_f420), (0xd53b_d0e1, 0x623e_f421)] as [(UInt32, UInt64)] {
      #expect(try run(word, level: 0).esr == esr)
      #expect(try run(word, level: 0, sctlr: open).esr == 0)
      #expect(try run(word, level: 1).esr == 0)
      for level in 0...1 { #expect(try run(word, level: level, sctlr: open) { $0.csv2_2 = false }.esr == 0x0200_0000) }
      #expect(try run(word, level: 1) { $0.csv2 = false }.esr == 0x0200_0000)
    }
    // scxtnum_el1
    for word in [0xd518_d0e1, 0xd538_d0e1] as [UInt32] {
      #expect(try run(word, level: 0, sctlr: open).esr == 0x0200_0000)
      #expect(try run(word, level: 1).esr == 0)
      #expect(try run(word, level: 1) { $0.csv2_2 = false }.esr == 0x0200_0000)
    }
    let machine = try BareMachine.guestEL1([])
    machine[0].write(.SCXTNUM_EL0, 5)
    machine[0].write(.SCXTNUM_EL1, ~0)
    #expect(machine[0].read(.SCXTNUM_EL0) == 5 && machine[0].read(.SCXTNUM_EL1) == ~0)
  }
}
