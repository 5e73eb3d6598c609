// Owns the floating-point encodings of Advanced SIMD vector and scalar x indexed element, C4.1.97.
// It does not know the integer ones, which are read first, or what the operations compute.
import Architecture

extension ByElementEncoding {
  static func float(_ w: Word) -> Instruction {
    let u = w[29], size = w[23, 22]
    switch (u, w[15, 12], size) {
    case (false, 0b0001, 0), (false, 0b0001, 2...3): return sized(.fmla, w)
    case (false, 0b0101, 0), (false, 0b0101, 2...3): return sized(.fmls, w)
    case (false, 0b1001, 0), (false, 0b1001, 2...3): return sized(.fmul, w)
    case (true, 0b1001, 0), (true, 0b1001, 2...3): return sized(.fmulx, w)
    default: break
    }
    // The remaining operations have no scalar form.
    if w[28] { return .undefined }
    switch (u, w[15, 12], size) {
    // FEAT_FHM.
    case (false, 0b0000, 2): return halfElement(.fmlal, w, w.lanes)
    case (false, 0b0100, 2): return halfElement(.fmlsl, w, w.lanes)
    case (true, 0b1000, 2): return halfElement(.fmlal2, w, w.lanes)
    case (true, 0b1100, 2): return halfElement(.fmlsl2, w, w.lanes)
    // FEAT_BF16. For BFMLAL, Q selects the odd lanes.
    case (false, 0b1111, 1): return instruction(.bfdot, w, log2Size: 2, w.lanes, m: w.number(16), index: wordIndex(w))
    case (false, 0b1111, 3): return halfElement(w[30] ? .bfmlalt : .bfmlalb, w, .full)
    // FEAT_FCMA. The element is a pair of lanes, within the 64 or 128 bits that Q selects.
    case (true, 1, 1), (true, 3, 1), (true, 5, 1), (true, 7, 1):
      return w[11] && !w[30] ? .undefined : complex(w, log2Size: 1, pair: wordIndex(w))
    case (true, 1, 2), (true, 3, 2), (true, 5, 2), (true, 7, 2):
      return w[21] || !w[30] ? .undefined : complex(w, log2Size: 2, pair: w[11, 11])
    default: return .undefined
    }
  }

  /// H:L.
  private static func wordIndex(_ w: Word) -> Int { w[11, 11] << 1 | w[21, 21] }

  private static func sized(_ operation: ByElementFloat, _ w: Word) -> Instruction {
    switch w[23, 22] {
    case 0: return halfElement(operation, w, w.lanes, log2Size: 1)
    case 2: return instruction(operation, w, log2Size: 2, w.lanes, m: w.number(16), index: wordIndex(w))
    default:
      // The encoding is reserved with L set, and no arrangement has one doubleword.
      if w[21] || w.lanes == .half { return .undefined }
      return instruction(operation, w, log2Size: 3, w.lanes, m: w.number(16), index: w[11, 11])
    }
  }

  /// A half-precision element. Its index is H:L:M, so Vm is one of the lower 16 registers.
  private static func halfElement(_ operation: ByElementFloat, _ w: Word, _ lanes: Lanes, log2Size: Int = 2) -> Instruction {
    instruction(operation, w, log2Size: log2Size, lanes, m: UInt8(w[19, 16]), index: wordIndex(w) << 1 | w[20, 20])
  }

  private static func complex(_ w: Word, log2Size: Int, pair: Int) -> Instruction {
    instruction(.fcmla, w, log2Size: log2Size, w.lanes, m: w.number(16), index: pair | w[14, 13] << 8)
  }

  private static func instruction(
    _ operation: ByElementFloat, _ w: Word, log2Size: Int, _ lanes: Lanes, m: UInt8, index: Int
  ) -> Instruction {
    let arrangement = Arrangement(log2Size: UInt8(log2Size), lanes)
    return .simd(
      SIMDInstruction(
        .byElementFloat(operation), SIMDOperands(d: w.number(0), n: w.number(5), m: m, arrangement, immediate: UInt16(index))))
  }
}
