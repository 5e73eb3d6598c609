// Owns the words of FEAT_FlagM, FEAT_FlagM2, FEAT_LRCPC2, FEAT_CSSC and FEAT_WFxT: text and operands.
// It does not know what they do. The words and texts are llvm-objdump's (LLVM 21).
import Testing

@testable import Decoding

struct IntegerExtensionTests {
  private static func load(
    _ size: AccessSize, _ t: UInt8, _ n: Register, _ offset: Int64, signed width: Width? = nil
  ) -> Instruction {
    .load(Load(size: size, signExtendTo: width, t: r(t), addressing: .offset(n: n, offset), ordering: .acquirePCUnscaled))
  }
  private static func store(_ size: AccessSize, _ n: Register, _ offset: Int64) -> Instruction {
    .store(Store(size: size, t: r(1), addressing: .offset(n: n, offset), ordering: .releaseUnscaled))
  }

  static let rows: [(UInt32, String, Instruction)] = [
    (0xd500_401f, "cfinv", .flagManipulation(.cfinv)),
    (0xd500_403f, "xaflag", .flagManipulation(.xaflag)),
    (0xd500_405f, "axflag", .flagManipulation(.axflag)),
    (0xba1f_842f, "rmif x1, #0x3f, #0xf", .flagManipulation(.rmif(n: r(1), rotation: 63, mask: 15))),
    (0xba00_07e1, "rmif xzr, #0, #1", .flagManipulation(.rmif(n: .zero, rotation: 0, mask: 1))),
    (0x3a00_082d, "setf8 w1", .flagManipulation(.setf(n: r(1), bits: 8))),
    (0x3a00_4bed, "setf16 wzr", .flagManipulation(.setf(n: .zero, bits: 16))),
    (0xd950_0041, "ldapur x1, [x2, #-256]", load(.double, 1, r(2), -256)),
    (0x994f_f3e3, "ldapur w3, [sp, #255]", load(.word, 3, .sp, 255)),
    (0x1940_0041, "ldapurb w1, [x2]", load(.byte, 1, r(2), 0)),
    (0x5940_2041, "ldapurh w1, [x2, #2]", load(.half, 1, r(2), 2)),
    (0x1980_0041, "ldapursb x1, [x2]", load(.byte, 1, r(2), 0, signed: .x)),
    (0x19df_f041, "ldapursb w1, [x2, #-1]", load(.byte, 1, r(2), -1, signed: .w)),
    (0x5980_0041, "ldapursh x1, [x2]", load(.half, 1, r(2), 0, signed: .x)),
    (0x59c0_0041, "ldapursh w1, [x2]", load(.half, 1, r(2), 0, signed: .w)),
    (0x9980_4041, "ldapursw x1, [x2, #4]", load(.word, 1, r(2), 4, signed: .x)),
    (0xd900_8041, "stlur x1, [x2, #8]", store(.double, r(2), 8)),
    (0x9900_03e1, "stlur w1, [sp]", store(.word, .sp, 0)),
    (0x1900_0041, "stlurb w1, [x2]", store(.byte, r(2), 0)),
    (0x591f_e041, "stlurh w1, [x2, #-2]", store(.half, r(2), -2)),
    (0xd503_1001, "wfet x1", .waitWithTimeout(event: true, t: r(1))),
    (0xd503_1022, "wfit x2", .waitWithTimeout(event: false, t: r(2))),
    (0xd503_101f, "wfet xzr", .waitWithTimeout(event: true, t: .zero)),
    (0xdac0_2041, "abs x1, x2", .commonUnary(.abs, .x, d: r(1), n: r(2))),
    (0x5ac0_2041, "abs w1, w2", .commonUnary(.abs, .w, d: r(1), n: r(2))),
    (0xdac0_1c83, "cnt x3, x4", .commonUnary(.cnt, .x, d: r(3), n: r(4))),
    (0x5ac0_1c83, "cnt w3, w4", .commonUnary(.cnt, .w, d: r(3), n: r(4))),
    (0xdac0_1be5, "ctz x5, xzr", .commonUnary(.ctz, .x, d: r(5), n: .zero)),
    (0x5ac0_18c5, "ctz w5, w6", .commonUnary(.ctz, .w, d: r(5), n: r(6))),
    (0x9ac3_6041, "smax x1, x2, x3", .minMax(.smax, .x, d: r(1), n: r(2), m: .register(r(3)))),
    (0x11c2_0041, "smax w1, w2, #-128", .minMax(.smax, .w, d: r(1), n: r(2), m: .immediate(-128))),
    (0x9ac3_6441, "umax x1, x2, x3", .minMax(.umax, .x, d: r(1), n: r(2), m: .register(r(3)))),
    (0x91c7_fc41, "umax x1, x2, #255", .minMax(.umax, .x, d: r(1), n: r(2), m: .immediate(255))),
    (0x1ac3_6841, "smin w1, w2, w3", .minMax(.smin, .w, d: r(1), n: r(2), m: .register(r(3)))),
    (0x91c9_fc41, "smin x1, x2, #127", .minMax(.smin, .x, d: r(1), n: r(2), m: .immediate(127))),
    (0x1ac3_6c41, "umin w1, w2, w3", .minMax(.umin, .w, d: r(1), n: r(2), m: .register(r(3)))),
    (0x11cc_07e4, "umin w4, wzr, #1", .minMax(.umin, .w, d: r(4), n: .zero, m: .immediate(1))),
  ]

  @Test func wordsDecodeAndAreWrittenAsListed() throws {
    let (decoder, disassembler) = (try Decoder(), try Disassembler())
    for (word, text, instruction) in Self.rows {
      #expect(decoder.decode(word) == instruction, "\(text)")
      #expect(disassembler.text(word) == text)
    }
  }

  /// Reserved words beside them. QEMU 7.2 has CFINV and its kin UNDEFINED where CRm is not zero.
  static let reserved: [(UInt32, String)] = [
    (0xd500_421f, "CFINV with CRm = 2"), (0xd500_423f, "XAFLAG with CRm = 2"), (0xd500_425f, "AXFLAG with CRm = 2"),
    (0xba00_0411, "RMIF with o2 = 1"), (0x3a00_040f, "RMIF with sf = 0"), (0xba00_0c01, "RMIF with bit 11"),
    (0x3a00_082c, "SETF8 with mask 1100"), (0x3a00_083d, "SETF8 with o3 = 1"), (0x3a01_080d, "SETF8 with opcode2"),
    (0xba00_080d, "SETF8 with sf = 1"), (0x1920_0041, "STLUR with bit 21"), (0xd980_0041, "LDAPUR X with opc = 2"),
    (0x99c0_0041, "LDAPUR W with opc = 3"), (0x1d00_0041, "STLUR with V = 1"), (0xd503_1040, "WFET's space, op2 = 2"),
    (0xd503_1101, "WFET's space, CRm = 1"), (0x5ac0_2420, "one source, opcode 001001"), (0x3ac0_6020, "SMAX with S = 1"),
    (0x1ac0_7020, "two sources, opcode 011100"), (0x11d0_0000, "min and max (immediate), opc = 0100"),
    (0x31c0_0000, "SMAX (immediate) with S = 1"), (0x51c0_0000, "SMAX (immediate) with op = 1"),
  ]

  @Test func reservedWordsAreUndefined() throws {
    let decoder = try Decoder()
    for (word, reason) in Self.reserved {
      #expect(decoder.decode(word) == .undefined && !decoder.isAllocated(word), "\(reason)")
    }
  }
}
