// Owns the words of the sample that LLVM names by features which came after the verdicts were recorded.
// It does not know our decoder: the words and mnemonics are llvm-objdump's (LLVM 21).

extension LLVMVerdicts {
  /// Words of `SampleWords(seed: 14, count: 8192)` that FEAT_PAuth, FEAT_LRCPC2 and FEAT_CSSC allocate.
  static let features: Set<UInt32> = [
    0xdac0_19a3,  // ctz
    0x5ac0_1876,  // ctz
    0xdac1_12da,  // autia
    0x5ac0_18ec,  // ctz
    0xdac0_1bcc,  // ctz
    0x9ad0_323b,  // pacga
    0x5ac0_18da,  // ctz
    0xdac0_1b8b,  // ctz
    0xdac0_1f83,  // cnt
    0xdac0_1f6a,  // cnt
    0xdac0_1cbd,  // cnt
    0x5ac0_18ae,  // ctz
    0x5ac0_18b0,  // ctz
    0x5ac0_185b,  // ctz
    0xdac0_1927,  // ctz
    0xdac0_1a45,  // ctz
    0x9ad7_315a,  // pacga
    0x5ac0_1d1d,  // cnt
    0x9ad7_307f,  // pacga
    0xdac0_1b1e,  // ctz
    0x5ac0_19f5,  // ctz
    0xdac0_1a30,  // ctz
    0xdac0_1b3c,  // ctz
    0x9ace_31db,  // pacga
    0x5ac0_1eeb,  // cnt
    0xdac0_1873,  // ctz
    0x5ac0_1c8f,  // cnt
    0x5ac0_1869,  // ctz
    0xdac0_1cbf,  // cnt
    0xdac0_1c74,  // cnt
    0xdac0_18cd,  // ctz
    0xdac0_1921,  // ctz
    0x191c_823d,  // stlurb
    0xf822_8495,  // ldraa
    0x5ac0_194e,  // ctz
  ]
}
