// Owns tests of the access rights to the fields of PSTATE and the other special registers, and of the syndromes of refused
// accesses.
// It does not know what the fields do. Arm ARM C5.2, ESR_EL1 ISS encoding for EC 0x18.
import Architecture
import TestSupport
import Testing

@testable import Machine

struct ProcessorStateAccessTests {
  /// Runs one word at an Exception level; the ESR of its exception, or 0 where it has none.
  private func esr(_ word: UInt32, level: Int, sctlr: UInt64 = 0x30d0_0819, _ features: ProcessorFeatures, pstate: UInt64 = 0x3c5) throws
    -> UInt64
  {
    let machine = try BareMachine.guestEL1([word], el0: [word], features: features)
    machine[0].write(.SCTLR_EL1, sctlr)
    if level == 0 { machine.enterEL0() } else { machine[0].pstate = ProcessorState(rawValue: pstate) }
    let pc = machine[0].pc
    #expect(machine.run(count: 1) == .instructionLimit)
    if machine[0].pc == pc + 4 { return 0 }
    #expect(machine[0].read(.ELR_EL1) == pc && machine[0].read(.FAR_EL1) == 0)
    return machine[0].read(.ESR_EL1)!
  }
  private var everything: ProcessorFeatures {
    ProcessorFeatures()
  }
  private var nothing: ProcessorFeatures {
    var features = ProcessorFeatures()
    features.pan = false
    features.uao = false
    features.ssbs = false
    features.dit = false
    features.mte = false
    return features
  }

  /// Word, ESR at EL0, at EL1, and at EL1 without the optional features.
  static let rows: [(UInt32, UInt64, UInt64, UInt64)] = [
    (0xd53b_4201, 0, 0, 0),  // mrs x1, nzcv
    (0xd51b_4201, 0, 0, 0),  // msr nzcv, x1
    (0xd53b_4221, 0x6232_d025, 0, 0),  // mrs x1, daif: UMA clear
    (0xd51b_4221, 0x6232_d024, 0, 0),  // msr daif, x1
    (0xd503_41df, 0x620c_d3e2, 0, 0),  // msr DAIFSet, #1
    (0xd503_48ff, 0x620e_d3f0, 0, 0),  // msr DAIFClr, #8
    (0xd538_4241, 0x0200_0000, 0, 0),  // mrs x1, CurrentEL
    (0xd518_4241, 0x0200_0000, 0x0200_0000, 0x0200_0000),  // msr CurrentEL, x1
    (0xd538_4201, 0x0200_0000, 0, 0),  // mrs x1, SPSel
    (0xd500_41bf, 0x0200_0000, 0, 0),  // msr SPSel, #1
    (0xd538_4261, 0x0200_0000, 0, 0x0200_0000),  // mrs x1, PAN
    (0xd518_4261, 0x0200_0000, 0, 0x0200_0000),  // msr PAN, x1
    (0xd500_419f, 0x0200_0000, 0, 0x0200_0000),  // msr PAN, #1
    (0xd538_4281, 0x0200_0000, 0, 0x0200_0000),  // mrs x1, UAO
    (0xd518_4281, 0x0200_0000, 0, 0x0200_0000),  // msr UAO, x1
    (0xd500_417f, 0x0200_0000, 0, 0x0200_0000),  // msr UAO, #1
    (0xd53b_42c1, 0, 0, 0x0200_0000),  // mrs x1, SSBS
    (0xd51b_42c1, 0, 0, 0x0200_0000),  // msr SSBS, x1
    (0xd503_413f, 0, 0, 0x0200_0000),  // msr SSBS, #1
    (0xd53b_42a1, 0, 0, 0x0200_0000),  // mrs x1, DIT
    (0xd503_415f, 0, 0, 0x0200_0000),  // msr DIT, #1
    (0xd53b_42e1, 0, 0, 0x0200_0000),  // mrs x1, TCO
    (0xd51b_42e1, 0, 0, 0x0200_0000),  // msr TCO, x1
    (0xd503_419f, 0, 0, 0x0200_0000),  // msr TCO, #1
    (0xd51b_e001, 0x0200_0000, 0, 0),  // msr CNTFRQ_EL0, x1: the highest level may write it
    (0xd538_c101, 0x0200_0000, 0, 0),  // mrs x1, ISR_EL1
    (0xd538_0001, 0x6230_0021, 0, 0),  // mrs x1, MIDR_EL1: IDST
    (0xd539_0021, 0x6232_4021, 0, 0),  // mrs x1, CLIDR_EL1
    (0xd539_0001, 0x6230_4021, 0, 0),  // mrs x1, CCSIDR_EL1
    (0xd53a_0001, 0x0200_0000, 0, 0),  // mrs x1, CSSELR_EL1
    (0xd518_1001, 0x0200_0000, 0, 0),  // msr SCTLR_EL1, x1
    (0xd518_0001, 0x0200_0000, 0x0200_0000, 0x0200_0000),  // msr MIDR_EL1, x1
    (0xd51b_0021, 0x0200_0000, 0x0200_0000, 0x0200_0000),  // msr CTR_EL0, x1
    (0xd51b_d061, 0x0200_0000, 0, 0),  // msr TPIDRRO_EL0, x1
    (0xd538_a301, 0x0200_0000, 0, 0),  // mrs x1, AMAIR_EL1
    (0xd538_4101, 0x0200_0000, 0, 0),  // mrs x1, SP_EL0
    (0xd51c_4101, 0x0200_0000, 0x0200_0000, 0x0200_0000),  // msr SP_EL1, x1
    (0xd53c_1101, 0x0200_0000, 0x0200_0000, 0x0200_0000),  // mrs x1, HCR_EL2
    (0xd508_751f, 0x0200_0000, 0, 0),  // ic iallu
    (0xd50b_7521, 0x6212_dc2a, 0, 0),  // ic ivau, x1: UCI clear
    (0xd50b_7b21, 0x6212_dc36, 0, 0),  // dc cvau, x1
    (0xd50b_7a21, 0x6212_dc34, 0, 0),  // dc cvac, x1
    (0xd50b_7e21, 0x6212_dc3c, 0, 0),  // dc civac, x1
  ]

  @Test func syndromes() throws {
    for (word, el0, el1, lacking) in Self.rows {
      let name = Comment(rawValue: String(word, radix: 16))
      #expect(try run(word, level: 0, everything) == el0, name)
      #expect(try run(word, level: 1, everything) == el1, name)
      #expect(try run(word, level: 1, nothing) == lacking, name)
    }
  }
  private func run(_ word: UInt32, level: Int, _ features: ProcessorFeatures) throws -> UInt64 {
    let value = try esr(word, level: level, features)
    // The MMU is off after MSR SCTLR_EL1, XZR; data at 0 is a translation fault of DC and IC.
    return value == 0x9600_0147 ? 0 : value
  }

  /// UMA, UCT, DZE, UCI set: EL0 may.
  @Test func whatEL0MayBeGiven() throws {
    // mrs x1, daif; msr daif, x1; msr DAIFSet, #1; mrs x1, ctr_el0
    for word in [0xd53b_4221, 0xd51b_4221, 0xd503_41df, 0xd53b_0021] as [UInt32] {
      #expect(try esr(word, level: 0, sctlr: 0x34d0_ca19, everything) == 0)
    }
    // SP_EL0 has no second name while it is SP.
    #expect(try esr(0xd538_4101, level: 1, everything, pstate: 0x3c4) == 0x0200_0000)  // mrs x1, sp_el0
    #expect(try esr(0xd518_4101, level: 1, everything, pstate: 0x3c4) == 0x0200_0000)  // msr sp_el0, x1
  }

  /// What is written is read, and SPSR has it after an exception; PSTATE of the handler has SSBS from DSSBS, DIT and PAN kept, UAO clear.
  @Test func writtenFieldsAreReadAndSaved() throws {
    let machine = try BareMachine.guestEL1(
      [
        0xd500_417f, 0xd500_419f, 0xd503_413f, 0xd503_415f,  // msr UAO, #1; msr PAN, #1; msr SSBS, #1; msr DIT, #1
        0xd538_4281, 0xd538_4262, 0xd53b_42c3, 0xd53b_42a4,  // mrs x1, UAO; mrs x2, PAN; mrs x3, SSBS; mrs x4, DIT
        0xd400_0001,  // svc #0
      ], features: everything)
    #expect(machine[0].read(.ID_AA64PFR1_EL1) == 0x121)
    #expect(machine[0].read(.ID_AA64PFR0_EL1) == 0x1201_0000_0011_0011)
    #expect(machine[0].read(.ID_AA64MMFR2_EL1)! & 0xf0 == 0x10)
    for (sctlr, after) in [(0x30d0_0819, 0x140_03c5), (0x1000_30d0_0819, 0x140_13c5)] as [(UInt64, UInt64)] {
      machine[0].write(.SCTLR_EL1, sctlr)
      machine[0].pstate = .EL1hMasked
      machine[0].pc = 0xd000
      #expect(machine.run(count: 9) == .instructionLimit)
      #expect((1...4).map { machine[0][x: $0] } == [0x80_0000, 0x40_0000, 0x1000, 0x100_0000])
      #expect(machine[0].read(.SPSR_EL1) == 0x1c0_13c5)
      #expect(machine[0].pstate.rawValue == after)
    }
  }

  /// ERET brings in the bits of the features that are there, and no others.
  @Test func exceptionReturn() throws {
    for (features, pstate) in [(everything, 0xf1c0_13c0), (nothing, 0xf000_03c0)] as [(ProcessorFeatures, UInt64)] {
      let machine = try BareMachine.guestEL1([0xd518_4002, 0xd518_4023, 0xd69f_03e0], el0: [0x1400_0000], features: features)
      machine[0][x: 2] = 0xffff_ffff_ffcf_ffe0 & ~0x20  // IL, SS and M clear
      machine[0][x: 2] &= ~0x10
      machine[0][x: 3] = 0x1000
      #expect(machine.run(count: 4) == .instructionLimit)
      #expect(machine[0].pc == 0x1000)
      #expect(machine[0].pstate.rawValue == pstate)
    }
  }

  /// LDTR and STTR at EL1: EL0's rights, or with UAO EL1's, PAN included.
  @Test func userAccessOverride() throws {
    /// Word, X0, PSTATE, ESR.
    let rows: [(UInt32, UInt64, UInt64, UInt64)] = [
      (0xf840_0801, 0xc000, 0x0000_03c5, 0x9600_000f),  // ldtr x1, [x0]: EL1's page
      (0xf840_0801, 0xc000, 0x0080_03c5, 0),
      (0xf800_0801, 0xc000, 0x0000_03c5, 0x9600_004f),  // sttr x1, [x0]
      (0xf800_0801, 0xc000, 0x0080_03c5, 0),
      (0xf840_0801, 0x3000, 0x0000_03c5, 0),  // EL0's page
      (0xf840_0801, 0x3000, 0x0040_03c5, 0),  // PAN does not concern EL0's access
      (0xf840_0801, 0x3000, 0x00c0_03c5, 0x9600_000f),  // but EL1's
      (0xf940_0001, 0x3000, 0x0040_03c5, 0x9600_000f),  // ldr x1, [x0]
    ]
    for (index, row) in rows.enumerated() {
      let machine = try BareMachine.guestEL1([row.0])
      machine[0].pstate = ProcessorState(rawValue: row.2)
      machine[0][x: 0] = row.1
      #expect(machine.run(count: 1) == .instructionLimit)
      #expect(machine[0].read(.ESR_EL1) == row.3, "row \(index)")
    }
  }

  /// Only aborts and PC alignment faults write FAR.
  @Test func faultAddresses() throws {
    let rows: [(UInt32, UInt64, UInt64, UInt64)] = [
      (0xf940_0001, 0x7008, 0x9200_0007, 0x7008),  // ldr x1, [x0]
      (0xd61f_0000, 0x7004, 0x8200_0007, 0x7004),  // br x0
      (0xd61f_0000, 0x1002, 0x8a00_0000, 0x1002),
      (0xc85f_7c01, 0x3004, 0x9200_0021, 0x3004),  // ldxr x1, [x0]
      (0xf940_0001, 0xa008, 0x9200_0010, 0xa008),  // ldr x1, [x0]: no RAM there
      (0xf940_03e1, 0, 0x9a00_0000, 0x1234),  // ldr x1, [sp]: misaligned
      (0xd400_0001, 0, 0x5600_0000, 0x1234),  // svc #0
      (0xd420_0000, 0, 0xf200_0000, 0x1234),  // brk #0
      (0x0000_0000, 0, 0x0200_0000, 0x1234),  // udf #0
      (0xd538_0001, 0, 0x6230_0021, 0x1234),  // mrs x1, midr_el1
    ]
    for (index, (word, x0, esr, far)) in rows.enumerated() {
      let machine = try BareMachine()
      machine[0].write(.FAR_EL1, 0x1234)
      let taken = machine.exception(of: word, x0: x0) { if esr == 0x9a00_0000 { $0.sp = 0x3008 } }
      #expect(taken?.esr == esr && taken?.far == far, "row \(index)")
    }
  }
}
