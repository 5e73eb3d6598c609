// Owns the encodings of scalar floating-point data processing, C4.1.97.
// It does not know what the operations compute.
import Architecture

enum FloatEncoding {
  static func oneSource(_ w: Word) -> Instruction { VectorMoves.scalarMove(w) }
  static func compare(_ w: Word) -> Instruction { .undefined }
  static func immediate(_ w: Word) -> Instruction { VectorMoves.scalarMove(w) }
  static func conditionalCompare(_ w: Word) -> Instruction { .undefined }
  static func twoSource(_ w: Word) -> Instruction { .undefined }
  static func conditionalSelect(_ w: Word) -> Instruction { .undefined }
  static func threeSource(_ w: Word) -> Instruction { .undefined }
}
