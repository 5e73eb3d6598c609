// Owns the encodings of Advanced SIMD across lanes and scalar pairwise, C4.1.97.
// It does not know what the operations compute.
import Architecture

enum AcrossLanesEncoding {
  static func vector(_ w: Word) -> Instruction { float(w) }
  static func scalarPairwise(_ w: Word) -> Instruction { floatPairwise(w) }
}
