// Owns the names of instructions that Debian 12's Capstone does not know and that are not executed either, so that
// a trace can tell them from garbage. It does not know their operands.

/// Allocated but not supported, by feature. What Capstone knows by itself needs no row.
enum UnsupportedInstructions {
  static let rows: [ExtensionDecoder.Row] = [
    .init(mask: 0xffff_f0ff, value: 0xd500_401f, name: "FEAT_FlagM: CFINV"),
    .init(mask: 0xffff_f0ff, value: 0xd500_403f, name: "FEAT_FlagM2: XAFLAG"),
    .init(mask: 0xffff_f0ff, value: 0xd500_405f, name: "FEAT_FlagM2: AXFLAG"),
    .init(mask: 0xffe0_7c10, value: 0xba00_0400, name: "FEAT_FlagM: RMIF"),
    .init(mask: 0xffff_bc1f, value: 0x3a00_080d, name: "FEAT_FlagM: SETF8, SETF16"),
    .init(mask: 0x3fe0_0c00, value: 0x1900_0000, name: "FEAT_LRCPC2: STLUR"),
    .init(mask: 0x3fe0_0c00, value: 0x1940_0000, name: "FEAT_LRCPC2: LDAPUR"),
    .init(mask: 0xbfe0_0c00, value: 0x1980_0000, name: "FEAT_LRCPC2: LDAPURSB, LDAPURSH"),
    .init(mask: 0xbfe0_0c00, value: 0x19c0_0000, name: "FEAT_LRCPC2: LDAPURSB, LDAPURSH"),
    .init(mask: 0xffe0_0c00, value: 0x9980_0000, name: "FEAT_LRCPC2: LDAPURSW"),
  ]

  /// The row of an allocated but unsupported word that Capstone may not know.
  static func row(of word: UInt32) -> ExtensionDecoder.Row? { rows.first { $0.matches(word) } }
}
