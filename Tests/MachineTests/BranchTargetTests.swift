// Owns FEAT_BTI: every kind of indirect branch onto every kind of landing, in guarded pages and others.
// It does not know compilers. Arm ARM D8.4.5, C6.2 BTI.
import Architecture
import TestSupport
import Testing

@testable import Machine

struct BranchTargetTests {
  /// Makes the pages 0x1000 and 0x2000 guarded or not.
  private func setGuards(_ machine: BareMachine, _ first: Bool, _ second: Bool) {
    machine.put(BareMachine.table + 0x08, 0x0020_0000_4010_0fc3 | (first ? 1 << 50 : 0))
    machine.put(BareMachine.table + 0x10, 0x0020_0000_4030_0fc3 | (second ? 1 << 50 : 0))
  }

  /// A branch at the start of page 0x1000 to the landing at 0x2000, or later in the same page; GP of each page as asked. It runs in as many
  /// rounds as asked, which all end alike: from the second on the pages are known.
  private func land(
    _ branch: UInt32, on landing: UInt32, fromGuarded: Bool = true, toGuarded: Bool = true, sctlr: UInt64 = 0x30d0_0819,
    fastTable: Bool = true, rounds: Int = 1, inPage: Bool = false
  ) throws -> TakenException? {
    let machine = try BareMachine(fastTable: fastTable)
    setGuards(machine, fromGuarded, toGuarded)
    machine.load([branch])
    machine.put(inPage ? 0x4010_0e00 : 0x4030_0000, words: [landing, 0xd400_0001])  // svc #0
    machine[0].write(.SCTLR_EL1, sctlr)
    machine[0].write(.FAR_EL1, 0x99)
    var taken: TakenException?
    for round in 1...rounds {
      for register in [0, 16, 17, 30] { machine[0][x: register] = inPage ? 0x1e00 : 0x2000 }
      if round > 1 {
        machine[0].el1[.ELR_EL1] = 0x1000
        machine[0].el1[.SPSR_EL1] = 0
        machine[0].el1.exceptionReturn()
      }
      let next = rounds == 1 ? machine.runToException(count: 10) : machine.runToException()
      #expect(round == 1 || next == taken, "round \(round)")
      taken = next
    }
    return taken
  }

  static let br0: UInt32 = 0xd61f_0000, br16: UInt32 = 0xd61f_0200, br17: UInt32 = 0xd61f_0220
  static let blr0: UInt32 = 0xd63f_0000, blr16: UInt32 = 0xd63f_0200, ret: UInt32 = 0xd65f_03c0
  static let nop: UInt32 = 0xd503_201f, bti: UInt32 = 0xd503_241f, btiC: UInt32 = 0xd503_245f, btiJ: UInt32 = 0xd503_249f
  static let btiJC: UInt32 = 0xd503_24df, paciasp: UInt32 = 0xd503_233f, pacibsp: UInt32 = 0xd503_237f

  /// The branch, the landing, and the BTYPE of the exception, nil for none.
  static let rows: [(UInt32, UInt32, UInt64?)] = [
    (br0, nop, 3), (br0, bti, 3), (br0, btiC, 3), (br0, btiJ, nil), (br0, btiJC, nil), (br0, paciasp, nil), (br0, pacibsp, nil),
    (br16, nop, 1), (br16, bti, 1), (br16, btiC, nil), (br16, btiJ, nil), (br16, btiJC, nil), (br16, paciasp, nil), (br17, nop, 1),
    (br17, btiC, nil), (blr0, nop, 2), (blr0, bti, 2), (blr0, btiC, nil), (blr0, btiJ, 2), (blr0, btiJC, nil), (blr0, pacibsp, nil),
    (blr16, btiJ, 2), (ret, nop, nil), (ret, bti, nil), (0x1400_0400, nop, nil), (0x9400_0400, bti, nil),  // b, bl
  ]

  @Test(arguments: [true, false]) func landings(fastTable: Bool) throws {
    for (index, (branch, landing, type)) in Self.rows.enumerated() {
      let taken = try #require(try land(branch, on: landing, fastTable: fastTable))
      if let type {
        #expect(taken.esr == 0x3600_0000 | type, "row \(index)")
        #expect(taken.elr == 0x2000 && taken.spsr == type << 10 && taken.far == 0x99)
      } else {
        #expect(taken.esr == 0x5600_0000 && taken.elr == 0x2008 && taken.spsr == 0, "row \(index)")
      }
      // A page without GP accepts every landing.
      #expect(try land(branch, on: landing, toGuarded: false, fastTable: fastTable)?.esr == 0x5600_0000)
    }
  }

  /// The same where handlers pass control on by themselves, to another page and in the same one.
  @Test(arguments: [false, true]) func landingsOfKnownPages(inPage: Bool) throws {
    for (index, (branch, landing, type)) in Self.rows.enumerated() where branch >> 26 & 0x1f != 5 {
      let taken = try #require(try land(branch, on: landing, rounds: 3, inPage: inPage))
      let target: UInt64 = inPage ? 0x1e00 : 0x2000
      if let type {
        #expect(taken.esr == 0x3600_0000 | type && taken.elr == target && taken.spsr == type << 10 && taken.far == 0x99, "row \(index)")
      } else {
        #expect(taken.esr == 0x5600_0000 && taken.elr == target + 8 && taken.spsr == 0, "row \(index)")
      }
      #expect(try land(branch, on: landing, fromGuarded: !inPage, toGuarded: false, rounds: 3, inPage: inPage)?.esr == 0x5600_0000)
    }
  }

  /// An exception at the target in a page without GP has BTYPE in SPSR, after the slow way and after the fast ones.
  @Test(arguments: [1, 3]) func typesInFreePages(rounds: Int) throws {
    let rows: [(branch: UInt32, fromGuarded: Bool, inPage: Bool, type: UInt64)] = [
      (Self.br0, true, false, 3), (Self.br0, false, false, 1), (Self.br0, false, true, 1), (Self.br16, true, false, 1),
      (Self.br16, false, true, 1), (Self.br17, true, false, 1), (Self.blr0, true, false, 2), (Self.blr0, false, false, 2),
      (Self.blr0, false, true, 2), (Self.ret, true, false, 0), (Self.ret, false, true, 0),
    ]
    for (branch, fromGuarded, inPage, type) in rows {
      let taken = try land(branch, on: 0, fromGuarded: fromGuarded, toGuarded: false, rounds: rounds, inPage: inPage)
      #expect(taken?.esr == 0x0200_0000 && taken?.spsr == type << 10, "\(String(branch, radix: 16)) \(fromGuarded) \(inPage)")
    }
  }

  /// Calls and returns inside a guarded page and between two, and a jump: `bti c; ret` at 0x1100 and 0x2000, `bti j; br x3` at 0x2008.
  private func callingLoop(guarded: Bool) throws -> BareMachine {
    let machine = try BareMachine()
    setGuards(machine, guarded, guarded)
    machine.load([
      0xd282_2001, 0xd284_0002,  // 0x1000: mov x1, #0x1100; mov x2, #0x2000
      0xd63f_0020, 0xd63f_0040,  // 0x1008: blr x1; blr x2
      0x1000_0063, 0x9100_2044, 0xd61f_0080,  // 0x1010: adr x3, 0x101c; add x4, x2, #8; br x4
      Self.btiJ, 0x9100_0400, 0x17ff_fff9,  // 0x101c: bti j; add x0, x0, #1; b 0x1008
    ])
    machine.put(0x4010_0100, words: [Self.btiC, Self.ret])
    machine.put(0x4030_0000, words: [Self.btiC, Self.ret, Self.btiJ, 0xd61f_0060])  // ...; br x3
    return machine
  }

  /// BTYPE at every instruction of a round of that loop, after a long run by handlers alone and after single instructions.
  @Test(arguments: [false, true]) func typesAtEveryStop(guarded: Bool) throws {
    // blr, bti, ret, blr, bti, ret, adr, add, br, bti, br, bti, add, b
    let types: [UInt64] = [0, 2, 0, 0, 2, 0, 0, 0, 0, guarded ? 3 : 1, 0, guarded ? 3 : 1, 0, 0]
    let single = try callingLoop(guarded: guarded)
    for step in 0..<(2 + 3 * 14) {
      #expect(single.run(count: 1) == .instructionLimit)
      #expect(single[0].pstate.branchType == (step < 1 ? 0 : types[(step - 1) % 14]), "step \(step)")
    }
    for stop in 0..<14 {
      let whole = try callingLoop(guarded: guarded)
      #expect(whole.run(count: 2 + 14 * 1000 + UInt64(stop)) == .instructionLimit)
      #expect(whole[0].pstate.branchType == types[stop], "stop \(stop)")
      #expect(whole[0][x: 0] == 1000 + (stop > 12 ? 1 : 0))
      // The run goes on where it stopped.
      #expect(whole.run(count: 14 * 1000 - UInt64(stop)) == .instructionLimit)
      #expect(whole[0].pc == 0x1008 && whole[0][x: 0] == 2000 && whole[0].pstate.branchType == 0)
    }
  }

  /// The checks of landings pass control on by jumps: the stack of a test's thread cannot hold 1,200,000 calls.
  @Test func theStackDoesNotGrow() throws {
    let machine = try callingLoop(guarded: true)
    #expect(machine.run(count: 2 + 14 * 200_000) == .instructionLimit)
    #expect(machine[0][x: 0] == 200_000)
  }

  /// A pad that is written over accepts no branch, and a page whose guard is taken away accepts every branch.
  @Test func padsAndGuardsThatGo() throws {
    let machine = try callingLoop(guarded: true)
    #expect(machine.run(count: 2 + 14 * 1000) == .instructionLimit)
    machine.put(0x4030_0000, words: [Self.nop])
    #expect(machine.runToException().map { [$0.esr, $0.elr, $0.spsr] } == [0x3600_0002, 0x2000, 0x800])
    setGuards(machine, true, false)
    machine[0].el1.invalidateTLB(.VMALLE1)
    machine[0].el1.exceptionReturn()
    #expect(machine.run(count: 14 * 1000) == .instructionLimit)
    #expect(machine[0][x: 0] == 2000)
  }

  /// BR from a page that is not guarded counts as a branch through X16. BT0 makes PACIxSP as strict as BTI c.
  @Test func originsAndControls() throws {
    #expect(try land(Self.br0, on: Self.btiC, fromGuarded: false)?.esr == 0x5600_0000)
    #expect(try land(Self.br0, on: Self.nop, fromGuarded: false)?.esr == 0x3600_0001)
    #expect(try land(Self.br0, on: Self.paciasp, sctlr: 0x8_30d0_0819)?.esr == 0x3600_0003)
    #expect(try land(Self.blr0, on: Self.paciasp, sctlr: 0x8_30d0_0819)?.esr == 0x5600_0000)
    #expect(try land(Self.br0, on: Self.paciasp, sctlr: 0x10_30d0_0819)?.esr == 0x5600_0000)
    // BRK and HLT take their own exceptions, with BTYPE in SPSR, and so does an instruction that faults in a page without GP.
    #expect(try land(Self.br0, on: 0xd420_0000).map { [$0.esr, $0.spsr] } == [0xf200_0000, 0xc00])
    #expect(try land(Self.br0, on: 0xd45e_0000).map { [$0.esr, $0.spsr] } == [0x0200_0000, 0xc00])
    #expect(try land(Self.blr0, on: 0x0000_0000, toGuarded: false).map { [$0.esr, $0.spsr] } == [0x0200_0000, 0x800])
    // The SVC has already advanced the PC.
    #expect(try land(Self.blr0, on: 0xd400_0001, toGuarded: false).map { [$0.esr, $0.elr, $0.spsr] } == [0x5600_0000, 0x2004, 0])
  }

  /// BTYPE survives an interrupt and a fault at the target, and ERET restores it.
  @Test func acrossExceptions() throws {
    let machine = try BareMachine()
    machine.put(BareMachine.table + 0x10, 0x0024_0000_4030_0fc3)
    machine.load([Self.blr0])
    machine.put(0x4030_0000, words: [Self.nop])
    machine[0][x: 0] = 0x2000
    #expect(machine.run(count: 1) == .instructionLimit)
    #expect(machine[0].pstate.rawValue == 0x800 && machine[0].pc == 0x2000 && machine[0][x: 30] == 0x1004)
    machine[0].setInterrupt(.irq, asserted: true)
    #expect(machine.runToException().map { [$0.elr, $0.spsr] } == [0x2000, 0x800])
    machine[0].setInterrupt(.irq, asserted: false)
    #expect(machine[0].pstate.branchType == 0)
    machine[0].el1.exceptionReturn()
    #expect(machine.runToException().map { [$0.esr, $0.elr, $0.spsr] } == [0x3600_0002, 0x2000, 0x800])
    // A kernel that clears BTYPE lets the program continue.
    machine[0].el1[.SPSR_EL1] = 0
    machine[0].el1.exceptionReturn()
    #expect(machine.run(count: 1) == .instructionLimit)
    #expect(machine[0].pc == 0x2004)
    #expect(machine[0].read(.ID_AA64PFR1_EL1)! & 15 == 1)
  }

  /// Without the feature, GP, BTYPE and BT0 have no effect.
  @Test func withoutTheFeature() throws {
    var features = ProcessorFeatures()
    features.bti = false
    let machine = try BareMachine(features: features)
    machine.put(BareMachine.table + 0x08, 0x0024_0000_4010_0fc3)
    machine.load([Self.br0, Self.nop, 0xd400_0001])
    machine[0][x: 0] = 0x1004
    machine[0].write(.SCTLR_EL1, 0x18_30d0_0819)
    #expect(machine[0].read(.SCTLR_EL1) == 0x30d0_0819)
    #expect(machine.runToException().map { [$0.esr, $0.spsr] } == [0x5600_0000, 0])
    machine[0].el1[.SPSR_EL1] = 0xc00
    machine[0].el1[.ELR_EL1] = 0x1004
    machine[0].el1.exceptionReturn()
    #expect(machine[0].pstate.rawValue == 0)
    #expect(machine[0].read(.ID_AA64PFR1_EL1)! & 15 == 0)
  }
}
