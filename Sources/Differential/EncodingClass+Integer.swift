// Owns the integer, branch and system classes as data, one row for each class.
// It does not know what runs between branches. Arm ARM: C4.1.92 to C4.1.95.

extension EncodingClass {
  static let dataProcessingImmediate: [EncodingClass] = [
    .init("pc-relative", ["xxx10000"]),
    .init("add-sub-immediate", ["xxx100010"]),
    .init("logical-immediate", ["1xx100100", "0xx1001000"]),
    .init("move-wide", ["1x0100101", "1 11 100101", "0x01001010", "0 11 1001010"]),
    .init("bitfield", ["1xx1001101", "0xx1001100 0xxxxx 0xxxxx"]),
    .init("extract", ["10010011110", "00010011100 xxxxx 0xxxxx"]),
    .init("tagged-pointers", ["1x01000110 xxxxxx 00", "10x11010110 xxxxx 000000", "10011010110 xxxxx 00010x"]),
  ]

  static let branchesAndSystem: [EncodingClass] = [
    .init("branch-conditional", .branch(offsetBits: 19), ["01010100 xxxxxxxxxxxxxxxxxxx 0"]),
    .init("compare-and-branch", .branch(offsetBits: 19), ["x011010x"]),
    .init("test-and-branch", .branch(offsetBits: 14), ["x011011x"]),
    .init("branch-immediate", .branch(offsetBits: 26), ["x00101"]),
    .init("branch-register", .branchToRegister, ["11010110 00x 11111 000000 xxxxx 00000", "11010110 010 11111 000000 xxxxx 00000"]),
    .init("hints", ["1101010100 0 00 011 0010 xxxx xxx 11111"]),
    .init(
      "barriers",
      ["1101010100 0 00 011 0011 xxxx 10x 11111", "1101010100 0 00 011 0011 xxxx x10 11111", "1101010100 0 00 011 0011 0000 111 11111"]),
    .init("pstate", ["1101010100 0 00 011 0100 000x 010 11111", "1101010100 0 00 011 0100 000x 001 11111"]),
    .init(
      "system-registers",
      [
        "1101010100 x 1 1 011 0100 0010 000",  // NZCV
        "1101010100 x 1 1 011 0100 0010 101",  // DIT
        "1101010100 x 1 1 011 0100 0010 110",  // SSBS
        "1101010100 x 1 1 011 0100 0100 00x",  // FPCR, FPSR
        "1101010100 1 1 1 011 1101 0000 01x",  // MRS of TPIDR_EL0, TPIDRRO_EL0
      ]),
    .init(
      "cache-maintenance", .addressInRt,
      [
        "1101010100 0 01 011 0111 0101 001",  // IC IVAU
        "1101010100 0 01 011 0111 101x 001",  // DC CVAC, DC CVAU
        "1101010100 0 01 011 0111 1110 001",  // DC CIVAC
        "1101010100 0 01 011 0111 x100 001",  // DC ZVA, DC CVAP
      ]),
    .init("flag-manipulation", ["1101010100 0 00 000 0100 0000 00x 11111", "1101010100 0 00 000 0100 0000 010 11111"]),
  ]

  static let dataProcessingRegister: [EncodingClass] = [
    .init("logical-shifted", ["1xx01010", "0xx01010 xxx xxxxx 0"]),
    .init("add-sub-shifted", ["1xx01011 0x0", "1xx01011 100", "0xx01011 0x0 xxxxx 0", "0xx01011 100 xxxxx 0"]),
    .init("add-sub-extended", ["xxx01011001 xxxxx xxx 0xx", "xxx01011001 xxxxx xxx 100"]),
    .init("add-sub-carry", ["xxx11010000 xxxxx 000000"]),
    .init("rotate-into-flags", ["10111010000 xxxxxx 00001 xxxxx 0"]),
    .init("evaluate-into-flags", ["00111010000 000000 x 0010 xxxxx 01101"]),
    .init("conditional-compare", ["xx111010010 xxxxx xxxx x0 xxxxx 0"]),
    .init("conditional-select", ["xx011010100 xxxxx xxxx 0x"]),
    .init("three-source", ["x0011011000", "10011011 x01", "10011011 x10 xxxxx 0 11111"]),
    .init("two-source", ["x0011010110 xxxxx 00001x", "x0011010110 xxxxx 0010xx"]),
    .init("crc32", ["00011010110 xxxxx 010x0x", "00011010110 xxxxx 010x10", "10011010110 xxxxx 010x11"]),
    .init("one-source", ["x1011010110 00000 00000x", "x1011010110 00000 000010", "11011010110 00000 000011", "x1011010110 00000 00010x"]),
    .init("strip-authentication", ["11011010110 00001 01000x 11111", "11010101000000110010 0000 111 11111"]),
  ]
}
