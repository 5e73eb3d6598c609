// Owns the load and store classes as data. Arm ARM: C4.1.94.
// It does not know where the memory is.
import Decoding

extension EncodingClass {
  static let loadsAndStores: [EncodingClass] = [
    .init("literal", .literal, ["0x 011 x 00", "10 011 x 00", "11 011 0 00"]),
    .init("load-exclusive", .memory(.base), .mostly, ["xx001000 010 11111 x 11111", "1x001000 011 11111 x"]),
    // It is IMPLEMENTATION DEFINED whether a store exclusive checks the monitor or the address first, and QEMU's choice differs
    // from ours.
    .init("exclusive", .exclusivePair, .always, ["xx001000 010 11111 x 11111", "1x001000 011 11111 x"]),
    .init("store-exclusive", .memory(.base), .always, ["xx001000 000 xxxxx x 11111", "1x001000 001 xxxxx x"]),
    .init("ordered", .memory(.base), .mostly, ["xx001000 1x0 11111 x 11111"]),
    .init("compare-and-swap", .memory(.base), .mostly, ["xx001000 1x1 xxxxx x 11111"]),
    .init("compare-and-swap-pair", .memory(.base), .mostly, ["0x001000 0x1 xxxx0 x 11111 xxxxx xxxx0"]),
    .init("atomic", .memory(.base), .mostly, ["xx111000 xx1 xxxxx 0xxx 00"]),
    .init("swap", .memory(.base), .mostly, ["xx111000 xx1 xxxxx 1000 00"]),
    // QEMU 7.2 does not check LDAPR's alignment.
    .init("load-rcpc", .memory(.base), .always, ["xx111000 101 11111 1100 00"]),
    .init("rcpc-unscaled", .memory(.immediate9), .mostly, sized("011001", "xxxxxxxxx 00")),
    .init("pair-no-allocate", .memory(.immediate7), pairs("000", signed: false)),
    .init("pair-post", .memory(.base), pairs("001")),
    .init("pair-offset", .memory(.immediate7), pairs("010")),
    .init("pair-pre", .memory(.immediate7), pairs("011")),
    .init("unscaled", .memory(.immediate9), sized("111000", "xxxxxxxxx 00")),
    .init("unscaled-vector", .memory(.immediate9), sized("111100", "xxxxxxxxx 00", vector: true)),
    .init("post-indexed", .memory(.base), sized("111000", "xxxxxxxxx 01")),
    .init("post-indexed-vector", .memory(.base), sized("111100", "xxxxxxxxx 01", vector: true)),
    .init("unprivileged", .memory(.immediate9), sized("111000", "xxxxxxxxx 10")),
    .init("pre-indexed", .memory(.immediate9), sized("111000", "xxxxxxxxx 11")),
    .init("pre-indexed-vector", .memory(.immediate9), sized("111100", "xxxxxxxxx 11", vector: true)),
    .init("register-offset", .memory(.register), sized("111000", "xxxxx x1xx 10", fixed: "1")),
    .init("register-offset-vector", .memory(.register), sized("111100", "xxxxx x1xx 10", fixed: "1", vector: true)),
    .init("unsigned-offset", .memory(.immediate12), sized("111001", "", fixed: "")),
    .init("unsigned-offset-vector", .memory(.immediate12), sized("111101", "", fixed: "", vector: true)),
    .init("prefetch", ["1111100110", "11111000101 xxxxx x1xx 10", "11111000100 xxxxxxxxx 00"]),
    .init("structures", .memory(.base), multipleStructures("0", "000000")),
    .init("structures-post", .memory(.base), multipleStructures("1", "0xxxxx")),
    .init("structure-lane", .memory(.base), singleStructures("0", "00000")),
    .init("structure-lane-post", .memory(.base), singleStructures("1", "xxxxx")),
  ]

  /// Load and store pairs; `mode` is bits 25:23. LDPSW, the signed pair, has no non-allocating form and no store.
  private static func pairs(_ mode: String, signed: Bool = true) -> [EncodingPattern] {
    let forms = ["x0 101 0 \(mode)", "x0 101 1 \(mode)", "01 101 1 \(mode)"] + (signed ? ["01 101 0 \(mode) 1"] : [])
    return forms.map { EncodingPattern($0) }
  }

  /// Loads and stores of one register: size, `group` (bits 29:24), opc, then `fixed` and `rest`. The signed loads of LRCPC2 have
  /// the same opc as those of the other loads.
  private static func sized(_ group: String, _ rest: String, fixed: String = "0", vector: Bool = false) -> [EncodingPattern] {
    let sizes = vector ? [("xx", "0x"), ("00", "1x")] : [("xx", "0x"), ("0x", "1x"), ("10", "10")]
    return sizes.map { EncodingPattern("\($0.0) \(group) \($0.1) \(fixed) \(rest)") }
  }

  /// LD1 to LD4, ST1 to ST4 of whole registers. The arrangement .1d is reserved for LD2 to LD4.
  private static func multipleStructures(_ post: String, _ rest: String) -> [EncodingPattern] {
    ["0xx0", "0111", "10x0"].map { EncodingPattern("0x001100 \(post) x \(rest) \($0)") }
  }

  /// The same of one lane, and LD1R to LD4R.
  private static func singleStructures(_ post: String, _ rest: String) -> [EncodingPattern] {
    ["00x xxx", "01x xx0", "10x x00", "10x 001"].map { EncodingPattern("0x001101 \(post) xx \(rest) \($0)") }
      + [EncodingPattern("0x001101 \(post) 1x \(rest) 11x 0xx")]
  }
}
