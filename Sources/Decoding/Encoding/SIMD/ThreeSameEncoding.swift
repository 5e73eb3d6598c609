// Owns the encodings of Advanced SIMD three same, vector and scalar, half precision included, C4.1.97.
// It does not know what the operations compute.
import Architecture

enum ThreeSameEncoding {
  static func decode(_ w: Word) -> Instruction {
    if w[15, 11] == 0b00011 { return w[28] ? .undefined : VectorMoves.logical(w) }
    return float(w)
  }
}
