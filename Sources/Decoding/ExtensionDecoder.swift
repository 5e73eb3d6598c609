// Owns the list of words that some version of Capstone refuses although they are instructions.
// It does not know operands: those of a listed word come from its encoding, as for any other word.

/// The words that the linked Capstone may not know. Debian 12's Capstone 4.0.2 knows none of the listed features. It also refuses
/// some words of v8.0 that are legal (INS and DUP with ignored bits set) or CONSTRAINED UNPREDICTABLE. A row covers a class and may
/// cover reserved words of the class too, which `Encoding` refuses.
enum ExtensionDecoder {
  struct Row: Sendable {
    let pattern: EncodingPattern
    let name: String

    init(_ pattern: EncodingPattern, _ name: String) {
      self.pattern = pattern
      self.name = name
    }
  }

  static let rows: [Row] = [
    // Features
    Row("xx111000 xx1 xxxxx 0xxx 00", "FEAT_LSE: LDADD, LDCLR, LDEOR, LDSET, LDSMAX, LDSMIN, LDUMAX, LDUMIN"),
    Row("xx111000 xx1 xxxxx 1000 00", "FEAT_LSE: SWP"),
    Row("xx001000 1x1 xxxxx x 11111", "FEAT_LSE: CAS"),
    Row("0x001000 0x1 xxxxx x 11111", "FEAT_LSE: CASP"),
    Row("xx111000 101 11111 1100 00", "FEAT_LRCPC: LDAPR"),
    Row("xx001000 1x0 xxxxx 0", "FEAT_LOR: LDLAR, STLLR"),
    Row("1x01000110 xxxxxx 00", "FEAT_MTE: ADDG, SUBG"),
    Row("10011010110 xxxxx 00010x", "FEAT_MTE: IRG, GMI"),
    Row("10x11010110 xxxxx 000000", "FEAT_MTE: SUBP, SUBPS"),
    Row("11011001 xx1", "FEAT_MTE: STG, STZG, ST2G, STZ2G, LDG"),
    Row("0110100 xx 0", "FEAT_MTE: STGP"),
    Row("11011010110 00001 000xxx", "FEAT_PAuth: PACIA to AUTDB, with a modifier"),
    Row("11011010110 00001 001xxx 11111", "FEAT_PAuth: PACIZA to AUTDZB, modifier zero"),
    Row("11011010110 00001 01000x 11111", "FEAT_PAuth: XPACI, XPACD"),
    Row("10011010110 xxxxx 001100", "FEAT_PAuth: PACGA"),
    Row("1101011 0 010 11111 00001x 11111 11111", "FEAT_PAuth: RETAA, RETAB"),
    Row("1101011 0 100 11111 00001x 11111 11111", "FEAT_PAuth: ERETAA, ERETAB"),
    Row("1101011 0 00x 11111 00001x xxxxx 11111", "FEAT_PAuth: BRAAZ, BRABZ, BLRAAZ, BLRABZ"),
    Row("1101011 1 00x 11111 00001x", "FEAT_PAuth: BRAA, BRAB, BLRAA, BLRAB"),
    Row("11111000 xx1 xxxxxxxxx x1", "FEAT_PAuth: LDRAA, LDRAB"),
    Row("10111010000 xxxxxx 00001 xxxxx 0", "FEAT_FlagM: RMIF"),
    Row("00111010000 000000 x 0010 xxxxx 01101", "FEAT_FlagM: SETF8, SETF16"),
    Row("xx011001 000 xxxxxxxxx 00", "FEAT_LRCPC2: STLUR"),
    Row("xx011001 010 xxxxxxxxx 00", "FEAT_LRCPC2: LDAPUR"),
    Row("0x011001 100 xxxxxxxxx 00", "FEAT_LRCPC2: LDAPURSB, LDAPURSH, to X"),
    Row("0x011001 110 xxxxxxxxx 00", "FEAT_LRCPC2: LDAPURSB, LDAPURSH, to W"),
    Row("10011001 100 xxxxxxxxx 00", "FEAT_LRCPC2: LDAPURSW"),
    Row("1101010100 0 00 011 0001 0000 00x", "FEAT_WFxT: WFET, WFIT"),
    Row("x1011010110 00000 00011x", "FEAT_CSSC: CTZ, CNT"),
    Row("x1011010110 00000 001000", "FEAT_CSSC: ABS"),
    Row("x0011010110 xxxxx 0110xx", "FEAT_CSSC: SMAX, UMAX, SMIN, UMIN (register)"),
    Row("x001000111 00", "FEAT_CSSC: SMAX, UMAX, SMIN, UMIN (immediate)"),
    Row("1101010100 0 00 011 0011 0000 111 11111", "FEAT_SB: SB"),
    Row("1101010100 0 00 xxx 0100 xxxx xxx 11111", "MSR (immediate) of a PSTATE field of a later version; CFINV, XAFLAG, AXFLAG"),
    Row("1101010100 0 00 011 0010 xxxx xxx 11111", "hint space: hints that are not allocated are NOPs"),
    Row("1101010100 x 1", "MRS and MSR of a register without a name"),
    Row("1101010100 x 01", "SYS and SYSL without a name"),
    Row("xxxx111", "SIMD and FP data processing of a later version"),
    // Legal v8.0 words with fields that are ignored
    Row("xx111000 xx0 xxxxxxxxx 10", "LDTR and STTR with Rt = Rn"),
    // CONSTRAINED UNPREDICTABLE v8.0 words (see Encoding.swift)
    Row("xx001000", "exclusives with SBO fields that are not all ones, or Rs = Rt"),
    Row("xx111000 xx0 xxxxxxxxx x1", "write-back to the register that is loaded or stored"),
    Row("xx101x0", "pairs with Rt = Rt2, or write-back to one of them"),
  ]

  private static let index = EncodingIndex(rows.map(\.pattern))

  /// Whether `word` belongs to a class of the list.
  static func recognises(_ word: UInt32) -> Bool { index.firstMatch(word) != nil }
}
