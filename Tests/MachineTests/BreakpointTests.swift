// Owns the hardware breakpoints and the debug registers: what matches, at which level, with which syndrome.
// It does not know debuggers. Arm ARM D2.8, D23.3.
import Architecture
import TestSupport
import Testing

@testable import Machine

struct BreakpointTests {
  /// MDSCR_EL1: MDE, and KDE for EL1.
  static let enabled: UInt64 = 0xa000
  /// DBGBCR: E, PMC EL0 (4) and EL1 (2), BAS.
  static let control: UInt64 = 0x1e7

  private func machine(_ mdscr: UInt64, _ value: UInt64, _ control: UInt64 = control) throws -> BareMachine {
    // nop; add x1, x1, #1; cmp x1, #5; b.ne -8; b .
    let words: [UInt32] = [0xd503_201f, 0x9100_0421, 0xf100_143f, 0x54ff_ffc1, 0x1400_0000]
    let machine = try BareMachine.guestEL1(words, el0: words)
    machine[0].write(.OSLAR_EL1, 0)
    machine[0].write(.MDSCR_EL1, mdscr)
    machine[0].write(.DBGBVR_EL1(1), value)
    machine[0].write(.DBGBCR_EL1(1), control)
    return machine
  }

  /// Breakpoints on the first word, in the middle, on the second half of a fused pair, and on a word that only a taken branch
  /// reaches.
  @Test(arguments: [0, 4, 8, 0xc, 0x10] as [UInt64], [0, 1] as [UInt64]) func aMatch(offset: UInt64, level: UInt64) throws {
    let base: UInt64 = level == 0 ? 0x1000 : 0xd000
    let machine = try machine(Self.enabled, base + offset)
    if level == 0 { machine.enterEL0(0x3c0) } else { machine[0].pstate = ProcessorState(rawValue: 0x5) }
    #expect(machine.run(count: 40) == .instructionLimit)
    #expect(machine[0].pc == (level == 0 ? 0xe400 : 0xe200))
    #expect(machine[0].read(.ESR_EL1) == (level == 0 ? 0xc200_0022 : 0xc600_0022))
    #expect(machine[0].read(.ELR_EL1) == base + offset)
    #expect(machine[0].read(.FAR_EL1) == 0)
    #expect(machine[0][x: 1] == (offset < 8 ? 0 : offset == 0x10 ? 5 : 1))
    // Without the breakpoint the program continues from its place.
    machine[0].write(.DBGBCR_EL1(1), 0)
    machine[0].pstate = ProcessorState(rawValue: machine[0].read(.SPSR_EL1)!)
    machine[0].pc = base + offset
    #expect(machine.run(count: 40) == .instructionLimit)
    #expect(machine[0].pc == base + 0x10 && machine[0][x: 1] == 5)
  }

  /// The conditions that prevent a breakpoint from matching. At EL0, PSTATE.D and KDE do not prevent it.
  @Test func noMatch() throws {
    /// MDSCR_EL1, DBGBCR, the OS lock, PSTATE, and whether the exception is taken.
    let rows: [(UInt64, UInt64, UInt64, UInt64, Bool)] = [
      (0x8000, 0x1e7, 0, 0x000, true),  // EL0
      (0x8000, 0x1e7, 0, 0x3c0, true),  // EL0, D set
      (0x2000, 0x1e7, 0, 0x000, false),  // MDE clear
      (0x8000, 0x1e7, 1, 0x000, false),  // OS lock
      (0x8000, 0x1e6, 0, 0x000, false),  // E clear
      (0x8000, 0x1e3, 0, 0x000, false),  // PMC says EL1
      (0x8000, 0x1e5, 0, 0x000, true),  // PMC says EL0
      (0x8000, 0x1e1, 0, 0x000, false),  // PMC 00 is reserved
      (0x8000, 0x21e7, 0, 0x000, false),  // HMC and SSC are reserved without EL2 and EL3
      (0x8000, 0x41e7, 0, 0x000, false), (0x8000, 0xc1e7, 0, 0x000, false),
      (0x8000, 0x3001e7, 0, 0x000, false),  // BT 3 alone
      (0x8000, 0x4001e7, 0, 0x000, false),  // BT reserved
      (0x8000, 0x007, 0, 0x000, true),  // BAS is RES1
      (0xa000, 0x1e7, 0, 0x005, true),  // EL1
      (0x8000, 0x1e7, 0, 0x005, false),  // KDE clear
      (0xa000, 0x1e7, 0, 0x205, false),  // D set
      (0xa000, 0x1e5, 0, 0x005, false),  // PMC says EL0
      (0xa000, 0x1e3, 0, 0x005, true), (0xa000, 0x1e3, 0, 0x004, true),
    ]
    for (index, row) in rows.enumerated() {
      let machine = try machine(row.0, row.3 & 4 == 0 ? 0x1004 : 0xd004, row.1)
      machine[0].write(.OSLAR_EL1, row.2)
      machine[0].pstate = ProcessorState(rawValue: row.3)
      if row.3 == 0 || row.3 == 0x3c0 { machine[0].pc = BareMachine.code }
      #expect(machine.run(count: 30) == .instructionLimit)
      #expect((machine[0].pc & 0xf000 == 0xe000) == row.4, "row \(index)")
    }
  }

  /// The last two can match CONTEXTIDR_EL1, alone or linked to an address.
  @Test func contextsMatchAloneOrLinked() throws {
    for (id, taken) in [(0x77, true), (0x78, false)] as [(UInt64, Bool)] {
      let linked = try machine(0x8000, 0x1008, 0x0015_01e5)  // BT 1, LBN 5
      linked[0].write(.DBGBVR_EL1(5), 0x77)
      linked[0].write(.DBGBCR_EL1(5), 0x0030_01e5)  // BT 3
      linked[0].write(.CONTEXTIDR_EL1, id)
      linked.enterEL0()
      #expect(linked.run(count: 30) == .instructionLimit)
      #expect((linked[0].pc == 0xe400) == taken)
      if taken { #expect(linked[0].read(.ELR_EL1) == 0x1008) }
      let alone = try machine(0x8000, 0, 0)
      for n in 3...4 as ClosedRange<UInt16> {
        alone[0].write(.DBGBVR_EL1(n), 0x77)
        alone[0].write(.DBGBCR_EL1(n), 0x0020_01e5)  // BT 2
        alone[0].write(.CONTEXTIDR_EL1, id)
        alone.enterEL0()
        #expect(alone.run(count: 1) == .instructionLimit)
        // Breakpoint 3 is not context-aware.
        #expect((alone[0].pc == 0xe400) == (taken && n == 4))
      }
    }
    // A link to a breakpoint that is off, or that is not a context, never matches.
    let wrong = try machine(0x8000, 0x1008, 0x0015_01e5)
    wrong.enterEL0()
    #expect(wrong.run(count: 30) == .instructionLimit)
    #expect(wrong[0].pc == 0x1010)
  }

  /// If the PC is unaligned, its page faults, a breakpoint matches or the state is illegal, the first of these counts. Arm ARM
  /// D1.3.5.
  @Test func theFirstOfSeveralExceptionsCounts() throws {
    let machine = try machine(0x8000, 0x7000, 0x1e5)
    machine.enterEL0()
    machine[0].pc = 0x7000
    #expect(machine.run(count: 1) == .instructionLimit)
    #expect(machine[0].read(.ESR_EL1) == 0x8200_0007 && machine[0].read(.FAR_EL1) == 0x7000)
    machine[0].write(.DBGBVR_EL1(1), 0x1000)
    for (control, esr) in [(0x1e5, 0xc200_0022), (0, 0x3a00_0000)] as [(UInt64, UInt64)] {
      machine[0].write(.DBGBCR_EL1(1), control)
      machine.enterEL0(0x10_0000)
      #expect(machine.run(count: 1) == .instructionLimit)
      #expect(machine[0].read(.ESR_EL1) == esr)
      #expect(machine[0].read(.SPSR_EL1) == 0x10_0000)
      #expect(machine[0].read(.FAR_EL1) == 0x7000)
    }
    for (pc, esr) in [(0x1002, 0x8a00_0000), (0x7000, 0x8200_0007)] as [(UInt64, UInt64)] {
      machine.enterEL0(0x10_0000)
      machine[0].pc = pc
      #expect(machine.run(count: 1) == .instructionLimit)
      #expect(machine[0].read(.ESR_EL1) == esr && machine[0].read(.FAR_EL1) == pc)
    }
  }

  /// Read and write masks, the locks, the claim tags, and the access rights of EL0 and EL1.
  @Test func debugRegistersHaveMasksAndLocks() throws {
    let machine = try BareMachine.guestEL1([])
    let pe = machine[0]
    #expect(pe.read(.ID_AA64DFR0_EL1) == 0x1030_5006)
    #expect(pe.read(.OSLSR_EL1) == 0xa)
    pe.write(.MDSCR_EL1, ~0)
    #expect(pe.read(.MDSCR_EL1) == 0x6ce0_f041)
    pe.write(.OSLAR_EL1, 0)
    #expect(pe.read(.OSLSR_EL1) == 8)
    pe.write(.MDSCR_EL1, 0)
    #expect(pe.read(.MDSCR_EL1) == 0x6ce0_4040)
    #expect(pe.read(.OSLAR_EL1) == nil && !pe.write(.OSLSR_EL1, 0))
    pe.write(.OSDLR_EL1, 1)
    #expect(pe.read(.OSDLR_EL1) == 1)
    pe.write(.DBGCLAIMSET_EL1, 0x1ff)
    pe.write(.DBGCLAIMCLR_EL1, 0x0f)
    #expect(pe.read(.DBGCLAIMCLR_EL1) == 0xf0 && pe.read(.DBGCLAIMSET_EL1) == 0xff)
    pe.write(.DBGWVR_EL1(3), 0x0001_8000_0000_0007)
    #expect(pe.read(.DBGWVR_EL1(3)) == 0xffff_8000_0000_0004)
    for n in 0..<16 as Range<UInt16> {
      #expect((pe.read(.DBGBCR_EL1(n)) != nil) == (n < 6))
      #expect((pe.read(.DBGWCR_EL1(n)) != nil) == (n < 4))
    }
    // From EL0 all are UNDEFINED, except the channel, which TDCC traps.
    for (mdscr, word, esr) in [
      (0, 0xd530_0240, 0x0200_0000), (0, 0xd533_0100, 0), (0x1000, 0xd533_0101, 0x6220_c023), (0x1000, 0xd513_0502, 0x6220_c04a),
    ] as [(UInt64, UInt32, UInt64)] {  // mrs x0, mdscr_el1; mrs x0, mdccsr_el0; mrs x1, mdccsr_el0; msr dbgdtrtx_el0, x2
      pe.write(.MDSCR_EL1, mdscr)
      pe.write(.ESR_EL1, 0)
      machine.load([word, 0x1400_0000])
      machine.enterEL0()
      #expect(machine.run(count: 2) == .instructionLimit)
      #expect(pe.read(.ESR_EL1) == esr, "\(String(word, radix: 16))")
    }
  }
}
