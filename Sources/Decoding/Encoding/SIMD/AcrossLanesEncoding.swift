// Owns the encodings of Advanced SIMD across lanes and scalar pairwise, on integers, C4.1.97.
// It does not know what the operations compute.
import Architecture

enum AcrossLanesEncoding {
  static func vector(_ w: Word) -> Instruction {
    guard let row = rows[w[16, 12]] else { return float(w) }
    // An arrangement of two words is not allocated for operations across lanes.
    guard let form = row.form(w), w[23, 22] < 2 || w[30] else { return .undefined }
    return .simd(.acrossLanes(form.operation), w, form.arrangement)
  }

  /// By opcode, bits 16:12.
  private static let rows: [Int: SIMDRow<AcrossLanes>] = [
    0b00011: SIMDRow(.saddlv, .uaddlv, vector: .upToWords),
    0b01010: SIMDRow(.smaxv, .umaxv, vector: .upToWords),
    0b11010: SIMDRow(.sminv, .uminv, vector: .upToWords),
    0b11011: SIMDRow(.addv, nil, vector: .upToWords),
  ]

  static func scalarPairwise(_ w: Word) -> Instruction {
    if w[16, 12] != 0b11011 { return floatPairwise(w) }
    return w[29] || w[23, 22] != 3 ? .undefined : .simd(.pairwise(.addp), w, Arrangement(log2Size: 3, .scalar))
  }
}
