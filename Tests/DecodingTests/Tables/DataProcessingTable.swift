// Owns a table: the words of data processing (immediate and register), aliases included, and what they must decode to.
// It does not know the decoder: the words come from an assembler, the expected values were written by hand.
import Architecture
import Decoding

extension GoldenRow {
  static let dataProcessing: [GoldenRow] = [
    GoldenRow(
      0x9104_8c41, "add x1, x2, #0x123",
      .addSubtract(AddSubtract(subtract: false, setsFlags: false, width: .x, d: r(1), n: r(2), operand: .immediate(0x123)))),
    GoldenRow(
      0x9140_07ff, "add sp, sp, #1, lsl #12",
      .addSubtract(AddSubtract(subtract: false, setsFlags: false, width: .x, d: .sp, n: .sp, operand: .immediate(0x1000)))),
    GoldenRow(
      0x9100_03fd, "mov x29, sp",
      .addSubtract(AddSubtract(subtract: false, setsFlags: false, width: .x, d: r(29), n: .sp, operand: .immediate(0)))),
    GoldenRow(
      0x513f_fc7f, "sub wsp, w3, #4095",
      .addSubtract(AddSubtract(subtract: true, setsFlags: false, width: .w, d: .sp, n: r(3), operand: .immediate(0xfff)))),
    GoldenRow(
      0xf100_43ff, "cmp sp, #16",
      .addSubtract(AddSubtract(subtract: true, setsFlags: true, width: .x, d: .zero, n: .sp, operand: .immediate(16)))),
    GoldenRow(
      0x3100_14ff, "cmn w7, #5",
      .addSubtract(AddSubtract(subtract: false, setsFlags: true, width: .w, d: .zero, n: r(7), operand: .immediate(5)))),
    GoldenRow(
      0x8b43_fc41, "add x1, x2, x3, lsr #63",
      .addSubtract(AddSubtract(subtract: false, setsFlags: false, width: .x, d: r(1), n: r(2), operand: .shifted(r(3), .lsr, amount: 63)))),
    GoldenRow(
      0x6b9f_7c41, "subs w1, w2, wzr, asr #31",
      .addSubtract(AddSubtract(subtract: true, setsFlags: true, width: .w, d: r(1), n: r(2), operand: .shifted(.zero, .asr, amount: 31)))),
    GoldenRow(
      0xeb05_009f, "cmp x4, x5",
      .addSubtract(AddSubtract(subtract: true, setsFlags: true, width: .x, d: .zero, n: r(4), operand: .shifted(r(5), .lsl, amount: 0)))),
    GoldenRow(
      0xab05_0c9f, "cmn x4, x5, lsl #3",
      .addSubtract(AddSubtract(subtract: false, setsFlags: true, width: .x, d: .zero, n: r(4), operand: .shifted(r(5), .lsl, amount: 3)))),
    GoldenRow(
      0x4b09_03e8, "neg w8, w9",
      .addSubtract(AddSubtract(subtract: true, setsFlags: false, width: .w, d: r(8), n: .zero, operand: .shifted(r(9), .lsl, amount: 0)))),
    GoldenRow(
      0x8b22_603f, "add sp, x1, x2",
      .addSubtract(AddSubtract(subtract: false, setsFlags: false, width: .x, d: .sp, n: r(1), operand: .extended(r(2), .uxtx, amount: 0)))),
    GoldenRow(
      0xcb22_93e1, "sub x1, sp, w2, sxtb #4",
      .addSubtract(AddSubtract(subtract: true, setsFlags: false, width: .x, d: r(1), n: .sp, operand: .extended(r(2), .sxtb, amount: 4)))),
    GoldenRow(
      0xeb23_67ff, "cmp sp, x3, lsl #1",
      .addSubtract(AddSubtract(subtract: true, setsFlags: true, width: .x, d: .zero, n: .sp, operand: .extended(r(3), .uxtx, amount: 1)))),
    GoldenRow(
      0x0b23_2041, "add w1, w2, w3, uxth",
      .addSubtract(AddSubtract(subtract: false, setsFlags: false, width: .w, d: r(1), n: r(2), operand: .extended(r(3), .uxth, amount: 0)))),
    GoldenRow(0x9a03_0041, "adc x1, x2, x3", .addSubtractWithCarry(subtract: false, setsFlags: false, .x, d: r(1), n: r(2), m: r(3))),
    GoldenRow(0x7a03_03e1, "ngcs w1, w3", .addSubtractWithCarry(subtract: true, setsFlags: true, .w, d: r(1), n: .zero, m: r(3))),
    GoldenRow(
      0x9208_9c41, "and x1, x2, #0xff00ff00ff00ff00",
      .logical(
        Logical(operation: .and, invert: false, setsFlags: false, width: .x, d: r(1), n: r(2), operand: .immediate(0xff00_ff00_ff00_ff00)))),
    GoldenRow(
      0xb200_f3e1, "mov x1, #0x5555555555555555",
      .logical(
        Logical(operation: .orr, invert: false, setsFlags: false, width: .x, d: r(1), n: .zero, operand: .immediate(0x5555_5555_5555_5555)))
    ),
    GoldenRow(
      0x5201_043f, "eor wsp, w1, #0x80000001",
      .logical(Logical(operation: .eor, invert: false, setsFlags: false, width: .w, d: .sp, n: r(1), operand: .immediate(0x8000_0001)))),
    GoldenRow(
      0x7200_00bf, "tst w5, #1",
      .logical(Logical(operation: .and, invert: false, setsFlags: true, width: .w, d: .zero, n: r(5), operand: .immediate(1)))),
    GoldenRow(
      0xaa02_03e1, "mov x1, x2",
      .logical(
        Logical(operation: .orr, invert: false, setsFlags: false, width: .x, d: r(1), n: .zero, operand: .shifted(r(2), .lsl, amount: 0)))),
    GoldenRow(
      0x2ae2_1fe1, "mvn w1, w2, ror #7",
      .logical(
        Logical(operation: .orr, invert: true, setsFlags: false, width: .w, d: r(1), n: .zero, operand: .shifted(r(2), .ror, amount: 7)))),
    GoldenRow(
      0xeaa3_f041, "bics x1, x2, x3, asr #60",
      .logical(
        Logical(operation: .and, invert: true, setsFlags: true, width: .x, d: r(1), n: r(2), operand: .shifted(r(3), .asr, amount: 60)))),
    GoldenRow(
      0xca23_0041, "eon x1, x2, x3",
      .logical(
        Logical(operation: .eor, invert: true, setsFlags: false, width: .x, d: r(1), n: r(2), operand: .shifted(r(3), .lsl, amount: 0)))),
    GoldenRow(
      0xea07_00df, "tst x6, x7",
      .logical(
        Logical(operation: .and, invert: false, setsFlags: true, width: .x, d: .zero, n: r(6), operand: .shifted(r(7), .lsl, amount: 0)))),
    GoldenRow(0xd2a2_4681, "mov x1, #0x12340000", .moveWide(.movz, .x, d: r(1), immediate: 0x1234, shift: 16)),
    GoldenRow(0x1280_0021, "mov w1, #-2", .moveWide(.movn, .w, d: r(1), immediate: 1, shift: 0)),
    GoldenRow(0xf2ff_fffe, "movk x30, #0xffff, lsl #48", .moveWide(.movk, .x, d: r(30), immediate: 0xffff, shift: 48)),
    GoldenRow(0x10ff_ffe3, "adr x3, #-4", .pcRelative(page: false, d: r(3), offset: -4)),
    GoldenRow(0x707f_ffe3, "adr x3, #0xfffff", .pcRelative(page: false, d: r(3), offset: 0xfffff)),
    GoldenRow(0xf0ff_ffe4, "adrp x4, #-4096", .pcRelative(page: true, d: r(4), offset: -4096)),
    GoldenRow(0xf07f_ffff, "adrp xzr, #0xfffff000", .pcRelative(page: true, d: .zero, offset: 0xffff_f000)),
    GoldenRow(0xd37d_f041, "lsl x1, x2, #3", .bitfield(.ubfm, .x, d: r(1), n: r(2), immr: 61, imms: 60)),
    GoldenRow(0x5309_7c41, "lsr w1, w2, #9", .bitfield(.ubfm, .w, d: r(1), n: r(2), immr: 9, imms: 31)),
    GoldenRow(0x937f_fc41, "asr x1, x2, #63", .bitfield(.sbfm, .x, d: r(1), n: r(2), immr: 63, imms: 63)),
    GoldenRow(0xd344_2c41, "ubfx x1, x2, #4, #8", .bitfield(.ubfm, .x, d: r(1), n: r(2), immr: 4, imms: 11)),
    GoldenRow(0x131b_1441, "sbfiz w1, w2, #5, #6", .bitfield(.sbfm, .w, d: r(1), n: r(2), immr: 27, imms: 5)),
    GoldenRow(0xb378_3c41, "bfi x1, x2, #8, #16", .bitfield(.bfm, .x, d: r(1), n: r(2), immr: 56, imms: 15)),
    GoldenRow(0x3303_1841, "bfxil w1, w2, #3, #4", .bitfield(.bfm, .w, d: r(1), n: r(2), immr: 3, imms: 6)),
    GoldenRow(0xb344_0fe1, "bfc x1, #60, #4", .bitfield(.bfm, .x, d: r(1), n: .zero, immr: 4, imms: 3)),
    GoldenRow(0x9340_7c41, "sxtw x1, w2", .bitfield(.sbfm, .x, d: r(1), n: r(2), immr: 0, imms: 31)),
    GoldenRow(0x5300_1c41, "uxtb w1, w2", .bitfield(.ubfm, .w, d: r(1), n: r(2), immr: 0, imms: 7)),
    GoldenRow(0x9340_3c41, "sxth x1, w2", .bitfield(.sbfm, .x, d: r(1), n: r(2), immr: 0, imms: 15)),
    GoldenRow(0x93c3_4441, "extr x1, x2, x3, #17", .extract(.x, d: r(1), n: r(2), m: r(3), lsb: 17)),
    GoldenRow(0x1382_7c41, "ror w1, w2, #31", .extract(.w, d: r(1), n: r(2), m: r(2), lsb: 31)),
    GoldenRow(0x9a83_8041, "csel x1, x2, x3, hi", .conditionalSelect(.csel, .x, d: r(1), n: r(2), m: r(3), .hi)),
    GoldenRow(0x1a9f_17e1, "cset w1, eq", .conditionalSelect(.csinc, .w, d: r(1), n: .zero, m: .zero, .ne)),
    GoldenRow(0xda9f_a3e1, "csetm x1, lt", .conditionalSelect(.csinv, .x, d: r(1), n: .zero, m: .zero, .ge)),
    GoldenRow(0x9a82_3441, "cinc x1, x2, cs", .conditionalSelect(.csinc, .x, d: r(1), n: r(2), m: r(2), .cc)),
    GoldenRow(0x5a82_5041, "cinv w1, w2, mi", .conditionalSelect(.csinv, .w, d: r(1), n: r(2), m: r(2), .pl)),
    GoldenRow(0xda82_7441, "cneg x1, x2, vs", .conditionalSelect(.csneg, .x, d: r(1), n: r(2), m: r(2), .vc)),
    GoldenRow(0x9a83_e441, "csinc x1, x2, x3, al", .conditionalSelect(.csinc, .x, d: r(1), n: r(2), m: r(3), .al)),
    GoldenRow(0xfa42_902f, "ccmp x1, x2, #15, ls", .conditionalCompare(negative: false, .x, n: r(1), .register(r(2)), nzcv: 15, .ls)),
    GoldenRow(0x3a5f_c824, "ccmn w1, #31, #4, gt", .conditionalCompare(negative: true, .w, n: r(1), .immediate(31), nzcv: 4, .gt)),
    GoldenRow(0x9ac3_2041, "lsl x1, x2, x3", .shiftVariable(.lsl, .x, d: r(1), n: r(2), m: r(3))),
    GoldenRow(0x1ac3_2441, "lsr w1, w2, w3", .shiftVariable(.lsr, .w, d: r(1), n: r(2), m: r(3))),
    GoldenRow(0x9ac3_2841, "asr x1, x2, x3", .shiftVariable(.asr, .x, d: r(1), n: r(2), m: r(3))),
    GoldenRow(0x1ac3_2c41, "ror w1, w2, w3", .shiftVariable(.ror, .w, d: r(1), n: r(2), m: r(3))),
    GoldenRow(0x9ac3_0841, "udiv x1, x2, x3", .divide(signed: false, .x, d: r(1), n: r(2), m: r(3))),
    GoldenRow(0x1ac3_0c41, "sdiv w1, w2, w3", .divide(signed: true, .w, d: r(1), n: r(2), m: r(3))),
    GoldenRow(0x9b03_1041, "madd x1, x2, x3, x4", .multiplyAdd(subtract: false, .x, d: r(1), n: r(2), m: r(3), a: r(4))),
    GoldenRow(0x1b03_7c41, "mul w1, w2, w3", .multiplyAdd(subtract: false, .w, d: r(1), n: r(2), m: r(3), a: .zero)),
    GoldenRow(0x9b03_fc41, "mneg x1, x2, x3", .multiplyAdd(subtract: true, .x, d: r(1), n: r(2), m: r(3), a: .zero)),
    GoldenRow(0x9b23_7c41, "smull x1, w2, w3", .multiplyAddLong(signed: true, subtract: false, d: r(1), n: r(2), m: r(3), a: .zero)),
    GoldenRow(0x9ba3_9041, "umsubl x1, w2, w3, x4", .multiplyAddLong(signed: false, subtract: true, d: r(1), n: r(2), m: r(3), a: r(4))),
    GoldenRow(0x9ba3_1041, "umaddl x1, w2, w3, x4", .multiplyAddLong(signed: false, subtract: false, d: r(1), n: r(2), m: r(3), a: r(4))),
    GoldenRow(0x9b23_fc41, "smnegl x1, w2, w3", .multiplyAddLong(signed: true, subtract: true, d: r(1), n: r(2), m: r(3), a: .zero)),
    GoldenRow(0x9b43_7c41, "smulh x1, x2, x3", .multiplyHigh(signed: true, d: r(1), n: r(2), m: r(3))),
    GoldenRow(0x9bc3_7c41, "umulh x1, x2, x3", .multiplyHigh(signed: false, d: r(1), n: r(2), m: r(3))),
    GoldenRow(0xdac0_0041, "rbit x1, x2", .unary(.rbit, .x, d: r(1), n: r(2))),
    GoldenRow(0x5ac0_0441, "rev16 w1, w2", .unary(.rev16, .w, d: r(1), n: r(2))),
    GoldenRow(0xdac0_0841, "rev32 x1, x2", .unary(.rev32, .x, d: r(1), n: r(2))),
    GoldenRow(0xdac0_0c41, "rev x1, x2", .unary(.rev, .x, d: r(1), n: r(2))),
    GoldenRow(0x5ac0_0841, "rev w1, w2", .unary(.rev, .w, d: r(1), n: r(2))),
    GoldenRow(0xdac0_1041, "clz x1, x2", .unary(.clz, .x, d: r(1), n: r(2))),
    GoldenRow(0x5ac0_1441, "cls w1, w2", .unary(.cls, .w, d: r(1), n: r(2))),
    GoldenRow(0x1ac3_4041, "crc32b w1, w2, w3", .crc32(castagnoli: false, size: .byte, d: r(1), n: r(2), m: r(3))),
    GoldenRow(0x1ac3_4441, "crc32h w1, w2, w3", .crc32(castagnoli: false, size: .half, d: r(1), n: r(2), m: r(3))),
    GoldenRow(0x1ac3_5841, "crc32cw w1, w2, w3", .crc32(castagnoli: true, size: .word, d: r(1), n: r(2), m: r(3))),
    GoldenRow(0x9ac3_5c41, "crc32cx w1, w2, x3", .crc32(castagnoli: true, size: .double, d: r(1), n: r(2), m: r(3))),
  ]
}
