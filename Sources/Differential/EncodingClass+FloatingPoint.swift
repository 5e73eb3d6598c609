// Owns the scalar floating-point classes as data. Arm ARM: C4.1.96.
// It does not know formats. ptype 10 is reserved, except for FMOV of a high half.
import Decoding

extension EncodingClass {
  static let floatingPoint: [EncodingClass] = [
    .init("fp-fixed-point", types("10011110", "0 00 01x", "0 11 00x") + types("00011110", "0 00 01x 1", "0 11 00x 1")),
    .init("fp-integer", types("x0011110", "1 xx 00x 000000", "1 00 01x 000000", "1 00 10x 000000")),
    .init(
      "fp-move-general",
      ["00011110001 00 11x 000000", "10011110011 00 11x 000000", "10011110101 01 11x 000000", "x0011110111 00 11x 000000"]),
    .init("fp-javascript-convert", ["00011110011 11 110 000000"]),
    .init("fp-one-source", types("00011110", "1 0000xx 10000")),
    .init("fp-round", types("00011110", "1 0010xx 10000", "1 001100 10000", "1 00111x 10000")),
    .init("fp-round-to-size", ["000111100x1 0100xx 10000"]),
    .init(
      "fp-convert",
      [
        "00011110001 0001x1 10000", "00011110011 000100 10000", "00011110011 000111 10000", "00011110111 00010x 10000",
        "00011110011 000110 10000",
      ]),
    .init("fp-compare", types("00011110", "1 xxxxx 00 1000 xxxxx xx000")),
    .init("fp-immediate", types("00011110", "1 xxxxxxxx 100 00000")),
    .init("fp-conditional-compare", types("00011110", "1 xxxxx xxxx 01")),
    .init("fp-two-source", types("00011110", "1 xxxxx 0xxx 10", "1 xxxxx 1000 10")),
    .init("fp-conditional-select", types("00011110", "1 xxxxx xxxx 11")),
    .init("fp-three-source", types("00011111")),
  ]

  /// Single and double precision, then half precision, for each form.
  private static func types(_ group: String, _ forms: String...) -> [EncodingPattern] {
    (forms.isEmpty ? [""] : forms).flatMap { form in ["0x", "0x", "11"].map { EncodingPattern("\(group) \($0) \(form)") } }
  }
}
