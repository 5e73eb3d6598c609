// Owns the table of forms: each encoding that this module decodes, without the fields on which Capstone's answer does not depend.
// It does not know Capstone's answers. `make decode-coverage` checks over random words that no answer depends on a field left out.

/// Finds the form of a word. Arm ARM C4.1 gives the encodings and their order.
enum FormTable {
  /// The word that represents the form of `word`. If no row covers the word, this is the word itself.
  static func form(of word: UInt32) -> UInt32 {
    guard let row = index.firstMatch(word) else { return word }
    return rows[row].canonical(word)
  }

  private static let index = EncodingIndex(rows.map(\.pattern))

  /// The first row that matches decides. A field is not drawn as a letter of registers or immediates if it must have one value, or
  /// if Capstone's answer depends on its value.
  static let rows: [InstructionForm] = [
    // Data processing, immediate: C4.1.92
    .init("ADR, ADRP", "xii10000 iiiiiiiiiiiiiiiiiii ddddd"),
    .init("add and subtract", "xxx100010x iiiiiiiiiiii nnnnn ddddd"),
    .init("add and subtract with tags", "1x01000110 iiiiii 00 iiii nnnnn ddddd"),
    .init("minimum and maximum", "x001000111 xxxx iiiiiiii nnnnn ddddd"),
    .init("logical", "xxx100100 i iiiiii iiiiii nnnnn ddddd"),
    .init("move wide", "xxx100101 xx iiiiiiiiiiiiiiii ddddd"),
    .init("bitfield", "xxx100110 x iiiiii iiiiii nnnnn ddddd"),
    .init("extract", "xxx100111 xx mmmmm iiiiii nnnnn ddddd"),

    // Branches, exception generation, system: C4.1.94
    .init("branch, conditional", "01010100 iiiiiiiiiiiiiiiiiii 0 xxxx"),
    .init("exception generation", "11010100 xxx iiiiiiiiiiiiiiii xxxxx"),
    .init("system with register argument", "1101010100 0 00 011 0001 xxxx xxx ttttt"),
    .init("hints", "1101010100 0 00 011 0010 xxxx xxx 11111"),
    .init("barriers", "1101010100 0 00 011 0011 xxxx xxx 11111"),
    .init("PSTATE", "1101010100 0 00 xxx 0100 xxxx xxx 11111"),
    .init("system instructions", "1101010100 x 01 xxx xxxx xxxx xxx ttttt"),
    .init("system registers", "1101010100 x 1x xxx xxxx xxxx xxx ttttt"),
    .init("ERET", "1101011 0 100 11111 000000 11111 00000"),
    .init("branch to register", "1101011 0 0xx 11111 000000 nnnnn 00000"),
    .init("RETAA, ERETAA", "1101011 0 xx0 11111 00001x 11111 11111"),
    .init("BRAAZ, BLRAAZ", "1101011 0 00x 11111 00001x nnnnn 11111"),
    .init("BRAA, BLRAA", "1101011 1 00x 11111 00001x nnnnn MMMMM"),
    .init("branch", "x00101 iiiiiiiiiiiiiiiiiiiiiiiiii"),
    .init("compare and branch", "x011010x iiiiiiiiiiiiiiiiiii ttttt"),
    .init("test and branch", "i011011x iiiii iiiiiiiiiiiiii ttttt"),

    // Data processing, register: C4.1.95
    .init("logical, shifted", "xxx01010 xxx mmmmm iiiiii nnnnn ddddd"),
    .init("add and subtract, shifted", "xxx01011 xx0 mmmmm iiiiii nnnnn ddddd"),
    .init("add and subtract, extended", "xxx01011 xx1 mmmmm xxx iii nnnnn ddddd"),
    .init("add and subtract with carry", "xxx11010000 mmmmm 000000 nnnnn ddddd"),
    .init("rotate right into flags", "10111010000 iiiiii 00001 nnnnn 0 iiii"),
    .init("evaluate into flags", "00111010000 000000 x 0010 nnnnn 01101"),
    .init("conditional compare", "xx111010010 iiiii xxxx x0 nnnnn 0 iiii"),
    .init("conditional select", "xx011010100 mmmmm xxxx 0x nnnnn ddddd"),
    .init("pointer authentication, one source, modifier zero", "11011010110 00001 001xxx 11111 ddddd"),
    .init("pointer authentication, strip", "11011010110 00001 01000x 11111 ddddd"),
    .init("one source", "x1011010110 xxxxx xxxxxx nnnnn ddddd"),
    .init("two sources", "x0x11010110 mmmmm xxxxxx nnnnn ddddd"),
    .init("multiply high", "10011011 x10 mmmmm x xxxxx nnnnn ddddd"),
    .init("three sources", "xxx11011 xxx mmmmm x aaaaa nnnnn ddddd"),

    // Loads and stores: C4.1.96
    .init("literal", "xx 011x00 iiiiiiiiiiiiiiiiiii ttttt"),
    .init("exclusive, ordered, compare and swap", "xx 001000 xxx SSSSS x UUUUU NNNNN TTTTT"),
    .init("pairs", "xx 101x0 xx x iiiiiii UUUUU NNNNN TTTTT"),
    .init("memory tags", "11 011001 xx1 iiiiiiiii xx nnnnn ttttt"),
    .init("unscaled, ordered", "xx 011001 xx0 iiiiiiiii 00 nnnnn ttttt"),
    .init("unscaled, post-index, unprivileged, pre-index", "xx 111x00 xx0 iiiiiiiii xx NNNNN TTTTT"),
    .init("LDAPR", "xx 111000 101 11111 110000 nnnnn ttttt"),
    .init("atomic", "xx 111000 xx1 sssss xxxx00 nnnnn TTTTT"),
    .init("register offset", "xx 111x00 xx1 mmmmm xxxx10 nnnnn ttttt"),
    .init("authenticated", "11 111000 xi1 iiiiiiiii x1 NNNNN TTTTT"),
    .init("unsigned offset", "xx 111x01 xx iiiiiiiiiiii nnnnn ttttt"),
    .init("multiple structures", "0x 001100 0x0 00000 xxxx xx nnnnn ttttt"),
    .init("multiple structures, post-index", "0x 001100 1x0 MMMMM xxxx xx nnnnn ttttt"),
    .init("single structure", "0x 001101 0xx 00000 xxx x xx nnnnn ttttt"),
    .init("single structure, post-index", "0x 001101 1xx MMMMM xxx x xx nnnnn ttttt"),

    // Advanced SIMD: C4.1.97
    .init("AES", "01001110 xx10100 xxxxx 10 nnnnn ddddd"),
    .init("SHA, three registers", "01011110 xx0 mmmmm 0xxx 00 nnnnn ddddd"),
    .init("SHA, two registers", "01011110 xx10100 xxxxx 10 nnnnn ddddd"),
    .init("copy", "0xx01110000 xxxxx 0 xxxx 1 nnnnn ddddd"),
    .init("copy, scalar", "01x11110000 xxxxx 0 xxxx 1 nnnnn ddddd"),
    .init("table lookup", "0x001110 xx0 mmmmm 0xxx 00 nnnnn ddddd"),
    .init("permute", "0x001110 xx0 mmmmm 0xxx 10 nnnnn ddddd"),
    .init("extract", "0x101110 xx0 mmmmm 0 iiii 0 nnnnn ddddd"),
    .init("three same, half precision", "0xx01110 x10 mmmmm 00xxx 1 nnnnn ddddd"),
    .init("three same, half precision, scalar", "01x11110 x10 mmmmm 00xxx 1 nnnnn ddddd"),
    .init("two registers, half precision", "0xx01110 x111100 xxxxx 10 nnnnn ddddd"),
    .init("two registers, half precision, scalar", "01x11110 x111100 xxxxx 10 nnnnn ddddd"),
    .init("three same (extra)", "0xx01110 xx0 mmmmm 1xxxx 1 nnnnn ddddd"),
    .init("three same (extra), scalar", "01x11110 xx0 mmmmm 1xxxx 1 nnnnn ddddd"),
    .init("two registers", "0xx01110 xx10000 xxxxx 10 nnnnn ddddd"),
    .init("two registers, scalar", "01x11110 xx10000 xxxxx 10 nnnnn ddddd"),
    .init("across lanes", "0xx01110 xx11000 xxxxx 10 nnnnn ddddd"),
    .init("pairwise, scalar", "01x11110 xx11000 xxxxx 10 nnnnn ddddd"),
    .init("three different", "0xx01110 xx1 mmmmm xxxx 00 nnnnn ddddd"),
    .init("three different, scalar", "01x11110 xx1 mmmmm xxxx 00 nnnnn ddddd"),
    .init("three same", "0xx01110 xx1 mmmmm xxxxx 1 nnnnn ddddd"),
    .init("three same, scalar", "01x11110 xx1 mmmmm xxxxx 1 nnnnn ddddd"),
    .init("modified immediate", "0xx0111100000 iii xxxx x 1 iiiii ddddd"),
    .init("shift by immediate", "0xx011110 xxxx iii xxxxx 1 nnnnn ddddd"),
    .init("shift by immediate, scalar", "01x111110 xxxx iii xxxxx 1 nnnnn ddddd"),
    .init("by element", "0xx01111 xx ii mmmm xxxx i 0 nnnnn ddddd"),
    .init("by element, scalar", "01x11111 xx ii mmmm xxxx i 0 nnnnn ddddd"),
    .init("cryptography, three registers and immediate", "11001110 010 mmmmm 10 xx xx nnnnn ddddd"),
    .init("cryptography, three registers", "11001110 011 mmmmm 1x00 xx nnnnn ddddd"),
    .init("cryptography, four registers", "11001110 0xx mmmmm 0 aaaaa nnnnn ddddd"),
    .init("XAR", "11001110 100 mmmmm iiiiii nnnnn ddddd"),
    .init("cryptography, two registers", "11001110 110 00000 1000 xx nnnnn ddddd"),

    // Floating point: C4.1.97
    .init("fixed point", "x0x11110 xx0 xxxxx x iiiii nnnnn ddddd"),
    .init("integers", "x0x11110 xx1 xxxxx 000000 nnnnn ddddd"),
    .init("one source", "x0x11110 xx1 xxxxxx 10000 nnnnn ddddd"),
    .init("compare", "x0x11110 xx1 xxxxx xx 1000 nnnnn xxxxx"),
    .init("immediate", "x0x11110 xx1 iiiiiiii 100 xxxxx ddddd"),
    .init("conditional compare", "x0x11110 xx1 mmmmm xxxx 01 nnnnn x iiii"),
    .init("two sources", "x0x11110 xx1 mmmmm xxxx 10 nnnnn ddddd"),
    .init("conditional select", "x0x11110 xx1 mmmmm xxxx 11 nnnnn ddddd"),
    .init("three sources", "x0x11111 xxx mmmmm x aaaaa nnnnn ddddd"),
  ]
}
