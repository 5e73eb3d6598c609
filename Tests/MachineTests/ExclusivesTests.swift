// Owns tests of load and store exclusives: a store happens only while the monitor holds, whatever the values are.
// It does not know faults of exclusives. Arm ARM B2.12.
import Architecture
import TestSupport
import Testing

@testable import Machine

struct ExclusivesTests {
  private static let svc: UInt32 = 0xd400_0001

  /// Runs the words on a fresh machine until SVC #0.
  private func ran(_ words: [UInt32]) throws -> BareMachine {
    let machine = try BareMachine()
    machine.load(words + [Self.svc])
    machine[0][x: 0] = BareMachine.data
    machine[0][x: 2] = 0xdead
    machine[0][x: 3] = 0x5555_6666_7777_8888
    machine[0][x: 4] = 0x9999_aaaa_bbbb_cccc
    machine.put(BareMachine.dataPA, 0x0123_4567_89ab_cdef)
    machine.put(BareMachine.dataPA + 8, 0x1111_2222_3333_4444)
    #expect(machine.runToException()?.esr == 0x5600_0000)
    return machine
  }

  /// Memory holds the old value again when PE 0 stores. Only the monitor can show the change, and it must.
  @Test(arguments: [true, false]) func storeFailsAfterABA(fastTable: Bool) throws {
    let machine = try BareMachine(processors: 2, fastTable: fastTable)
    machine.load([
      0xc85f_7c01,  // ldxr x1, [x0]
      0xc802_7c03,  // stxr w2, x3, [x0]
      0xd400_0001,  // svc #0
    ])
    machine.put(
      BareMachine.codePA + 0x100,
      words: [
        0xf900_0004,  // str x4, [x0]
        0xf900_0001,  // str x1, [x0]
      ])
    machine.put(BareMachine.dataPA, 7)
    for number in 0...1 { machine[number][x: 0] = BareMachine.data }
    machine[0][x: 3] = 99
    machine[1][x: 4] = 8
    machine[1][x: 1] = 7
    machine[1].pc = 0x1100
    #expect(machine.run(0, count: 1) == .instructionLimit)
    #expect(machine[0][x: 1] == 7)
    #expect(machine.run(1, count: 1) == .instructionLimit)
    #expect(machine.get(BareMachine.dataPA) == 8)
    #expect(machine.run(1, count: 1) == .instructionLimit)
    #expect(machine.get(BareMachine.dataPA) == 7)
    #expect(machine.run(0, count: 1) == .instructionLimit)
    #expect(machine[0][x: 2] == 1)
    #expect(machine.get(BareMachine.dataPA) == 7)
  }

  @Test func storeSucceedsUnderAMonitor() throws {
    let machine = try ran([
      0xc85f_7c01,  // ldxr x1, [x0]
      0xc802_7c03,  // stxr w2, x3, [x0]
    ])
    #expect(machine[0][x: 1] == 0x0123_4567_89ab_cdef)
    #expect(machine[0][x: 2] == 0)
    #expect(machine.get(BareMachine.dataPA) == 0x5555_6666_7777_8888)
  }

  @Test func storeFailsWithoutAMonitor() throws {
    let machine = try ran([
      0xc802_7c03  // stxr w2, x3, [x0]
    ])
    #expect(machine[0][x: 2] == 1)
    #expect(machine.get(BareMachine.dataPA) == 0x0123_4567_89ab_cdef)
  }

  /// A store-exclusive clears the monitor, whether it stored or not.
  @Test func secondStoreFails() throws {
    let machine = try ran([
      0xc85f_7c01,  // ldxr x1, [x0]
      0xc802_7c03,  // stxr w2, x3, [x0]
      0xc805_7c04,  // stxr w5, x4, [x0]
    ])
    #expect(machine[0][x: 2] == 0)
    #expect(machine[0][x: 5] == 1)
    #expect(machine.get(BareMachine.dataPA) == 0x5555_6666_7777_8888)
  }

  @Test func clearExclusiveClears() throws {
    let machine = try ran([
      0xc85f_7c01,  // ldxr x1, [x0]
      0xd503_3f5f,  // clrex
      0xc802_7c03,  // stxr w2, x3, [x0]
    ])
    #expect(machine[0][x: 2] == 1)
    #expect(machine.get(BareMachine.dataPA) == 0x0123_4567_89ab_cdef)
  }

  /// An exception return clears the local monitor. Arm ARM D1.3.6.
  @Test func exceptionReturnClears() throws {
    let machine = try BareMachine()
    machine.load([
      0xc85f_7c01,  // ldxr x1, [x0]
      0xd400_0021,  // svc #1
      0xc802_7c03,  // stxr w2, x3, [x0]
      0xd400_0001,  // svc #0
    ])
    machine[0][x: 0] = BareMachine.data
    machine[0][x: 3] = 5
    #expect(machine.runToException()?.esr == 0x5600_0001)
    machine[0].el1.exceptionReturn()
    #expect(machine.runToException()?.esr == 0x5600_0000)
    #expect(machine[0][x: 2] == 1)
    #expect(machine.get(BareMachine.dataPA) == 0)
  }

  @Test func anotherAddressFails() throws {
    let machine = try ran([
      0xc85f_7c01,  // ldxr x1, [x0]
      0x9100_4000,  // add x0, x0, #16
      0xc802_7c03,  // stxr w2, x3, [x0]
    ])
    #expect(machine[0][x: 2] == 1)
    #expect(machine.get(BareMachine.dataPA + 16) == 0)
  }

  @Test func pairOfDoublewords() throws {
    let machine = try ran([
      0xc87f_9805,  // ldaxp x5, x6, [x0]
      0xc822_9003,  // stlxp w2, x3, x4, [x0]
    ])
    #expect(machine[0][x: 5] == 0x0123_4567_89ab_cdef)
    #expect(machine[0][x: 6] == 0x1111_2222_3333_4444)
    #expect(machine[0][x: 2] == 0)
    #expect(machine.get(BareMachine.dataPA) == 0x5555_6666_7777_8888)
    #expect(machine.get(BareMachine.dataPA + 8) == 0x9999_aaaa_bbbb_cccc)
  }

  @Test func pairOfWords() throws {
    let machine = try ran([
      0x887f_1805,  // ldxp w5, w6, [x0]
      0x8822_1003,  // stxp w2, w3, w4, [x0]
    ])
    #expect(machine[0][x: 5] == 0x89ab_cdef)
    #expect(machine[0][x: 6] == 0x0123_4567)
    #expect(machine[0][x: 2] == 0)
    #expect(machine.get(BareMachine.dataPA) == 0xbbbb_cccc_7777_8888)
    #expect(machine.get(BareMachine.dataPA + 8) == 0x1111_2222_3333_4444)
  }

  /// A pair's store without a monitor stores neither half.
  @Test func pairFailsWithoutAMonitor() throws {
    let machine = try ran([
      0xc822_1003  // stxp w2, x3, x4, [x0]
    ])
    #expect(machine[0][x: 2] == 1)
    #expect(machine.get(BareMachine.dataPA) == 0x0123_4567_89ab_cdef)
    #expect(machine.get(BareMachine.dataPA + 8) == 0x1111_2222_3333_4444)
  }

  /// Narrow forms store their own bytes only, and zero-extend what they load.
  @Test func bytesAndHalfwords() throws {
    let machine = try ran([
      0x085f_7c05,  // ldxrb w5, [x0]
      0x0802_7c03,  // stxrb w2, w3, [x0]
      0x9100_0800,  // add x0, x0, #2
      0x485f_fc06,  // ldaxrh w6, [x0]
      0x4807_fc04,  // stlxrh w7, w4, [x0]
    ])
    #expect(machine[0][x: 5] == 0xef)
    #expect(machine[0][x: 6] == 0x89ab)
    #expect(machine[0][x: 2] == 0)
    #expect(machine[0][x: 7] == 0)
    #expect(machine.get(BareMachine.dataPA) == 0x0123_4567_cccc_cd88)
  }

  /// Two PEs increment one counter by LDXR and STXR loops, in turns of many lengths: no increment is lost.
  @Test(arguments: 1...12 as ClosedRange<UInt64>) func incrementsOfTwoProcessorsAreNotLost(turn: UInt64) throws {
    let machine = try BareMachine(processors: 2)
    machine.load([
      0xc85f_7c01,  // ldxr x1, [x0]
      0x9100_0421,  // add x1, x1, #1
      0xc802_7c01,  // stxr w2, x1, [x0]
      0x35ff_ffa2,  // cbnz w2, #-12
      0xf100_0463,  // subs x3, x3, #1
      0x54ff_ff61,  // b.ne #-20
      0xd400_0001,  // svc #0
    ])
    var running: Set<Int> = [0, 1]
    for number in running {
      machine[number][x: 0] = BareMachine.data
      machine[number][x: 3] = 50
    }
    var turns = 0
    while !running.isEmpty && turns < 10_000 {
      // The turns have unequal lengths, so that no fixed rhythm keeps both PEs from storing for ever.
      let number = turns & 1
      if running.contains(number), case .exceptionTakenToEL1 = machine.run(number, count: turn + UInt64(turns / 2 % 5)) {
        running.remove(number)
      }
      turns += 1
    }
    #expect(running.isEmpty)
    #expect(machine.get(BareMachine.dataPA) == 100)
  }
}
