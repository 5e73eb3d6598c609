// Owns the pure functions of integer lanes that are more than one operator: saturating, halving, doubling, polynomial. It does not know
// vectors or registers. The functions set `saturated` if a result did not fit, and never clear it.

/// Saturates a value that a wider type holds. Arm ARM: SatQ.
@inline(__always)
func saturate<W: FixedWidthInteger, T: FixedWidthInteger>(_ value: W, to type: T.Type = T.self, _ saturated: inout Bool) -> T {
  let result = T(clamping: value)
  saturated = saturated || value != W(truncatingIfNeeded: result)
  return result
}

/// SQADD, UQADD.
@inline(__always)
func saturatingAdd<T: FixedWidthInteger>(_ a: T, _ b: T, _ saturated: inout Bool) -> T {
  let (sum, overflow) = a.addingReportingOverflow(b)
  saturated = saturated || overflow
  return overflow ? (b < 0 ? .min : .max) : sum
}

/// SQSUB, UQSUB.
@inline(__always)
func saturatingSubtract<T: FixedWidthInteger>(_ a: T, _ b: T, _ saturated: inout Bool) -> T {
  let (difference, overflow) = a.subtractingReportingOverflow(b)
  saturated = saturated || overflow
  return overflow ? (T.isSigned && b < 0 ? .max : .min) : difference
}

/// SUQADD: an unsigned number added to a signed one.
@inline(__always)
func saturatingAddUnsigned<S: FixedWidthInteger, U: FixedWidthInteger>(_ d: S, _ n: U, _ saturated: inout Bool) -> S {
  if n > U(truncatingIfNeeded: S.max &- d) {
    saturated = true
    return .max
  }
  return d &+ S(truncatingIfNeeded: n)
}

/// USQADD: a signed number added to an unsigned one.
@inline(__always)
func saturatingAddSigned<U: FixedWidthInteger, S: FixedWidthInteger>(_ d: U, _ n: S, _ saturated: inout Bool) -> U {
  n < 0
    ? saturatingSubtract(d, U(truncatingIfNeeded: 0 &- n), &saturated) : saturatingAdd(d, U(truncatingIfNeeded: n), &saturated)
}

/// SQNEG; SQABS where the number is negative.
@inline(__always)
func saturatingNegate<T: FixedWidthInteger>(_ a: T, _ saturated: inout Bool) -> T { saturatingSubtract(0, a, &saturated) }

/// SHADD, UHADD: half the sum, rounded down.
@inline(__always)
func halvingAdd<T: FixedWidthInteger>(_ a: T, _ b: T) -> T { (a & b) &+ ((a ^ b) &>> 1) }

/// SRHADD, URHADD: half the sum, rounded up.
@inline(__always)
func roundingHalvingAdd<T: FixedWidthInteger>(_ a: T, _ b: T) -> T { (a | b) &- ((a ^ b) &>> 1) }

/// SHSUB, UHSUB: half the difference, rounded down.
@inline(__always)
func halvingSubtract<T: FixedWidthInteger>(_ a: T, _ b: T) -> T { (a &>> 1) &- (b &>> 1) &- (~a & b & 1) }

/// SABD, UABD, SABA, UABA and their long forms, modulo the width.
@inline(__always)
func absoluteDifference<T: FixedWidthInteger>(_ a: T, _ b: T) -> T { a > b ? a &- b : b &- a }

/// All ones if `condition` is true, else 0.
@inline(__always)
func laneMask<T: FixedWidthInteger>(_ condition: Bool) -> T { condition ? ~0 : 0 }

/// The accumulator plus or minus the high half of twice the product, rounded once, for SQDMULH, SQRDMULH, SQRDMLAH and SQRDMLSH. `T` has at
/// most 32 bits. The computation halves every term, because twice the product may not fit.
@inline(__always)
func doublingMultiplyHigh<T: FixedWidthInteger>(
  _ accumulator: T, _ a: T, _ b: T, subtracts: Bool = false, rounds: Bool, _ saturated: inout Bool
) -> T {
  let shift = Int64(T.bitWidth &- 1)
  let product = Int64(truncatingIfNeeded: a) &* Int64(truncatingIfNeeded: b)
  let start = (Int64(truncatingIfNeeded: accumulator) &<< shift) &+ (rounds ? 1 &<< (shift &- 1) : 0)
  return saturate((subtracts ? start &- product : start &+ product) &>> shift, &saturated)
}

/// SQDMULL: twice the product of two numbers of half the width.
@inline(__always)
func doubledProduct<W: FixedWidthInteger>(_ a: W, _ b: W, _ saturated: inout Bool) -> W {
  let product = a &* b
  return saturatingAdd(product, product, &saturated)
}

/// Arm ARM: PolynomialMult, the lower half of the product.
@inline(__always)
func polynomialMultiply<T: FixedWidthInteger>(_ a: T, _ b: T) -> T {
  var result: T = 0
  var bit = 0
  while bit < T.bitWidth {
    result ^= (0 &- (b &>> T(truncatingIfNeeded: bit) & 1)) & (a &<< T(truncatingIfNeeded: bit))
    bit &+= 1
  }
  return result
}

/// Arm ARM: PolynomialMult of 64 by 64 bits.
func polynomialMultiplyLong(_ a: UInt64, _ b: UInt64) -> Vector {
  var low: UInt64 = 0
  var high: UInt64 = 0
  for bit in 0..<UInt64(64) {
    let mask = 0 &- (b &>> bit & 1)
    low ^= mask & a &<< bit
    // The shift is done in two steps, because a single shift by 64 would shift by 0.
    high ^= mask & (a &>> 1) &>> (63 &- bit)
  }
  return Vector(low, high)
}

/// CLS: the number of leading bits that equal the sign bit, without the sign bit itself.
@inline(__always)
func leadingSignBits<T: FixedWidthInteger>(_ a: T) -> T {
  T(truncatingIfNeeded: (a ^ (a &>> T(truncatingIfNeeded: T.bitWidth &- 1))).leadingZeroBitCount &- 1)
}

/// RBIT of a byte.
@inline(__always)
func reverseByteBits(_ a: UInt8) -> UInt8 {
  let pairs = (a &>> 1 & 0x55) | (a & 0x55) &<< 1
  let nibbles = (pairs &>> 2 & 0x33) | (pairs & 0x33) &<< 2
  return nibbles &>> 4 | nibbles &<< 4
}
