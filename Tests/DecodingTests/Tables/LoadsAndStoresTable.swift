// Owns a table: the words of loads and stores of general registers, and what they must decode to.
// It does not know the decoder: the words come from an assembler, the expected values were written by hand.
import Architecture
import Decoding

extension GoldenRow {
  static let loadsAndStores: [GoldenRow] = [
    GoldenRow(0xf97f_fc41, "ldr x1, [x2, #32760]", .load(Load(size: .double, t: r(1), addressing: .offset(n: r(2), 32760)))),
    GoldenRow(0xb940_07e1, "ldr w1, [sp, #4]", .load(Load(size: .word, t: r(1), addressing: .offset(n: .sp, 4)))),
    GoldenRow(0x397f_fc5f, "ldrb wzr, [x2, #4095]", .load(Load(size: .byte, t: .zero, addressing: .offset(n: r(2), 4095)))),
    GoldenRow(0x7940_0441, "ldrh w1, [x2, #2]", .load(Load(size: .half, t: r(1), addressing: .offset(n: r(2), 2)))),
    GoldenRow(0x3980_0041, "ldrsb x1, [x2]", .load(Load(size: .byte, signExtendTo: .x, t: r(1), addressing: .offset(n: r(2), 0)))),
    GoldenRow(0x39c0_0041, "ldrsb w1, [x2]", .load(Load(size: .byte, signExtendTo: .w, t: r(1), addressing: .offset(n: r(2), 0)))),
    GoldenRow(0x79c0_0c41, "ldrsh w1, [x2, #6]", .load(Load(size: .half, signExtendTo: .w, t: r(1), addressing: .offset(n: r(2), 6)))),
    GoldenRow(0xb980_0841, "ldrsw x1, [x2, #8]", .load(Load(size: .word, signExtendTo: .x, t: r(1), addressing: .offset(n: r(2), 8)))),
    GoldenRow(0xf900_0be1, "str x1, [sp, #16]", .store(Store(size: .double, t: r(1), addressing: .offset(n: .sp, 16)))),
    GoldenRow(0xb900_005f, "str wzr, [x2]", .store(Store(size: .word, t: .zero, addressing: .offset(n: r(2), 0)))),
    GoldenRow(0x3900_0441, "strb w1, [x2, #1]", .store(Store(size: .byte, t: r(1), addressing: .offset(n: r(2), 1)))),
    GoldenRow(0x793f_fc41, "strh w1, [x2, #8190]", .store(Store(size: .half, t: r(1), addressing: .offset(n: r(2), 8190)))),
    GoldenRow(0xf850_0041, "ldur x1, [x2, #-256]", .load(Load(size: .double, t: r(1), addressing: .offset(n: r(2), -256)))),
    GoldenRow(0xb88f_f041, "ldursw x1, [x2, #255]", .load(Load(size: .word, signExtendTo: .x, t: r(1), addressing: .offset(n: r(2), 255)))),
    GoldenRow(0x781f_f041, "sturh w1, [x2, #-1]", .store(Store(size: .half, t: r(1), addressing: .offset(n: r(2), -1)))),
    GoldenRow(0xf85f_8441, "ldr x1, [x2], #-8", .load(Load(size: .double, t: r(1), addressing: .postIndex(n: r(2), -8)))),
    GoldenRow(0x789f_efe1, "ldrsh x1, [sp, #-2]!", .load(Load(size: .half, signExtendTo: .x, t: r(1), addressing: .preIndex(n: .sp, -2)))),
    GoldenRow(0x3800_1441, "strb w1, [x2], #1", .store(Store(size: .byte, t: r(1), addressing: .postIndex(n: r(2), 1)))),
    GoldenRow(0xf81f_0ffe, "str x30, [sp, #-16]!", .store(Store(size: .double, t: r(30), addressing: .preIndex(n: .sp, -16)))),
    GoldenRow(
      0xf863_6841, "ldr x1, [x2, x3]",
      .load(Load(size: .double, t: r(1), addressing: .register(n: r(2), m: r(3), .uxtx, shift: 0)))),
    GoldenRow(
      0xf863_7841, "ldr x1, [x2, x3, lsl #3]",
      .load(Load(size: .double, t: r(1), addressing: .register(n: r(2), m: r(3), .uxtx, shift: 3)))),
    GoldenRow(
      0xb863_5be1, "ldr w1, [sp, w3, uxtw #2]",
      .load(Load(size: .word, t: r(1), addressing: .register(n: .sp, m: r(3), .uxtw, shift: 2)))),
    GoldenRow(
      0x78e3_c841, "ldrsh w1, [x2, w3, sxtw]",
      .load(Load(size: .half, signExtendTo: .w, t: r(1), addressing: .register(n: r(2), m: r(3), .sxtw, shift: 0)))),
    GoldenRow(
      0x3823_e841, "strb w1, [x2, x3, sxtx]",
      .store(Store(size: .byte, t: r(1), addressing: .register(n: r(2), m: r(3), .sxtx, shift: 0)))),
    GoldenRow(
      0xf83f_7841, "str x1, [x2, xzr, lsl #3]",
      .store(Store(size: .double, t: r(1), addressing: .register(n: r(2), m: .zero, .uxtx, shift: 3)))),
    GoldenRow(0x1880_0001, "ldr w1, #-1048576", .load(Load(size: .word, t: r(1), addressing: .literal(-0x10_0000)))),
    GoldenRow(0x587f_ffe1, "ldr x1, #0xffffc", .load(Load(size: .double, t: r(1), addressing: .literal(0xf_fffc)))),
    GoldenRow(0x9800_0021, "ldrsw x1, #4", .load(Load(size: .word, signExtendTo: .x, t: r(1), addressing: .literal(4)))),
    GoldenRow(
      0xf85f_b841, "ldtr x1, [x2, #-5]",
      .load(Load(size: .double, t: r(1), addressing: .offset(n: r(2), -5), ordering: .unprivileged))),
    GoldenRow(
      0xb85a_686b, "ldtr w11, [x3, #-90]",
      .load(Load(size: .word, t: r(11), addressing: .offset(n: r(3), -90), ordering: .unprivileged))),
    GoldenRow(
      0x38c0_0841, "ldtrsb w1, [x2]",
      .load(Load(size: .byte, signExtendTo: .w, t: r(1), addressing: .offset(n: r(2), 0), ordering: .unprivileged))),
    GoldenRow(
      0xb880_7821, "ldtrsw x1, [x1, #7]",
      .load(Load(size: .word, signExtendTo: .x, t: r(1), addressing: .offset(n: r(1), 7), ordering: .unprivileged))),
    GoldenRow(
      0x7800_2be1, "sttrh w1, [sp, #2]",
      .store(Store(size: .half, t: r(1), addressing: .offset(n: .sp, 2), ordering: .unprivileged))),
    GoldenRow(
      0xf800_08a5, "sttr x5, [x5]",
      .store(Store(size: .double, t: r(5), addressing: .offset(n: r(5), 0), ordering: .unprivileged))),
    GoldenRow(
      0xc8df_fc41, "ldar x1, [x2]",
      .load(Load(size: .double, t: r(1), addressing: .offset(n: r(2), 0), ordering: .acquireRelease))),
    GoldenRow(0x08df_ffe1, "ldarb w1, [sp]", .load(Load(size: .byte, t: r(1), addressing: .offset(n: .sp, 0), ordering: .acquireRelease))),
    GoldenRow(
      0x489f_fc41, "stlrh w1, [x2]",
      .store(Store(size: .half, t: r(1), addressing: .offset(n: r(2), 0), ordering: .acquireRelease))),
    GoldenRow(
      0x889f_fc41, "stlr w1, [x2]",
      .store(Store(size: .word, t: r(1), addressing: .offset(n: r(2), 0), ordering: .acquireRelease))),
    GoldenRow(
      0xc8df_7c41, "ldlar x1, [x2]",
      .load(Load(size: .double, t: r(1), addressing: .offset(n: r(2), 0), ordering: .limitedOrdering))),
    GoldenRow(
      0x08df_7c41, "ldlarb w1, [x2]",
      .load(Load(size: .byte, t: r(1), addressing: .offset(n: r(2), 0), ordering: .limitedOrdering))),
    GoldenRow(
      0x889f_7fe1, "stllr w1, [sp]",
      .store(Store(size: .word, t: r(1), addressing: .offset(n: .sp, 0), ordering: .limitedOrdering))),
    GoldenRow(
      0x489f_7c41, "stllrh w1, [x2]",
      .store(Store(size: .half, t: r(1), addressing: .offset(n: r(2), 0), ordering: .limitedOrdering))),
    GoldenRow(0xf8bf_c041, "ldapr x1, [x2]", .load(Load(size: .double, t: r(1), addressing: .offset(n: r(2), 0), ordering: .acquirePC))),
    GoldenRow(0xb8bf_c3e1, "ldapr w1, [sp]", .load(Load(size: .word, t: r(1), addressing: .offset(n: .sp, 0), ordering: .acquirePC))),
    GoldenRow(0x38bf_c041, "ldaprb w1, [x2]", .load(Load(size: .byte, t: r(1), addressing: .offset(n: r(2), 0), ordering: .acquirePC))),
    GoldenRow(0x78bf_c041, "ldaprh w1, [x2]", .load(Load(size: .half, t: r(1), addressing: .offset(n: r(2), 0), ordering: .acquirePC))),
    GoldenRow(
      0xa960_0861, "ldp x1, x2, [x3, #-512]",
      .loadPair(LoadPair(size: .double, t: r(1), t2: r(2), addressing: .offset(n: r(3), -512)))),
    GoldenRow(
      0x28df_8be1, "ldp w1, w2, [sp], #252",
      .loadPair(LoadPair(size: .word, t: r(1), t2: r(2), addressing: .postIndex(n: .sp, 252)))),
    GoldenRow(
      0xa9df_fbfd, "ldp x29, x30, [sp, #504]!",
      .loadPair(LoadPair(size: .double, t: r(29), t2: r(30), addressing: .preIndex(n: .sp, 504)))),
    GoldenRow(
      0x6960_0861, "ldpsw x1, x2, [x3, #-256]",
      .loadPair(LoadPair(size: .word, signed: true, t: r(1), t2: r(2), addressing: .offset(n: r(3), -256)))),
    GoldenRow(
      0xa840_8861, "ldnp x1, x2, [x3, #8]",
      .loadPair(LoadPair(size: .double, t: r(1), t2: r(2), addressing: .offset(n: r(3), 8), nonTemporal: true))),
    GoldenRow(
      0xa9bf_7bfd, "stp x29, x30, [sp, #-16]!",
      .storePair(StorePair(size: .double, t: r(29), t2: r(30), addressing: .preIndex(n: .sp, -16)))),
    GoldenRow(
      0x2900_887f, "stp wzr, w2, [x3, #4]",
      .storePair(StorePair(size: .word, t: .zero, t2: r(2), addressing: .offset(n: r(3), 4)))),
    GoldenRow(
      0x283f_8861, "stnp w1, w2, [x3, #-4]",
      .storePair(StorePair(size: .word, t: r(1), t2: r(2), addressing: .offset(n: r(3), -4), nonTemporal: true))),
    GoldenRow(0xc85f_7c41, "ldxr x1, [x2]", .loadExclusive(size: .double, acquire: false, t: r(1), t2: nil, n: r(2))),
    GoldenRow(0x085f_ffe1, "ldaxrb w1, [sp]", .loadExclusive(size: .byte, acquire: true, t: r(1), t2: nil, n: .sp)),
    GoldenRow(0x485f_7c41, "ldxrh w1, [x2]", .loadExclusive(size: .half, acquire: false, t: r(1), t2: nil, n: r(2))),
    GoldenRow(0xc87f_0861, "ldxp x1, x2, [x3]", .loadExclusive(size: .double, acquire: false, t: r(1), t2: r(2), n: r(3))),
    GoldenRow(0x887f_8861, "ldaxp w1, w2, [x3]", .loadExclusive(size: .word, acquire: true, t: r(1), t2: r(2), n: r(3))),
    GoldenRow(0xc801_7c62, "stxr w1, x2, [x3]", .storeExclusive(size: .double, release: false, s: r(1), t: r(2), t2: nil, n: r(3))),
    GoldenRow(0x4801_fc62, "stlxrh w1, w2, [x3]", .storeExclusive(size: .half, release: true, s: r(1), t: r(2), t2: nil, n: r(3))),
    GoldenRow(0x8821_0c82, "stxp w1, w2, w3, [x4]", .storeExclusive(size: .word, release: false, s: r(1), t: r(2), t2: r(3), n: r(4))),
    GoldenRow(0xc821_ffe2, "stlxp w1, x2, xzr, [sp]", .storeExclusive(size: .double, release: true, s: r(1), t: r(2), t2: .zero, n: .sp)),
    GoldenRow(0xf9bf_fc40, "prfm pldl1keep, [x2, #32760]", .prefetch(operation: 0, .offset(n: r(2), 32760))),
    GoldenRow(0xf8a3_7855, "prfm pstl3strm, [x2, x3, lsl #3]", .prefetch(operation: 21, .register(n: r(2), m: r(3), .uxtx, shift: 3))),
    GoldenRow(0xd8ff_ffea, "prfm plil2keep, #-4", .prefetch(operation: 10, .literal(-4))),
    GoldenRow(0xf890_03ff, "prfum #31, [sp, #-256]", .prefetch(operation: 31, .offset(n: .sp, -256))),
    GoldenRow(
      0xf852_c96b, ".inst 0xf852c96b",
      .load(Load(size: .double, t: r(11), addressing: .offset(n: r(11), -212), ordering: .unprivileged))),
    GoldenRow(
      0xa8ef_8120, ".inst 0xa8ef8120",
      .loadPair(LoadPair(size: .double, t: r(0), t2: r(0), addressing: .postIndex(n: r(9), -264)))),
    GoldenRow(
      0x29ad_75ce, ".inst 0x29ad75ce",
      .storePair(StorePair(size: .word, t: r(14), t2: r(29), addressing: .preIndex(n: r(14), -152)))),
    GoldenRow(0xb847_de52, ".inst 0xb847de52", .load(Load(size: .word, t: r(18), addressing: .preIndex(n: r(18), 125)))),
    GoldenRow(0xc801_0042, ".inst 0xc8010042", .storeExclusive(size: .double, release: false, s: r(1), t: r(2), t2: nil, n: r(2))),
    GoldenRow(0xf821_0062, "ldadd x1, x2, [x3]", .atomic(.add, size: .double, acquire: false, release: false, s: r(1), t: r(2), n: r(3))),
    GoldenRow(0x3861_03ff, "staddlb w1, [sp]", .atomic(.add, size: .byte, acquire: false, release: true, s: r(1), t: .zero, n: .sp)),
    GoldenRow(0xb8e1_1062, "ldclral w1, w2, [x3]", .atomic(.clr, size: .word, acquire: true, release: true, s: r(1), t: r(2), n: r(3))),
    GoldenRow(0x78a1_2062, "ldeorah w1, w2, [x3]", .atomic(.eor, size: .half, acquire: true, release: false, s: r(1), t: r(2), n: r(3))),
    GoldenRow(0x38e1_807f, "swpalb w1, wzr, [x3]", .atomic(.swap, size: .byte, acquire: true, release: true, s: r(1), t: .zero, n: r(3))),
    GoldenRow(0xc8e1_fc62, "casal x1, x2, [x3]", .compareAndSwap(size: .double, acquire: true, release: true, s: r(1), t: r(2), n: r(3))),
    GoldenRow(0x48a1_ffe2, "caslh w1, w2, [sp]", .compareAndSwap(size: .half, acquire: false, release: true, s: r(1), t: r(2), n: .sp)),
    GoldenRow(
      0x0860_7c82, "caspa w0, w1, w2, w3, [x4]",
      .compareAndSwapPair(size: .word, acquire: true, release: false, s: r(0), t: r(2), n: r(4))),
    GoldenRow(
      0x483e_ffe2, "caspl x30, xzr, x2, x3, [sp]",
      .compareAndSwapPair(size: .double, acquire: false, release: true, s: r(30), t: r(2), n: .sp)),
  ]
}
