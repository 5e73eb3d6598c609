// Owns FEAT_BTI: every kind of indirect branch onto every kind of landing, in guarded pages and others.
// It does not know compilers. Arm ARM D8.4.5, C6.2 BTI.
import Architecture
import TestSupport
import Testing

@testable import Machine

struct BranchTargetTests {
  private var features: ProcessorFeatures {
    var features = ProcessorFeatures()
    features.bti = true
    return features
  }

  /// A branch at the start of page 0x1000 to the landing at 0x2000; GP of each page as asked.
  private func land(
    _ branch: UInt32, on landing: UInt32, fromGuarded: Bool = true, toGuarded: Bool = true, sctlr: UInt64 = 0x30d0_0819,
    fastTable: Bool = true
  ) throws -> TakenException? {
    let machine = try BareMachine(features: features, fastTable: fastTable)
    machine.put(BareMachine.table + 0x08, 0x0020_0000_4010_0fc3 | (fromGuarded ? 1 << 50 : 0))
    machine.put(BareMachine.table + 0x10, 0x0020_0000_4030_0fc3 | (toGuarded ? 1 << 50 : 0))
    machine.load([branch])
    machine.put(0x4030_0000, words: [landing, 0xd400_0001])  // svc #0
    machine[0].write(.SCTLR_EL1, sctlr)
    for register in [0, 16, 17, 30] { machine[0][x: register] = 0x2000 }
    machine[0].write(.FAR_EL1, 0x99)
    return machine.runToException(count: 10)
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
    let machine = try BareMachine(features: features)
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
    let machine = try BareMachine()
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
