// Owns the Advanced SIMD vector classes as data. Arm ARM: C4.1.96.
// It does not know which sizes of an opcode are reserved: those words are UNDEFINED on both sides.

extension EncodingClass {
  /// Values of immh that are not 0. With 0 the words are modified immediates.
  private static let shiftSizes = ["1xxx", "01xx", "001x", "0001"]

  static let advancedSIMD: [EncodingClass] = [
    .init("simd-table", ["0x001110000 xxxxx 0xxx 00"]),
    .init("simd-permute", ["0x001110xx0 xxxxx 0x01 10", "0x001110xx0 xxxxx 0x1x 10"]),
    .init("simd-extract", ["01101110000 xxxxx 0xxxx 0", "00101110000 xxxxx 00xxx 0"]),
    .init("simd-copy", ["0x001110000 xxxxx 0000x1", "0x001110000 xxxxx 001x11", "01001110000 xxxxx 000111", "01101110000 xxxxx 0xxxx1"]),
    .init("simd-three-same", ["0xx01110xx1 xxxxx 0xxxx 1", "0xx01110xx1 xxxxx 10xxx 1"]),
    .init("simd-three-same-logical", ["0xx01110xx1 xxxxx 00011 1"]),
    .init("simd-three-same-fp", ["0xx01110xx1 xxxxx 11xxx 1"]),
    .init("simd-three-same-fp16", ["0xx01110x10 xxxxx 00xxx 1"]),
    .init(
      "simd-multiply-long-fp16",
      ["0x001110x01 xxxxx 111011", "0x101110x01 xxxxx 110011", "0x00111110 xxxxxx 0x00 x0", "0x10111110 xxxxxx 1x00 x0"]),
    .init("simd-three-same-extra", ["0x101110010 xxxxx 1000x1", "0x101110100 xxxxx 1000x1"]),
    .init(
      "simd-dot",
      [
        "0xx01110100 xxxxx 100101", "0x001110100 xxxxx 100111", "0xx0111110 xxxxxx 1110 x0", "0x00111110 xxxxxx 1111 x0",
        "0x00111100 xxxxxx 1111 x0",
      ]),
    .init("simd-matrix", ["01x01110100 xxxxx 101001", "01001110100 xxxxx 101011"]),
    .init(
      "simd-complex", ["0x101110xx0 xxxxx 110xx1", "0x101110xx0 xxxxx 111x01", "01101111xx xxxxxx 0xx1 x0", "00101111 01 xxxxxx 0xx1 00"]),
    .init(
      "simd-bfloat16",
      [
        "0x101110010 xxxxx 111111", "01101110010 xxxxx 111011", "0x101110110 xxxxx 111111", "0x00111101 xxxxxx 1111 x0",
        "0x00111111 xxxxxx 1111 x0", "0x001110101 00001 011010",
      ]),
    .init("simd-three-different", ["0xx011100x1 xxxxx xxxx 00", "0xx01110101 xxxxx xxxx 00"]),
    .init("simd-two-misc", ["00xxx", "010xx", "1001x", "10100"].map { .init("0xx01110xx10000 \($0) 10") }),
    .init("simd-two-misc-fp", ["011xx", "1011x", "11xxx", "11xxx"].map { .init("0xx01110xx10000 \($0) 10") }),
    .init("simd-two-misc-fp16", ["0xx01110x111100 011xx 10", "0xx01110x111100 110xx 10", "0xx01110x111100 11xxx 10"]),
    .init("simd-across-lanes", ["00011", "01010", "1101x"].map { .init("0xx01110xx11000 \($0) 10") }),
    .init("simd-across-lanes-fp", ["0xx01110x011000 01100 10", "0xx01110x011000 01111 10"]),
    .init("simd-modified-immediate", ["0xx0111100000 xxx xxxx 01", "0x00111100000 xxx 1111 11"]),
    .init(
      "simd-shift-immediate",
      ["0xxx0", "100xx", "10100"].flatMap { opcode in shiftSizes.map { .init("0xx011110 \($0) xxx \(opcode) 1") } }),
    .init(
      "simd-shift-convert",
      ["11100", "11111"].flatMap { opcode in shiftSizes.map { .init("0xx011110 \($0) xxx \(opcode) 1") } }),
    .init(
      "simd-by-element",
      ["0x00", "0x10", "0x11", "101x", "1000", "110x", "1101"].flatMap { opcode in
        ["01", "10"].map { .init("0xx01111 \($0) xxxxxx \(opcode) x0") }
      } + ["01", "10"].map { .init("0x101111 \($0) xxxxxx 1111 x0") }),
    .init(
      "simd-by-element-fp",
      ["0x01", "1001"].flatMap { opcode in ["00", "10", "11"].map { .init("0xx01111 \($0) xxxxxx \(opcode) x0") } }),
  ]

  static let advancedSIMDScalar: [EncodingClass] = [
    .init("scalar-copy", ["01011110000 xxxxx 000001"]),
    .init(
      "scalar-three-same",
      [
        "01x11110111 xxxxx 0xxxx 1", "01x11110111 xxxxx 10xxx 1", "01x11110xx1 xxxxx 0xx01 1", "01x11110xx1 xxxxx 01011 1",
        "01x11110xx1 xxxxx 10110 1",
      ]),
    .init("scalar-three-same-fp", ["01x11110xx1 xxxxx 11xxx 1"]),
    .init("scalar-three-same-fp16", ["01x11110x10 xxxxx 00xxx 1"]),
    .init("scalar-three-same-extra", ["01111110010 xxxxx 1000x1", "01111110100 xxxxx 1000x1"]),
    .init(
      "scalar-three-different",
      ["1001", "1011", "1101"].flatMap { opcode in ["01", "10"].map { .init("01011110 \($0) 1 xxxxx \(opcode) 00") } }),
    .init("scalar-two-misc", ["00xxx", "010xx", "1001x", "10100"].map { .init("01x11110xx10000 \($0) 10") }),
    .init("scalar-two-misc-fp", ["011xx", "10110", "11xxx", "11xxx"].map { .init("01x11110xx10000 \($0) 10") }),
    .init("scalar-two-misc-fp16", ["01x11110x111100 011xx 10", "01x11110x111100 110xx 10", "01x11110x111100 11xxx 10"]),
    .init("scalar-pairwise", ["01011110xx11000 11011 10", "01x11110xx11000 011xx 10"]),
    .init(
      "scalar-shift-immediate",
      ["0xxx0", "100xx"].flatMap { opcode in shiftSizes.map { .init("01x111110 \($0) xxx \(opcode) 1") } }),
    .init(
      "scalar-shift-convert",
      ["11100", "11111"].flatMap { opcode in shiftSizes.map { .init("01x111110 \($0) xxx \(opcode) 1") } }),
    .init(
      "scalar-by-element",
      ["0x11", "1011", "110x", "1111"].flatMap { opcode in ["01", "10"].map { .init("01x11111 \($0) xxxxxx \(opcode) x0") } }),
    .init(
      "scalar-by-element-fp",
      ["0x01", "1001"].flatMap { opcode in ["00", "10", "11"].map { .init("01x11111 \($0) xxxxxx \(opcode) x0") } }),
  ]

  static let cryptography: [EncodingClass] = [
    .init("crypto-aes", ["0100111000 10100 001xx 10"]),
    .init("crypto-polynomial", ["0x001110 00 1 xxxxx 1110 00", "0x001110 11 1 xxxxx 1110 00"]),
    .init(
      "crypto-sha",
      [
        "01011110000 xxxxx 00xx 00", "01011110000 xxxxx 010x 00", "01011110000 xxxxx 0110 00", "0101111000 10100 0000x 10",
        "0101111000 10100 00010 10",
      ]),
    .init("crypto-sha512", ["11001110011 xxxxx 1000 0x", "11001110011 xxxxx 1000 10", "11001110110 00000 100000"]),
    .init("crypto-sha3", ["11001110011 xxxxx 1000 11", "1100111000x xxxxx 0", "11001110100"]),
    .init("crypto-sm3", ["11001110011 xxxxx 1100 0x", "11001110010 xxxxx 0", "11001110010 xxxxx 10 xx xx"]),
    .init("crypto-sm4", ["11001110011 xxxxx 1100 10", "11001110110 00000 100001"]),
  ]
}
