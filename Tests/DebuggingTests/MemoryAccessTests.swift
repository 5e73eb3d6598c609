// Owns tests of the memory accesses of instructions: size, direction and address. It does not know what an access finds.
import Debugging
import Decoding
import Testing

@Suite struct MemoryAccessTests {
  private static let rows: [(word: UInt32, expression: String, size: UInt64, direction: MemoryAccess.Direction, address: UInt64)] = [
    (0xf940_0820, "x1 + 0x10", 8, .read, 0x1010),  // ldr x0, [x1, #0x10]
    (0xb81f_c020, "x1 - 0x4", 4, .write, 0xffc),  // stur w0, [x1, #-4]
    (0xf862_7820, "x1 + (x2 << 3)", 8, .read, 0x1000 + (0xffff_fff0 << 3)),  // ldr x0, [x1, x2, lsl #3]
    (0xb862_c820, "x1 + (x2 sxtw)", 4, .read, 0xff0),  // ldr w0, [x1, w2, sxtw]
    (0xa9bf_7bfd, "sp - 0x10", 16, .write, 0x7ff0),  // stp x29, x30, [sp, #-16]!
    (0xf840_8420, "x1", 8, .read, 0x1000),  // ldr x0, [x1], #8
    (0xb860_0022, "x1", 4, .readAndWrite, 0x1000),  // ldadd w0, w2, [x1]
    (0xc85f_7c20, "x1", 8, .read, 0x1000),  // ldxr x0, [x1]
    (0x3dc0_0020, "x1", 16, .read, 0x1000),  // ldr q0, [x1]
    (0x5800_0040, "pc + 0x8", 8, .read, 0x408),  // ldr x0, pc + 8
    (0xd50b_7421, "x1", 0, .maintenance, 0x1000),  // dc zva, x1
  ]

  @Test func accesses() throws {
    let decoder = try Decoder()
    for row in Self.rows {
      let access = try #require(MemoryAccess(decoder.decode(row.word)), "\(row)")
      #expect(access.expression == row.expression && access.size == row.size && access.direction == row.direction, "\(row) \(access)")
      let address = access.address(pc: 0x400) { $0.name == "x1" ? 0x1000 : $0.name == "x2" ? 0xffff_fff0 : $0.name == "sp" ? 0x8000 : nil }
      #expect(address == row.address, "\(row)")
    }
    for word in [0xd503_201f, 0x9100_0421, 0xd508_871f, 0x1400_0001] as [UInt32] { #expect(MemoryAccess(decoder.decode(word)) == nil) }
  }
}
