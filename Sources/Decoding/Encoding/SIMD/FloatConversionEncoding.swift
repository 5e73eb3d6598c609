// Owns the encodings of conversions between floating-point and general registers, C4.1.97.
// It does not know what the operations compute.
import Architecture

enum FloatConversionEncoding {
  static func fixedPoint(_ w: Word) -> Instruction { .undefined }
  static func integer(_ w: Word) -> Instruction { VectorMoves.scalarMove(w) }
}
