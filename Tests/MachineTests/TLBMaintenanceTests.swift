// Owns tests of every TLBI form as an instruction: the entries that it removes and keeps, on which PE, and where it does not exist.
// It does not know the TLB's sets. Arm ARM C5.5.
import Architecture
import TestSupport
import Testing

@testable import Machine

struct TLBMaintenanceTests {
  /// Form, word with X0, operand, and what goes. Before each: pages 3, 4 and 5 of ASID 1, page 4 of ASID 2, global page 6.
  static let rows: [(form: TLBIOperation, word: UInt32, operand: UInt64, goes: [String])] = [
    (.VMALLE1, 0xd508_8700, 0, ["3 a1", "4 a1", "4 a2", "5 a1", "6 g"]),
    (.VAE1, 0xd508_8720, 0x0001_0000_0000_0004, ["4 a1"]),
    (.VAE1, 0xd508_8720, 0x0009_0000_0000_0006, ["6 g"]),
    (.ASIDE1, 0xd508_8740, 0x0001_0000_0000_0000, ["3 a1", "4 a1", "5 a1"]),
    (.VAAE1, 0xd508_8760, 0x0000_0000_0000_0004, ["4 a1", "4 a2"]),
    (.VALE1, 0xd508_87a0, 0x0001_0000_0000_0004, ["4 a1"]),
    (.VALE1, 0xd508_87a0, 0x0009_0000_0000_0006, ["6 g"]),
    (.VAALE1, 0xd508_87e0, 0x0000_0000_0000_0004, ["4 a1", "4 a2"]),
    (.RVAE1, 0xd508_8620, 0x0001_4000_0000_0003, ["3 a1", "4 a1"]),
    (.RVAE1, 0xd508_8620, 0x0002_4000_0000_0005, ["6 g"]),
    (.RVAAE1, 0xd508_8660, 0x0000_4000_0000_0003, ["3 a1", "4 a1", "4 a2"]),
    (.RVAAE1, 0xd508_8660, 0x0002_4000_0000_0005, ["5 a1", "6 g"]),
    (.RVALE1, 0xd508_86a0, 0x0001_4000_0000_0003, ["3 a1", "4 a1"]),
    (.RVALE1, 0xd508_86a0, 0x0002_4000_0000_0005, ["6 g"]),
    (.RVAALE1, 0xd508_86e0, 0x0000_4000_0000_0003, ["3 a1", "4 a1", "4 a2"]),
    (.RVAALE1, 0xd508_86e0, 0x0002_4000_0000_0005, ["5 a1", "6 g"]),
    (.VMALLE1IS, 0xd508_8300, 0, ["3 a1", "4 a1", "4 a2", "5 a1", "6 g"]),
    (.VAE1IS, 0xd508_8320, 0x0001_0000_0000_0004, ["4 a1"]),
    (.VAE1IS, 0xd508_8320, 0x0009_0000_0000_0006, ["6 g"]),
    (.ASIDE1IS, 0xd508_8340, 0x0001_0000_0000_0000, ["3 a1", "4 a1", "5 a1"]),
    (.VAAE1IS, 0xd508_8360, 0x0000_0000_0000_0004, ["4 a1", "4 a2"]),
    (.VALE1IS, 0xd508_83a0, 0x0001_0000_0000_0004, ["4 a1"]),
    (.VALE1IS, 0xd508_83a0, 0x0009_0000_0000_0006, ["6 g"]),
    (.VAALE1IS, 0xd508_83e0, 0x0000_0000_0000_0004, ["4 a1", "4 a2"]),
    (.RVAE1IS, 0xd508_8220, 0x0001_4000_0000_0003, ["3 a1", "4 a1"]),
    (.RVAE1IS, 0xd508_8220, 0x0002_4000_0000_0005, ["6 g"]),
    (.RVAAE1IS, 0xd508_8260, 0x0000_4000_0000_0003, ["3 a1", "4 a1", "4 a2"]),
    (.RVAAE1IS, 0xd508_8260, 0x0002_4000_0000_0005, ["5 a1", "6 g"]),
    (.RVALE1IS, 0xd508_82a0, 0x0001_4000_0000_0003, ["3 a1", "4 a1"]),
    (.RVALE1IS, 0xd508_82a0, 0x0002_4000_0000_0005, ["6 g"]),
    (.RVAALE1IS, 0xd508_82e0, 0x0000_4000_0000_0003, ["3 a1", "4 a1", "4 a2"]),
    (.RVAALE1IS, 0xd508_82e0, 0x0002_4000_0000_0005, ["5 a1", "6 g"]),
    (.VMALLE1OS, 0xd508_8100, 0, ["3 a1", "4 a1", "4 a2", "5 a1", "6 g"]),
    (.VAE1OS, 0xd508_8120, 0x0001_0000_0000_0004, ["4 a1"]),
    (.VAE1OS, 0xd508_8120, 0x0009_0000_0000_0006, ["6 g"]),
    (.ASIDE1OS, 0xd508_8140, 0x0001_0000_0000_0000, ["3 a1", "4 a1", "5 a1"]),
    (.VAAE1OS, 0xd508_8160, 0x0000_0000_0000_0004, ["4 a1", "4 a2"]),
    (.VALE1OS, 0xd508_81a0, 0x0001_0000_0000_0004, ["4 a1"]),
    (.VALE1OS, 0xd508_81a0, 0x0009_0000_0000_0006, ["6 g"]),
    (.VAALE1OS, 0xd508_81e0, 0x0000_0000_0000_0004, ["4 a1", "4 a2"]),
    (.RVAE1OS, 0xd508_8520, 0x0001_4000_0000_0003, ["3 a1", "4 a1"]),
    (.RVAE1OS, 0xd508_8520, 0x0002_4000_0000_0005, ["6 g"]),
    (.RVAAE1OS, 0xd508_8560, 0x0000_4000_0000_0003, ["3 a1", "4 a1", "4 a2"]),
    (.RVAAE1OS, 0xd508_8560, 0x0002_4000_0000_0005, ["5 a1", "6 g"]),
    (.RVALE1OS, 0xd508_85a0, 0x0001_4000_0000_0003, ["3 a1", "4 a1"]),
    (.RVALE1OS, 0xd508_85a0, 0x0002_4000_0000_0005, ["6 g"]),
    (.RVAALE1OS, 0xd508_85e0, 0x0000_4000_0000_0003, ["3 a1", "4 a1", "4 a2"]),
    (.RVAALE1OS, 0xd508_85e0, 0x0002_4000_0000_0005, ["5 a1", "6 g"]),
  ]
  private static let everything = ["3 a1", "4 a1", "4 a2", "5 a1", "6 g"]

  /// Two PEs with those entries each.
  private func machine(_ features: ProcessorFeatures = ProcessorFeatures()) throws -> BareMachine {
    let machine = try BareMachine(processors: 2, features: features)
    machine.put(BareMachine.table + 0x08, 0x0000_0000_4010_0fc3)  // EL1 executes the code page too
    machine.put(BareMachine.table + 0x30, 0x0020_0000_4010_1743)  // page 6 is global
    for number in 0...1 {
      for (asid, pages) in [(2, [4]), (1, [3, 4, 5, 6])] as [(UInt64, [UInt64])] {
        machine[number].write(.TTBR0_EL1, asid << 48 | 0x4001_0000)
        for page in pages { _ = machine.translate(page << 12, number: number) }
      }
    }
    return machine
  }

  /// Entries of data pages as text, sorted: page and ASID.
  private func entries(_ machine: BareMachine, _ number: Int) -> [String] {
    let data = machine[number].tlbEntries().filter { $0.va != BareMachine.code }
    return data.map { "\($0.va >> 12) " + ($0.isGlobal ? "g" : "a\($0.asid)") }.sorted()
  }

  private func execute(_ machine: BareMachine, _ word: UInt32, _ operand: UInt64) -> UInt64? {
    machine.exception(of: word, x0: operand) { $0.pstate = .EL1hMasked }?.esr
  }

  @Test func everyFormTakesItsOwn() throws {
    #expect(Set(Self.rows.map(\.form)) == Set(TLBIOperation.allCases))
    for row in Self.rows {
      let machine = try machine()
      #expect(entries(machine, 0) == Self.everything)
      #expect(execute(machine, row.word, row.operand) == 0x5600_0000, "\(row.form)")
      let left = Self.everything.filter { !row.goes.contains($0) }
      #expect(entries(machine, 0) == left, "\(row.form) \(String(row.operand, radix: 16))")
      let isBroadcast = ["IS", "OS"].contains("\(row.form)".suffix(2))
      #expect(entries(machine, 1) == (isBroadcast ? left : Self.everything), "\(row.form) on the other PE")
    }
  }

  /// At EL0, and on processors without the extension, an instruction is UNDEFINED and changes nothing.
  @Test func whereFormsAreUndefined() throws {
    for row in Self.rows {
      let name = "\(row.form)"
      for level in [.base, .outerShareable, .range] as [ProcessorFeatures.TLBMaintenance] {
        var features = ProcessorFeatures()
        features.tlbMaintenance = level
        let machine = try machine(features)
        #expect(machine.exception(of: row.word, x0: row.operand)?.esr == 0x0200_0000)
        let exists = name.hasPrefix("R") ? level == .range : name.hasSuffix("OS") ? level != .base : true
        #expect(execute(machine, row.word, row.operand) == (exists ? 0x5600_0000 : 0x0200_0000), "\(name), \(level)")
        #expect((entries(machine, 0) == Self.everything) == !exists, "\(name), \(level)")
      }
    }
  }

  @Test func theIdentificationRegistersSaySo() throws {
    for (level, field) in [(.base, 0), (.outerShareable, 1), (.range, 2)] as [(ProcessorFeatures.TLBMaintenance, UInt64)] {
      var features = ProcessorFeatures()
      features.tlbMaintenance = level
      features.ttl = level != .base
      let machine = try BareMachine(features: features)
      #expect(machine[0].read(.ID_AA64ISAR0_EL1)! >> 56 & 15 == field)
      #expect(machine[0].read(.ID_AA64MMFR2_EL1)! >> 48 & 15 == (level == .base ? 0 : 1))
    }
  }

  /// TTL in bits 47:44: right (4 KiB, level 3), silent, then wrong in level or granule. The reserved values say nothing.
  @Test func levelHints() throws {
    for (hint, goes) in [(7, true), (0, true), (3, true), (4, false), (5, false), (6, false), (8, true), (11, false), (15, false)]
      as [(UInt64, Bool)]
    {
      let machine = try machine()
      machine[0].el1.invalidateTLB(.VALE1, 1 << 48 | hint << 44 | 4)
      #expect(entries(machine, 0).contains("4 a1") == !goes, "\(hint)")
      // Without FEAT_TTL the bits have no effect.
      var features = ProcessorFeatures()
      features.ttl = false
      let without = try self.machine(features)
      without[0].el1.invalidateTLB(.VALE1, 1 << 48 | hint << 44 | 4)
      #expect(!entries(without, 0).contains("4 a1"))
    }
  }

  /// A block of 2 MiB: level 2 is right, and any address in it names it.
  @Test func levelHintsOfABlock() throws {
    for (hint, goes) in [(6, true), (7, false), (5, false), (0, true)] as [(UInt64, Bool)] {
      let machine = try BareMachine()
      machine.put(0x4001_1008, 0x0060_0000_4020_0f41)
      _ = machine.translate(0x20_1000)
      machine[0].el1.invalidateTLB(.VAE1, hint << 44 | 0x3ab)
      #expect(machine[0].tlbEntries().isEmpty == goes, "\(hint)")
    }
  }

  /// TG, SCALE, NUM, TTL and BaseADDR of a range, against an entry at page 4.
  @Test func rangesAreDecodedFieldByField() throws {
    let rows: [(operand: UInt64, goes: Bool, why: String)] = [
      (0x0001_4000_0000_0003, true, "3 and 4"),
      (0x0001_4000_0000_0002, false, "2 and 3"),
      (0x0001_4080_0000_0001, true, "1 to 4"),
      (0x0001_4080_0000_0000, false, "0 to 3"),
      (0x0001_4100_0000_0000, true, "0 to 5: NUM 2"),
      (0x0001_5000_0000_0000, true, "0 to 63: SCALE 1"),
      (0x0001_6000_0000_0000, true, "0 to 2047: SCALE 2"),
      (0x0001_7000_0000_0000, true, "0 to 65535: SCALE 3"),
      (0x0001_7f80_0000_0005, false, "from 5, as far as a range goes"),
      (0x0001_4060_0000_0003, true, "level 3"),
      (0x0001_4040_0000_0003, false, "level 2"),
      (0x0001_4020_0000_0003, false, "level 1"),
      (0x0001_8000_0000_0000, false, "the 16 KiB granule"),
      (0x0001_c000_0000_0000, false, "the 64 KiB granule"),
      (0x0001_0000_0000_0003, false, "no granule"),
      (0x0002_4000_0000_0003, false, "another ASID"),
      (0x0001_401f_ffff_ffff, false, "the last page of all and page 0"),
    ]
    for row in rows {
      let machine = try machine()
      machine[0].write(.TTBR0_EL1, 0x0009_0000_4001_0000)
      let before = entries(machine, 0)
      machine[0].el1.invalidateTLB(.RVAE1, row.operand)
      #expect(entries(machine, 0).contains("4 a1") == !row.goes, "\(row.why)")
      if !row.goes && row.operand & 0xffff_ffff == 0 { #expect(before.contains("4 a1")) }
    }
  }

  /// A block goes when the range touches any part of it.
  @Test func rangesTouchBlocks() throws {
    for (operand, goes) in [
      (0x4000_0000_01ff, true), (0x4000_0000_03ff, true), (0x4000_0000_0400, false), (0x4000_0000_01fe, false),
      (0x4040_0000_01ff, true), (0x4060_0000_01ff, false),
    ] as [(UInt64, Bool)] {
      let machine = try BareMachine()
      machine.put(0x4001_1008, 0x0060_0000_4020_0f41)  // 0x20_0000 to 0x3f_ffff
      _ = machine.translate(0x2a_b000)
      machine[0].el1.invalidateTLB(.RVAE1, operand)
      #expect(machine[0].tlbEntries().isEmpty == goes, "\(String(operand, radix: 16))")
    }
  }

  /// The upper half: BaseADDR's highest bit stands for all above it.
  @Test func rangesInTheUpperHalf() throws {
    let machine = try BareMachine()
    machine[0].write(.TTBR1_EL1, 0x4001_0000)
    machine[0].write(.TCR_EL1, 0x15_8019_0019)
    #expect(machine.translate(0xffff_ff80_0000_4000) == .pa(0x4020_1000))
    machine[0].el1.invalidateTLB(.RVAE1, 0x0000_4010_0000_0003)  // VA[48:12] of another address
    #expect(machine[0].tlbEntries().count == 1)
    machine[0].el1.invalidateTLB(.RVAE1, 0x0000_401f_f800_0003)
    #expect(machine[0].tlbEntries().isEmpty)
  }

  /// With TCR_EL1.AS clear the upper byte of an operand's ASID is ignored; a processor with 8-bit ASIDs ignores it always.
  @Test(arguments: [true, false]) func eightBitASIDs(asid16: Bool) throws {
    var features = ProcessorFeatures()
    features.asid16 = asid16
    let machine = try BareMachine(features: features)
    machine[0].write(.TCR_EL1, asid16 ? 0x05_8080_0019 : 0x15_8080_0019)
    machine[0].write(.TTBR0_EL1, 0x4201_0000_4001_0000)
    #expect(machine[0].read(.TTBR0_EL1) == (asid16 ? 0x4201_0000_4001_0000 : 0x0001_0000_4001_0000))
    #expect(machine[0].read(.TCR_EL1)! >> 36 & 1 == 0)
    #expect(machine[0].read(.ID_AA64MMFR0_EL1)! >> 4 & 15 == (asid16 ? 2 : 0))
    _ = machine.translate(0x4000)
    #expect(machine[0].tlbEntries().map(\.asid) == [1])
    machine[0].el1.invalidateTLB(.ASIDE1, 0x7702 << 48)
    #expect(machine[0].tlbEntries().count == 1)
    machine[0].el1.invalidateTLB(.ASIDE1, 0x7701 << 48)
    #expect(machine[0].tlbEntries().isEmpty)
  }
}
