// Owns the table of encoding classes of scalar floating point and Advanced SIMD, C4.1.97.
// It does not know what is inside a class: each has a file of its own.
import Architecture

enum SIMDAndFloat {
  /// The instruction in a word whose bits 27:25 are 111; `.undefined` if the word is not allocated.
  static func decode(_ w: Word) -> Instruction { index.firstMatch(w.bits).map { rows[$0].decode(w) } ?? .undefined }

  /// One class: op0 is bits 31:28, op1 24:23, op2 22:19, op3 18:10.
  private struct Row: Sendable {
    let pattern: EncodingPattern
    let decode: @Sendable (Word) -> Instruction

    /// The digits are those of the manual's table; x matches 0 and 1.
    init(_ op0: String, _ op1: String, _ op2: String, _ op3: String, _ decode: @escaping @Sendable (Word) -> Instruction) {
      pattern = EncodingPattern("\(op0) 111 \(op1) \(op2) \(op3)")
      self.decode = decode
    }
  }

  private static let index = EncodingIndex(rows.map(\.pattern))

  /// The first row that matches decides.
  private static let rows: [Row] = [
    Row("0100", "0x", "x101", "00xxxxx10", CryptoEncoding.aes),
    Row("0101", "0x", "x0xx", "xxx0xxx00", CryptoEncoding.threeRegisterSHA),
    Row("0101", "0x", "x101", "00xxxxx10", CryptoEncoding.twoRegisterSHA),
    Row("01x1", "00", "00xx", "xxx0xxxx1", VectorMoves.scalarCopy),
    Row("01x1", "0x", "10xx", "xxx00xxx1", ThreeSameEncoding.half),
    Row("01x1", "0x", "1111", "00xxxxx10", TwoRegisterEncoding.half),
    Row("01x1", "0x", "x0xx", "xxx1xxxx1", ThreeSameExtraEncoding.decode),
    Row("01x1", "0x", "x100", "00xxxxx10", TwoRegisterEncoding.decode),
    Row("01x1", "0x", "x110", "00xxxxx10", AcrossLanesEncoding.scalarPairwise),
    Row("01x1", "0x", "x1xx", "xxxxxxx00", ThreeDifferentEncoding.decode),
    Row("01x1", "0x", "x1xx", "xxxxxxxx1", ThreeSameEncoding.decode),
    Row("01x1", "10", "xxxx", "xxxxxxxx1", ShiftEncoding.decode),
    Row("01x1", "1x", "xxxx", "xxxxxxxx0", ByElementEncoding.decode),
    Row("0x00", "0x", "x0xx", "xxx0xxx00", PermuteEncoding.tableLookup),
    Row("0x00", "0x", "x0xx", "xxx0xxx10", PermuteEncoding.permute),
    Row("0x10", "0x", "x0xx", "xxx0xxxx0", PermuteEncoding.extract),
    Row("0xx0", "00", "00xx", "xxx0xxxx1", VectorMoves.copy),
    Row("0xx0", "0x", "10xx", "xxx00xxx1", ThreeSameEncoding.half),
    Row("0xx0", "0x", "1111", "00xxxxx10", TwoRegisterEncoding.half),
    Row("0xx0", "0x", "x0xx", "xxx1xxxx1", ThreeSameExtraEncoding.decode),
    Row("0xx0", "0x", "x100", "00xxxxx10", TwoRegisterEncoding.decode),
    Row("0xx0", "0x", "x110", "00xxxxx10", AcrossLanesEncoding.vector),
    Row("0xx0", "0x", "x1xx", "xxxxxxx00", ThreeDifferentEncoding.decode),
    Row("0xx0", "0x", "x1xx", "xxxxxxxx1", ThreeSameEncoding.decode),
    Row("0xx0", "10", "0000", "xxxxxxxx1", VectorMoves.modifiedImmediate),
    Row("0xx0", "10", "xxxx", "xxxxxxxx1", ShiftEncoding.decode),
    Row("0xx0", "1x", "xxxx", "xxxxxxxx0", ByElementEncoding.decode),
    Row("1100", "00", "10xx", "xxx10xxxx", CryptoEncoding.threeRegisterImmediate),
    Row("1100", "00", "11xx", "xxx1x00xx", CryptoEncoding.threeRegisterSHA512),
    Row("1100", "00", "xxxx", "xxx0xxxxx", CryptoEncoding.fourRegister),
    Row("1100", "01", "00xx", "xxxxxxxxx", CryptoEncoding.exclusiveOrAndRotate),
    Row("1100", "01", "1000", "0001000xx", CryptoEncoding.twoRegisterSHA512),
    Row("x0x1", "0x", "x0xx", "xxxxxxxxx", FloatConversionEncoding.fixedPoint),
    Row("x0x1", "0x", "x1xx", "xxx000000", FloatConversionEncoding.integer),
    Row("x0x1", "0x", "x1xx", "xxxx10000", FloatEncoding.oneSource),
    Row("x0x1", "0x", "x1xx", "xxxxx1000", FloatEncoding.compare),
    Row("x0x1", "0x", "x1xx", "xxxxxx100", FloatEncoding.immediate),
    Row("x0x1", "0x", "x1xx", "xxxxxxx01", FloatEncoding.conditionalCompare),
    Row("x0x1", "0x", "x1xx", "xxxxxxx10", FloatEncoding.twoSource),
    Row("x0x1", "0x", "x1xx", "xxxxxxx11", FloatEncoding.conditionalSelect),
    Row("x0x1", "1x", "xxxx", "xxxxxxxxx", FloatEncoding.threeSource),
  ]
}

extension Word {
  /// A vector register number as operands hold it.
  @inline(__always) func number(_ low: Int) -> UInt8 { UInt8(self[low &+ 4, low]) }
  /// The lanes of a word of a class in which bit 28 means scalar and bit 30 is Q.
  var lanes: Lanes { self[28] ? .scalar : self[30] ? .full : .half }
}

extension Instruction {
  /// A SIMD&FP instruction with the usual three register fields.
  static func simd(_ operation: SIMDOperation, _ w: Word, _ arrangement: Arrangement, immediate: Int = 0) -> Instruction {
    .simd(
      SIMDInstruction(
        operation,
        SIMDOperands(
          d: w.number(0), n: w.number(5), m: w.number(16), a: w.number(10), arrangement, immediate: UInt16(immediate))))
  }
}
