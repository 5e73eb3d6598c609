// Owns the list of words that a Capstone of some version refuses although they are instructions.
// It does not know operands: once a word is on the list they come from the encoding like any other's.

/// What the linked Capstone may not know, as rows of mask and value over the word. Debian 12's 4.0.2 knows none of the features
/// and refuses legal (INS and DUP with ignored bits set) or CONSTRAINED UNPREDICTABLE v8.0 words. A row covers a class and may cover reserved
/// words of it too: `Encoding` refuses those.
enum ExtensionDecoder {
  struct Row {
    let mask: UInt32
    let value: UInt32
    let name: String
    func matches(_ word: UInt32) -> Bool { word & mask == value }
  }

  static let rows: [Row] = [
    // Features
    Row(mask: 0x3f20_8c00, value: 0x3820_0000, name: "FEAT_LSE: LDADD, LDCLR, LDEOR, LDSET, LDSMAX, LDSMIN, LDUMAX, LDUMIN"),
    Row(mask: 0x3f20_fc00, value: 0x3820_8000, name: "FEAT_LSE: SWP"),
    Row(mask: 0x3fa0_7c00, value: 0x08a0_7c00, name: "FEAT_LSE: CAS"),
    Row(mask: 0xbfa0_7c00, value: 0x0820_7c00, name: "FEAT_LSE: CASP"),
    Row(mask: 0x3fff_fc00, value: 0x38bf_c000, name: "FEAT_LRCPC: LDAPR"),
    Row(mask: 0x3fa0_8000, value: 0x0880_0000, name: "FEAT_LOR: LDLAR, STLLR"),
    Row(mask: 0xbfc0_c000, value: 0x9180_0000, name: "FEAT_MTE: ADDG, SUBG"),
    Row(mask: 0xffe0_f800, value: 0x9ac0_1000, name: "FEAT_MTE: IRG, GMI"),
    Row(mask: 0xdfe0_fc00, value: 0x9ac0_0000, name: "FEAT_MTE: SUBP, SUBPS"),
    Row(mask: 0xff20_0000, value: 0xd920_0000, name: "FEAT_MTE: STG and its kin, LDG"),
    Row(mask: 0xfe40_0000, value: 0x6800_0000, name: "FEAT_MTE: STGP"),
    Row(mask: 0xffff_e000, value: 0xdac1_0000, name: "FEAT_PAuth: PACIA and kin"),
    Row(mask: 0xffff_e3e0, value: 0xdac1_23e0, name: "FEAT_PAuth: PACIZA and kin"),
    Row(mask: 0xffff_fbe0, value: 0xdac1_43e0, name: "FEAT_PAuth: XPACI, XPACD"),
    Row(mask: 0xffe0_fc00, value: 0x9ac0_3000, name: "FEAT_PAuth: PACGA"),
    Row(mask: 0xffff_fbff, value: 0xd65f_0bff, name: "FEAT_PAuth: RETAA, RETAB"),
    Row(mask: 0xffff_fbff, value: 0xd69f_0bff, name: "FEAT_PAuth: ERETAA, ERETAB"),
    Row(mask: 0xffdf_f81f, value: 0xd61f_081f, name: "FEAT_PAuth: BRAAZ and kin"),
    Row(mask: 0xffdf_f800, value: 0xd71f_0800, name: "FEAT_PAuth: BRAA and kin"),
    Row(mask: 0xff20_0400, value: 0xf820_0400, name: "FEAT_PAuth: LDRAA, LDRAB"),
    Row(mask: 0xffe0_7c10, value: 0xba00_0400, name: "FEAT_FlagM: RMIF"),
    Row(mask: 0xffff_bc1f, value: 0x3a00_080d, name: "FEAT_FlagM: SETF8, SETF16"),
    Row(mask: 0x3fe0_0c00, value: 0x1900_0000, name: "FEAT_LRCPC2: STLUR"),
    Row(mask: 0x3fe0_0c00, value: 0x1940_0000, name: "FEAT_LRCPC2: LDAPUR"),
    Row(mask: 0xbfe0_0c00, value: 0x1980_0000, name: "FEAT_LRCPC2: LDAPURSB, LDAPURSH"),
    Row(mask: 0xbfe0_0c00, value: 0x19c0_0000, name: "FEAT_LRCPC2: LDAPURSB, LDAPURSH"),
    Row(mask: 0xffe0_0c00, value: 0x9980_0000, name: "FEAT_LRCPC2: LDAPURSW"),
    Row(mask: 0xffff_ffc0, value: 0xd503_1000, name: "FEAT_WFxT: WFET, WFIT"),
    Row(mask: 0x7fff_f800, value: 0x5ac0_1800, name: "FEAT_CSSC: CTZ, CNT"),
    Row(mask: 0x7fff_fc00, value: 0x5ac0_2000, name: "FEAT_CSSC: ABS"),
    Row(mask: 0x7fe0_f000, value: 0x1ac0_6000, name: "FEAT_CSSC: SMAX, UMAX, SMIN, UMIN (register)"),
    Row(mask: 0x7ff0_0000, value: 0x11c0_0000, name: "FEAT_CSSC: SMAX, UMAX, SMIN, UMIN (immediate)"),
    Row(mask: 0xffff_ffff, value: 0xd503_30ff, name: "FEAT_SB: SB"),
    Row(mask: 0xfff8_f01f, value: 0xd500_401f, name: "MSR (immediate) of a PSTATE field of a later version; CFINV, XAFLAG, AXFLAG"),
    Row(mask: 0xffff_f01f, value: 0xd503_201f, name: "hint space: hints that are not allocated are NOPs"),
    Row(mask: 0xffd0_0000, value: 0xd510_0000, name: "MRS and MSR of a register without a name"),
    Row(mask: 0xffd8_0000, value: 0xd508_0000, name: "SYS and SYSL without a name"),
    Row(mask: 0x0e00_0000, value: 0x0e00_0000, name: "SIMD and FP data processing of a later version"),
    // Legal v8.0 words with fields that are ignored
    Row(mask: 0x3f20_0c00, value: 0x3800_0800, name: "LDTR and STTR with Rt = Rn"),
    // CONSTRAINED UNPREDICTABLE v8.0 words (see Encoding.swift)
    Row(mask: 0x3f00_0000, value: 0x0800_0000, name: "exclusives with SBO fields that are not all ones, or Rs = Rt"),
    Row(mask: 0x3f20_0400, value: 0x3800_0400, name: "write-back to the register that is loaded or stored"),
    Row(mask: 0x3a00_0000, value: 0x2800_0000, name: "pairs with Rt = Rt2, or write-back to one of them"),
  ]

  /// Whether `word` belongs to a class of the list.
  static func recognises(_ word: UInt32) -> Bool { rows.contains { $0.matches(word) } }
}
