// Owns the names of instructions that Debian 12's Capstone does not know and that are not executed either, so that
// a trace can tell them from garbage. It does not know their operands.

/// Allocated but not supported, by feature. What Capstone knows by itself needs no row.
enum UnsupportedInstructions {
  static let rows: [ExtensionDecoder.Row] = [
    .init(mask: 0xbfc0_c000, value: 0x9180_0000, name: "FEAT_MTE: ADDG, SUBG"),
    .init(mask: 0xffe0_f800, value: 0x9ac0_1000, name: "FEAT_MTE: IRG, GMI"),
    .init(mask: 0xdfe0_fc00, value: 0x9ac0_0000, name: "FEAT_MTE: SUBP, SUBPS"),
    .init(mask: 0xff20_0c00, value: 0xd920_0400, name: "FEAT_MTE: STG and its kin, post-index"),
    .init(mask: 0xff20_0800, value: 0xd920_0800, name: "FEAT_MTE: STG and its kin"),
    .init(mask: 0xffe0_0c00, value: 0xd960_0000, name: "FEAT_MTE: LDG"),
  ]

  /// The row of an allocated but unsupported word that Capstone may not know.
  static func row(of word: UInt32) -> ExtensionDecoder.Row? { rows.first { $0.matches(word) } }
}
