// Owns the operands of the integer extensions FEAT_FlagM, FEAT_FlagM2, FEAT_CSSC and FEAT_WFxT.
// It does not know what recognised the word.
import Architecture

enum IntegerExtensions {
  /// RMIF, SETF8 and SETF16, which stand beside add/subtract with carry. C4.1.95.
  static func rotateAndEvaluate(_ w: Word) -> Instruction {
    switch (w[31, 29], w[14, 10]) {
    case (0b101, 1) where !w[4]:
      return .flagManipulation(.rmif(n: w.n, rotation: UInt8(w[20, 15]), mask: UInt8(w[3, 0])))
    case (0b001, 0b00010), (0b001, 0b10010):
      return w[20, 15] == 0 && w[4, 0] == 0b01101 ? .flagManipulation(.setf(n: w.n, bits: w[14] ? 16 : 8)) : .undefined
    default: return .undefined
    }
  }

  /// CFINV, XAFLAG and AXFLAG, in the space of MSR (immediate) with op1 = 0. C4.1.94.
  static func flags(_ w: Word) -> Instruction {
    if w[11, 8] != 0 { return .undefined }
    switch w[7, 5] {
    case 0: return .flagManipulation(.cfinv)
    case 1: return .flagManipulation(.xaflag)
    case 2: return .flagManipulation(.axflag)
    default: return .undefined
    }
  }

  /// System instructions with a register argument: WFET and WFIT.
  static func wait(_ w: Word) -> Instruction {
    w[11, 6] == 0 ? .waitWithTimeout(event: !w[5], t: w.t) : .undefined
  }

  /// Data processing (1 source), opcodes 000110 to 001000.
  static func unary(_ w: Word) -> Instruction {
    let operations: [CommonUnary] = [.ctz, .cnt, .abs]
    return .commonUnary(operations[w[15, 10] - 6], w.width, d: w.d, n: w.n)
  }

  /// Data processing (2 source), opcodes 011000 to 011011.
  static func minMax(_ w: Word) -> Instruction {
    .minMax(MinMax(rawValue: UInt8(w[11, 10]))!, w.width, d: w.d, n: w.n, m: .register(w.m))
  }

  /// Min/max (immediate). The immediate is signed for SMAX and SMIN. C4.1.92.
  static func minMaxImmediate(_ w: Word) -> Instruction {
    if w[30, 29] != 0 || !w[22] || w[21, 20] != 0 { return .undefined }
    let operation = MinMax(rawValue: UInt8(w[19, 18]))!
    let isSigned = operation == .smax || operation == .smin
    return .minMax(operation, w.width, d: w.d, n: w.n, m: .immediate(isSigned ? w.signed(17, 10) : Int64(w[17, 10])))
  }
}
