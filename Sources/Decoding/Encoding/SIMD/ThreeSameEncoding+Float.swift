// Owns the floating-point encodings of Advanced SIMD three same, half precision included, C4.1.97.
// It does not know the integer ones, which are read first, or what the operations compute.
import Architecture

extension ThreeSameEncoding {
  /// Opcodes 11000 to 11111, by U, bit 23 and the opcode's lower bits.
  private static let operations: [[ThreeSameFloat?]] = [
    [.fmaxnm, .fmla, .fadd, .fmulx, .fcmeq, .fmlal, .fmax, .frecps],
    [.fminnm, .fmls, .fsub, nil, nil, .fmlsl, .fmin, .frsqrts],
    [.fmaxnmp, .fmlal2, .faddp, .fmul, .fcmge, .facge, .fmaxp, .fdiv],
    [.fminnmp, .fmlsl2, .fabd, nil, .fcmgt, .facgt, .fminp, nil],
  ]
  private static let scalars: Set<ThreeSameFloat> = [.fmulx, .fcmeq, .frecps, .frsqrts, .fcmge, .facge, .fabd, .fcmgt, .facgt]
  private static let widening: Set<ThreeSameFloat> = [.fmlal, .fmlal2, .fmlsl, .fmlsl2]

  /// Single and double precision, which bit 22 distinguishes. The opcodes below 11000 belong to integers.
  static func float(_ w: Word) -> Instruction {
    guard w[15, 14] == 3, let operation = operation(w) else { return .undefined }
    // The operations of FEAT_FHM have one size: their lanes are single-precision.
    if widening.contains(operation) && w[22] { return .undefined }
    return instruction(operation, w, log2Size: w[22] ? 3 : 2)
  }

  /// Half precision, FEAT_FP16.
  static func half(_ w: Word) -> Instruction {
    guard let operation = operation(w), !widening.contains(operation) else { return .undefined }
    return instruction(operation, w, log2Size: 1)
  }

  private static func operation(_ w: Word) -> ThreeSameFloat? { operations[w[29, 29] * 2 + w[23, 23]][w[13, 11]] }

  private static func instruction(_ operation: ThreeSameFloat, _ w: Word, log2Size: UInt8) -> Instruction {
    let lanes = w.lanes
    if lanes == .scalar ? !scalars.contains(operation) : lanes == .half && log2Size == 3 { return .undefined }
    return .simd(
      SIMDInstruction(
        .threeSameFloat(operation),
        SIMDOperands(d: w.number(0), n: w.number(5), m: w.number(16), Arrangement(log2Size: log2Size, lanes))))
  }
}
