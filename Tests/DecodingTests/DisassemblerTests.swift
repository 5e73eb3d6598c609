// Owns tests of the text of unallocated words, and of words that some version of Capstone does not know.
// It does not compare Capstone's own text, which differs between versions, so it does not know that text.
import Decoding
import Testing

struct DisassemblerTests {
  /// Words and their text, which an assembler turns back into the word.
  static let rows: [(UInt32, String)] = [
    (0xf821_0002, "ldadd x1, x2, [x0]"),
    (0xf821_001f, "stadd x1, [x0]"),
    (0x3861_03ff, "staddlb w1, [sp]"),
    (0x38a1_03ff, "ldaddab w1, wzr, [sp]"),
    (0xb8e1_1062, "ldclral w1, w2, [x3]"),
    (0x7862_5001, "ldsminlh w2, w1, [x0]"),
    (0xf8e1_8062, "swpal x1, x2, [x3]"),
    (0x3821_805f, "swpb w1, wzr, [x2]"),
    (0x08e1_fc62, "casalb w1, w2, [x3]"),
    (0xc8a1_7c62, "cas x1, x2, [x3]"),
    (0x0860_7c82, "caspa w0, w1, w2, w3, [x4]"),
    (0x483e_ffe2, "caspl x30, xzr, x2, x3, [sp]"),
    (0xf8bf_c041, "ldapr x1, [x2]"),
    (0x78bf_c041, "ldaprh w1, [x2]"),
    (0x88df_7c41, "ldlar w1, [x2]"),
    (0x089f_7fe1, "stllrb w1, [sp]"),
    (0xf852_c96b, "ldtr x11, [x11, #-212]"),
    (0xa8ef_8120, "ldp x0, x0, [x9], #-264"),
    (0x29ad_75ce, "stp w14, w29, [x14, #-152]!"),
    (0x4e82_9420, "sdot v0.4s, v1.16b, v2.16b"),
    (0x2e82_9420, "udot v0.2s, v1.8b, v2.8b"),
    (0x4e82_9c20, "usdot v0.4s, v1.16b, v2.16b"),
    (0x6fa6_e95c, "udot v28.4s, v10.16b, v6.4b[3]"),
    (0x0f08_f873, "sudot v19.2s, v3.8b, v8.4b[2]"),
    (0x4fa9_f1e5, "usdot v5.4s, v15.16b, v9.4b[1]"),
    (0x4e82_a420, "smmla v0.4s, v1.16b, v2.16b"),
    (0x6e82_a420, "ummla v0.4s, v1.16b, v2.16b"),
    (0x4e82_ac20, "usmmla v0.4s, v1.16b, v2.16b"),
    (0x6f92_d887, "sqrdmlah v7.4s, v4.4s, v18.s[2]"),
    (0x7f58_f0fd, "sqrdmlsh h29, h7, v8.h[1]"),
    (0x6e42_8420, "sqrdmlah v0.8h, v1.8h, v2.8h"),
    (0x7e82_8c20, "sqrdmlsh s0, s1, s2"),
    (0xd503_201f, "nop"),
    (0xd503_233f, "paciasp"),
    (0xd503_245f, "bti c"),
    (0xd503_225f, "tsb csync"),
    (0xd503_2fff, "hint #0x7f"),
    (0xd503_30ff, "sb"),
    (0xd503_3fdf, "isb"),
    (0xd503_31df, "isb #1"),
    (0xd503_3bbf, "dmb ish"),
    (0xd503_37bf, "dmb nsh"),
    (0xd503_3f5f, "clrex"),
    (0xd500_419f, "msr pan, #1"),
    (0xd503_4fdf, "msr daifset, #0xf"),
    (0x0000_0000, "udf #0"),
    (0x0000_ffff, "udf #65535"),
    (0x0001_0000, ".inst 0x00010000"),
    (0xffff_ffff, ".inst 0xffffffff"),
    (0xd501_2345, ".inst 0xd5012345"),
  ]

  @Test func unknownToCapstoneIsWrittenAsAssemblersDo() throws {
    let disassembler = try Disassembler()
    for (word, text) in Self.rows { #expect(disassembler.text(word) == text, "\(hex(word))") }
  }

  /// Words of SVE and SME, as LLVM assembles them, and the instruction that each is. A later Capstone writes the operands too.
  static let unmodelled: [(word: UInt32, mnemonic: String, name: String)] = [
    (0x2518_e3e0, "ptrue", "SVE"), (0x25d8_e101, "ptrue", "SVE"), (0x04bf_5020, "rdvl", "SVE"), (0x043f_57ff, "addvl", "SVE"),
    (0x0420_e3e0, "cntb", "SVE"), (0x04e1_e081, "cntd", "SVE"), (0x25a2_1c20, "whilelo", "SVE"), (0x25a2_0c20, "whilelo", "SVE"),
    (0x25e2_1420, "whilelt", "SVE"), (0x8580_4000, "ldr", "SVE"), (0xe5bf_57ff, "str", "SVE"), (0x8580_0000, "ldr", "SVE"),
    (0xe580_040f, "str", "SVE"), (0xa540_a000, "ld1", "SVE"), (0xa401_4000, "ld1", "SVE"), (0xe5e1_e000, "st1", "SVE"),
    (0x25b8_c020, "mov", "SVE"), (0x6582_0020, "", "SVE"), (0x65a2_0020, "", "SVE"), (0xc008_00ff, "", "SME"), (0xc090_0000, "", "SME"),
    (0x8081_2000, "", "SME"), (0xe100_0000, "", "SME"),
  ]

  @Test func wordsOfOtherExtensionsSayWhatTheyAre() throws {
    let disassembler = try Disassembler()
    for (word, mnemonic, name) in Self.unmodelled {
      let text = disassembler.text(word)
      #expect(text.hasSuffix("\(name), which is not modelled") && (mnemonic.isEmpty || text.contains(mnemonic)), "\(hex(word)) \(text)")
    }
  }

  @Test func branchTargetsAreAbsolute() throws {
    let disassembler = try Disassembler()
    #expect(disassembler.text(0x1400_0002, at: 0x40_0000) == "b #0x400008")
    #expect(disassembler.text(0x17ff_ffff, at: 0) == "b #0xfffffffffffffffc")
  }
}
