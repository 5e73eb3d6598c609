// Owns tests of software step: each transition into and out of its states, and the values of SPSR.SS, ISV and EX.
// It does not know debuggers. Arm ARM D2.11.
import Architecture
import TestSupport
import Testing

@testable import Machine

struct SoftwareStepTests {
  /// EL1 returns to EL0 with SPSR X2; each vector spins.
  private func machine(_ el0: [UInt32], mdscr: UInt64 = 1) throws -> BareMachine {
    let machine = try BareMachine.guestEL1([0xd518_4002, 0xd518_4023, 0xd69f_03e0], el0: el0)  // msr spsr_el1, x2; msr elr_el1, x3; eret
    machine[0].write(.OSLAR_EL1, 0)
    machine[0].write(.MDSCR_EL1, mdscr)
    machine[0][x: 0] = 0x3000
    return machine
  }
  private func go(_ machine: BareMachine, spsr: UInt64, pc: UInt64 = 0x1000) {
    machine[0].pstate = .EL1hMasked
    machine[0].pc = 0xd000
    machine[0][x: 2] = spsr
    machine[0][x: 3] = pc
    machine[0].write(.ESR_EL1, 0)
    let stop = machine.run(count: 8)
    #expect(stop == .instructionLimit || stop == .yielded)
  }

  /// ERET with SPSR.SS set runs one instruction; with it clear, none.
  @Test func oneInstruction() throws {
    /// Words, ELR after one step, ESR.
    let rows: [([UInt32], UInt64, UInt64)] = [
      ([0x9100_0421, 0x9100_0421], 0x1004, 0xcb00_0022),  // add x1, x1, #1
      ([0x1400_0004], 0x1010, 0xcb00_0022),  // b +16
      ([0xc85f_7c05], 0x1004, 0xcb00_0062),  // ldxr x5, [x0]: EX
      ([0xc87f_1805], 0x1004, 0xcb00_0062),  // ldxp x5, x6, [x0]
      ([0x885f_fc05], 0x1004, 0xcb00_0062),  // ldaxr w5, [x0]
      ([0xc8df_fc05], 0x1004, 0xcb00_0022),  // ldar x5, [x0]
      ([0xf100_003f, 0x5400_0000], 0x1004, 0xcb00_0022),  // cmp x1, #0; b.eq: a pair that fuses
      ([0xd503_203f], 0x1004, 0xcb00_0022),  // yield
    ]
    for (index, (words, elr, esr)) in rows.enumerated() {
      let machine = try machine(words)
      go(machine, spsr: 0x20_0000)
      if machine[0].pc == elr { #expect(machine.run(count: 4) == .instructionLimit) }  // YIELD ended the turn
      #expect(machine[0].read(.ESR_EL1) == esr, "row \(index)")
      #expect(machine[0].read(.ELR_EL1) == elr, "row \(index)")
      #expect(machine[0].read(.SPSR_EL1)! & 0x20_0000 == 0)
      #expect(machine[0].pc == 0xe400)
      #expect(machine[0].read(.FAR_EL1) == 0)
      go(machine, spsr: 0)
      #expect(machine[0].read(.ESR_EL1) == 0xca00_0022, "row \(index)")
      #expect(machine[0].read(.ELR_EL1) == 0x1000)
    }
  }

  /// Stepping through a loop counts its instructions. The state machine needs only SS, and the OS lock clear.
  @Test func aLoop() throws {
    let machine = try machine([0x9100_0421, 0xf100_143f, 0x54ff_ffc1, 0x1400_0000])  // add x1, x1, #1; cmp x1, #5; b.ne -8; b .
    var pc: UInt64 = 0x1000
    for count in 1...15 as ClosedRange<UInt64> {
      go(machine, spsr: machine[0].read(.SPSR_EL1)! & 0xf000_0000 | 0x20_0000, pc: pc)
      #expect(machine[0].read(.ESR_EL1) == 0xcb00_0022)
      pc = machine[0].read(.ELR_EL1)!
      #expect(pc == 0x1000 + count % 3 * 4 || count == 15)
    }
    #expect(machine[0][x: 1] == 5 && pc == 0x100c)
    for (mdscr, lock) in [(0, 0), (1, 1)] as [(UInt64, UInt64)] {
      machine[0].write(.OSLAR_EL1, lock)
      machine[0].write(.MDSCR_EL1, mdscr)
      go(machine, spsr: 0x20_0000)
      #expect(machine[0].read(.ESR_EL1) == 0)
      #expect(!machine[0].pstate.softwareStep)
    }
  }

  /// SVC has advanced when its exception is taken. A faulting instruction has not, and is stepped again after the return.
  @Test func exceptionsOfTheStepped() throws {
    for (word, esr, spsr, elr) in [
      (0xd400_0001, 0x5600_0000, 0, 0x1004),  // svc #0
      (0xf940_0001, 0x9200_0007, 0x20_0000, 0x1000),  // ldr x1, [x0]
      (0xd420_0000, 0xf200_0000, 0x20_0000, 0x1000),  // brk #0
      (0x0000_0000, 0x0200_0000, 0x20_0000, 0x1000),  // udf #0
    ] as [(UInt32, UInt64, UInt64, UInt64)] {
      let machine = try machine([word])
      machine[0][x: 0] = 0x7000
      go(machine, spsr: 0x20_0000)
      #expect(machine[0].read(.ESR_EL1) == esr)
      #expect(machine[0].read(.SPSR_EL1) == spsr)
      #expect(machine[0].read(.ELR_EL1) == elr)
      if word == 0xd400_0001 {
        go(machine, spsr: 0, pc: elr)
        #expect(machine[0].read(.ESR_EL1) == 0xca00_0022 && machine[0].read(.ELR_EL1) == elr)
      }
    }
  }

  /// An interrupt before the stepped instruction keeps SPSR.SS; a pending step comes before an interrupt.
  @Test func anInterruptComesBeforeAStep() throws {
    let machine = try machine([0x9100_0421])  // add x1, x1, #1
    machine[0].setInterrupt(.irq, asserted: true)
    go(machine, spsr: 0x20_0000)
    #expect(machine[0].pc == 0xe480 && machine[0].read(.SPSR_EL1) == 0x20_0000 && machine[0].read(.ELR_EL1) == 0x1000)
    go(machine, spsr: 0)
    #expect(machine[0].pc == 0xe400 && machine[0].read(.ESR_EL1) == 0xca00_0022)
  }

  /// EL1 steps itself with KDE once PSTATE.D is clear: unmasking alone is a step that stepped nothing.
  @Test func atEL1() throws {
    // msr DAIFClr, #8; add x1, x1, #1
    for (mdscr, esr) in [(0x2001, 0xce00_0022), (0x0001, 0)] as [(UInt64, UInt64)] {
      let machine = try BareMachine.guestEL1([0xd503_48ff, 0x9100_0421, 0x1400_0000])
      machine[0].write(.OSLAR_EL1, 0)
      machine[0].write(.MDSCR_EL1, mdscr)
      #expect(machine.run(count: 3) == .instructionLimit)
      #expect(machine[0].read(.ESR_EL1) == esr)
      #expect(machine[0][x: 1] == (esr == 0 ? 1 : 0))
      if esr != 0 { #expect(machine[0].read(.ELR_EL1) == 0xd004 && machine[0].pc == 0xe200) }
    }
    // ERET to EL1 with D clear and SS set steps one instruction there.
    let machine = try machine([], mdscr: 0x2001)
    machine.put(0x4010_2010, words: [0x9100_0421, 0x9100_0421])
    go(machine, spsr: 0x20_0005, pc: 0xd010)
    #expect(machine[0].read(.ESR_EL1) == 0xcf00_0022 && machine[0].read(.ELR_EL1) == 0xd014 && machine[0][x: 1] == 1)
    // With D set there is nothing to step.
    machine[0][x: 1] = 0
    go(machine, spsr: 0x20_0205, pc: 0xd010)
    #expect(machine[0].read(.ESR_EL1) != 0xcf00_0022 && machine[0][x: 1] > 1)
  }
}
