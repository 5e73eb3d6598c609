// Owns the names of instructions that Debian 12's Capstone does not know and that are not executed either, so that
// a trace can tell them from garbage. It does not know their operands.

/// Allocated but not supported, by feature. What Capstone knows by itself needs no row.
enum UnsupportedInstructions {
  static let rows: [ExtensionDecoder.Row] = [
    .init("11011001 xx1 000000000 00", "FEAT_MTE2: LDGM, STGM, STZGM")
  ]

  /// The row of an allocated but unsupported word that Capstone may not know.
  static func row(of word: UInt32) -> ExtensionDecoder.Row? { rows.first { $0.pattern.matches(word) } }
}
