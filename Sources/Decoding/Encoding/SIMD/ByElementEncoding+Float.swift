// Owns the floating-point encodings of Advanced SIMD vector and scalar x indexed element, C4.1.97.
// It does not know the integer ones, which are read first, or what the operations compute.
import Architecture

extension ByElementEncoding {
  static func float(_ w: Word) -> Instruction { .undefined }
}
