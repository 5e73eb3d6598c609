// Owns the operands of the moves of SIMD&FP registers, C4.1.97: MOVI, MVNI, ORR, BIC and FMOV (immediate), DUP, INS, UMOV, SMOV,
// and bitwise operations.
// It does not know arithmetic: the other classes have files of their own.
import Architecture

enum VectorMoves {
  static func modifiedImmediate(_ w: Word) -> Instruction {
    let full = w[30], op = w[29], cmode = w[15, 12]
    let imm8 = UInt64(w[18, 16] << 5 | w[9, 5])
    if w[11] {
      // FEAT_FP16: FMOV (vector, immediate).
      if op || cmode != 15 { return .undefined }
      return .vectorImmediate(
        .moveHalf, full: full, d: w.vector(0), immediate: expandFP(imm8, log2Size: 1) &* 0x0001_0001_0001_0001)
    }
    let operation: VectorImmediate
    var immediate: UInt64
    switch cmode {
    case 0...7:
      immediate = imm8 << UInt64(8 * (cmode >> 1))
      immediate |= immediate << 32
      operation = cmode & 1 == 0 ? .move : op ? .bitClear : .or
    case 8...11:
      immediate = (imm8 << UInt64(8 * (cmode >> 1 & 1))) &* 0x0001_0001_0001_0001
      operation = cmode & 1 == 0 ? .move : op ? .bitClear : .or
    case 12, 13:
      let ones: UInt64 = cmode == 12 ? 0xff : 0xffff
      immediate = imm8 << (cmode == 12 ? 8 : 16) | ones
      immediate |= immediate << 32
      operation = .move
    case 14:
      if op {
        // Each bit of imm8 becomes a byte.
        immediate = (0..<8).reduce(0) { $0 | (imm8 >> UInt64($1) & 1 != 0 ? 0xff << UInt64($1 * 8) : 0) }
        return .vectorImmediate(.move, full: full, d: w.vector(0), immediate: immediate)
      }
      return .vectorImmediate(.move, full: full, d: w.vector(0), immediate: imm8 &* 0x0101_0101_0101_0101)
    default:
      if op {
        return full ? .vectorImmediate(.move, full: true, d: w.vector(0), immediate: expandFP(imm8, log2Size: 3)) : .undefined
      }
      let single = expandFP(imm8, log2Size: 2)
      return .vectorImmediate(.move, full: full, d: w.vector(0), immediate: single | single << 32)
    }
    if op && operation == .move { immediate = ~immediate }
    return .vectorImmediate(operation, full: full, d: w.vector(0), immediate: immediate)
  }

  /// The element size and index in imm5: the lowest set bit names the size.
  private static func element(_ imm5: Int) -> (log2Size: UInt8, index: UInt8)? {
    if imm5 & 15 == 0 { return nil }
    let log2Size = imm5.trailingZeroBitCount
    return (UInt8(log2Size), UInt8(imm5 >> (log2Size + 1)))
  }

  static func copy(_ w: Word) -> Instruction {
    guard let (log2Size, index) = element(w[20, 16]) else { return .undefined }
    let full = w[30]
    if w[29] {
      // INS (element). The low bits of imm4 are ignored.
      return full
        ? .insertElement(
          log2Size: log2Size, d: w.vector(0), index: index, n: w.vector(5), sourceIndex: UInt8(w[14, 11] >> Int(log2Size)))
        : .undefined
    }
    // For DUP, no arrangement has one doubleword.
    if w[14, 11] <= 1 && log2Size == 3 && !full { return .undefined }
    switch w[14, 11] {
    case 0:
      return .duplicateElement(
        log2Size: log2Size, full: full, scalar: false, d: w.vector(0), n: w.vector(5), index: index)
    case 1: return .duplicateGeneral(log2Size: log2Size, full: full, d: w.vector(0), n: w.n)
    case 3: return full ? .insertGeneral(log2Size: log2Size, d: w.vector(0), index: index, n: w.n) : .undefined
    case 5:
      if log2Size == 3 || (log2Size == 2 && !full) { return .undefined }
      return .moveElementToGeneral(signed: true, log2Size: log2Size, full ? .x : .w, d: w.d, n: w.vector(5), index: index)
    case 7:
      if (log2Size == 3) != full { return .undefined }
      return .moveElementToGeneral(signed: false, log2Size: log2Size, full ? .x : .w, d: w.d, n: w.vector(5), index: index)
    default: return .undefined
    }
  }

  static func scalarCopy(_ w: Word) -> Instruction {
    if w[29] || w[14, 11] != 0 { return .undefined }
    guard let (log2Size, index) = element(w[20, 16]) else { return .undefined }
    return .duplicateElement(log2Size: log2Size, full: false, scalar: true, d: w.vector(0), n: w.vector(5), index: index)
  }

  static func logical(_ w: Word) -> Instruction {
    let operations: [VectorLogical] = [.and, .bic, .orr, .orn, .eor, .bsl, .bit, .bif]
    return .vectorLogical(
      operations[w[29, 29] * 4 + w[23, 22]], full: w[30], d: w.vector(0), n: w.vector(5), m: w.vector(16))
  }

  /// Arm ARM: VFPExpandImm for half (1), single (2) and double (3) precision.
  static func expandFP(_ imm8: UInt64, log2Size: UInt8) -> UInt64 {
    let sign = imm8 >> 7 & 1
    let b6 = imm8 >> 6 & 1
    let fraction = imm8 & 0xf
    let exponentLow = imm8 >> 4 & 3
    if log2Size == 1 {
      let exponent = (b6 ^ 1) << 4 | (b6 == 1 ? 0xc : 0) | exponentLow
      return sign << 15 | exponent << 10 | fraction << 6
    }
    if log2Size == 2 {
      let exponent = (b6 ^ 1) << 7 | (b6 == 1 ? 0x7c : 0) | exponentLow
      return sign << 31 | exponent << 23 | fraction << 19
    }
    let exponent = (b6 ^ 1) << 10 | (b6 == 1 ? 0x3fc : 0) | exponentLow
    return sign << 63 | exponent << 52 | fraction << 48
  }
}
