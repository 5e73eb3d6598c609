// Owns tests that instruction counts are exact: a run stops at the same place as single steps, with any fusion and caching.
// It does not know what the counts are used for.
import Architecture
import TestSupport
import Testing

@testable import Machine

struct RetiredCountTests {
  /// The parts of a machine's configuration that no program can see.
  struct Build: CustomTestStringConvertible {
    let fastTable: Bool, fusion: Bool
    var testDescription: String { "fast table \(fastTable), fusion \(fusion)" }
    static let all = [
      Build(fastTable: true, fusion: true), Build(fastTable: true, fusion: false),
      Build(fastTable: false, fusion: true), Build(fastTable: false, fusion: false),
    ]
  }

  /// Branches near and far, fused pairs taken and not, calls, faults, atomics, writeback and flags, for ever.
  private func busyMachine(_ build: Build) throws -> BareMachine {
    let machine = try BareMachine(fastTable: build.fastTable, fusion: build.fusion)
    machine.load([
      0xd286_0000,  // mov x0, #0x3000
      0xd28e_0009,  // mov x9, #0x7000
      0x5280_0005,  // mov w5, #0
      // 0x100c:
      0x1100_0ca5,  // add w5, w5, #3
      0xb900_0005,  // str w5, [x0]
      0xb825_0006,  // ldadd w5, w6, [x0]
      0x7100_a0bf,  // cmp w5, #40
      0x54ff_ff8b,  // b.lt #-16
      0xf940_0127,  // ldr x7, [x9]
      0x7100_8ca5,  // subs w5, w5, #35
      0x5400_0048,  // b.hi #8
      0x5280_0025,  // mov w5, #1
      0xa9bf_1be5,  // stp x5, x6, [sp, #-16]!
      0x9400_0433,  // bl #0x10cc
      0xa8c1_1be5,  // ldp x5, x6, [sp], #16
      0x1a9f_27e8,  // cset w8, lo
      0x8b08_014a,  // add x10, x10, x8
      0xcac5_1d6b,  // eor x11, x11, x5, ror #7
      0x3617_fe2b,  // tbz w11, #2, #-60
      0xf900_012b,  // str x11, [x9]
      0xd420_0060,  // brk #3
      0xeb0a_017f,  // cmp x11, x10
      0x54ff_fda1,  // b.ne #-76
      0x17ff_ffec,  // b #-80
    ])
    machine.put(
      0x4030_0100,
      words: [
        // 0x2100:
        0xeb0a_00df,  // cmp x6, x10
        0x5400_0040,  // b.eq #8
        0x9100_058c,  // add x12, x12, #1
        0xd53b_420d,  // mrs x13, nzcv
        0x3400_0046,  // cbz w6, #8
        0x9e67_00c3,  // fmov d3, x6
        0xd65f_03c0,  // ret
      ])
    return machine
  }

  private static let limits: [UInt64] = {
    var random = SeededRandom(seed: 20_26)
    return (0..<60).map { _ in UInt64.random(in: 1...6000, using: &random) }.sorted()
  }()

  /// The states that single steps pass through, at the limits.
  private func steppedStates() throws -> [UInt64: ArchitecturalState] {
    let machine = try busyMachine(Build(fastTable: false, fusion: false))
    let supervisor = RecordingSupervisor(machine[0])
    var states: [UInt64: ArchitecturalState] = [:]
    let wanted = Set(Self.limits)
    for count in 1...Self.limits.last! {
      #expect(!supervisor.run(until: count))
      #expect(machine[0].instructionsRetired == count)
      if wanted.contains(count) { states[count] = ArchitecturalState(machine) }
    }
    #expect(supervisor.exceptions.count > 50)
    return states
  }

  @Test(arguments: Build.all) func aRunStopsWhereSingleStepsWould(build: Build) throws {
    let states = try steppedStates()
    // One long run with stops, and a fresh run to each limit.
    let stopped = try busyMachine(build)
    let supervisor = RecordingSupervisor(stopped[0])
    for limit in Self.limits {
      #expect(!supervisor.run(until: limit))
      #expect(ArchitecturalState(stopped) == states[limit], "stopped at \(limit)")
      let fresh = try busyMachine(build)
      #expect(!RecordingSupervisor(fresh[0]).run(until: limit))
      #expect(ArchitecturalState(fresh) == states[limit], "fresh to \(limit)")
    }
  }

  /// Two pages of straight code, no branch that could look at the limit.
  @Test(arguments: Build.all) func aRunStopsInsideStraightCode(build: Build) throws {
    let machine = try BareMachine(fastTable: build.fastTable, fusion: build.fusion)
    let page = [UInt32](repeating: 0x9100_0421, count: 1024)  // add x1, x1, #1
    machine.load(page)
    machine.put(0x4030_0000, words: page)
    var random = SeededRandom(seed: 7)
    for _ in 0..<200 {
      let count = UInt64.random(in: 0...2048, using: &random)
      machine[0].pc = BareMachine.code
      machine[0][x: 1] = 0
      #expect(machine.run(count: count) == .instructionLimit)
      #expect(machine[0][x: 1] == count)
      #expect(machine[0].pc == BareMachine.code + 4 * count)
    }
  }

  /// 1 + 10 x 2 + SVC itself.
  @Test(arguments: Build.all) func aFusedPairCountsAsTwo(build: Build) throws {
    let machine = try BareMachine(fastTable: build.fastTable, fusion: build.fusion)
    machine.load([
      0x5280_0141,  // mov w1, #10
      0x7100_0421,  // subs w1, w1, #1
      0x54ff_ffe1,  // b.ne #-4
      0xd400_0001,  // svc #0
    ])
    #expect(machine.runToException()?.elr == 0x1010)
    #expect(machine[0].instructionsRetired == 22)
  }

  /// An instruction that does not complete does not retire: data abort, BRK, UDF, instruction abort.
  @Test(arguments: Build.all) func whatFaultsDoesNotRetire(build: Build) throws {
    let machine = try BareMachine(fastTable: build.fastTable, fusion: build.fusion)
    machine.load([
      0xd28e_0000,  // mov x0, #0x7000
      0xf900_0000,  // str x0, [x0]
      0xd420_0020,  // brk #1
      0x0000_0000,  // udf #0
      0xd61f_0000,  // br x0
    ])
    for (elr, count) in [(0x1004, 1), (0x1008, 1), (0x100c, 1), (0x7000, 2)] as [(UInt64, UInt64)] {
      #expect(machine.runToException()?.elr == elr)
      #expect(machine[0].instructionsRetired == count)
      machine[0].el1[.ELR_EL1] = elr + 4
      machine[0].el1.exceptionReturn()
    }
  }

  /// CNTVCT_EL0 counts retired instructions: the same number however the page is run.
  @Test(arguments: Build.all) func theVirtualCounterIsExact(build: Build) throws {
    let machine = try BareMachine(fastTable: build.fastTable, fusion: build.fusion)
    machine[0].write(.CNTKCTL_EL1, 2)
    machine.load([
      0x5280_0061,  // mov w1, #3
      0x7100_0421,  // subs w1, w1, #1
      0x54ff_ffe1,  // b.ne #-4
      0xd53b_e042,  // mrs x2, cntvct_el0
      0x1400_0001,  // b #4
      0xd53b_e043,  // mrs x3, cntvct_el0
      0xd400_0001,  // svc #0
    ])
    #expect(machine.runToException() != nil)
    #expect(machine[0][x: 2] == 7)
    #expect(machine[0][x: 3] == 9)
  }
}
