// Owns the floating-point encodings of Advanced SIMD two-register miscellaneous, half precision included, C4.1.97.
// It does not know the integer ones, which are read first, or what the operations compute.
import Architecture

extension TwoRegisterEncoding {
  /// The forms in which an operation exists.
  private struct Forms: OptionSet {
    let rawValue: UInt8
    static let vector = Forms(rawValue: 1)
    static let scalar = Forms(rawValue: 2)
    static let half = Forms(rawValue: 4)
    static let all: Forms = [.vector, .scalar, .half]
    /// Double precision is not allocated.
    static let singleOnly = Forms(rawValue: 8)
  }

  private struct Row {
    let u: Int
    /// Bit 23.
    let a: Int
    let opcode: Int
    let operation: TwoRegisterFloat
    let forms: Forms
    init(_ u: Int, _ a: Int, _ opcode: Int, _ operation: TwoRegisterFloat, _ forms: Forms) {
      self.u = u
      self.a = a
      self.opcode = opcode
      self.operation = operation
      self.forms = forms
    }
  }

  private static let rows: [Row] = [
    Row(0, 0, 0b11000, .frintn, [.vector, .half]),
    Row(0, 0, 0b11001, .frintm, [.vector, .half]),
    Row(0, 0, 0b11010, .fcvtns, .all),
    Row(0, 0, 0b11011, .fcvtms, .all),
    Row(0, 0, 0b11100, .fcvtas, .all),
    Row(0, 0, 0b11101, .scvtf, .all),
    Row(0, 0, 0b11110, .frint32z, [.vector]),
    Row(0, 0, 0b11111, .frint64z, [.vector]),
    Row(0, 1, 0b01100, .fcmgtZero, .all),
    Row(0, 1, 0b01101, .fcmeqZero, .all),
    Row(0, 1, 0b01110, .fcmltZero, .all),
    Row(0, 1, 0b01111, .fabs, [.vector, .half]),
    Row(0, 1, 0b11000, .frintp, [.vector, .half]),
    Row(0, 1, 0b11001, .frintz, [.vector, .half]),
    Row(0, 1, 0b11010, .fcvtps, .all),
    Row(0, 1, 0b11011, .fcvtzs, .all),
    Row(0, 1, 0b11100, .urecpe, [.vector, .singleOnly]),
    Row(0, 1, 0b11101, .frecpe, .all),
    Row(0, 1, 0b11111, .frecpx, [.scalar, .half]),
    Row(1, 0, 0b11000, .frinta, [.vector, .half]),
    Row(1, 0, 0b11001, .frintx, [.vector, .half]),
    Row(1, 0, 0b11010, .fcvtnu, .all),
    Row(1, 0, 0b11011, .fcvtmu, .all),
    Row(1, 0, 0b11100, .fcvtau, .all),
    Row(1, 0, 0b11101, .ucvtf, .all),
    Row(1, 0, 0b11110, .frint32x, [.vector]),
    Row(1, 0, 0b11111, .frint64x, [.vector]),
    Row(1, 1, 0b01100, .fcmgeZero, .all),
    Row(1, 1, 0b01101, .fcmleZero, .all),
    Row(1, 1, 0b01111, .fneg, [.vector, .half]),
    Row(1, 1, 0b11001, .frinti, [.vector, .half]),
    Row(1, 1, 0b11010, .fcvtpu, .all),
    Row(1, 1, 0b11011, .fcvtzu, .all),
    Row(1, 1, 0b11100, .ursqrte, [.vector, .singleOnly]),
    Row(1, 1, 0b11101, .frsqrte, .all),
    Row(1, 1, 0b11111, .fsqrt, [.vector, .half]),
  ]

  static func float(_ w: Word) -> Instruction {
    if w[16, 12] == 0b10110 || w[16, 12] == 0b10111 { return conversion(w) }
    guard let row = row(w), row.forms.contains(w[28] ? .scalar : .vector) else { return .undefined }
    if row.forms.contains(.singleOnly) && w[22] { return .undefined }
    // No arrangement has one doubleword.
    if w[22] && w.lanes == .half { return .undefined }
    return instruction(row.operation, w, log2Size: w[22] ? 3 : 2)
  }

  /// Half precision, FEAT_FP16.
  static func half(_ w: Word) -> Instruction {
    guard let row = row(w), row.forms.contains(.half) else { return .undefined }
    // An operation has the same forms in half precision as in the others.
    guard row.forms.contains(w[28] ? .scalar : .vector) else { return .undefined }
    return instruction(row.operation, w, log2Size: 1)
  }

  /// FCVTN, FCVTL, FCVTXN and BFCVTN. `log2Size` is that of the narrower side.
  private static func conversion(_ w: Word) -> Instruction {
    switch (w[29], w[16, 12], w[23, 22]) {
    case (false, 0b10110, 0...1) where !w[28]: instruction(.fcvtn, w, log2Size: w[22] ? 2 : 1)
    case (false, 0b10111, 0...1) where !w[28]: instruction(.fcvtl, w, log2Size: w[22] ? 2 : 1)
    case (false, 0b10110, 2) where !w[28]: instruction(.bfcvtn, w, log2Size: 1)
    case (true, 0b10110, 1): instruction(.fcvtxn, w, log2Size: 2)
    default: .undefined
    }
  }

  private static func row(_ w: Word) -> Row? {
    rows.first { $0.u == w[29, 29] && $0.a == w[23, 23] && $0.opcode == w[16, 12] }
  }

  private static func instruction(_ operation: TwoRegisterFloat, _ w: Word, log2Size: UInt8) -> Instruction {
    let arrangement = Arrangement(log2Size: log2Size, w.lanes)
    return .simd(SIMDInstruction(.twoRegisterFloat(operation), SIMDOperands(d: w.number(0), n: w.number(5), arrangement)))
  }
}
