// Owns the encodings of Advanced SIMD table lookup, permute and extract, C4.1.97.
// It does not know what the operations compute.
import Architecture

enum PermuteEncoding {
  static func tableLookup(_ w: Word) -> Instruction { .undefined }
  static func permute(_ w: Word) -> Instruction { .undefined }
  static func extract(_ w: Word) -> Instruction { .undefined }
}
