// Owns the interrupt inputs of a PE: when each is taken, through which vector, with which SPSR and ELR, and what wakes a PE.
// It does not know interrupt controllers. Arm ARM D1.3.4, D1.6.
import Architecture
import TestSupport
import Testing

@testable import Machine

struct InterruptTests {
  /// Kind, offset of the vector in its group, mask in SPSR, bit in ISR_EL1.
  static let kinds: [(InterruptKind, UInt64, UInt64, UInt64)] = [
    (.irq, 0x080, 0x80, 0x80), (.fiq, 0x100, 0x40, 0x40), (.serror, 0x180, 0x100, 0x100),
  ]

  /// From EL0, from EL1 with SP_EL0, from EL1 with SP_EL1: only where it is not masked, before the next instruction.
  @Test(arguments: [(0x000, 0x400), (0x004, 0x000), (0x005, 0x200)] as [(UInt64, UInt64)])
  func groupsAndMasks(mode: UInt64, group: UInt64) throws {
    for (kind, offset, mask, isr) in Self.kinds {
      for masks in stride(from: 0 as UInt64, to: 0x400, by: 0x40) {
        let machine = try BareMachine.guestEL1([0x9100_0421, 0x9100_0421], el0: [0x9100_0421, 0x9100_0421])  // add x1, x1, #1
        machine[0].pstate = ProcessorState(rawValue: 0xa000_0000 | masks | mode)
        machine[0].pc = mode == 0 ? BareMachine.code : 0xd000
        let pc = machine[0].pc
        machine[0].setInterrupt(kind, asserted: true, syndrome: 0x123)
        #expect(machine[0].read(.ISR_EL1) == isr)
        #expect(machine.run(count: 1) == .instructionLimit)
        if masks & mask != 0 {
          #expect(machine[0].pc == pc + 4 && machine[0][x: 1] == 1)
          #expect(machine[0].isPending(kind))
        } else {
          #expect(machine[0].pc == 0xe000 + group + offset, "\(kind)")
          #expect(machine[0].read(.ELR_EL1) == pc)
          #expect(machine[0].read(.SPSR_EL1) == 0xa000_0000 | masks | mode)
          #expect(machine[0].pstate.rawValue == 0xa000_03c5)
          #expect(machine[0][x: 1] == 0)
          #expect(machine[0].read(.ESR_EL1) == (kind == .serror ? 0xbe00_0123 : 0))
          // A level stays asserted; an SError is gone once it is taken.
          #expect(machine[0].isPending(kind) == (kind != .serror))
          #expect(machine[0].statistics.interrupts[Int(kind.rawValue)] == 1)
        }
      }
    }
  }

  /// SError comes before FIQ, and FIQ before IRQ. A level that is deasserted before is not taken; an SError that is deasserted is.
  @Test func SErrorThenFIQThenIRQ() throws {
    let machine = try BareMachine.guestEL1([], el0: [0x1400_0000])  // b #0
    machine.enterEL0()
    for kind in InterruptKind.allCases { machine[0].setInterrupt(kind, asserted: true) }
    for kind in InterruptKind.allCases { machine[0].setInterrupt(kind, asserted: kind == .fiq) }
    machine[0].setInterrupt(.irq, asserted: true)
    #expect(machine[0].read(.ISR_EL1) == 0x1c0)
    for vector in [0xe580, 0xe500, 0xe480] as [UInt64] {
      machine.enterEL0()
      #expect(machine.run(count: 1) == .instructionLimit)
      #expect(machine[0].pc == vector)
      if vector == 0xe500 { machine[0].setInterrupt(.fiq, asserted: false) }
    }
    machine[0].setInterrupt(.irq, asserted: false)
    machine.enterEL0()
    #expect(machine.run(count: 1) == .instructionLimit)
    #expect(machine[0].pc == BareMachine.code)
  }

  /// An instruction that unmasks an interrupt takes it at once: MSR DAIFClr, MSR DAIF and ERET, with and without the fast table.
  @Test(arguments: [true, false]) func unmasking(fastTable: Bool) throws {
    let rows: [([UInt32], UInt64, UInt64)] = [
      ([0xd503_42ff, 0x9100_0421], 0xd004, 0x345),  // msr DAIFClr, #2; add x1, x1, #1
      ([0xd51b_423f, 0x9100_0421], 0xd004, 0x005),  // msr DAIF, xzr
      ([0xd518_4002, 0xd518_4023, 0xd69f_03e0, 0x9100_0421], 0xd00c, 0x8000_0005),  // msr spsr_el1, x2; msr elr_el1, x3; eret
    ]
    for (words, elr, spsr) in rows {
      let machine = try BareMachine.guestEL1(words, fastTable: fastTable)
      machine[0][x: 2] = 0x8000_0005
      machine[0][x: 3] = 0xd00c
      machine[0].setInterrupt(.irq, asserted: true)
      #expect(machine.run(count: 20) == .instructionLimit)
      #expect(machine[0].pc == 0xe280)
      #expect(machine[0].read(.ELR_EL1) == elr)
      #expect(machine[0].read(.SPSR_EL1) == spsr)
      #expect(machine[0][x: 1] == 0)
    }
  }

  /// EL0 unmasks by itself where UMA lets it.
  @Test func unmaskingAtEL0() throws {
    let machine = try BareMachine.guestEL1([], el0: [0xd503_201f, 0xd503_42ff, 0x9100_0421])  // nop; msr DAIFClr, #2; add x1, x1, #1
    machine[0].write(.SCTLR_EL1, 0x30d0_0a19)
    machine.enterEL0(0x80)
    machine[0].setInterrupt(.irq, asserted: true)
    #expect(machine.run(count: 3) == .instructionLimit)
    #expect(machine[0].pc == 0xe480 && machine[0].read(.ELR_EL1) == 0x1008 && machine[0].read(.SPSR_EL1) == 0)
  }

  /// A hosted EL1 learns of the interrupt by the vector.
  @Test func underAHostedEL1() throws {
    let machine = try BareMachine()
    machine.load([0x1400_0000])  // b #0
    for (kind, vector) in [(.irq, .lowerA64IRQ), (.fiq, .lowerA64FIQ), (.serror, .lowerA64SError)] as [(InterruptKind, ExceptionVector)] {
      machine[0].setInterrupt(kind, asserted: true)
      #expect(machine.run(count: 10) == .exceptionTakenToEL1(vector))
      #expect(machine[0].el1[.ELR_EL1] == 0x1000)
      machine[0].setInterrupt(kind, asserted: false)
      machine[0].el1.exceptionReturn()
    }
    #expect(machine.run(count: 10) == .instructionLimit)
  }

  /// An interrupt comes before a breakpoint at the same instruction, and a breakpoint at the vector stops the run.
  @Test func breakpointsAndInterrupts() throws {
    let machine = try BareMachine.guestEL1([], el0: [0xd503_201f, 0xd503_201f, 0x1400_0000])  // nop; nop; b #0
    machine.enterEL0()
    machine[0].breakpoints = [0x1004, 0xe480]
    #expect(machine.run() == .breakpoint(VirtualAddress(0x1004)))
    machine[0].setInterrupt(.irq, asserted: true)
    #expect(machine.run() == .breakpoint(VirtualAddress(0xe480)))
    #expect(machine[0].read(.ELR_EL1) == 0x1004)
  }

  /// WFI waits for any interrupt, masked or not. If one is pending already, WFI only ends the turn.
  @Test func waitForInterrupt() throws {
    for kind in InterruptKind.allCases {
      let machine = try BareMachine.guestEL1([0xd503_207f, 0x9100_0421])  // wfi; add x1, x1, #1
      #expect(machine.run() == .yielded)
      #expect(machine[0].waiting == .interrupt && machine[0].pc == 0xd004)
      machine[0].sendEvent()
      #expect(machine[0].waiting == .interrupt)
      machine[0].setInterrupt(kind, asserted: true)
      #expect(machine[0].waiting == nil)
      machine[0].pc = 0xd000
      #expect(machine.run() == .yielded)
      #expect(machine[0].waiting == nil && machine[0].pc == 0xd004)
      #expect(machine.run(count: 1) == .instructionLimit)
      #expect(machine[0][x: 1] == 1)
    }
  }

  /// WFE waits for an event, or an interrupt that is not masked.
  @Test func waitForEvent() throws {
    let machine = try BareMachine.guestEL1([0xd503_20bf, 0xd503_205f, 0xd503_205f, 0x1400_0000])  // sevl; wfe; wfe; b #0
    #expect(machine.run() == .yielded)
    #expect(machine[0].waiting == .event && machine[0].pc == 0xd00c)
    machine[0].setInterrupt(.irq, asserted: true)
    #expect(machine[0].waiting == .event)
    machine[0].sendEvent()
    #expect(machine[0].waiting == nil)
    let other = try BareMachine.guestEL1([0xd503_205f])  // wfe
    other[0].pstate = ProcessorState(rawValue: 0x345)
    #expect(other.run() == .yielded)
    other[0].setInterrupt(.fiq, asserted: true)
    #expect(other[0].waiting == .event)
    other[0].setInterrupt(.irq, asserted: true)
    #expect(other[0].waiting == nil)
  }

  /// SEV wakes every PE; SEVL only its own.
  @Test func eventsBetweenProcessors() throws {
    for (word, wakes) in [(0xd503_209f, true), (0xd503_20bf, false)] as [(UInt32, Bool)] {  // sev, sevl
      let machine = try BareMachine.guestEL1([0xd503_205f, 0x1400_0000], processors: 2)  // wfe; b #0
      machine.put(0x4010_2010, words: [word, 0x1400_0000])
      #expect(machine.run(0) == .yielded)
      machine[1].pc = 0xd010
      #expect(machine.run(1, count: 2) == .instructionLimit)
      #expect((machine[0].waiting == nil) == wakes)
    }
  }

  /// If another PE may have cleared the reservation on which a PE waits, that PE is woken, so a spin lock cannot miss its release.
  @Test func aLostReservationIsAnEvent() throws {
    let machine = try BareMachine.guestEL1([0xc85f_fc01, 0xd503_205f], processors: 2)  // ldaxr x1, [x0]; wfe
    machine[0][x: 0] = 0x3000
    machine.put(0x4010_2010, words: [0x1400_0000])  // b #0
    #expect(machine.run(0) == .yielded)
    #expect(machine[0].waiting == .event)
    machine[1].pc = 0xd010
    #expect(machine.run(1, count: 2) == .instructionLimit)
    #expect(machine[0].waiting == nil)
  }
}
