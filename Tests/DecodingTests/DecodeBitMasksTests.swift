// Owns the tests of the logical immediate's expansion.
// It does not know where in a word its fields stand.
import Testing

@testable import Decoding

struct DecodeBitMasksTests {
  struct Row: Sendable {
    let n: Int
    let imms: Int
    let immr: Int
    let width: Width
    let expected: UInt64?
  }

  /// Values from the Arm ARM's table of bitmask immediates and from an assembler.
  static let rows: [Row] = [
    Row(n: 0, imms: 0b111100, immr: 0, width: .x, expected: 0x5555_5555_5555_5555),
    Row(n: 0, imms: 0b111100, immr: 1, width: .x, expected: 0xaaaa_aaaa_aaaa_aaaa),
    Row(n: 0, imms: 0b111000, immr: 0, width: .x, expected: 0x1111_1111_1111_1111),
    Row(n: 0, imms: 0b111010, immr: 3, width: .x, expected: 0xeeee_eeee_eeee_eeee),
    Row(n: 0, imms: 0b110000, immr: 0, width: .x, expected: 0x0101_0101_0101_0101),
    Row(n: 0, imms: 0b110110, immr: 0, width: .w, expected: 0x7f7f_7f7f),
    Row(n: 0, imms: 0b100111, immr: 8, width: .x, expected: 0xff00_ff00_ff00_ff00),
    Row(n: 0, imms: 0b000000, immr: 0, width: .w, expected: 1),
    Row(n: 0, imms: 0b000001, immr: 1, width: .w, expected: 0x8000_0001),
    Row(n: 0, imms: 0b011110, immr: 0, width: .x, expected: 0x7fff_ffff_7fff_ffff),
    Row(n: 0, imms: 0b011110, immr: 31, width: .w, expected: 0xffff_fffe),
    Row(n: 1, imms: 0b000000, immr: 0, width: .x, expected: 1),
    Row(n: 1, imms: 0b000000, immr: 63, width: .x, expected: 2),
    Row(n: 1, imms: 0b111110, immr: 0, width: .x, expected: 0x7fff_ffff_ffff_ffff),
    Row(n: 1, imms: 0b111110, immr: 63, width: .x, expected: 0xffff_ffff_ffff_fffe),
    Row(n: 1, imms: 0b011111, immr: 32, width: .x, expected: 0xffff_ffff_0000_0000),
    // Rotation counts modulo the element
    Row(n: 0, imms: 0b111000, immr: 0b111101, width: .x, expected: 0x8888_8888_8888_8888),
    // Reserved: an element of ones only, or no element size
    Row(n: 1, imms: 0b111111, immr: 0, width: .x, expected: nil),
    Row(n: 0, imms: 0b111111, immr: 0, width: .x, expected: nil),
    Row(n: 0, imms: 0b111101, immr: 0, width: .x, expected: nil),
    Row(n: 0, imms: 0b111110, immr: 0, width: .x, expected: nil),
    Row(n: 0, imms: 0b011111, immr: 0, width: .w, expected: nil),
    Row(n: 0, imms: 0b101111, immr: 5, width: .x, expected: nil),
  ]

  @Test(arguments: rows) func expandsAsTheManualSays(row: Row) {
    #expect(decodeBitMask(n: row.n, imms: row.imms, immr: row.immr, width: row.width) == row.expected)
  }

  /// The manual: 5334 different 64-bit values, each with exactly one encoding when rotations are reduced.
  @Test func thereAre5334Values() {
    var values = Set<UInt64>()
    for n in 0...1 {
      for imms in 0..<64 {
        for immr in 0..<64 {
          if let value = decodeBitMask(n: n, imms: imms, immr: immr, width: .x) { values.insert(value) }
        }
      }
    }
    #expect(values.count == 5334)
    #expect(!values.contains(0) && !values.contains(.max))
  }
}
