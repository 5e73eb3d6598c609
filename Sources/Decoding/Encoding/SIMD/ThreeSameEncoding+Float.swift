// Owns the floating-point encodings of Advanced SIMD three same, half precision included, C4.1.97.
// It does not know the integer ones, which are read first, or what the operations compute.
import Architecture

extension ThreeSameEncoding {
  static func float(_ w: Word) -> Instruction { .undefined }
  static func half(_ w: Word) -> Instruction { .undefined }
}
