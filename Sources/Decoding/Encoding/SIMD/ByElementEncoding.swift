// Owns the encodings of Advanced SIMD vector and scalar x indexed element, C4.1.97.
// It does not know what the operations compute.
import Architecture

enum ByElementEncoding {
  static func decode(_ w: Word) -> Instruction { float(w) }
}
