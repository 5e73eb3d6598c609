// Owns tests of snapshots: after snapshot, run and restore a second run equals the first, and a snapshot keeps only frames that
// changed.
// It does not know any kernel.
import Architecture
import TestSupport
import Testing

@testable import Machine

struct SnapshotTests {
  /// Everything that a test can compare: registers, memory, exceptions, statistics, TLB.
  private func everything(_ machine: BareMachine) -> String {
    let processor = machine[0]
    let ram = machine.emulator.memory.read(0x4000_0000, count: Int(machine.emulator.memory.size))!
    let digest = ram.reduce(14_695_981_039_346_656_037 as UInt64) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
    return "\(ArchitecturalState(machine).x) \(processor.pc) \(processor.pstate.rawValue) \(processor.statistics) \(digest) "
      + "\(processor.tlbEntries()) \(processor.undefinedInstructions)"
  }

  /// Stores to two data pages, atomics, a self-modified word, an undefined word and faults.
  private static let program: [UInt32] = [
    0xf900_0001,  // str x1, [x0]
    0x9100_0421,  // add x1, x1, #1
    0xf861_0002,  // ldeor x1, x2, [x0]
    0xf900_0801,  // str x1, [x0, #16]
    0xb900_00a6,  // str w6, [x5]
    0xd63f_00a0,  // blr x5
    0xf820_0061,  // str x1, [x3, x0]: not mapped, so it faults
    0xd400_0001,  // svc #0
  ]

  private func start() throws -> BareMachine {
    let machine = try BareMachine()
    machine.load(Self.program)
    machine.put(0x4010_1000, words: [0x9100_0842, 0xd65f_03c0])  // add x2, x2, #2; ret
    for (n, value) in [(0, 0x3000), (3, 0x4000), (5, 0x6000), (6, 0x9100_0c42)] as [(Int, UInt64)] { machine[0][x: n] = value }
    return machine
  }

  private func runOn(_ machine: BareMachine, _ rounds: Int) {
    for round in 0..<rounds {
      machine.run(count: 40)
      if machine[0].pstate.exceptionLevel != 0 {
        machine[0].el1[.ELR_EL1] = BareMachine.code
        machine[0].el1[.SPSR_EL1] = 0
        machine[0].el1.exceptionReturn()
      }
      if round % 2 == 1 { machine[0][x: 0] ^= 0x7000 }
    }
  }

  @Test func aRunFromASnapshotIsTheSame() throws {
    let machine = try start()
    runOn(machine, 3)
    let begin = everything(machine)
    let snapshot = machine.emulator.snapshot()
    runOn(machine, 7)
    let end = everything(machine)
    #expect(begin != end)
    for _ in 0..<3 {
      machine.emulator.restore(snapshot)
      #expect(everything(machine) == begin)
      runOn(machine, 7)
      #expect(everything(machine) == end)
    }
  }

  /// Several moments: each can be restored, also past a later one, and after a later one was forgotten.
  @Test func momentsNest() throws {
    let machine = try start()
    var moments: [(MachineSnapshot, String)] = []
    for _ in 0..<4 {
      runOn(machine, 2)
      moments.append((machine.emulator.snapshot(), everything(machine)))
    }
    runOn(machine, 2)
    for (snapshot, state) in moments.reversed() {
      machine.emulator.restore(snapshot)
      #expect(everything(machine) == state)
    }
    runOn(machine, 1)
    _ = machine.emulator.snapshot()
    runOn(machine, 1)
    machine.emulator.forgetLatestSnapshot()
    runOn(machine, 1)
    machine.emulator.restore(moments[0].0)
    #expect(everything(machine) == moments[0].1)
  }

  /// A snapshot keeps the frames that were stored to since, and no others, however much RAM there is.
  @Test func aSnapshotKeepsWhatChanges() throws {
    let machine = try start()
    runOn(machine, 1)
    _ = machine.emulator.snapshot()
    #expect(machine.emulator.keptFrameCount == 0)
    for frame in [0, 0, 1, 5, 5, 1] as [UInt64] { machine.put(0x4060_0000 + frame << 12 + 8, 7) }
    #expect(machine.emulator.keptFrameCount == 3)
    // Stores to a kept frame are as fast as before.
    #expect(machine.emulator.memory.flags(ofFrame: 0x4060_0000) == [])
  }
}
