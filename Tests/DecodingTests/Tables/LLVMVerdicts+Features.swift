// Owns the words of the sample that LLVM names by features which came after the verdicts were recorded.
// It does not know our decoder: the words and mnemonics are llvm-objdump's (LLVM 21).

extension LLVMVerdicts {
  /// Words of `SampleWords(seed: 14, count: 8192)` that FEAT_PAuth allocates.
  static let features: Set<UInt32> = [
    0xdac1_12da,  // autia
    0x9ad0_323b,  // pacga
    0x9ad7_315a,  // pacga
    0x9ad7_307f,  // pacga
    0x9ace_31db,  // pacga
    0xf822_8495,  // ldraa
  ]
}
