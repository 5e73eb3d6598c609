// Owns the floating-point encodings of Advanced SIMD shift by immediate: conversions of fixed-point numbers, C4.1.97.
// It does not know the integer ones, which are read first, or what the operations compute.
import Architecture

extension ShiftEncoding {
  static func float(_ w: Word) -> Instruction { .undefined }
}
