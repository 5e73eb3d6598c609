// Owns tagged addresses under TBI: data accesses keep the tag in FAR, and a branch drops it from the PC.
// It does not know pointer authentication or MTE. Arm ARM: AArch64.BranchAddr, D8.2.8.
import Architecture
import TestSupport
import Testing

@testable import Machine

struct TaggedBranchTests {
  /// TBI0 set in the standard TCR_EL1.
  private func machine(fastTable: Bool) throws -> BareMachine {
    let machine = try BareMachine(fastTable: fastTable)
    machine[0].write(.TCR_EL1, 0x0000_0035_8080_0019)
    return machine
  }

  @Test(arguments: [true, false]) func dataAccessesIgnoreTheTag(fastTable: Bool) throws {
    let machine = try machine(fastTable: fastTable)
    machine.put(BareMachine.dataPA + 8, 0x1234)
    for tag in [0x00, 0x01, 0x80, 0xff] as [UInt64] {
      #expect(machine.exception(of: 0xf940_0401, x0: tag << 56 | 0x3000)?.esr == 0x5600_0000)  // ldr x1, [x0, #8]
      #expect(machine[0][x: 1] == 0x1234)
      machine[0][x: 1] = 0
      #expect(machine.exception(of: 0xf823_0001, x0: tag << 56 | 0x3008) { $0[x: 3] = 0 }?.esr == 0x5600_0000)  // ldadd x3, x1, [x0]
      #expect(machine[0][x: 1] == 0x1234)
    }
  }

  /// FAR_EL1 is the address as the instruction formed it.
  @Test func faultsKeepTheTag() throws {
    let machine = try machine(fastTable: true)
    #expect(
      machine.exception(of: 0xf940_0001, x0: 0x5a00_0000_0000_7008)  // ldr x1, [x0]
        == TakenException(esr: 0x9200_0007, far: 0x5a00_0000_0000_7008, elr: 0x1000))
    #expect(
      machine.exception(of: 0xf900_0001, x0: 0x5a00_0000_0000_5008)  // str x1, [x0]
        == TakenException(esr: 0x9200_004f, far: 0x5a00_0000_0000_5008, elr: 0x1000))
  }

  /// The defect: under TBID0 the PC kept its tag, as it must, but the walk of the fetch ignored it.
  @Test(arguments: [true, false]) func underTBIDATaggedFetchIsATranslationFault(fastTable: Bool) throws {
    var features = ProcessorFeatures()
    features.tbid = true
    let machine = try BareMachine(features: features, fastTable: fastTable)
    machine[0].write(.TCR_EL1, 0x0008_0035_8080_0019)  // TBI0, TBID0
    let target: UInt64 = 0x5a00_0000_0000_1000
    let expected = TakenException(esr: 0x8200_0004, far: target, elr: target, spsr: 0x400)  // BTYPE 1
    #expect(machine.exception(of: 0xd61f_0000, x0: target) == expected)  // br x0
    #expect(machine.exception(of: 0xf940_0001, x0: 0x5a00_0000_0000_3000)?.esr == 0x5600_0000)  // ldr x1, [x0]
  }

  /// Without TBI a tag is part of the address, and no table covers it.
  @Test func withoutTBIATagIsATranslationFault() throws {
    let machine = try BareMachine()
    #expect(machine.exception(of: 0xf940_0001, x0: 0x5a00_0000_0000_3000)?.esr == 0x9200_0004)  // ldr x1, [x0]
    #expect(
      machine.exception(of: 0xd61f_0000, x0: 0x5a00_0000_0000_1000)  // br x0
        == TakenException(esr: 0x8200_0004, far: 0x5a00_0000_0000_1000, elr: 0x5a00_0000_0000_1000, spsr: 0x400))
  }

  /// The defect: a branch to a tagged address left the tag in the PC, where ADR, BL and ELR_EL1 showed it.
  @Test(arguments: [true, false]) func aBranchDropsTheTag(fastTable: Bool) throws {
    let machine = try machine(fastTable: fastTable)
    machine.put(
      0x4030_0000,
      words: [
        0x1000_0001,  // adr x1, #0
        0x9400_0001,  // bl #4
        0xd400_0061,  // svc #3
      ])
    for branch in [0xd61f_0000, 0xd63f_0000, 0xd65f_0000] as [UInt32] {
      for tag in [0x01, 0x5a, 0xff] as [UInt64] {
        let taken = machine.exception(of: branch, x0: tag << 56 | 0x2000)
        #expect(taken == TakenException(esr: 0x5600_0003, far: taken?.far ?? 0, elr: 0x200c))
        #expect(machine[0][x: 1] == 0x2000)
        #expect(machine[0][x: 30] == 0x2008)
      }
    }
    // Inside the page that runs, too.
    #expect(machine.exception(of: 0xd61f_0000, x0: 0x3300_0000_0000_1004)?.elr == 0x1008)  // br x0
    // The PC is clean at once, not only when the next instruction runs.
    machine.load([0xd61f_0000])  // br x0
    machine[0].pstate = .EL0t
    machine[0].pc = BareMachine.code
    machine[0][x: 0] = 0x3300_0000_0000_2000
    #expect(machine.run(count: 1) == .instructionLimit)
    #expect(machine[0].pc == 0x2000)
  }

  /// An exception return is a branch.
  @Test func anExceptionReturnDropsTheTag() throws {
    let machine = try machine(fastTable: true)
    _ = machine.exception(of: 0xd503_201f, x0: 0)  // nop
    machine[0].el1[.ELR_EL1] = 0x7700_0000_0000_1004
    machine[0].el1.exceptionReturn()
    #expect(machine[0].pc == 0x1004)
    #expect(machine.runToException()?.elr == 0x1008)
  }

  /// What a tagged branch brought into the fetch table leaves it with the TLB entry.
  @Test func invalidationReachesTaggedFetches() throws {
    let machine = try machine(fastTable: true)
    machine.put(0x4030_0000, words: [0xd400_0021])  // svc #0x1
    machine.put(0x4010_1000, words: [0xd400_0041])  // svc #0x2
    #expect(machine.exception(of: 0xd61f_0000, x0: 0x3300_0000_0000_2000)?.esr == 0x5600_0001)  // br x0
    machine.put(BareMachine.table + 0x10, 0x0020_0000_4010_1fc3)
    machine[0].el1.invalidateTLB(.VAE1IS, 2)
    #expect(machine.exception(of: 0xd61f_0000, x0: 0x3300_0000_0000_2000)?.esr == 0x5600_0002)  // br x0
  }
}
