// Owns a debugger's reads: they see what is mapped and change nothing.
// It does not know debuggers.
import Architecture
import TestSupport
import Testing

@testable import Machine

@Suite struct SpyingTests {
  private static let neverAccessed: UInt64 = 0xb000

  /// Without hardware access flags the program's access faults and a debugger's read succeeds. The walk still reports the fault.
  @Test func aPageThatWasNeverAccessedCanBeRead() throws {
    var features = ProcessorFeatures()
    features.hardwareUpdate = .off
    let machine = try BareMachine(features: features)
    #expect(machine[0].peek(Self.neverAccessed, count: 8) != nil)
    #expect(machine[0].poke(Self.neverAccessed, [1, 2]))
    #expect(machine[0].peek(Self.neverAccessed, count: 2) == [1, 2])
    #expect(machine[0].explainWalk(Self.neverAccessed).outcome == .fault(.accessFlag(level: 3)))
  }

  @Test func whatIsNotMappedIsNil() throws {
    let machine = try BareMachine()
    #expect(machine[0].peek(0x7000, count: 1) == nil)
    #expect(machine[0].peek(0x6ff8, count: 9) == nil)
    #expect(machine[0].peek(0x6ff8, count: 8) != nil)
    #expect(machine[0].peek(0xa000, count: 1) == nil)
    #expect(!machine[0].poke(0x7000, [0]))
  }

  @Test func nothingChanges() throws {
    let machine = try BareMachine()
    let (entries, statistics) = (machine[0].tlbEntries(), machine[0].statistics)
    _ = machine[0].peek(Self.neverAccessed, count: 4)
    _ = machine[0].peek(0x7000, count: 4)
    _ = machine[0].explainWalk(0x3000)
    #expect(machine[0].tlbEntries() == entries)
    #expect(machine[0].statistics.walks == statistics.walks)
    #expect(machine.get(BareMachine.table + 8 * 0xb) == 0x0060_0000_4020_0b43)
  }
}
