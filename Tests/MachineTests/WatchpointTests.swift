// Owns tests of watchpoints: which accesses match, with which WnR, CM and FAR, and that other accesses continue.
// It does not know debuggers. Arm ARM D2.9.
import Architecture
import TestSupport
import Testing

@testable import Machine

struct WatchpointTests {
  /// A row has: word, X0, DBGWVR, DBGWCR, then ESR and FAR. ESR 0x56000000 is the SVC after an access that no watchpoint watches.
  static let rows: [(UInt32, UInt64, UInt64, UInt64, UInt64, UInt64)] = [
    (0xf940_0001, 0x3010, 0x3010, 0x1ffd, 0xd200_0022, 0x3010),  // ldr x1, [x0]; LSC 11, BAS all, PAC EL0
    (0xf900_0001, 0x3010, 0x3010, 0x1ffd, 0xd200_0062, 0x3010),  // str x1, [x0]
    (0xf900_0001, 0x3010, 0x3010, 0x1fed, 0x5600_0000, 0),  // str x1, [x0]; LSC 01: loads
    (0xf940_0001, 0x3010, 0x3010, 0x1ff5, 0x5600_0000, 0),  // ldr x1, [x0]; LSC 10: stores
    (0xf900_0001, 0x3010, 0x3010, 0x1ff5, 0xd200_0062, 0x3010),  // str x1, [x0]
    (0xf940_0001, 0x3010, 0x3010, 0x1ffb, 0x5600_0000, 0),  // PAC EL1
    (0xf940_0001, 0x3010, 0x3010, 0x1ffc, 0x5600_0000, 0),  // E clear
    (0xf940_0001, 0x3018, 0x3010, 0x1ffd, 0x5600_0000, 0),  // the next doubleword
    (0xf940_0001, 0x300b, 0x3010, 0x1ffd, 0xd200_0022, 0x3010),  // unaligned, the last bytes
    (0xf940_0001, 0x3008, 0x3010, 0x1ffd, 0x5600_0000, 0),  // just below
    (0x3940_0001, 0x3013, 0x3010, 0x011d, 0xd200_0022, 0x3013),  // ldrb w1, [x0]; BAS: byte 3 only
    (0x3940_0001, 0x3012, 0x3010, 0x011d, 0x5600_0000, 0),  // ldrb w1, [x0]
    (0xf940_0001, 0x3010, 0x3010, 0x011d, 0xd200_0022, 0x3013),  // ldr x1, [x0]
    (0xb940_0001, 0x3014, 0x3014, 0x01fd, 0xd200_0022, 0x3014),  // ldr w1, [x0]; a word's BAS
    (0xb940_0001, 0x3010, 0x3014, 0x1ffd, 0x5600_0000, 0),  // ldr w1, [x0]
    (0xf940_0001, 0x3ff0, 0x3000, 0x0c00_1ffd, 0xd200_0022, 0x3ff0),  // MASK 12
    (0xf940_0001, 0x3800, 0x3000, 0x0b00_1ffd, 0x5600_0000, 0),  // MASK 11
    (0xf940_0001, 0x3000, 0x3000, 0x0200_1ffd, 0x5600_0000, 0),  // MASK 2 is reserved
    (0xa940_0801, 0x3008, 0x3010, 0x1ffd, 0xd200_0022, 0x3010),  // ldp x1, x2, [x0]
    (0xa900_0801, 0x3008, 0x3010, 0x1ffd, 0xd200_0062, 0x3010),  // stp x1, x2, [x0]
    (0x3dc0_0001, 0x3000, 0x3008, 0x1ffd, 0xd200_0022, 0x3008),  // ldr q1, [x0]
    (0x3d80_0001, 0x3000, 0x3008, 0x1ffd, 0xd200_0062, 0x3008),  // str q1, [x0]
    (0xc85f_7c01, 0x3010, 0x3010, 0x1ffd, 0xd200_0022, 0x3010),  // ldxr x1, [x0]
    (0xc802_7c01, 0x3010, 0x3010, 0x1ffd, 0xd200_0062, 0x3010),  // stxr w2, x1, [x0]
    (0xf821_0002, 0x3010, 0x3010, 0x1ffd, 0xd200_0022, 0x3010),  // ldadd x1, x2, [x0]: a read would be watched too
    (0xf821_0002, 0x3010, 0x3010, 0x1ff5, 0xd200_0062, 0x3010),  // ldadd x1, x2, [x0]
    (0xc8a1_7c02, 0x3010, 0x3010, 0x1ff5, 0xd200_0062, 0x3010),  // cas x1, x2, [x0]
    (0xf880_0000, 0x3010, 0x3010, 0x1ffd, 0x5600_0000, 0),  // prfm: never
    (0xd50b_7420, 0x3047, 0x3070, 0x1ff5, 0xd200_0062, 0x3047),  // dc zva, x0: a store, FAR as given
    (0xd50b_7e20, 0x3010, 0x3010, 0x1ffd, 0x5600_0000, 0),  // dc civac, x0: never
    (0xf940_0001, 0x7010, 0x7010, 0x1ffd, 0x9200_0007, 0x7010),  // an abort comes first
    (0xf900_0001, 0x5010, 0x5010, 0x1ffd, 0x9200_004f, 0x5010),
  ]

  @Test(arguments: [true, false]) func everyAccessMatchesAsItsRowSays(fastTable: Bool) throws {
    for (index, row) in Self.rows.enumerated() {
      let machine = try BareMachine(fastTable: fastTable)
      machine[0].write(.SCTLR_EL1, 0x34d0_4819)
      for pa in stride(from: BareMachine.dataPA, to: BareMachine.dataPA + 0x100, by: 8) { machine.put(pa, 0x1111) }
      // Warm the tables first.
      _ = machine.exception(of: row.0, x0: row.1)
      machine[0].write(.OSLAR_EL1, 0)
      machine[0].write(.MDSCR_EL1, 0x8000)
      machine[0].write(.DBGWVR_EL1(2), row.2)
      machine[0].write(.DBGWCR_EL1(2), row.3)
      machine[0].write(.FAR_EL1, 0)
      let before = machine.get(BareMachine.dataPA + 0x10)
      let taken = machine.exception(of: row.0, x0: row.1) { $0[x: 1] = 0x55 }
      let svc = row.4 == 0x5600_0000
      #expect(taken == TakenException(esr: row.4, far: row.5, elr: svc ? 0x1008 : 0x1000), "row \(index)")
      if !svc {
        #expect(machine.get(BareMachine.dataPA + 0x10) == before, "row \(index) has stored")
        #expect(machine[0][x: 1] == 0x55)
      }
    }
  }

  /// KDE and PSTATE.D at EL1; LDTR at EL1 is EL0's access; DC IVAC has CM.
  @Test func atEL1() throws {
    /// Word, MDSCR_EL1, PSTATE, DBGWCR, ESR (0: not taken).
    let rows: [(UInt32, UInt64, UInt64, UInt64, UInt64)] = [
      (0xf940_0001, 0xa000, 0x005, 0x1ffb, 0xd600_0022),  // ldr x1, [x0]; PAC EL1
      (0xf900_0001, 0xa000, 0x005, 0x1fff, 0xd600_0062),  // str x1, [x0]
      (0xf940_0001, 0x8000, 0x005, 0x1ffb, 0),
      (0xf940_0001, 0xa000, 0x205, 0x1ffb, 0),
      (0xf940_0001, 0xa000, 0x005, 0x1ffd, 0),
      (0xf840_0801, 0xa000, 0x005, 0x1ffd, 0xd600_0022),  // ldtr x1, [x0]; PAC EL0
      (0xf840_0801, 0xa000, 0x005, 0x1ffb, 0),
      (0xd508_7620, 0xa000, 0x005, 0x1ff3, 0xd600_0162),  // dc ivac, x0
    ]
    for (index, row) in rows.enumerated() {
      let machine = try BareMachine.guestEL1([row.0])
      machine[0].write(.OSLAR_EL1, 0)
      machine[0].write(.MDSCR_EL1, row.1)
      machine[0].write(.DBGWVR_EL1(0), 0x3010)
      machine[0].write(.DBGWCR_EL1(0), row.3)
      machine[0].pstate = ProcessorState(rawValue: row.2)
      machine[0][x: 0] = 0x3010
      #expect(machine.run(count: 1) == .instructionLimit)
      #expect(machine[0].read(.ESR_EL1) == row.4, "row \(index)")
      #expect(machine[0].pc == (row.4 == 0 ? 0xd004 : 0xe200))
      if row.4 != 0 { #expect(machine[0].read(.FAR_EL1) == 0x3010 && machine[0].read(.ELR_EL1) == 0xd000) }
    }
  }

  /// A watchpoint linked to a context.
  @Test func aWatchpointLinkedToAContext() throws {
    for (id, esr) in [(0x77, 0xd200_0022), (0x76, 0x5600_0000)] as [(UInt64, UInt64)] {
      let machine = try BareMachine()
      machine[0].write(.OSLAR_EL1, 0)
      machine[0].write(.MDSCR_EL1, 0x8000)
      machine[0].write(.DBGBVR_EL1(4), 0x77)
      machine[0].write(.DBGBCR_EL1(4), 0x0030_01e5)
      machine[0].write(.DBGWVR_EL1(0), 0x3010)
      machine[0].write(.DBGWCR_EL1(0), 0x0014_1ffd)
      machine[0].write(.CONTEXTIDR_EL1, id)
      #expect(machine.exception(of: 0xf940_0001, x0: 0x3010)?.esr == esr)
    }
  }
}
