// Owns the names of instructions that are not executed and that Debian 12's Capstone does not know either, so that a trace can tell
// them from data. It does not know their operands.

/// Instructions that are allocated but not supported, by feature. Those that Capstone knows need no row.
enum UnsupportedInstructions {
  static let rows: [ExtensionDecoder.Row] = [
    .init("11011001 xx1 000000000 00", "FEAT_MTE2: LDGM, STGM, STZGM")
  ]

  /// The row of an allocated but unsupported word that Capstone may not know.
  static func row(of word: UInt32) -> ExtensionDecoder.Row? { rows.first { $0.pattern.matches(word) } }
}
