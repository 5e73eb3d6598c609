// Owns the list of words that a Capstone of some version refuses although they are instructions.
// It does not know operands: once a word is on the list they come from the encoding like any other's.

/// What the linked Capstone may not know, as rows of mask and value over the word. Debian 12's 4.0.2 knows none of them.
enum ExtensionDecoder {
  struct Row {
    let mask: UInt32
    let value: UInt32
    let name: String
  }

  static let rows: [Row] = [
    Row(mask: 0x3b20_8c00, value: 0x3820_0000, name: "FEAT_LSE: LDADD, LDCLR, LDEOR, LDSET, LDSMAX, LDSMIN, LDUMAX, LDUMIN"),
    Row(mask: 0x3b20_fc00, value: 0x3820_8000, name: "FEAT_LSE: SWP"),
    Row(mask: 0x3fa0_7c00, value: 0x08a0_7c00, name: "FEAT_LSE: CAS"),
    Row(mask: 0xbfa0_7c00, value: 0x0820_7c00, name: "FEAT_LSE: CASP"),
    Row(mask: 0x3fff_fc00, value: 0x38bf_c000, name: "FEAT_LRCPC: LDAPR"),
    Row(mask: 0x3fa0_8000, value: 0x0880_0000, name: "FEAT_LOR: LDLAR, STLLR"),
    Row(mask: 0x3f20_0c00, value: 0x3800_0800, name: "LDTR and STTR with Rt = Rn, which 4.0.2 refuses"),
    Row(mask: 0xffe0_8400, value: 0x6e00_0400, name: "INS (element) with bits set that are ignored"),
    Row(mask: 0xffff_f01f, value: 0xd503_201f, name: "the hint space: hints that are not allocated are NOPs"),
    Row(mask: 0xffff_ffff, value: 0xd503_30ff, name: "FEAT_SB: SB"),
    Row(mask: 0xfff0_0000, value: 0xd530_0000, name: "MRS of a register without a name"),
    Row(mask: 0xfff0_0000, value: 0xd510_0000, name: "MSR of a register without a name"),
    Row(mask: 0xfff8_f01f, value: 0xd500_401f, name: "MSR (immediate) of a PSTATE field of a later version"),
    Row(mask: 0xffd8_0000, value: 0xd508_0000, name: "SYS and SYSL without a name"),
    // Capstone 4.0.2 refuses these v8.0 forms with unusual but legal fields.
    Row(mask: 0x3f00_0000, value: 0x0800_0000, name: "exclusives with RES1 fields that are not all ones"),
  ]

  /// Whether `word` is an instruction of the list.
  static func recognises(_ word: UInt32) -> Bool { rows.contains { word & $0.mask == $0.value } }
}
