// Owns the floating-point encodings of Advanced SIMD three same (extra), C4.1.97.
// It does not know the integer ones, which are read first, or what the operations compute.
import Architecture

extension ThreeSameExtraEncoding {
  static func float(_ w: Word) -> Instruction {
    // All of these operations have U set and work on vectors.
    guard w[29], !w[28] else { return .undefined }
    let size = w[23, 22], full = w[30]
    switch w[14, 11] {
    case 0b1000...0b1011:
      // FEAT_FCMA. No arrangement has one doubleword.
      if size == 0 || (size == 3 && !full) { return .undefined }
      return instruction(.fcmla, w, log2Size: size, w.lanes, rotation: w[12, 11])
    case 0b1100, 0b1110:
      if size == 0 || (size == 3 && !full) { return .undefined }
      return instruction(.fcadd, w, log2Size: size, w.lanes, rotation: w[12] ? 3 : 1)
    // FEAT_BF16.
    case 0b1101: return size == 1 && full ? instruction(.bfmmla, w, log2Size: 2, .full) : .undefined
    case 0b1111 where size == 1: return instruction(.bfdot, w, log2Size: 2, w.lanes)
    // Q selects the odd lanes here.
    case 0b1111 where size == 3: return instruction(full ? .bfmlalt : .bfmlalb, w, log2Size: 2, .full)
    default: return .undefined
    }
  }

  private static func instruction(
    _ operation: ThreeSameExtra, _ w: Word, log2Size: Int, _ lanes: Lanes, rotation: Int = 0
  ) -> Instruction {
    let arrangement = Arrangement(log2Size: UInt8(log2Size), lanes)
    return .simd(
      SIMDInstruction(
        .threeSameExtra(operation),
        SIMDOperands(d: w.number(0), n: w.number(5), m: w.number(16), arrangement, immediate: UInt16(rotation))))
  }
}
