// Owns the encodings of scalar floating-point data processing, C4.1.97.
// It does not know what the operations compute.
import Architecture

extension Word {
  /// The precision in ptype, bits 23:22, as log2 of its bytes; nil where S or ptype are reserved.
  var precision: UInt8? { self[29] ? nil : [2, 3, nil, 1][self[23, 22]] }
}

enum FloatEncoding {
  static func oneSource(_ w: Word) -> Instruction {
    guard !w[31], let log2Size = w.precision else { return .undefined }
    let operation: FloatOneSource
    switch w[20, 15] {
    case 0: return .moveVectorScalar(log2Size: log2Size, d: w.vector(0), n: w.vector(5))
    case 1: operation = .fabs
    case 2: operation = .fneg
    case 3: operation = .fsqrt
    case 4 where log2Size != 2: operation = .fcvtToSingle
    case 5 where log2Size != 3: operation = .fcvtToDouble
    // BFCVT has the ptype of double precision, although its source has single precision.
    case 6 where log2Size == 3:
      return scalar(.floatOneSource(.bfcvt), SIMDOperands(d: w.number(0), n: w.number(5), Arrangement(log2Size: 2, .scalar)))
    case 7 where log2Size != 1: operation = .fcvtToHalf
    case 8: operation = .frintn
    case 9: operation = .frintp
    case 10: operation = .frintm
    case 11: operation = .frintz
    case 12: operation = .frinta
    case 14: operation = .frintx
    case 15: operation = .frinti
    case 16 where log2Size != 1: operation = .frint32z
    case 17 where log2Size != 1: operation = .frint32x
    case 18 where log2Size != 1: operation = .frint64z
    case 19 where log2Size != 1: operation = .frint64x
    default: return .undefined
    }
    return scalar(.floatOneSource(operation), SIMDOperands(d: w.number(0), n: w.number(5), Arrangement(log2Size: log2Size, .scalar)))
  }

  static func twoSource(_ w: Word) -> Instruction {
    let operations: [FloatTwoSource] = [.fmul, .fdiv, .fadd, .fsub, .fmax, .fmin, .fmaxnm, .fminnm, .fnmul]
    guard !w[31], let log2Size = w.precision, w[15, 12] < operations.count else { return .undefined }
    return scalar(
      .floatTwoSource(operations[w[15, 12]]),
      SIMDOperands(d: w.number(0), n: w.number(5), m: w.number(16), Arrangement(log2Size: log2Size, .scalar)))
  }

  static func threeSource(_ w: Word) -> Instruction {
    guard !w[31], let log2Size = w.precision else { return .undefined }
    let operation: FloatThreeSource = w[21] ? (w[15] ? .fnmsub : .fnmadd) : (w[15] ? .fmsub : .fmadd)
    return scalar(
      .floatThreeSource(operation),
      SIMDOperands(d: w.number(0), n: w.number(5), m: w.number(16), a: w.number(10), Arrangement(log2Size: log2Size, .scalar)))
  }

  /// FCMP with zero ignores Rm.
  static func compare(_ w: Word) -> Instruction {
    guard !w[31], let log2Size = w.precision, w[15, 14] == 0, w[2, 0] == 0 else { return .undefined }
    return scalar(
      .floatCompare(signals: w[4], zero: w[3]),
      SIMDOperands(d: 0, n: w.number(5), m: w[3] ? 0 : w.number(16), Arrangement(log2Size: log2Size, .scalar)))
  }

  static func conditionalCompare(_ w: Word) -> Instruction {
    guard !w[31], let log2Size = w.precision else { return .undefined }
    return scalar(
      .floatConditionalCompare(signals: w[4]),
      SIMDOperands(
        d: 0, n: w.number(5), m: w.number(16), a: UInt8(w[15, 12]), Arrangement(log2Size: log2Size, .scalar),
        immediate: UInt16(w[3, 0])))
  }

  static func conditionalSelect(_ w: Word) -> Instruction {
    guard !w[31], let log2Size = w.precision else { return .undefined }
    return scalar(
      .floatSelect,
      SIMDOperands(
        d: w.number(0), n: w.number(5), m: w.number(16), a: UInt8(w[15, 12]), Arrangement(log2Size: log2Size, .scalar)))
  }

  static func immediate(_ w: Word) -> Instruction {
    guard !w[31], let log2Size = w.precision, w[9, 5] == 0 else { return .undefined }
    return .moveVectorScalarImmediate(
      log2Size: log2Size, d: w.vector(0), bits: VectorMoves.expandFP(UInt64(w[20, 13]), log2Size: log2Size))
  }

  private static func scalar(_ operation: SIMDOperation, _ operands: SIMDOperands) -> Instruction {
    .simd(SIMDInstruction(operation, operands))
  }
}
