// Owns tests of a guest that is its own EL1: vectors, stack pointers, ERET, and that no cached right crosses Exception levels.
// It does not know hosted kernels beyond the reserved vector base. Arm ARM D1.3.
import Architecture
import TestSupport
import Testing

@testable import Machine

struct ExceptionLevelTests {
  /// EL1 code at 0xd000 (0x4010_2000), its vectors at 0xe000 (0x4010_3000), both executable at EL1 only.
  private func machine(
    _ words: [UInt32], hosted: Bool = false, features: ProcessorFeatures = ProcessorFeatures()
  ) throws -> BareMachine {
    let machine = try BareMachine(features: features)
    machine.put(BareMachine.table + 0x68, 0x0040_0000_4010_2f83)
    machine.put(BareMachine.table + 0x70, 0x0040_0000_4010_3f83)
    machine.put(0x4010_2000, words: words)
    // Each vector spins in place, so that a short run ends at the vector that was taken.
    for vector in stride(from: 0, to: 0x800 as UInt64, by: 0x80) { machine.put(0x4010_3000 + vector, words: [0x1400_0000]) }  // b #0
    if !hosted { machine[0].write(.VBAR_EL1, 0xe000) }
    machine[0].pstate = .EL1hMasked
    machine[0].pc = 0xd000
    machine[0].sp = 0x3e00  // SP_EL1
    machine[0].write(.SP_EL0, 0x3c00)
    return machine
  }

  @Test func anExceptionFromEL0() throws {
    let machine = try machine([])
    machine.load([0xd400_00e1, 0x9100_03e2, 0xd400_0101])  // svc #0x7; mov x2, sp; svc #0x8
    machine.put(
      0x4010_3400,
      words: [
        0x9100_03e1,  // mov x1, sp
        0xd538_5203,  // mrs x3, esr_el1
        0xd538_4024,  // mrs x4, elr_el1
        0xd538_4005,  // mrs x5, spsr_el1
        0xd538_4106,  // mrs x6, sp_el0
        0xd69f_03e0,  // eret
      ])
    machine[0].el1[.SP_EL1] = 0x3e00
    machine[0].pstate = ProcessorState(rawValue: 0x6000_0000)
    machine[0].sp = 0x3c00
    machine[0].pc = BareMachine.code
    #expect(machine.run(count: 8) == .instructionLimit)
    #expect(machine[0][x: 1] == 0x3e00)
    #expect(machine[0][x: 3] == 0x5600_0007)
    #expect(machine[0][x: 4] == 0x1004)
    #expect(machine[0][x: 5] == 0x6000_0000)
    #expect(machine[0][x: 6] == 0x3c00)
    #expect(machine[0][x: 2] == 0x3c00)
    #expect(machine[0].pc == 0x1008)
    #expect(machine[0].pstate.rawValue == 0x6000_0000)
  }

  /// The vectors by the origin of the exception, with the syndrome of the same level.
  @Test func anExceptionFromEL1() throws {
    for (prepare, vector) in [(0xd503_201f, 0xe200), (0xd500_40bf, 0xe000)] as [(UInt32, UInt64)] {
      let machine = try machine([prepare, 0xf940_0001])  // ldr x1, [x0]
      machine[0][x: 0] = 0x7010
      #expect(machine.run(count: 3) == .instructionLimit)
      #expect(machine[0].pc == vector)
      #expect(machine[0].read(.ESR_EL1) == 0x9600_0007)
      #expect(machine[0].read(.FAR_EL1) == 0x7010)
      #expect(machine[0].read(.ELR_EL1) == 0xd004)
      #expect(machine[0].read(.SPSR_EL1) == (vector == 0xe200 ? 0x3c5 : 0x3c4))
      #expect(machine[0].sp == 0x3e00)
      #expect(machine[0].read(.SP_EL0) == 0x3c00)
    }
  }

  /// A bug: an ERET while SP_EL0 was selected once swapped the stack pointers as if SP_EL1 had been.
  @Test func exceptionReturnWhileSPEL0IsSelected() throws {
    for (spsr, sp, other) in [(0, 0x3b00, 0x3e00), (0x3c4, 0x3b00, 0x3e00), (0x3c5, 0x3e00, 0x3b00)] as [(UInt64, UInt64, UInt64)] {
      let machine = try machine([
        0xd500_40bf,  // msr spsel, #0
        0x9100_003f,  // mov sp, x1
        0xd518_4002,  // msr spsr_el1, x2
        0xd518_4023,  // msr elr_el1, x3
        0xd69f_03e0,  // eret
      ])
      machine[0][x: 1] = 0x3b00
      machine[0][x: 2] = spsr
      machine[0][x: 3] = spsr == 0 ? 0x1000 : 0xd000
      #expect(machine.run(count: 5) == .instructionLimit)
      #expect(machine[0].pstate.rawValue == spsr)
      #expect(machine[0].sp == sp, "SPSR \(spsr)")
      #expect((spsr & 1 != 0 ? machine[0].read(.SP_EL0) : machine[0].el1[.SP_EL1]) == other, "SPSR \(spsr)")
    }
  }

  /// A return to EL2, to AArch32, or to EL0 with SP_EL1 keeps the level, and the next instruction is an Illegal Execution state.
  @Test(arguments: [0x9, 0x10, 0x1, 0xd, 0x3cd, 0x2, 0x3, 0x6, 0x7, 0xa, 0x1f] as [UInt64], [true, false]) func illegalReturns(
    spsr: UInt64, hosted: Bool
  ) throws {
    let machine = try machine(
      [
        0xd518_4002,  // msr spsr_el1, x2
        0xd518_4023,  // msr elr_el1, x3
        0xd69f_03e0,  // eret
        0xd503_201f,  // nop
      ], hosted: hosted)
    machine[0][x: 2] = spsr
    machine[0][x: 3] = 0xd00c
    if hosted {
      #expect(machine.run(count: 10) == .exceptionTakenToEL1(.currentSPxSynchronous))
    } else {
      #expect(machine.run(count: 4) == .instructionLimit)
      #expect(machine[0].pc == 0xe200)
    }
    #expect(machine[0].read(.ESR_EL1) == 0x3a00_0000)
    #expect(machine[0].read(.ELR_EL1) == 0xd00c)
    #expect(machine[0].read(.SPSR_EL1)! & 0x10_001f == 0x10_0005)
  }

  /// A bug: under a hosted vector base the fast table once kept EL1's rights after an ERET to EL0.
  @Test(arguments: [true, false]) func privilegedRightsDoNotReachEL0(hosted: Bool) throws {
    let machine = try machine(
      [
        0xf940_0001,  // ldr x1, [x0]
        0xf900_0001,  // str x1, [x0]
        0xd518_401f,  // msr spsr_el1, xzr
        0xd518_4023,  // msr elr_el1, x3
        0xd69f_03e0,  // eret
      ], hosted: hosted)
    // The first round only brings in the code pages, which empties the tables.
    let rows: [(UInt32, UInt64)] = [
      (0xf940_0001, 0x9200_000f),  // ldr x1, [x0]
      (0xf940_0001, 0x9200_000f),  // ldr x1, [x0]
      (0xf900_0001, 0x9200_004f),  // str x1, [x0]
      (0xf821_0002, 0x9200_000f),  // ldadd x1, x2, [x0]
    ]
    for (word, esr) in rows {
      machine.load([word])
      machine[0].pstate = .EL1hMasked
      machine[0].pc = 0xd000
      machine[0][x: 0] = 0xc000
      machine[0][x: 3] = BareMachine.code
      machine[0].write(.ESR_EL1, 0)
      _ = machine.run(count: 6)
      #expect(machine[0].read(.ELR_EL1) == BareMachine.code)
      #expect(machine[0].read(.ESR_EL1) == esr)
    }
  }

  /// The reverse: EL1 may not execute a page that EL0 may execute and write.
  @Test func userRightsDoNotReachEL1() throws {
    let machine = try machine([])
    machine.put(0x4010_1000, words: [0xd400_0001])  // svc #0
    machine.put(0x4010_3400, words: [0xd61f_0000])  // br x0
    machine[0].pstate = .EL0t
    machine[0].pc = 0x6000
    machine[0][x: 0] = 0x6000
    #expect(machine.run(count: 3) == .instructionLimit)
    #expect(machine[0].pc == 0xe200)
    #expect(machine[0].read(.ESR_EL1) == 0x8600_000f)
  }

  /// LDTR and STTR have EL0's rights, even if EL1 has just accessed the page.
  @Test func unprivilegedAccesses() throws {
    let machine = try machine([0xf900_0001, 0xf840_0801])  // str x1, [x0]; ldtr x1, [x0]
    machine[0][x: 0] = 0xc000
    #expect(machine.run(count: 2) == .instructionLimit)
    #expect(machine[0].read(.ESR_EL1) == 0x9600_000f)
    machine.put(0x4010_2000, words: [0xf940_0001, 0xf800_0801])  // ldr x1, [x0]; sttr x1, [x0]
    machine[0].pc = 0xd000
    #expect(machine.run(count: 2) == .instructionLimit)
    #expect(machine[0].read(.ESR_EL1) == 0x9600_004f)
  }

  /// SPAN clear: an exception sets PSTATE.PAN, and EL1 cannot touch user pages until it clears it.
  @Test func exceptionsSetPAN() throws {
    let machine = try machine([])
    machine[0].write(.SCTLR_EL1, 0x3050_0819)
    machine.load([0xf940_0001, 0xd400_0001])  // ldr x1, [x0]; svc #0
    machine.put(0x4010_3400, words: [0xf940_0001])  // ldr x1, [x0]
    machine.put(0x4010_3200, words: [0xd500_409f, 0xf940_0002])  // msr PAN, #0; ldr x2, [x0]
    machine.put(BareMachine.dataPA, 0x77)
    machine[0].pstate = .EL0t
    machine[0].pc = BareMachine.code
    machine[0][x: 0] = BareMachine.data
    #expect(machine.run(count: 2) == .instructionLimit)
    #expect(machine[0].pstate.pan)
    #expect(machine.run(count: 2) == .instructionLimit)
    #expect(machine[0].read(.ESR_EL1) == 0x9600_000f)
    #expect(machine[0][x: 2] == 0x77)
    #expect(!machine[0].pstate.pan)
  }

  /// Instructions that EL0 may not execute are UNDEFINED, or trapped where the architecture says so.
  @Test func privilegedInstructionsAtEL0() throws {
    let machine = try BareMachine()
    let rows: [(UInt32, UInt64)] = [
      (0xd538_5201, 0x0200_0000),  // mrs x1, ESR_EL1
      (0xd518_2001, 0x0200_0000),  // msr TTBR0_EL1, x1
      (0xd500_40bf, 0x0200_0000),  // msr SPSel, #0
      (0xd69f_03e0, 0x0200_0000),  // eret
      (0xd400_0002, 0x0200_0000),  // hvc #0
      (0xd400_0003, 0x0200_0000),  // smc #0
      (0xd538_4241, 0x0200_0000),  // mrs x1, CurrentEL
      (0xd420_2460, 0xf200_0123),  // brk #0x123
      (0x0000_0000, 0x0200_0000),  // udf #0
    ]
    for (word, esr) in rows {
      #expect(machine.exception(of: word, x0: 0)?.esr == esr, "\(String(word, radix: 16))")
    }
    // EC 0x18: op0 3, op2 0, op1 0, CRn 0, Rt 1, CRm 6, read.
    #expect(machine.exception(of: 0xd538_0601, x0: 0)?.esr == 0x6230_002d)  // mrs x1, ID_AA64ISAR0_EL1
    // Rt 31, op0 0, op1 3, CRn 4, CRm 2, op2 6: MSR DAIFSet, #2.
    #expect(machine.exception(of: 0xd503_42df, x0: 0)?.esr == 0x620c_d3e4)  // msr DAIFSet, #2
    // CTR_EL0 with UCT clear: op0 3, op2 1, op1 3, CRn 0, Rt 1, CRm 0, read.
    #expect(machine.exception(of: 0xd53b_0021, x0: 0)?.esr == 0x6232_c021)  // mrs x1, CTR_EL0
    // DC ZVA with DZE clear: op0 1, op2 1, op1 3, CRn 7, Rt 0, CRm 4, write.
    #expect(machine.exception(of: 0xd50b_7420, x0: 0x3000)?.esr == 0x6212_dc08)  // dc zva, x0
    // WFI and WFE with nTWI and nTWE clear.
    machine[0].write(.SCTLR_EL1, 0x3080_0819)
    #expect(machine.exception(of: 0xd503_207f, x0: 0)?.esr == 0x07e0_0000)  // wfi
    // ERET has set the event register, so the first WFE consumes the event, does not wait, and does not trap.
    #expect(machine.exception(of: 0xd503_205f, x0: 0)?.esr == 0x5600_0000)  // wfe
    machine.load([0xd503_205f, 0xd503_205f])  // wfe; wfe
    machine[0].el1[.ELR_EL1] = BareMachine.code
    machine[0].el1.exceptionReturn()
    #expect(machine.runToException() == TakenException(esr: 0x07e0_0001, far: 0, elr: 0x1004))
  }

  /// A bug: DC ZVA once zeroed Device memory. There it is an alignment fault. Arm ARM C6.2, DC ZVA.
  @Test func zeroingABlock() throws {
    let machine = try BareMachine()
    machine[0].write(.SCTLR_EL1, 0x34d0_4819)
    for pa in [0x4020_0038, 0x4020_0040, 0x4020_0078, 0x4020_0080, 0x4020_3040] as [UInt64] { machine.put(pa, ~0) }
    #expect(machine.exception(of: 0xd50b_7420, x0: 0x3047)?.esr == 0x5600_0000)  // dc zva, x0
    #expect([0x4020_0038, 0x4020_0040, 0x4020_0078, 0x4020_0080].map { machine.get($0) } == [~0, 0, 0, ~0])
    #expect(machine.exception(of: 0xd50b_7420, x0: 0x8047) == TakenException(esr: 0x9200_0061, far: 0x8047, elr: 0x1000))  // dc zva, x0
    #expect(machine.get(0x4020_3040) == ~0)
  }
}
