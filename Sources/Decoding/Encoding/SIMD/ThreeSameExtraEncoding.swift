// Owns the encodings of Advanced SIMD three same (extra), vector and scalar, on integers, C4.1.97.
// It does not know what the operations compute.
import Architecture

enum ThreeSameExtraEncoding {
  static func decode(_ w: Word) -> Instruction {
    guard let row = rows[w[14, 11]] else { return float(w) }
    guard let form = row.form(w) else { return .undefined }
    // The matrix operations need whole registers.
    if w[14, 12] == 0b010 && !w[30] { return .undefined }
    return .simd(.threeSameExtra(form.operation), w, form.arrangement)
  }

  /// By opcode, bits 14:11.
  private static let rows: [Int: SIMDRow<ThreeSameExtra>] = [
    0b0000: SIMDRow(nil, .sqrdmlah, vector: .halvesAndWords, scalar: .halvesAndWords),
    0b0001: SIMDRow(nil, .sqrdmlsh, vector: .halvesAndWords, scalar: .halvesAndWords),
    0b0010: SIMDRow(.sdot, .udot, vector: .words),
    0b0011: SIMDRow(.usdot, nil, vector: .words),
    0b0100: SIMDRow(.smmla, .ummla, vector: .words),
    0b0101: SIMDRow(.usmmla, nil, vector: .words),
  ]
}
