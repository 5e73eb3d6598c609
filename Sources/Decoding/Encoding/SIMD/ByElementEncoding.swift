// Owns the encodings of Advanced SIMD vector and scalar x indexed element, on integers, C4.1.97.
// It does not know what the operations compute.
import Architecture

enum ByElementEncoding {
  static func decode(_ w: Word) -> Instruction {
    let size = w[23, 22]
    guard let row = rows[w[15, 12]], let operation = w[29] ? row.operations.1 : row.operations.0 else { return mixedDot(w) }
    guard let form = row.form(w, size: size) else { return .undefined }
    return indexed(operation, w, form.arrangement)
  }

  /// SUDOT and USDOT. Their size field distinguishes them from BFDOT and BFMLAL.
  private static func mixedDot(_ w: Word) -> Instruction {
    if w[15, 12] != 0b1111 || w[29] || w[22] { return float(w) }
    if w[28] { return .undefined }
    return indexed(w[23] ? .usdot : .sudot, w, Arrangement(log2Size: 2, w.lanes))
  }

  /// The index is H:L:M of halfwords, with four bits of register, or H:L of words, with five.
  private static func indexed(_ operation: ByElement, _ w: Word, _ arrangement: Arrangement) -> Instruction {
    let isHalf = arrangement.log2Size == 1
    let index = w[11, 11] << 1 | w[21, 21]
    return .simd(
      SIMDInstruction(
        .byElement(operation),
        SIMDOperands(
          d: w.number(0), n: w.number(5), m: isHalf ? UInt8(w[19, 16]) : w.number(16), arrangement,
          immediate: UInt16(isHalf ? index << 1 | w[20, 20] : index))))
  }

  /// By opcode, bits 15:12.
  private static let rows: [Int: SIMDRow<ByElement>] = [
    0b0000: SIMDRow(nil, .mla, vector: .halvesAndWords),
    0b0010: SIMDRow(.smlal, .umlal, vector: .halvesAndWords),
    0b0011: SIMDRow(.sqdmlal, nil, vector: .halvesAndWords, scalar: .halvesAndWords),
    0b0100: SIMDRow(nil, .mls, vector: .halvesAndWords),
    0b0110: SIMDRow(.smlsl, .umlsl, vector: .halvesAndWords),
    0b0111: SIMDRow(.sqdmlsl, nil, vector: .halvesAndWords, scalar: .halvesAndWords),
    0b1000: SIMDRow(.mul, nil, vector: .halvesAndWords),
    0b1010: SIMDRow(.smull, .umull, vector: .halvesAndWords),
    0b1011: SIMDRow(.sqdmull, nil, vector: .halvesAndWords, scalar: .halvesAndWords),
    0b1100: SIMDRow(.sqdmulh, nil, vector: .halvesAndWords, scalar: .halvesAndWords),
    0b1101: SIMDRow(.sqrdmulh, .sqrdmlah, vector: .halvesAndWords, scalar: .halvesAndWords),
    0b1110: SIMDRow(.sdot, .udot, vector: .words),
    0b1111: SIMDRow(nil, .sqrdmlsh, vector: .halvesAndWords, scalar: .halvesAndWords),
  ]
}
