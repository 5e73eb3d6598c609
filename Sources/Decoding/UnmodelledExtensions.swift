// Owns which extension a word belongs to where the machine has nothing of it, SVE and SME, and the names of the instructions that a
// program meets first. It does not know their operands, nor whether such a word is allocated.

/// Extensions of A64 whose instructions are all UNDEFINED here.
enum UnmodelledExtensions {
  /// Instructions of SVE by which compilers and libraries begin.
  private static let rows: [ExtensionDecoder.Row] = [
    .init("00100101 xx 01100 x 111000 xxxxx 0", "ptrue"),
    .init("00000100 10111111 01010", "rdvl"),
    .init("00000100 001 xxxxx 01010", "addvl"),
    .init("00000100 011 xxxxx 01010", "addpl"),
    .init("00000100 xx10 xxxx 111000", "cntb, cnth, cntw or cntd"),
    .init("00000100 xx11 xxxx 111000", "incb, inch, incw or incd"),
    .init("00100101 xx1 xxxxx 000 x 11 xxxxx 0", "whilelo"),
    .init("00100101 xx1 xxxxx 000 x 01 xxxxx 0", "whilelt"),
    .init("1000010110 xxxxxx 0x0", "ldr of a vector or predicate"),
    .init("1110010110 xxxxxx 0x0", "str of a vector or predicate"),
    .init("1010010 xxxx xxxxx 010", "ld1"),
    .init("1010010 xxxx 0 xxxx 101", "ld1"),
    .init("1110010 xxxx xxxxx 010", "st1"),
    .init("1110010 xxxx 0 xxxx 111", "st1"),
    .init("00100101 xx111000 110", "mov to a vector"),
  ]

  /// The extension of a word; nil for words of other parts of A64. Arm ARM, C4.1: bits 31 and 28:25.
  static func name(of word: UInt32) -> String? {
    switch (word >> 25 & 0xf, word >> 31) {
    case (0b0010, _): "SVE"
    case (0b0000, 1): "SME"
    default: nil
    }
  }

  /// What a word is, as in `ptrue: SVE, which is not modelled`; nil for words of other parts of A64.
  static func comment(on word: UInt32) -> String? {
    guard let name = name(of: word) else { return nil }
    let mnemonic = rows.first { $0.pattern.matches(word) }.map { "\($0.name): " } ?? ""
    return "\(mnemonic)\(name), which is not modelled"
  }
}
