// Owns tests of FEAT_PAuth's words: text and operands, including the hint space.
// It does not know what they do. The words and texts are llvm-objdump's (LLVM 21).
import Testing

@testable import Decoding

struct PointerAuthenticationTests {
  static let rows: [(UInt32, String, Instruction)] = [
    (0xdac1_0020, "pacia x0, x1", .addPointerCode(.ia, d: r(0), modifier: r(1))),
    (0xdac1_07e2, "pacib x2, sp", .addPointerCode(.ib, d: r(2), modifier: .sp)),
    (0xdac1_0883, "pacda x3, x4", .addPointerCode(.da, d: r(3), modifier: r(4))),
    (0xdac1_0cbe, "pacdb x30, x5", .addPointerCode(.db, d: r(30), modifier: r(5))),
    (0xdac1_23e1, "paciza x1", .addPointerCode(.ia, d: r(1), modifier: .zero)),
    (0xdac1_27e2, "pacizb x2", .addPointerCode(.ib, d: r(2), modifier: .zero)),
    (0xdac1_2be3, "pacdza x3", .addPointerCode(.da, d: r(3), modifier: .zero)),
    (0xdac1_2fff, "pacdzb xzr", .addPointerCode(.db, d: .zero, modifier: .zero)),
    (0xdac1_1020, "autia x0, x1", .authenticatePointer(.ia, d: r(0), modifier: r(1))),
    (0xdac1_17e2, "autib x2, sp", .authenticatePointer(.ib, d: r(2), modifier: .sp)),
    (0xdac1_1883, "autda x3, x4", .authenticatePointer(.da, d: r(3), modifier: r(4))),
    (0xdac1_1cbe, "autdb x30, x5", .authenticatePointer(.db, d: r(30), modifier: r(5))),
    (0xdac1_33e1, "autiza x1", .authenticatePointer(.ia, d: r(1), modifier: .zero)),
    (0xdac1_37e2, "autizb x2", .authenticatePointer(.ib, d: r(2), modifier: .zero)),
    (0xdac1_3be3, "autdza x3", .authenticatePointer(.da, d: r(3), modifier: .zero)),
    (0xdac1_3fe4, "autdzb x4", .authenticatePointer(.db, d: r(4), modifier: .zero)),
    (0xdac1_43e5, "xpaci x5", .stripPointerCode(data: false, d: r(5))),
    (0xdac1_47e6, "xpacd x6", .stripPointerCode(data: true, d: r(6))),
    (0x9ac2_3020, "pacga x0, x1, x2", .genericCode(d: r(0), n: r(1), m: r(2))),
    (0x9adf_33e3, "pacga x3, xzr, sp", .genericCode(d: r(3), n: .zero, m: .sp)),
    (0xd71f_0822, "braa x1, x2", .branchAuthenticated(.br, .ia, n: r(1), modifier: r(2))),
    (0xd71f_0c7f, "brab x3, sp", .branchAuthenticated(.br, .ib, n: r(3), modifier: .sp)),
    (0xd61f_089f, "braaz x4", .branchAuthenticated(.br, .ia, n: r(4), modifier: .zero)),
    (0xd61f_0cbf, "brabz x5", .branchAuthenticated(.br, .ib, n: r(5), modifier: .zero)),
    (0xd73f_08c7, "blraa x6, x7", .branchAuthenticated(.blr, .ia, n: r(6), modifier: r(7))),
    (0xd73f_0d1f, "blrab x8, sp", .branchAuthenticated(.blr, .ib, n: r(8), modifier: .sp)),
    (0xd63f_093f, "blraaz x9", .branchAuthenticated(.blr, .ia, n: r(9), modifier: .zero)),
    (0xd63f_0fff, "blrabz xzr", .branchAuthenticated(.blr, .ib, n: .zero, modifier: .zero)),
    (0xd65f_0bff, "retaa", .branchAuthenticated(.ret, .ia, n: r(30), modifier: .sp)),
    (0xd65f_0fff, "retab", .branchAuthenticated(.ret, .ib, n: r(30), modifier: .sp)),
    (0xd69f_0bff, "eretaa", .exceptionReturnAuthenticated(.ia)),
    (0xd69f_0fff, "eretab", .exceptionReturnAuthenticated(.ib)),
    (0xf820_0441, "ldraa x1, [x2]", .loadAuthenticated(.da, t: r(1), .offset(n: r(2), 0))),
    (0xf8a0_17e3, "ldrab x3, [sp, #8]", .loadAuthenticated(.db, t: r(3), .offset(n: .sp, 8))),
    (0xf860_0ca4, "ldraa x4, [x5, #-4096]!", .loadAuthenticated(.da, t: r(4), .preIndex(n: r(5), -4096))),
    (0xf8bf_fce6, "ldrab x6, [x7, #4088]!", .loadAuthenticated(.db, t: r(6), .preIndex(n: r(7), 4088))),
    (0xf8ff_f51f, "ldrab xzr, [x8, #-8]", .loadAuthenticated(.db, t: .zero, .offset(n: r(8), -8))),
  ]

  @Test func wordsDecodeAndAreWrittenAsListed() throws {
    let (decoder, disassembler) = (try Decoder(), try Disassembler())
    for (word, text, instruction) in Self.rows {
      #expect(decoder.decode(word) == instruction, "\(text)")
      #expect(disassembler.text(word) == text)
    }
  }

  /// By hint number: what the word is on a processor with the feature.
  static let hints: [(UInt8, Instruction)] = [
    (7, .stripPointerCode(data: false, d: r(30))),
    (8, .addPointerCode(.ia, d: r(17), modifier: r(16))), (10, .addPointerCode(.ib, d: r(17), modifier: r(16))),
    (12, .authenticatePointer(.ia, d: r(17), modifier: r(16))), (14, .authenticatePointer(.ib, d: r(17), modifier: r(16))),
    (24, .addPointerCode(.ia, d: r(30), modifier: .zero)), (25, .addPointerCode(.ia, d: r(30), modifier: .sp)),
    (26, .addPointerCode(.ib, d: r(30), modifier: .zero)), (27, .addPointerCode(.ib, d: r(30), modifier: .sp)),
    (28, .authenticatePointer(.ia, d: r(30), modifier: .zero)), (29, .authenticatePointer(.ia, d: r(30), modifier: .sp)),
    (30, .authenticatePointer(.ib, d: r(30), modifier: .zero)), (31, .authenticatePointer(.ib, d: r(30), modifier: .sp)),
  ]

  @Test func hintsAreAuthenticationWhereTheManualSaysSo() {
    for number in 0..<128 as Range<UInt8> {
      let expected = Self.hints.first { $0.0 == number }?.1 ?? .hint(number)
      #expect(Instruction.hint(number).asPointerAuthentication == expected, "\(number)")
    }
  }

  /// Reserved words beside them.
  static let reserved: [(UInt32, String)] = [
    (0x5ac1_0020, "PACIA with sf = 0"), (0xfac1_0020, "PACIA with S = 1"), (0xdac1_2020, "PACIZA with Rn = 1"),
    (0xdac1_43c0, "XPACI with Rn = 30"), (0xdac1_4be0, "opcode 010010"), (0xdac1_63e0, "opcode 011000"), (0xdac2_0020, "opcode2 = 2"),
    (0x1ac2_3020, "PACGA with sf = 0"), (0xd61f_0822, "BRAAZ with Rm = 2"), (0xd65f_0bfe, "RETAA with Rm = 30"),
    (0xd65f_0bdf, "RETAA with Rn = 30"), (0xd75f_0bff, "RETAA with bit 24"), (0xd69f_0bfe, "ERETAA with Rm = 30"),
    (0xd79f_0bff, "ERETAA with bit 24"), (0xb820_0441, "LDRAA with size 2"), (0xfc20_0441, "LDRAA with V = 1"),
  ]

  @Test func reservedWordsAreUndefined() throws {
    let decoder = try Decoder()
    for (word, reason) in Self.reserved {
      #expect(decoder.decode(word) == .undefined && !decoder.isAllocated(word), "\(reason)")
    }
  }
}
