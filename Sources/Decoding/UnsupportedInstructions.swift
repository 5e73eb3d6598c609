// Owns the names of instructions that Debian 12's Capstone does not know and that are not executed either, so that
// a trace can tell them from garbage. It does not know their operands.

/// Allocated but not supported, by feature. What Capstone knows by itself needs no row.
enum UnsupportedInstructions {
  static let rows: [ExtensionDecoder.Row] = [
    .init(mask: 0xff3f_fc00, value: 0xd920_0000, name: "FEAT_MTE2: LDGM, STGM, STZGM")
  ]

  /// The row of an allocated but unsupported word that Capstone may not know.
  static func row(of word: UInt32) -> ExtensionDecoder.Row? { rows.first { $0.matches(word) } }
}
