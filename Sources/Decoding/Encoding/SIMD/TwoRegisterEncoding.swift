// Owns the encodings of Advanced SIMD two-register miscellaneous, vector and scalar, on integers, C4.1.97.
// It does not know what the operations compute.
import Architecture

enum TwoRegisterEncoding {
  static func decode(_ w: Word) -> Instruction {
    let opcode = w[16, 12]
    guard opcode < rows.count, let row = rows[opcode] else { return float(w) }
    guard let form = row.form(w) else { return .undefined }
    // NOT and RBIT both work on bytes; the size field distinguishes them.
    if form.operation == .not && w[22] { return .simd(.twoRegister(.rbit), w, Arrangement(log2Size: 0, w.lanes)) }
    return .simd(.twoRegister(form.operation), w, form.arrangement)
  }

  /// The integer operations by opcode, bits 16:12; nil if the opcode has only floating-point operations or none.
  private static let rows: [SIMDRow<TwoRegister>?] = [
    SIMDRow(.rev64, .rev32, vector: .upToWords, second: .bytesAndHalves),
    SIMDRow(.rev16, nil, vector: .bytes),
    SIMDRow(.saddlp, .uaddlp, vector: .upToWords),
    SIMDRow(.suqadd, .usqadd, vector: .all, scalar: .all),
    SIMDRow(.cls, .clz, vector: .upToWords),
    SIMDRow(.cnt, .not, vector: .bytes, second: .bytesAndHalves),
    SIMDRow(.sadalp, .uadalp, vector: .upToWords),
    SIMDRow(.sqabs, .sqneg, vector: .all, scalar: .all),
    SIMDRow(.cmgtZero, .cmgeZero, vector: .all, scalar: .doubles),
    SIMDRow(.cmeqZero, .cmleZero, vector: .all, scalar: .doubles),
    SIMDRow(.cmltZero, nil, vector: .all, scalar: .doubles),
    SIMDRow(.abs, .neg, vector: .all, scalar: .doubles),
    nil, nil, nil, nil, nil, nil,
    SIMDRow(.xtn, .sqxtun, vector: .upToWords, secondScalar: .upToWords),
    SIMDRow(nil, .shll, vector: .upToWords),
    SIMDRow(.sqxtn, .uqxtn, vector: .upToWords, scalar: .upToWords),
  ]
}
