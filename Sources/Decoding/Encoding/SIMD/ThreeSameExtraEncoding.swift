// Owns the encodings of Advanced SIMD three same (extra), vector and scalar, C4.1.97.
// It does not know what the operations compute.
import Architecture

enum ThreeSameExtraEncoding {
  static func decode(_ w: Word) -> Instruction { float(w) }
}
