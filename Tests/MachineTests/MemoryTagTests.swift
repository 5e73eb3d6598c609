// Owns what FEAT_MTE's instructions do without tag storage: values from qemu-aarch64 7.2 -cpu max, where every tag is excluded.
// It does not know their encodings but as words.
import Architecture
import TestSupport
import Testing

@testable import Machine

struct MemoryTagTests {
  struct Row: Sendable {
    let word: UInt32
    let text: String
    let x1: UInt64, x2: UInt64, x0: UInt64
    let nzcv: UInt64
    init(_ word: UInt32, _ text: String, _ x1: UInt64, _ x2: UInt64, _ x0: UInt64, nzcv: UInt64 = 0) {
      self.word = word; self.text = text; self.x1 = x1; self.x2 = x2; self.x0 = x0; self.nzcv = nzcv
    }
  }
  static let rows: [Row] = [
    Row(0x9183_1420, "addg x0, x1, #48, #5", 0x1234_5678_9abc_def0, 0, 0x1034_5678_9abc_df20),
    Row(0xd1bf_3c40, "subg x0, x2, #1008, #15", 0, 0xfedc_ba98_7654_3210, 0xf0dc_ba98_7654_2e20),
    Row(0x9ac2_1020, "irg x0, x1, x2", 0x1234_5678_9abc_def0, 0, 0x1034_5678_9abc_def0),
    Row(0x9ac2_1420, "gmi x0, x1, x2", 0x1234_5678_9abc_def0, 0x10, 0x14),
    Row(0x9ac2_0020, "subp x0, x1, x2", 0x0f00_0000_0000_1000, 0xff80_0000_0000_0000, 0x0080_0000_0000_1000),
    Row(0xbac2_0020, "subps x0, x1, x2", 0x0500_0000_0000_1000, 0x0a00_0000_0000_1000, 0, nzcv: 6),
    Row(0xbac2_0020, "subps x0, x1, x2", 0, 1, 0xffff_ffff_ffff_ffff, nzcv: 8),
  ]

  @Test(arguments: rows) func resultsAreQEMUs(row: Row) throws {
    let machine = try BareMachine()
    let taken = machine.exception(of: row.word, x0: 0) {
      $0[x: 1] = row.x1
      $0[x: 2] = row.x2
    }
    #expect(taken?.esr == 0x5600_0000, "\(row.text)")
    #expect(machine[0][x: 0] == row.x0, "\(row.text)")
    #expect(taken.map { $0.spsr >> 28 } == row.nzcv, "\(row.text)")
  }

  /// STG needs a granule's alignment and write permission, and changes nothing; STZG zeroes; LDG reads tag 0. Arm ARM C6.2.
  @Test func tagStoresNeedAlignmentAndPermission() throws {
    let machine = try BareMachine()
    machine.put(BareMachine.dataPA + 16, 0x1122_3344_5566_7788)
    #expect(machine.exception(of: 0xd920_1800, x0: BareMachine.data)?.esr == 0x5600_0000)  // stg x0, [x0, #16]
    #expect(machine.get(BareMachine.dataPA + 16) == 0x1122_3344_5566_7788)
    #expect(machine.exception(of: 0xd920_1800, x0: BareMachine.data + 8)?.esr == 0x9200_0061)
    #expect(machine.exception(of: 0xd960_1800, x0: BareMachine.data)?.esr == 0x5600_0000)  // stzg x0, [x0, #16]
    #expect(machine.get(BareMachine.dataPA + 16) == 0)
    #expect(machine.exception(of: 0xd960_1000, x0: BareMachine.data + 5)?.esr == 0x5600_0000)  // ldg x0, [x0, #16]
    #expect(machine[0][x: 0] == BareMachine.data + 5)
  }

  /// Cache maintenance by address with tags, and what each does here. Arm ARM C5.3.
  static let maintenance: [(word: UInt32, text: String, zeroes: Bool, isWrite: Bool)] = [
    (0xd50b_7460, "dc gva, x0", false, true), (0xd50b_7480, "dc gzva, x0", true, true),
    (0xd50b_7a60, "dc cgvac, x0", false, false), (0xd50b_7aa0, "dc cgdvac, x0", false, false),
    (0xd50b_7c60, "dc cgvap, x0", false, false), (0xd50b_7ca0, "dc cgdvap, x0", false, false),
    (0xd50b_7d60, "dc cgvadp, x0", false, false), (0xd50b_7da0, "dc cgdvadp, x0", false, false),
    (0xd50b_7e60, "dc cigvac, x0", false, false), (0xd50b_7ea0, "dc cigdvac, x0", false, false),
  ]

  /// A bug that the sweep of EL1's encodings found: ID_AA64PFR1_EL1 said FEAT_MTE, but its cache maintenance was UNDEFINED. Without
  /// tag storage each instruction does what its form without G does; SCTLR_EL1.DZE and UCI trap it at EL0.
  @Test(arguments: maintenance) func cacheMaintenanceOfTags(_ word: UInt32, _ text: String, _ zeroes: Bool, _ isWrite: Bool) throws {
    let machine = try BareMachine()
    machine[0].write(.SCTLR_EL1, 0x34d0_4819)
    machine.put(BareMachine.dataPA, 0x1122_3344_5566_7788)
    #expect(machine.exception(of: word, x0: BareMachine.data)?.esr == 0x5600_0000, "\(text)")
    #expect(machine.get(BareMachine.dataPA) == (zeroes ? 0 : 0x1122_3344_5566_7788), "\(text)")
    // Nothing is mapped there: CM and WnR for maintenance, WnR for a write.
    let abort = machine.exception(of: word, x0: 0x10_0000_0000)
    #expect(abort?.far == 0x10_0000_0000 && abort.map { $0.esr & 0xffff_ffc0 } == (isWrite ? 0x9200_0040 : 0x9200_0140), "\(text)")
    machine[0].write(.SCTLR_EL1, 0x30d0_0819)
    #expect(machine.exception(of: word, x0: BareMachine.data).map { $0.esr >> 26 } == 0x18, "\(text)")
    var features = ProcessorFeatures()
    features.mte = false
    let plain = try BareMachine(features: features)
    #expect(plain.exception(of: word, x0: BareMachine.data)?.esr == 0x0200_0000, "\(text)")
  }

  @Test func withoutTheFeature() throws {
    var features = ProcessorFeatures()
    features.mte = false
    let machine = try BareMachine(features: features)
    for word in Self.rows.map(\.word) + [0xd920_1800, 0xd960_1000, 0x6900_0400] {
      #expect(machine.exception(of: word, x0: BareMachine.data)?.esr == 0x0200_0000, "\(String(word, radix: 16))")
    }
    #expect(machine[0].read(.ID_AA64PFR1_EL1)! >> 8 & 15 == 0)
  }
}
