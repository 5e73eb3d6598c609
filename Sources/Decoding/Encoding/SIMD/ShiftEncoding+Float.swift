// Owns the floating-point encodings of Advanced SIMD shift by immediate: conversions of fixed-point numbers, C4.1.97.
// It does not know the integer ones, which are read first, or what the operations compute.
import Architecture

extension ShiftEncoding {
  static func float(_ w: Word) -> Instruction {
    let operation: TwoRegisterFloat
    switch (w[29], w[15, 11]) {
    case (false, 0b11100): operation = .scvtf
    case (true, 0b11100): operation = .ucvtf
    case (false, 0b11111): operation = .fcvtzs
    case (true, 0b11111): operation = .fcvtzu
    default: return .undefined
    }
    // The highest set bit of immh gives the size. Fixed-point bytes do not exist, and no arrangement has one doubleword.
    let log2Size = w[22] ? 3 : w[21] ? 2 : w[20] ? 1 : 0
    if log2Size == 0 || (log2Size == 3 && w.lanes == .half) { return .undefined }
    return .simd(
      SIMDInstruction(
        .twoRegisterFloat(operation),
        SIMDOperands(
          d: w.number(0), n: w.number(5), Arrangement(log2Size: UInt8(log2Size), w.lanes),
          immediate: UInt16((16 << log2Size) - w[22, 16]))))
  }
}
