// Owns the shape of a row of the encoding tables of Advanced SIMD: the two operations that U selects, and their lane sizes.
// It does not know any class.
import Architecture

/// A set of lane sizes, with a bit for each value of the size field.
struct LaneSizes: OptionSet, Sendable {
  let rawValue: UInt8
  static let none: LaneSizes = []
  static let bytes = LaneSizes(rawValue: 0b0001)
  static let halves = LaneSizes(rawValue: 0b0010)
  static let words = LaneSizes(rawValue: 0b0100)
  static let doubles = LaneSizes(rawValue: 0b1000)
  static let bytesAndHalves = LaneSizes(rawValue: 0b0011)
  static let halvesAndWords = LaneSizes(rawValue: 0b0110)
  static let upToWords = LaneSizes(rawValue: 0b0111)
  static let all = LaneSizes(rawValue: 0b1111)

  func has(_ size: Int) -> Bool { rawValue >> UInt8(size) & 1 != 0 }
}

/// One opcode of a class: the operation where U (bit 29) is 0, the one where U is 1, and the sizes that are allocated.
struct SIMDRow<Operation: Sendable>: Sendable {
  let operations: (Operation?, Operation?)
  let vector: (LaneSizes, LaneSizes)
  let scalar: (LaneSizes, LaneSizes)

  /// Makes a row. `second` and `secondScalar` are the sizes where U is 1, if they differ.
  init(
    _ first: Operation?, _ other: Operation?, vector: LaneSizes, scalar: LaneSizes = .none, second: LaneSizes? = nil,
    secondScalar: LaneSizes? = nil
  ) {
    operations = (first, other)
    self.vector = (vector, second ?? vector)
    self.scalar = (scalar, secondScalar ?? scalar)
  }

  /// The operation and arrangement of a word whose size is in bits 23:22; nil if the word is not allocated.
  func form(_ w: Word) -> (operation: Operation, arrangement: Arrangement)? { form(w, size: w[23, 22]) }

  /// The same for a given size. With `widens` the operation also has a wider side, so half a register may hold one doubleword on
  /// the narrower side.
  func form(_ w: Word, size: Int, widens: Bool = false) -> (operation: Operation, arrangement: Arrangement)? {
    let u = w[29]
    guard let operation = u ? operations.1 : operations.0 else { return nil }
    let allowed = w[28] ? (u ? scalar.1 : scalar.0) : (u ? vector.1 : vector.0)
    // No arrangement has one doubleword.
    if !allowed.has(size) || (size == 3 && w.lanes == .half && !widens) { return nil }
    return (operation, Arrangement(log2Size: UInt8(size), w.lanes))
  }
}
