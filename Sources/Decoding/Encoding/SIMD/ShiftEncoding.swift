// Owns the encodings of Advanced SIMD shift by immediate, vector and scalar, C4.1.97.
// It does not know what the operations compute.
import Architecture

enum ShiftEncoding {
  static func decode(_ w: Word) -> Instruction { float(w) }
}
