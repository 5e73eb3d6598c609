// Owns the encodings of Advanced SIMD table lookup, permute and extract, C4.1.97.
// It does not know what the operations compute.
import Architecture

enum PermuteEncoding {
  static func tableLookup(_ w: Word) -> Instruction {
    if w[23, 22] != 0 { return .undefined }
    return .simd(.tableLookup(extends: w[12]), w, Arrangement(log2Size: 0, w.lanes), immediate: w[14, 13] + 1)
  }

  static func permute(_ w: Word) -> Instruction {
    let operations: [Permute?] = [nil, .uzp1, .trn1, .zip1, nil, .uzp2, .trn2, .zip2]
    // No arrangement has one doubleword.
    guard let operation = operations[w[14, 12]], w[23, 22] < 3 || w[30] else { return .undefined }
    return .simd(.permute(operation), w, Arrangement(log2Size: UInt8(w[23, 22]), w.lanes))
  }

  static func extract(_ w: Word) -> Instruction {
    if w[23, 22] != 0 || (w[14] && !w[30]) { return .undefined }
    return .simd(.extract, w, Arrangement(log2Size: 0, w.lanes), immediate: w[14, 11])
  }
}
