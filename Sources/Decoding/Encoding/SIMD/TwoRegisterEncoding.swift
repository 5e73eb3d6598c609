// Owns the encodings of Advanced SIMD two-register miscellaneous, vector and scalar, half precision included, C4.1.97.
// It does not know what the operations compute.
import Architecture

enum TwoRegisterEncoding {
  static func decode(_ w: Word) -> Instruction { float(w) }
}
