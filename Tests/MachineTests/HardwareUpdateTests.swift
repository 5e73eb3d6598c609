// Owns tests of FEAT_HAFDBS: when hardware sets the access flag and clears AP[2], and when it must not change a descriptor.
// It does not know who reads the descriptors afterwards. Arm ARM D8.5.
import Architecture
import TestSupport
import Testing

@testable import Machine

struct HardwareUpdateTests {
  // TCR_EL1 of the standard machine, with HA (bit 39) and HD (bit 40).
  private static let off: UInt64 = 0x15_8080_0019
  private static let ha: UInt64 = 0x95_8080_0019
  private static let hd: UInt64 = 0x115_8080_0019
  private static let haAndHD: UInt64 = 0x195_8080_0019

  private static let flagless = BareMachine.table + 0x58
  private static let clean = BareMachine.table + 0x28
  /// AP[2] and DBM are set: the page is read-only until hardware clears AP[2].
  private static let cleanPage: UInt64 = 0x0068_0000_4020_2fc3
  private static let dirtyPage: UInt64 = 0x0068_0000_4020_2f43

  private func machine(
    _ tcr: UInt64, _ update: ProcessorFeatures.HardwareUpdate = .accessFlagAndDirty, fastTable: Bool = true
  ) throws -> BareMachine {
    var features = ProcessorFeatures()
    features.hardwareUpdate = update
    let machine = try BareMachine(features: features, fastTable: fastTable)
    machine[0].write(.TCR_EL1, tcr)
    machine.put(Self.clean, Self.cleanPage)
    return machine
  }

  @Test(arguments: [true, false]) func theAccessFlagIsSet(fastTable: Bool) throws {
    // ldr x1, [x0]; str x1, [x0]; ldadd x1, x2, [x0]; ldtr x1, [x0]
    for word in [0xf940_0001, 0xf900_0001, 0xf821_0002, 0xf840_0801] as [UInt32] {
      let machine = try machine(Self.ha, fastTable: fastTable)
      #expect(machine.exception(of: word, x0: 0xb000)?.esr == 0x5600_0000)
      #expect(machine.get(Self.flagless) == 0x0060_0000_4020_0f43)
    }
  }

  /// A refused access does not set it, and a permitted one after it does.
  @Test func aRefusedAccessLeavesTheAccessFlag() throws {
    let machine = try machine(Self.ha)
    machine.put(Self.flagless, 0x0060_0000_4020_0bc3)
    #expect(machine.exception(of: 0xf900_0001, x0: 0xb000)?.esr == 0x9200_004f)  // str x1, [x0]
    #expect(machine.get(Self.flagless) == 0x0060_0000_4020_0bc3)
    #expect(machine.exception(of: 0xf940_0001, x0: 0xb000)?.esr == 0x5600_0000)  // ldr x1, [x0]
    #expect(machine.get(Self.flagless) == 0x0060_0000_4020_0fc3)
  }

  @Test func aFetchSetsTheAccessFlag() throws {
    let machine = try machine(Self.ha)
    machine.put(BareMachine.table + 0x08, 0x0020_0000_4010_0bc3)
    #expect(machine.exception(of: 0xd503_201f, x0: 0)?.esr == 0x5600_0000)  // nop
    #expect(machine.get(BareMachine.table + 0x08) == 0x0020_0000_4010_0fc3)
  }

  @Test func aBlockGetsItsAccessFlag() throws {
    let machine = try machine(Self.ha)
    machine.put(0x4001_1008, 0x0060_0000_4020_0b41)
    #expect(machine.exception(of: 0xf940_0001, x0: 0x20_3000)?.esr == 0x5600_0000)  // ldr x1, [x0]
    #expect(machine.get(0x4001_1008) == 0x0060_0000_4020_0f41)
  }

  @Test func withoutHAThereIsAnAccessFlagFault() throws {
    let machine = try machine(Self.off)
    #expect(machine.exception(of: 0xf940_0001, x0: 0xb000)?.esr == 0x9200_000b)  // ldr x1, [x0]
    #expect(machine.get(Self.flagless) == 0x0060_0000_4020_0b43)
  }

  /// A debugger's walk changes nothing.
  @Test func spyingSetsNothing() throws {
    let machine = try machine(Self.haAndHD)
    #expect(machine[0].peek(0xb000, count: 8) != nil)
    #expect(machine[0].explainWalk(0xb000).steps.count == 3)
    #expect(machine.get(Self.flagless) == 0x0060_0000_4020_0b43)
  }

  @Test(arguments: [true, false]) func aReadLeavesThePageClean(fastTable: Bool) throws {
    let machine = try machine(Self.haAndHD, fastTable: fastTable)
    #expect(machine.exception(of: 0xf940_0001, x0: 0x5000)?.esr == 0x5600_0000)  // ldr x1, [x0]
    #expect(machine.get(Self.clean) == Self.cleanPage)
  }

  /// The first write makes the page dirty, even if the TLB holds it clean.
  @Test(arguments: [true, false]) func aWriteMakesThePageDirty(fastTable: Bool) throws {
    // str x1, [x0]; stp x1, x1, [x0]; swp x1, x2, [x0]; sttr x1, [x0]; str q1, [x0]
    for word in [0xf900_0001, 0xa900_0401, 0xf821_8002, 0xf800_0801, 0x3d80_0001] as [UInt32] {
      for readsFirst in [true, false] {
        let machine = try machine(Self.haAndHD, fastTable: fastTable)
        if readsFirst { _ = machine.exception(of: 0xf940_0001, x0: 0x5000) }  // ldr x1, [x0]
        #expect(
          machine.exception(of: word, x0: 0x5000) {
            $0[x: 1] = 77
            $0.setVector(1, low: 77, high: 0)
          }?.esr == 0x5600_0000)
        #expect(machine.get(Self.clean) == Self.dirtyPage)
        #expect(machine.get(0x4020_2000) == 77)
      }
    }
  }

  /// After a supervisor made the page clean again and invalidated it, the next write is noticed again.
  @Test func cleaningIsNoticed() throws {
    let machine = try machine(Self.haAndHD)
    for _ in 0..<3 {
      #expect(machine.exception(of: 0xf900_0001, x0: 0x5000)?.esr == 0x5600_0000)  // str x1, [x0]
      #expect(machine.get(Self.clean) == Self.dirtyPage)
      machine.put(Self.clean, Self.cleanPage)
      machine[0].el1.invalidateTLB(.VAE1IS, 5)
    }
  }

  @Test func withoutHDTheWriteFaults() throws {
    for tcr in [Self.off, Self.ha] {
      let machine = try machine(tcr)
      #expect(machine.exception(of: 0xf900_0001, x0: 0x5000)?.esr == 0x9200_004f)  // str x1, [x0]
      #expect(machine.get(Self.clean) == Self.cleanPage)
    }
  }

  /// A write that is refused for another reason leaves the descriptor clean: EL1's page, or read-only tables above.
  @Test func aRefusedWriteLeavesThePageClean() throws {
    let machine = try machine(Self.haAndHD)
    machine.put(Self.clean, 0x0068_0000_4020_2f83)
    #expect(machine.exception(of: 0xf900_0001, x0: 0x5000)?.esr == 0x9200_004f)  // str x1, [x0]
    #expect(machine.get(Self.clean) == 0x0068_0000_4020_2f83)
    #expect(machine.exception(of: 0xf821_0002, x0: 0x5000)?.esr == 0x9200_000f)  // ldadd x1, x2, [x0]
    #expect(machine.get(Self.clean) == 0x0068_0000_4020_2f83)
    machine.put(Self.clean, Self.cleanPage)
    machine.put(0x4001_1000, 0x4000_0000_4001_2003)  // APTable[1]
    machine[0].el1.invalidateTLB(.VMALLE1)
    #expect(machine.exception(of: 0xf900_0001, x0: 0x5000)?.esr == 0x9200_004f)  // str x1, [x0]
    #expect(machine.get(Self.clean) == Self.cleanPage)
  }

  /// A bug: TCR_EL1.HA and HD once had an effect on processors without the feature. There the bits are RES0.
  @Test func absentFeaturesDoNothing() throws {
    let none = try machine(Self.haAndHD, .off)
    #expect(none.exception(of: 0xf940_0001, x0: 0xb000)?.esr == 0x9200_000b)  // ldr x1, [x0]
    #expect(none.exception(of: 0xf900_0001, x0: 0x5000)?.esr == 0x9200_004f)  // str x1, [x0]
    let accessFlagOnly = try machine(Self.haAndHD, .accessFlag)
    #expect(accessFlagOnly.exception(of: 0xf940_0001, x0: 0xb000)?.esr == 0x5600_0000)  // ldr x1, [x0]
    #expect(accessFlagOnly.exception(of: 0xf900_0001, x0: 0x5000)?.esr == 0x9200_004f)  // str x1, [x0]
    var features = ProcessorFeatures()
    features.e0pd = false
    let noE0PD = try BareMachine(features: features)
    noE0PD[0].write(.TCR_EL1, 0x0080_0015_8080_0019)
    #expect(noE0PD.exception(of: 0xf940_0001, x0: 0x4000)?.esr == 0x5600_0000)  // ldr x1, [x0]
  }

  /// HD without HA manages no dirty state. Arm ARM D8.5.6.
  @Test func dirtyStateNeedsTheAccessFlag() throws {
    let machine = try machine(Self.hd)
    #expect(machine.exception(of: 0xf900_0001, x0: 0x5000)?.esr == 0x9200_004f)  // str x1, [x0]
  }

  /// A bug: a store of EL1 that PAN refuses once made the page dirty. Arm ARM: AArch64.SettingDirtyStatePermitted.
  @Test func aWriteThatPANRefusesLeavesThePageClean() throws {
    let machine = try machine(Self.haAndHD)
    machine[0].pstate.pan = true
    #expect(machine.translate(0x5000, .write, privileged: true) == .fault(0x0f))
    #expect(machine.get(Self.clean) == Self.cleanPage)
    machine[0].pstate.pan = false
    #expect(machine.translate(0x5000, .write, privileged: true) == .pa(0x4020_2000))
    #expect(machine.get(Self.clean) == Self.dirtyPage)
  }

  /// A bug: EL1 once executed a clean page that EL0 may make dirty, and WXN let one be executed. With DBM under HA and HD the
  /// effective AP[2] is 0. Arm ARM: AArch64.S1ApplyOutputPerms.
  @Test func aCleanPageIsWritableToTheRightsToExecute() throws {
    let machine = try machine(Self.haAndHD)
    machine.put(Self.clean, 0x0008_0000_4020_2fc3)
    #expect(machine.translate(0x5000, .instructionFetch, privileged: true) == .fault(0x0f))
    #expect(machine.translate(0x5000, .instructionFetch) == .pa(0x4020_2000))
    machine[0].write(.SCTLR_EL1, 0x30d8_0819)  // WXN
    #expect(machine.walk(0x5000, .instructionFetch) == .fault(0x0f))
    machine[0].write(.TCR_EL1, Self.ha)
    #expect(machine.walk(0x5000, .instructionFetch) == .pa(0x4020_2000))
    #expect(machine.walk(0x5000, .instructionFetch, privileged: true) == .pa(0x4020_2000))
  }

  /// FEAT_HAFT: under TCR2_EL1.HAFT with HA the walk sets the access flag of table descriptors; TCR2_EL1 exists only there.
  @Test(arguments: [true, false]) func tablesGetTheirAccessFlag(fastTable: Bool) throws {
    let machine = try machine(Self.ha, .accessFlagAndDirtyAndTables, fastTable: fastTable)
    #expect(machine[0].read(.ID_AA64MMFR1_EL1)! & 15 == 3)
    #expect(machine[0].read(.ID_AA64MMFR3_EL1)! & 15 == 1)
    #expect(machine.translate(0x3000) == .pa(0x4020_0000))
    #expect(machine.get(0x4001_0000) == 0x4001_1003)
    #expect(machine[0].write(.TCR2_EL1, ~0))
    #expect(machine[0].read(.TCR2_EL1) == 0x800)
    #expect(machine[0].explainWalk(0x3000).steps.count == 3)
    #expect(machine.get(0x4001_0000) == 0x4001_1003)
    // A translation fault below keeps the flags that the walk has set.
    #expect(machine.walk(0x7000) == .fault(0x07))
    #expect(machine.get(0x4001_0000) == 0x4001_1403)
    #expect(machine.get(0x4001_1000) == 0x4001_2403)
    machine[0].write(.TCR_EL1, Self.off)
    machine.put(0x4001_0000, 0x4001_1003)
    #expect(machine.walk(0x3000) == .pa(0x4020_0000))
    #expect(machine.get(0x4001_0000) == 0x4001_1003)
    let without = try self.machine(Self.ha)
    #expect(without[0].read(.TCR2_EL1) == nil)
    #expect(!without[0].write(.TCR2_EL1, 0x800))
  }
}
