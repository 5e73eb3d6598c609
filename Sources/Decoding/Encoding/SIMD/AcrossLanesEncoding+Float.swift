// Owns the floating-point encodings of Advanced SIMD across lanes and scalar pairwise, C4.1.97.
// It does not know the integer ones, which are read first, or what the operations compute.
import Architecture

extension AcrossLanesEncoding {
  static func float(_ w: Word) -> Instruction {
    // U distinguishes single precision, which has one arrangement, from half precision.
    if w[22] || (w[29] && !w[30]) { return .undefined }
    let operation: AcrossLanes
    switch (w[23], w[16, 12]) {
    case (false, 0b01100): operation = .fmaxnmv
    case (false, 0b01111): operation = .fmaxv
    case (true, 0b01100): operation = .fminnmv
    case (true, 0b01111): operation = .fminv
    default: return .undefined
    }
    return instruction(.acrossLanes(operation), w, log2Size: w[29] ? 2 : 1)
  }

  static func floatPairwise(_ w: Word) -> Instruction {
    // U distinguishes single and double precision from half precision.
    if w[22] && !w[29] { return .undefined }
    let operation: ScalarPairwise
    switch (w[23], w[16, 12]) {
    case (false, 0b01100): operation = .fmaxnmp
    case (false, 0b01101): operation = .faddp
    case (false, 0b01111): operation = .fmaxp
    case (true, 0b01100): operation = .fminnmp
    case (true, 0b01111): operation = .fminp
    default: return .undefined
    }
    return instruction(.pairwise(operation), w, log2Size: w[29] ? (w[22] ? 3 : 2) : 1)
  }

  private static func instruction(_ operation: SIMDOperation, _ w: Word, log2Size: UInt8) -> Instruction {
    .simd(SIMDInstruction(operation, SIMDOperands(d: w.number(0), n: w.number(5), Arrangement(log2Size: log2Size, w.lanes))))
  }
}
