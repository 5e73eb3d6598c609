// Owns the encodings of Advanced SIMD three same, vector and scalar, on integers, C4.1.97.
// It does not know what the operations compute.
import Architecture

enum ThreeSameEncoding {
  static func decode(_ w: Word) -> Instruction {
    let opcode = w[15, 11]
    if opcode == 0b00011 { return w[28] ? .undefined : VectorMoves.logical(w) }
    return opcode < rows.count ? integer(w, rows[opcode]) : float(w)
  }

  private static func integer(_ w: Word, _ row: SIMDRow<ThreeSame>?) -> Instruction {
    guard let form = row?.form(w) else { return .undefined }
    return .simd(.threeSame(form.operation), w, form.arrangement)
  }

  /// By opcode, bits 15:11.
  private static let rows: [SIMDRow<ThreeSame>?] = [
    SIMDRow(.shadd, .uhadd, vector: .upToWords),
    SIMDRow(.sqadd, .uqadd, vector: .all, scalar: .all),
    SIMDRow(.srhadd, .urhadd, vector: .upToWords),
    nil,
    SIMDRow(.shsub, .uhsub, vector: .upToWords),
    SIMDRow(.sqsub, .uqsub, vector: .all, scalar: .all),
    SIMDRow(.cmgt, .cmhi, vector: .all, scalar: .doubles),
    SIMDRow(.cmge, .cmhs, vector: .all, scalar: .doubles),
    SIMDRow(.sshl, .ushl, vector: .all, scalar: .doubles),
    SIMDRow(.sqshl, .uqshl, vector: .all, scalar: .all),
    SIMDRow(.srshl, .urshl, vector: .all, scalar: .doubles),
    SIMDRow(.sqrshl, .uqrshl, vector: .all, scalar: .all),
    SIMDRow(.smax, .umax, vector: .upToWords),
    SIMDRow(.smin, .umin, vector: .upToWords),
    SIMDRow(.sabd, .uabd, vector: .upToWords),
    SIMDRow(.saba, .uaba, vector: .upToWords),
    SIMDRow(.add, .sub, vector: .all, scalar: .doubles),
    SIMDRow(.cmtst, .cmeq, vector: .all, scalar: .doubles),
    SIMDRow(.mla, .mls, vector: .upToWords),
    SIMDRow(.mul, .pmul, vector: .upToWords, second: .bytes),
    SIMDRow(.smaxp, .umaxp, vector: .upToWords),
    SIMDRow(.sminp, .uminp, vector: .upToWords),
    SIMDRow(.sqdmulh, .sqrdmulh, vector: .halvesAndWords, scalar: .halvesAndWords),
    SIMDRow(.addp, nil, vector: .all),
  ]
}
