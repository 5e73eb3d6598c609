// Owns the encodings of Advanced SIMD three different, vector and scalar, C4.1.97.
// It does not know what the operations compute.
import Architecture

enum ThreeDifferentEncoding {
  static func decode(_ w: Word) -> Instruction {
    guard let form = rows[w[15, 12]]?.form(w, size: w[23, 22], widens: true) else { return .undefined }
    return .simd(.threeDifferent(form.operation), w, form.arrangement)
  }

  /// By opcode, bits 15:12.
  private static let rows: [SIMDRow<ThreeDifferent>?] = [
    SIMDRow(.saddl, .uaddl, vector: .upToWords),
    SIMDRow(.saddw, .uaddw, vector: .upToWords),
    SIMDRow(.ssubl, .usubl, vector: .upToWords),
    SIMDRow(.ssubw, .usubw, vector: .upToWords),
    SIMDRow(.addhn, .raddhn, vector: .upToWords),
    SIMDRow(.sabal, .uabal, vector: .upToWords),
    SIMDRow(.subhn, .rsubhn, vector: .upToWords),
    SIMDRow(.sabdl, .uabdl, vector: .upToWords),
    SIMDRow(.smlal, .umlal, vector: .upToWords),
    SIMDRow(.sqdmlal, nil, vector: .halvesAndWords, scalar: .halvesAndWords),
    SIMDRow(.smlsl, .umlsl, vector: .upToWords),
    SIMDRow(.sqdmlsl, nil, vector: .halvesAndWords, scalar: .halvesAndWords),
    SIMDRow(.smull, .umull, vector: .upToWords),
    SIMDRow(.sqdmull, nil, vector: .halvesAndWords, scalar: .halvesAndWords),
    SIMDRow(.pmull, nil, vector: [.bytes, .doubles]),
    nil,
  ]
}
