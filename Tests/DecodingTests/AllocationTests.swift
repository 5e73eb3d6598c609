// Owns tests of words that must not decode: reserved encodings, hostile words, and allocated words that are not supported.
// It does not know operands.
import Testing

@testable import Decoding

struct AllocationTests {
  let decoder: Decoder
  init() throws { decoder = try Decoder() }

  /// Reserved words, each with the reason. LLVM 21 does not know them either, except those with op0 = 0.
  static let unallocated: [(UInt32, String)] = [
    (0x0000_0000, "all zero (UDF #0)"),
    (0xffff_ffff, "all ones"),
    (0x1240_0000, "AND W with N = 1"),
    (0x9240_fc00, "AND X, an element of ones only"),
    (0x3200_fc00, "ORR W, an element of ones only"),
    (0x52c0_0000, "MOVZ W, lsl #32"),
    (0x3280_0000, "move wide, opc = 01"),
    (0x1340_0000, "SBFM W with N = 1"),
    (0x5300_8000, "UBFM W with imms = 32"),
    (0x5320_0000, "UBFM W with immr = 32"),
    (0x1380_8000, "EXTR W with lsb = 32"),
    (0x9380_0000, "EXTR X with N = 0"),
    (0x0b00_8000, "ADD W, lsl #32"),
    (0x8bc0_0000, "ADD (shifted register) with ror"),
    (0x0a00_8000, "AND W, lsl #32"),
    (0x8b20_1400, "ADD (extended register), shift 5"),
    (0x8b60_0000, "ADD (extended register), opt = 01"),
    (0x5ac0_0c00, "REV64 of W"),
    (0x9ac0_0400, "two sources, opcode 1"),
    (0x9ac0_4000, "CRC32B with sf = 1"),
    (0x1ac0_4c00, "CRC32X with sf = 0"),
    (0x1b20_0000, "SMADDL with sf = 0"),
    (0x9b40_8000, "SMULH with o0 = 1"),
    (0x9a40_0810, "CCMN without S"),
    (0x3a40_0010, "CCMN with o3 = 1"),
    (0x1a80_0800, "CSEL with op2 = 10"),
    (0x3a80_0000, "CSEL with S = 1"),
    (0xd400_0000, "SVC space, LL = 0"),
    (0xd420_0001, "BRK with LL = 1"),
    (0xd65e_0000, "branch (register), op2 not all ones"),
    (0xd65f_0001, "RET with op4 = 1"),
    (0xd61f_0400, "BR with op3 = 1"),
    (0xd69f_0000, "ERET with Rn = 0"),
    (0x0821_7c82, "CASP with odd Rs"),
    (0x0820_7c83, "CASP with odd Rt"),
    (0x4861_7c83, "CASPA with both odd"),
    (0x0820_0082, "CASP with Rt2 = 0"),
    (0x88a0_0000, "CAS with Rt2 = 0"),
    (0x3820_9000, "atomics, o3:opc = 1001"),
    (0x3820_c000, "LDAPR with A = 0"),
    (0x38a0_c000, "LDAPR with Rs = 0"),
    (0x38ff_c000, "LDAPR with R = 1"),
    (0x3c20_0000, "atomics with V = 1"),
    (0xb8c0_0000, "LDURSW with opc = 3"),
    (0xf8c0_0000, "LDUR X with opc = 3"),
    (0xf880_0400, "PRFM, post-index"),
    (0xf880_0800, "unprivileged PRFM"),
    (0xf880_0c00, "PRFM, pre-index"),
    (0x3820_2800, "STRB (register) with option = 001"),
    (0x7c80_0000, "SIMD&FP load, size 1, opc = 2"),
    (0xdc00_0000, "LDR (literal, SIMD&FP), opc = 3"),
    (0xe940_0000, "pairs, opc = 3"),
    (0x6800_0000, "store of a signed pair, no allocate"),
    (0x3c00_0800, "unprivileged SIMD&FP store"),
    (0x2f00_f400, "FMOV D (vector) with Q = 0"),
    (0x0e00_0400, "DUP (element) with imm5 = 0"),
    (0x0e08_0400, "DUP (element) .1d"),
    (0x0e08_3c00, "UMOV W of a doubleword"),
    (0x4e04_3c00, "UMOV X of a word"),
    (0x0e04_1c00, "INS (general) with Q = 0"),
    (0x2e04_0400, "INS (element) with Q = 0"),
    (0x5e00_0400, "DUP (scalar) with imm5 = 0"),
    (0x9e26_0000, "FMOV X from S"),
    (0x1e66_0000, "FMOV W from D"),
    (0xd500_3fff, "op0 = 0 and no hint, barrier or PSTATE field"),
    (0xd501_2345, "op0 = 0, MSR of nothing"),
    (0xd520_0000, "op0 = 0, MRS of nothing"),
    (0xd503_2000, "hint with Rt = 0"),
    (0xd503_30de, "ISB with Rt = 30"),
    (0xd507_40ff, "MSR (immediate) of no PSTATE field"),
  ]

  @Test func unallocatedWordsAreUndefined() {
    for (word, reason) in Self.unallocated {
      #expect(decoder.decode(word) == .undefined, "\(hex(word)) \(reason)")
      #expect(!decoder.isAllocated(word), "\(hex(word)) \(reason)")
      #expect(decoder.source(word) == .none, "\(hex(word)) \(reason)")
    }
  }

  /// The decoder and LLVM accept exactly the same words, with any version of Capstone.
  @Test func sameWordsAsLLVM() throws {
    let digits = try LLVMVerdicts.rows.joined().map { try #require($0.hexDigitValue) }
    var wrong: [String] = []
    for (index, word) in SampleWords(seed: LLVMVerdicts.seed, count: digits.count * 4).enumerated() {
      let expected = digits[index / 4] >> (3 - index % 4) & 1 == 1 || LLVMVerdicts.features.contains(word)
      if (decoder.decode(word) != .undefined) != expected { wrong.append("\(hex(word)) \(expected)") }
    }
    #expect(digits.count == 2048)
    #expect(wrong.isEmpty)
  }

  /// Allocated words of families that are not supported: UNDEFINED when executed, but named in a trace.
  static let unsupported: [(UInt32, String)] = [
    (0xd4a0_0001, "dcps1"),
    (0xd9a0_0041, "stgm x1, [x2]"),
  ]

  @Test func unsupportedWordsAreAllocatedButUndefined() throws {
    let disassembler = try Disassembler()
    for (word, text) in Self.unsupported {
      #expect(decoder.decode(word) == .undefined, "\(text)")
      #expect(decoder.isAllocated(word), "\(text)")
      let mnemonic = text.prefix { $0 != " " }
      let line = disassembler.text(word)
      #expect(line.hasPrefix(mnemonic) || line.contains("// FEAT_"), "\(text): \(line)")
    }
  }

  /// Every word with one bit set or clear, and 2^18 sampled words, get a consistent answer.
  @Test func noWordCrashes() throws {
    let disassembler = try Disassembler()
    var words: [UInt32] = (0..<32).flatMap { [1 << $0, ~(1 << $0)] as [UInt32] }
    words += SampleWords(seed: 7, count: 1 << 18)
    for (index, word) in words.enumerated() {
      let instruction = decoder.decode(word)
      #expect(instruction == .undefined || decoder.isAllocated(word), "\(hex(word))")
      #expect(decoder.source(word) != .extensionDecoder || instruction != .undefined, "\(hex(word))")
      // Capstone's printing is slow, so only a part of the words is printed.
      if index % 16 == 0 { #expect(!disassembler.text(word, at: .max - 3).isEmpty, "\(hex(word))") }
    }
  }
}
