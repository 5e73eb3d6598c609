// Owns the floating-point encodings of Advanced SIMD across lanes and scalar pairwise, C4.1.97.
// It does not know the integer ones, which are read first, or what the operations compute.
import Architecture

extension AcrossLanesEncoding {
  static func float(_ w: Word) -> Instruction { .undefined }
  static func floatPairwise(_ w: Word) -> Instruction { .undefined }
}
