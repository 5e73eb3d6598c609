// Owns the encodings of Advanced SIMD three different, vector and scalar, C4.1.97.
// It does not know what the operations compute.
import Architecture

enum ThreeDifferentEncoding {
  static func decode(_ w: Word) -> Instruction { .undefined }
}
