// Owns tests of the AT instructions and the values that they leave in PAR_EL1, as literals.
// It does not know how a walk is done. Arm ARM C5.4, D23 PAR_EL1.
import Architecture
import TestSupport
import Testing

@testable import Machine

struct AddressTranslationTests {
  private static let S1E1R: UInt32 = 0xd508_7800, S1E1W: UInt32 = 0xd508_7820, S1E0R: UInt32 = 0xd508_7840
  private static let S1E0W: UInt32 = 0xd508_7860, S1E1RP: UInt32 = 0xd508_7900, S1E1WP: UInt32 = 0xd508_7920
  private static let tcr: UInt64 = 0x15_8080_0019
  private static let haAndHD: UInt64 = 0x195_8080_0019

  private func machine(_ tcr: UInt64 = tcr, features: ProcessorFeatures = ProcessorFeatures()) throws -> BareMachine {
    let machine = try BareMachine(features: features)
    machine.put(BareMachine.table + 0x08, 0x0000_0000_4010_0fc3)  // EL1 executes the code page too
    machine[0].write(.TCR_EL1, tcr)
    return machine
  }

  /// PAR_EL1 after one AT at EL1; nil if the run did not end with the SVC.
  private func par(_ machine: BareMachine, _ word: UInt32, _ va: UInt64, pan: Bool = false) -> UInt64? {
    machine[0].write(.PAR_EL1, 0xdead)
    let taken = machine.exception(of: word, x0: va) {
      $0.pstate = .EL1hMasked
      $0.pstate.pan = pan
    }
    return taken?.esr == 0x5600_0000 ? machine[0].read(.PAR_EL1) : nil
  }

  /// By address of the standard space: S1E1R, S1E1W, S1E0R, S1E0W.
  static let rows: [(va: UInt64, par: [UInt64])] = [
    (0x3000, [0xff00_0000_4020_0b80, 0xff00_0000_4020_0b80, 0xff00_0000_4020_0b80, 0xff00_0000_4020_0b80]),
    (0x4abc, [0xff00_0000_4020_1b80, 0xff00_0000_4020_1b80, 0xff00_0000_4020_1b80, 0xff00_0000_4020_1b80]),
    (0x5000, [0xff00_0000_4020_2b80, 0x81f, 0xff00_0000_4020_2b80, 0x81f]),
    (0x7000, [0x80f, 0x80f, 0x80f, 0x80f]),
    // Device memory is outer shareable.
    (0x8000, [0x0000_0000_4020_3b00, 0x0000_0000_4020_3b00, 0x0000_0000_4020_3b00, 0x0000_0000_4020_3b00]),
    // An address outside RAM is translated nevertheless.
    (0xa000, [0xff00_0000_5000_0b80, 0xff00_0000_5000_0b80, 0xff00_0000_5000_0b80, 0xff00_0000_5000_0b80]),
    (0xb000, [0x817, 0x817, 0x817, 0x817]),
    (0xc000, [0xff00_0000_4020_4b80, 0xff00_0000_4020_4b80, 0x81f, 0x81f]),
    // No level 2 table, no level 1 entry, beyond T0SZ, a tag without TBI, the upper half under EPD1.
    (0x20_0000, [0x80d, 0x80d, 0x80d, 0x80d]),
    (0x4000_0000, [0x80b, 0x80b, 0x80b, 0x80b]),
    (0x80_0000_0000, [0x809, 0x809, 0x809, 0x809]),
    (0x1200_0000_0000_3000, [0x809, 0x809, 0x809, 0x809]),
    (0xffff_ffff_ffff_3000, [0x809, 0x809, 0x809, 0x809]),
  ]

  @Test func theStandardSpace() throws {
    let machine = try machine()
    for row in Self.rows {
      for (word, expected) in zip([Self.S1E1R, Self.S1E1W, Self.S1E0R, Self.S1E0W], row.par) {
        // First from memory, then from the TLB if it holds the page.
        machine[0].el1.invalidateTLB(.VMALLE1)
        #expect(par(machine, word, row.va) == expected, "\(String(row.va, radix: 16)) \(String(word, radix: 16))")
        #expect(par(machine, word, row.va) == expected, "\(String(row.va, radix: 16)) \(String(word, radix: 16)) again")
      }
    }
  }

  @Test func tagsAreIgnoredUnderTBI() throws {
    let machine = try machine(0x35_8080_0019)
    #expect(par(machine, Self.S1E0R, 0x1200_0000_0000_3000) == 0xff00_0000_4020_0b80)
    #expect(par(machine, Self.S1E0R, 0x1200_0000_0000_7000) == 0x80f)
  }

  /// SH from the descriptor; Normal Non-cacheable is outer shareable; the attribute byte is MAIR_EL1's.
  @Test func PARHoldsTheDescriptorsAttributes() throws {
    let machine = try machine()
    machine[0].write(.MAIR_EL1, 0x0000_0000_0c04_4400 | 0xff)
    for (descriptor, expected) in [
      (0x0060_0000_4020_1c43, 0xff00_0000_4020_1a00), (0x0060_0000_4020_1e43, 0xff00_0000_4020_1b00),
      (0x0060_0000_4020_1f43, 0xff00_0000_4020_1b80), (0x0060_0000_4020_1c47, 0x4400_0000_4020_1b00),
      (0x0060_0000_4020_1f4b, 0x0400_0000_4020_1b00), (0x0060_0000_4020_1c4f, 0x0c00_0000_4020_1b00),
    ] as [(UInt64, UInt64)] {
      machine.put(BareMachine.table + 0x20, descriptor)
      machine[0].el1.invalidateTLB(.VMALLE1)
      #expect(par(machine, Self.S1E1R, 0x4000) == expected, "\(String(descriptor, radix: 16))")
    }
  }

  /// PAN applies to the P forms only. It does not affect EL0's forms, nor an executable-only page.
  @Test func privilegedAccessNever() throws {
    let machine = try machine()
    for (pan, expected) in [(false, 0xff00_0000_4020_0b80), (true, 0x81f)] as [(Bool, UInt64)] {
      #expect(par(machine, Self.S1E1RP, 0x3000, pan: pan) == expected)
      #expect(par(machine, Self.S1E1WP, 0x3000, pan: pan) == expected)
      #expect(par(machine, Self.S1E1R, 0x3000, pan: pan) == 0xff00_0000_4020_0b80)
      #expect(par(machine, Self.S1E0W, 0x3000, pan: pan) == 0xff00_0000_4020_0b80)
      #expect(par(machine, Self.S1E1WP, 0xc000, pan: pan) == 0xff00_0000_4020_4b80)
    }
  }

  /// Under HA, AT sets AF but never the dirty state: a clean page is reported as writable and stays clean until it is written.
  @Test func hardwareUpdates() throws {
    let machine = try machine(Self.haAndHD)
    #expect(par(machine, Self.S1E0R, 0xb000) == 0xff00_0000_4020_0b80)
    #expect(machine.get(BareMachine.table + 0x58) == 0x0060_0000_4020_0f43)
    for word in [Self.S1E1W, Self.S1E0W, Self.S1E1WP, Self.S1E0R] {
      machine.put(BareMachine.table + 0x28, 0x0068_0000_4020_2fc3)
      machine[0].el1.invalidateTLB(.VMALLE1)
      for _ in 0..<2 {
        #expect(par(machine, word, 0x5000) == 0xff00_0000_4020_2b80)
        #expect(machine.get(BareMachine.table + 0x28) == 0x0068_0000_4020_2fc3)
      }
      #expect(machine.exception(of: 0xf900_0001, x0: 0x5000) { $0.pstate = .EL1hMasked }?.esr == 0x5600_0000)  // str x1, [x0]
      #expect(machine.get(BareMachine.table + 0x28) == 0x0068_0000_4020_2f43)
    }
    // A clean page of EL1 is not accessible to EL0.
    machine.put(BareMachine.table + 0x28, 0x0068_0000_4020_2f83)
    machine[0].el1.invalidateTLB(.VMALLE1)
    #expect(par(machine, Self.S1E0W, 0x5000) == 0x81f)
    #expect(par(machine, Self.S1E1W, 0x5000) == 0xff00_0000_4020_2b80)
  }

  /// AT may answer from the TLB, and does: a cached entry stays until a TLBI.
  @Test func staleEntriesAnswer() throws {
    let machine = try machine()
    #expect(par(machine, Self.S1E0R, 0x4000) == 0xff00_0000_4020_1b80)
    machine.put(BareMachine.table + 0x20, 0)
    #expect(par(machine, Self.S1E0R, 0x4000) == 0xff00_0000_4020_1b80)
    machine[0].el1.invalidateTLB(.VAAE1, 4)
    #expect(par(machine, Self.S1E0R, 0x4000) == 0x80f)
  }

  @Test func outputBeyondIPS() throws {
    let machine = try machine(0x10_8080_0019)
    machine.put(BareMachine.table + 0x20, 0x0060_0001_4020_1f43)
    #expect(par(machine, Self.S1E0R, 0x4000) == 0x807)
  }

  @Test func E0PD() throws {
    let machine = try machine(0x0080_0015_8080_0019)
    #expect(par(machine, Self.S1E0R, 0x3000) == 0x809)
    #expect(par(machine, Self.S1E1R, 0x3000) == 0xff00_0000_4020_0b80)
    #expect(par(machine, Self.S1E0R, 0x3000) == 0x809)
  }

  /// An external abort on the walk is an exception: DFSC with the level, CM and WnR set; PAR_EL1 keeps its value.
  @Test func abortsOnTheWalkAreTaken() throws {
    let machine = try machine()
    machine.put(0x4001_1008, 0x7000_0003)
    for word in [Self.S1E1R, Self.S1E0W] {
      machine[0].write(.PAR_EL1, 0xdead)
      let taken = machine.exception(of: word, x0: 0x20_5678) { $0.pstate = .EL1hMasked }
      #expect(taken?.esr == 0x9600_0157)
      #expect(taken?.far == 0x20_5678)
      #expect(machine[0].read(.PAR_EL1) == 0xdead)
    }
  }

  @Test func withTheMMUOff() throws {
    let machine = try machine()
    machine[0].write(.SCTLR_EL1, 0x30d0_0818)
    machine.put(BareMachine.codePA, words: [Self.S1E1W, 0xd400_0001])
    machine[0].pstate = .EL1hMasked
    machine[0].pc = BareMachine.codePA
    machine[0][x: 0] = 0x4020_0123
    #expect(machine.runToException(count: 8)?.esr == 0x5600_0000)
    #expect(machine[0].read(.PAR_EL1) == 0x0000_0000_4020_0b00)
  }

  @Test func whereTheyAreUndefined() throws {
    let machine = try machine()
    for word in [Self.S1E1R, Self.S1E1W, Self.S1E0R, Self.S1E0W, Self.S1E1RP, Self.S1E1WP] {
      #expect(machine.exception(of: word, x0: 0x3000)?.esr == 0x0200_0000)
    }
    var features = ProcessorFeatures()
    features.pan2 = false
    let without = try self.machine(features: features)
    #expect(par(without, Self.S1E1RP, 0x3000) == nil)
    #expect(par(without, Self.S1E1WP, 0x3000) == nil)
    #expect(par(without, Self.S1E1R, 0x3000) == 0xff00_0000_4020_0b80)
    #expect(without[0].read(.ID_AA64MMFR1_EL1)! >> 20 & 15 == 1)
  }
}
