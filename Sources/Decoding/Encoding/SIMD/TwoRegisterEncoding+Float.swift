// Owns the floating-point encodings of Advanced SIMD two-register miscellaneous, half precision included, C4.1.97.
// It does not know the integer ones, which are read first, or what the operations compute.
import Architecture

extension TwoRegisterEncoding {
  static func float(_ w: Word) -> Instruction { .undefined }
  static func half(_ w: Word) -> Instruction { .undefined }
}
