// Owns the encodings of Advanced SIMD shift by immediate, vector and scalar, on integers, C4.1.97.
// It does not know what the operations compute.
import Architecture

enum ShiftEncoding {
  static func decode(_ w: Word) -> Instruction {
    guard let row = rows[w[15, 11]] else { return float(w) }
    // The highest set bit of immh gives the size, the bits below it the amount.
    let immediate = w[22, 16]
    if immediate < 8 { return .undefined }
    let log2Size = Int.bitWidth - 1 - (immediate >> 3).leadingZeroBitCount
    let bits = 8 << log2Size
    guard let form = row.sizes.form(w, size: log2Size) else { return .undefined }
    return .simd(.shift(form.operation), w, form.arrangement, immediate: row.left ? immediate - bits : 2 * bits - immediate)
  }

  private struct Row {
    let sizes: SIMDRow<ShiftByImmediate>
    /// Whether the shift is to the left, by 0 to bits - 1. A shift to the right is by 1 to bits.
    var left = false
  }

  /// By opcode, bits 15:11.
  private static let rows: [Int: Row] = [
    0b00000: Row(sizes: SIMDRow(.sshr, .ushr, vector: .all, scalar: .doubles)),
    0b00010: Row(sizes: SIMDRow(.ssra, .usra, vector: .all, scalar: .doubles)),
    0b00100: Row(sizes: SIMDRow(.srshr, .urshr, vector: .all, scalar: .doubles)),
    0b00110: Row(sizes: SIMDRow(.srsra, .ursra, vector: .all, scalar: .doubles)),
    0b01000: Row(sizes: SIMDRow(nil, .sri, vector: .all, scalar: .doubles)),
    0b01010: Row(sizes: SIMDRow(.shl, .sli, vector: .all, scalar: .doubles), left: true),
    0b01100: Row(sizes: SIMDRow(nil, .sqshlu, vector: .all, scalar: .all), left: true),
    0b01110: Row(sizes: SIMDRow(.sqshl, .uqshl, vector: .all, scalar: .all), left: true),
    0b10000: Row(sizes: SIMDRow(.shrn, .sqshrun, vector: .upToWords, secondScalar: .upToWords)),
    0b10001: Row(sizes: SIMDRow(.rshrn, .sqrshrun, vector: .upToWords, secondScalar: .upToWords)),
    0b10010: Row(sizes: SIMDRow(.sqshrn, .uqshrn, vector: .upToWords, scalar: .upToWords)),
    0b10011: Row(sizes: SIMDRow(.sqrshrn, .uqrshrn, vector: .upToWords, scalar: .upToWords)),
    0b10100: Row(sizes: SIMDRow(.sshll, .ushll, vector: .upToWords), left: true),
  ]
}
