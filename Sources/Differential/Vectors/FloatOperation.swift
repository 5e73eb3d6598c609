// Owns the scalar floating-point operations for which vectors are recorded: name, word, operands and result, as data.
// It does not know what they compute or how a file of vectors looks.

/// One operation on one choice of formats. Its operands a, b and c are in V0, V1 and V2, or a is in X9.
struct FloatOperation: Sendable {
  enum Operand: Sendable {
    case number(FloatFormat)
    /// The given number of BFloat16 numbers side by side. A BFloat16 number is the upper half of a single-precision number.
    case brainFloats(Int)
    case integer(bits: Int)
    /// An integer in X9.
    case general
  }
  enum Result: Sendable {
    /// The low bits of V3.
    case vector(bits: Int)
    case general
    case flags
    /// X9 and NZCV.
    case generalAndFlags
  }

  let name: String
  let word: UInt32
  let operands: [Operand]
  let result: Result
  /// Whether c is in V3, and the result is added to it.
  var accumulates = false
  /// Whether the instruction is not among the scalar ones. The lanes beside the first are then zero.
  var isVector = false

  /// A format with the letter in names and the bits 23:22 of the scalar classes.
  private struct Format {
    let letter: String
    let format: FloatFormat
    let type: UInt32
    var operand: Operand { .number(format) }
    var result: Result { .vector(bits: format.width) }
  }
  private static let half = Format(letter: "h", format: .half, type: 3 << 22)
  private static let single = Format(letter: "s", format: .single, type: 0)
  private static let double = Format(letter: "d", format: .double, type: 1 << 22)
  private static let formats = [half, single, double]

  // MARK: Arithmetic

  /// Words of single precision: V3 from V0, V1 and V2.
  private static let scalars: [(name: String, word: UInt32, operands: Int)] = [
    ("fadd", 0x1e21_2803, 2), ("fsub", 0x1e21_3803, 2), ("fmul", 0x1e21_0803, 2), ("fdiv", 0x1e21_1803, 2),
    ("fmax", 0x1e21_4803, 2), ("fmin", 0x1e21_5803, 2), ("fmaxnm", 0x1e21_6803, 2), ("fminnm", 0x1e21_7803, 2),
    ("fnmul", 0x1e21_8803, 2), ("fsqrt", 0x1e21_c003, 1),
    ("fmadd", 0x1f01_0803, 3), ("fmsub", 0x1f01_8803, 3), ("fnmsub", 0x1f21_8803, 3),
  ]
  /// Words of half and of single precision, whose encodings are in different classes.
  private static let scalarSIMD: [(name: String, half: UInt32, single: UInt32, operands: Int)] = [
    ("fmulx", 0x5e41_1c03, 0x5e21_dc03, 2), ("frecps", 0x5e41_3c03, 0x5e21_fc03, 2), ("frsqrts", 0x5ec1_3c03, 0x5ea1_fc03, 2),
    ("fabd", 0x7ec1_1403, 0x7ea1_d403, 2), ("frecpe", 0x5ef9_d803, 0x5ea1_d803, 1), ("frsqrte", 0x7ef9_d803, 0x7ea1_d803, 1),
    ("frecpx", 0x5ef9_f803, 0x5ea1_f803, 1), ("fcmeq", 0x5e41_2403, 0x5e21_e403, 2), ("fcmge", 0x7e41_2403, 0x7e21_e403, 2),
    ("fcmgt", 0x7ec1_2403, 0x7ea1_e403, 2),
  ]

  static let arithmetic: [FloatOperation] = formats.flatMap(arithmetic) + vectors

  private static func arithmetic(_ format: Format) -> [FloatOperation] {
    func operation(_ name: String, _ word: UInt32, _ operands: Int, _ result: Result) -> FloatOperation {
      FloatOperation(
        name: "\(name)_\(format.letter)", word: word, operands: Array(repeating: format.operand, count: operands), result: result)
    }
    var all = scalars.map { operation($0.name, $0.word | format.type, $0.operands, format.result) }
    for row in scalarSIMD {
      all.append(operation(row.name, format.letter == "h" ? row.half : row.single | format.type, row.operands, format.result))
    }
    all.append(operation("fcmp", 0x1e21_2000 | format.type, 2, .flags))
    all.append(operation("fcmpe", 0x1e21_2010 | format.type, 2, .flags))
    return all
  }

  private static let vectors: [FloatOperation] = [
    .init(name: "urecpe", word: 0x0ea1_c803, operands: [.integer(bits: 32)], result: .vector(bits: 32), isVector: true),
    .init(name: "ursqrte", word: 0x2ea1_c803, operands: [.integer(bits: 32)], result: .vector(bits: 32), isVector: true),
    .init(
      name: "fmlal", word: 0x0e21_ec03, operands: [half.operand, half.operand, single.operand], result: .vector(bits: 32),
      accumulates: true, isVector: true),
    .init(
      name: "bfmlalb", word: 0x2ec1_fc03, operands: [.brainFloats(1), .brainFloats(1), single.operand], result: .vector(bits: 32),
      accumulates: true, isVector: true),
    .init(
      name: "bfdot", word: 0x2e41_fc03, operands: [.brainFloats(2), .brainFloats(2), single.operand], result: .vector(bits: 32),
      accumulates: true, isVector: true),
  ]

  // MARK: Conversions

  private static let roundings: [(name: String, word: UInt32)] = [
    ("frintn", 0x1e24_4003), ("frintp", 0x1e24_c003), ("frintm", 0x1e25_4003), ("frintz", 0x1e25_c003), ("frinta", 0x1e26_4003),
    ("frintx", 0x1e27_4003), ("frinti", 0x1e27_c003),
  ]
  private static let sizedRoundings: [(name: String, word: UInt32)] = [
    ("frint32z", 0x1e28_4003), ("frint32x", 0x1e28_c003), ("frint64z", 0x1e29_4003), ("frint64x", 0x1e29_c003),
  ]
  /// X9 from V0.
  private static let toIntegers: [(name: String, word: UInt32)] = [
    ("fcvtns", 0x1e20_0009), ("fcvtnu", 0x1e21_0009), ("fcvtps", 0x1e28_0009), ("fcvtpu", 0x1e29_0009), ("fcvtms", 0x1e30_0009),
    ("fcvtmu", 0x1e31_0009), ("fcvtzs", 0x1e38_0009), ("fcvtzu", 0x1e39_0009), ("fcvtas", 0x1e24_0009), ("fcvtau", 0x1e25_0009),
  ]

  static let conversions: [FloatOperation] = formats.flatMap(conversions) + betweenFormats + unique

  private static func conversions(_ format: Format) -> [FloatOperation] {
    let rounded = (roundings + (format.letter == "h" ? [] : sizedRoundings)).map { row in
      FloatOperation(name: "\(row.name)_\(format.letter)", word: row.word | format.type, operands: [format.operand], result: format.result)
    }
    return rounded + withGeneral(format, isDouble: false) + withGeneral(format, isDouble: true)
  }

  private static let betweenFormats: [FloatOperation] = {
    let rows: [(from: Format, to: Format, word: UInt32)] = [
      (half, single, 0x1ee2_4003), (half, double, 0x1ee2_c003), (single, half, 0x1e23_c003), (single, double, 0x1e22_c003),
      (double, half, 0x1e63_c003), (double, single, 0x1e62_4003),
    ]
    return rows.map { from, to, word in
      FloatOperation(name: "fcvt_\(from.letter)_\(to.letter)", word: word, operands: [from.operand], result: to.result)
    }
  }()

  private static let unique: [FloatOperation] = [
    .init(name: "fcvtzs_h_h", word: 0x5ef9_b803, operands: [half.operand], result: half.result),
    .init(name: "fcvtzu_h_h", word: 0x7ef9_b803, operands: [half.operand], result: half.result),
    .init(name: "scvtf_h_h", word: 0x5e79_d803, operands: [.integer(bits: 16)], result: half.result),
    .init(name: "ucvtf_h_h", word: 0x7e79_d803, operands: [.integer(bits: 16)], result: half.result),
    .init(name: "fcvtxn", word: 0x7e61_6803, operands: [double.operand], result: single.result),
    .init(name: "bfcvt", word: 0x1e63_4003, operands: [single.operand], result: half.result),
    .init(name: "fjcvtzs", word: 0x1e7e_0009, operands: [double.operand], result: .generalAndFlags),
  ]

  /// Conversions between a format and W9 or X9: to integers, and of fixed-point numbers by their number of fraction bits, where 0
  /// means integers.
  private static func withGeneral(_ format: Format, isDouble: Bool) -> [FloatOperation] {
    let suffix = "\(format.letter)_\(isDouble ? "x" : "w")"
    let base = format.type | (isDouble ? 1 << 31 : 0)
    func operation(_ name: String, _ word: UInt32, fractionBits: Int? = nil, toGeneral: Bool) -> FloatOperation {
      let scale = fractionBits.map { $0 == 0 ? 0 : UInt32(64 - $0) << 10 } ?? 0
      return FloatOperation(
        name: "\(name)_\(suffix)" + (fractionBits.map { "_\($0)" } ?? ""), word: word | base | scale,
        operands: [toGeneral ? format.operand : .general], result: toGeneral ? .general : format.result)
    }
    var all = toIntegers.map { operation($0.name, $0.word, toGeneral: true) }
    for bits in [1, 7, isDouble ? 60 : 31] {
      all.append(operation("fcvtzs", 0x1e18_0009, fractionBits: bits, toGeneral: true))
      all.append(operation("fcvtzu", 0x1e19_0009, fractionBits: bits, toGeneral: true))
    }
    all.append(operation("scvtf", 0x1e22_0123, fractionBits: 0, toGeneral: false))
    all.append(operation("ucvtf", 0x1e23_0123, fractionBits: 0, toGeneral: false))
    for bits in [3, isDouble ? 64 : 32] {
      all.append(operation("scvtf", 0x1e02_0123, fractionBits: bits, toGeneral: false))
      all.append(operation("ucvtf", 0x1e03_0123, fractionBits: bits, toGeneral: false))
    }
    return all
  }
}
