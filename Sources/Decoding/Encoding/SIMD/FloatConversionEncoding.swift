// Owns the encodings of conversions between floating-point and general registers, C4.1.97.
// It does not know what the operations compute.
import Architecture

enum FloatConversionEncoding {
  static func fixedPoint(_ w: Word) -> Instruction {
    // The scale field is 64 minus the number of fraction bits; a 32-bit integer has at most 32 fraction bits.
    guard let log2Size = w.precision, w[31] || w[15] else { return .undefined }
    let fractionBits = 64 - w[15, 10]
    switch (w[20, 19], w[18, 16]) {
    case (0, 2), (0, 3): return conversion(.generalToFloat(unsigned: w[16], w.width), w, log2Size, fractionBits)
    case (3, 0): return conversion(.floatToGeneral(.fcvtzs, w.width), w, log2Size, fractionBits)
    case (3, 1): return conversion(.floatToGeneral(.fcvtzu, w.width), w, log2Size, fractionBits)
    default: return .undefined
    }
  }

  static func integer(_ w: Word) -> Instruction {
    if w[29] { return .undefined }
    if w[18, 17] == 3 { return move(w) }
    guard let log2Size = w.precision else { return .undefined }
    // rmode N, P, M, Z; then signed and unsigned.
    let byMode: [[FloatToGeneral]] = [[.fcvtns, .fcvtnu], [.fcvtps, .fcvtpu], [.fcvtms, .fcvtmu], [.fcvtzs, .fcvtzu]]
    switch (w[20, 19], w[18, 16]) {
    case (_, 0), (_, 1): return conversion(.floatToGeneral(byMode[w[20, 19]][w[16, 16]], w.width), w, log2Size)
    case (0, 2), (0, 3): return conversion(.generalToFloat(unsigned: w[16], w.width), w, log2Size)
    case (0, 4): return conversion(.floatToGeneral(.fcvtas, w.width), w, log2Size)
    case (0, 5): return conversion(.floatToGeneral(.fcvtau, w.width), w, log2Size)
    default: return .undefined
    }
  }

  /// FMOV between the register files, and FJCVTZS, whose encoding lies among those of FMOV.
  private static func move(_ w: Word) -> Instruction {
    let log2Size: UInt8
    switch (w[31], w[23, 22], w[20, 19]) {
    case (false, 1, 3) where !w[16]: return conversion(.floatToJavaScript, w, 3)
    case (_, 3, 0): log2Size = 1
    case (false, 0, 0): log2Size = 2
    case (true, 1, 0), (true, 2, 1): log2Size = 3
    default: return .undefined
    }
    let upper = w[23, 22] == 2
    return w[16]
      ? .moveGeneralToVector(log2Size: log2Size, upper: upper, d: w.vector(0), n: w.n)
      : .moveVectorToGeneral(log2Size: log2Size, upper: upper, d: w.d, n: w.vector(5))
  }

  private static func conversion(_ operation: SIMDOperation, _ w: Word, _ log2Size: UInt8, _ fractionBits: Int = 0) -> Instruction {
    .simd(
      SIMDInstruction(
        operation,
        SIMDOperands(
          d: w.number(0), n: w.number(5), Arrangement(log2Size: log2Size, .scalar), immediate: UInt16(fractionBits))))
  }
}
