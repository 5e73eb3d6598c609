// Owns tests that the walk cache is invisible: a table that changes without any TLBI is seen at once.
// It does not know the effect of stale TLB entries: every page here is accessed for the first time.
import Architecture
import TestSupport
import Testing

@testable import Machine

struct WalkCacheTests {
  /// A level 3 table whose page 0x4000 lies elsewhere than in the standard one.
  private static let otherTable: UInt64 = 0x4001_5000

  private func machineWithACachedWay(fastTable: Bool) throws -> BareMachine {
    let machine = try BareMachine(fastTable: fastTable)
    machine.put(Self.otherTable + 8 * 4, 0x0060_0000_4020_4f43)
    #expect(machine.translate(0x3000) == .pa(0x4020_0000))
    return machine
  }

  @Test(arguments: [true, false]) func aNewLevel2Descriptor(fastTable: Bool) throws {
    let machine = try machineWithACachedWay(fastTable: fastTable)
    machine.put(0x4001_1000, 0x0000_0000_4001_5003)
    #expect(machine.translate(0x4000) == .pa(0x4020_4000))
  }

  @Test(arguments: [true, false]) func anInvalidLevel2Descriptor(fastTable: Bool) throws {
    let machine = try machineWithACachedWay(fastTable: fastTable)
    machine.put(0x4001_1000, 0)
    #expect(machine.translate(0x4000) == .fault(0x06))
  }

  @Test(arguments: [true, false]) func aNewLevel1Descriptor(fastTable: Bool) throws {
    let machine = try machineWithACachedWay(fastTable: fastTable)
    machine.put(0x4001_6000, 0x0000_0000_4001_5003)
    machine.put(0x4001_0000, 0x0000_0000_4001_6003)
    #expect(machine.translate(0x4000) == .pa(0x4020_4000))
  }

  /// UXNTable, PXNTable and APTable of a table above.
  @Test(arguments: [true, false]) func newTableBits(fastTable: Bool) throws {
    let machine = try machineWithACachedWay(fastTable: fastTable)
    machine.put(0x4001_1000, 0x4000_0000_4001_2003)  // APTable: no write
    #expect(machine.translate(0x4000, .write) == .fault(0x0f))
    #expect(machine.translate(0x4000) == .pa(0x4020_1000))
  }

  @Test func withoutAChangeTheWayIsTaken() throws {
    let machine = try machineWithACachedWay(fastTable: true)
    #expect(machine[0].context.shortWalk(0x4000)?.output == 0x4020_1000)
  }
}
