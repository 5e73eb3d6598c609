// Owns addition, subtraction, multiplication, division and square root.
// It does not know instructions or registers. Arm ARM J1: shared/functions/float.

/// Arm ARM: FPAdd.
func fpAdd<F: FloatFormat>(_ f: F.Type, _ a: F.Bits, _ b: F.Bits, _ e: inout FloatEnvironment) -> F.Bits {
  let (a, b) = (UInt64(a), UInt64(b))
  let x = fpUnpack(F.layout, a, &e)
  let y = fpUnpack(F.layout, b, &e)
  let result = fpProcessNaNs(F.layout, x, y, a, b, &e) ?? fpSum(F.layout, WideFloat(x), WideFloat(y), &e)
  return F.Bits(truncatingIfNeeded: result)
}

/// Arm ARM: FPSub.
func fpSub<F: FloatFormat>(_ f: F.Type, _ a: F.Bits, _ b: F.Bits, _ e: inout FloatEnvironment) -> F.Bits {
  let (a, b) = (UInt64(a), UInt64(b))
  let x = fpUnpack(F.layout, a, &e)
  var y = fpUnpack(F.layout, b, &e)
  if let nan = fpProcessNaNs(F.layout, x, y, a, b, &e) { return F.Bits(truncatingIfNeeded: nan) }
  y.sign = !y.sign
  return F.Bits(truncatingIfNeeded: fpSum(F.layout, WideFloat(x), WideFloat(y), &e))
}

/// Arm ARM: FPMul.
func fpMul<F: FloatFormat>(_ f: F.Type, _ a: F.Bits, _ b: F.Bits, _ e: inout FloatEnvironment) -> F.Bits {
  F.Bits(truncatingIfNeeded: fpMultiply(F.layout, UInt64(a), UInt64(b), extended: false, &e))
}

/// Multiplies; the result of infinity times zero is 2. Arm ARM: FPMulX.
func fpMulX<F: FloatFormat>(_ f: F.Type, _ a: F.Bits, _ b: F.Bits, _ e: inout FloatEnvironment) -> F.Bits {
  F.Bits(truncatingIfNeeded: fpMultiply(F.layout, UInt64(a), UInt64(b), extended: true, &e))
}

private func fpMultiply(_ layout: FloatLayout, _ a: UInt64, _ b: UInt64, extended: Bool, _ e: inout FloatEnvironment) -> UInt64 {
  let x = fpUnpack(layout, a, &e)
  let y = fpUnpack(layout, b, &e)
  if let nan = fpProcessNaNs(layout, x, y, a, b, &e) { return nan }
  let sign = x.sign != y.sign
  if (x.isInfinity && y.isZero) || (x.isZero && y.isInfinity) { return extended ? layout.two(sign) : fpInvalid(layout, &e) }
  if x.isInfinity || y.isInfinity { return layout.infinity(sign) }
  if x.isZero || y.isZero { return layout.zero(sign) }
  return WideFloat(product: x, y).rounded(layout, e.control.rounding, &e)
}

/// Arm ARM: FPDiv.
func fpDiv<F: FloatFormat>(_ f: F.Type, _ a: F.Bits, _ b: F.Bits, _ e: inout FloatEnvironment) -> F.Bits {
  F.Bits(truncatingIfNeeded: fpQuotient(F.layout, UInt64(a), UInt64(b), &e))
}

private func fpQuotient(_ layout: FloatLayout, _ a: UInt64, _ b: UInt64, _ e: inout FloatEnvironment) -> UInt64 {
  let x = fpUnpack(layout, a, &e)
  let y = fpUnpack(layout, b, &e)
  if let nan = fpProcessNaNs(layout, x, y, a, b, &e) { return nan }
  let sign = x.sign != y.sign
  if (x.isInfinity && y.isInfinity) || (x.isZero && y.isZero) { return fpInvalid(layout, &e) }
  if x.isInfinity || y.isZero {
    if !x.isInfinity { e.raise(.divideByZero) }
    return layout.infinity(sign)
  }
  if x.isZero || y.isInfinity { return layout.zero(sign) }
  // Between 2^62 and 2^64.
  let (quotient, remainder) = y.significand.dividingFullWidth((x.significand &>> 1, x.significand &<< 63))
  let sticky: UInt64 = remainder != 0 ? 1 : 0
  let shift = UInt64(quotient.leadingZeroBitCount)
  return fpRound(
    layout, sign: sign, exponent: x.exponent &- y.exponent &- Int(shift), significand: (quotient | sticky) &<< shift,
    e.control.rounding, &e)
}

/// Arm ARM: FPSqrt.
func fpSqrt<F: FloatFormat>(_ f: F.Type, _ a: F.Bits, _ e: inout FloatEnvironment) -> F.Bits {
  F.Bits(truncatingIfNeeded: fpSquareRoot(F.layout, UInt64(a), &e))
}

private func fpSquareRoot(_ layout: FloatLayout, _ a: UInt64, _ e: inout FloatEnvironment) -> UInt64 {
  let x = fpUnpack(layout, a, &e)
  if x.isNaN { return fpProcessNaN(layout, x.type, a, &e) }
  if x.isZero { return layout.zero(x.sign) }
  if x.sign { return fpInvalid(layout, &e) }
  if x.isInfinity { return layout.infinity(false) }
  // The exponent under the root must be even, so the radicand has 127 or 128 bits and its root has 64.
  let radicand = UInt128(x.significand) &<< (x.exponent & 1 == 0 ? 63 : 64)
  let (root, isExact) = integerSquareRoot(radicand)
  return fpRound(
    layout, sign: false, exponent: x.exponent &>> 1, significand: root | (isExact ? 0 : 1), e.control.rounding, &e)
}

/// The root of `radicand`, which is at least 2^126, rounded down. The host's root is the first guess, and integer steps make it exact.
private func integerSquareRoot(_ radicand: UInt128) -> (root: UInt64, isExact: Bool) {
  let high = UInt64(truncatingIfNeeded: radicand &>> 64)
  let estimate = Double(high).squareRoot() * 0x1p32
  // Above `high` the quotient of Newton's step fits into 64 bits. The root is not below `high`.
  let start = max(estimate < 0x1p64 ? UInt64(estimate) : .max, high &+ 1)
  let quotient = start.dividingFullWidth((high, UInt64(truncatingIfNeeded: radicand))).quotient
  var root = (start & quotient) &+ (start ^ quotient) &>> 1
  while UInt128(root) &* UInt128(root) > radicand { root = root &- 1 }
  while root != .max && UInt128(root &+ 1) &* UInt128(root &+ 1) <= radicand { root = root &+ 1 }
  return (root, UInt128(root) &* UInt128(root) == radicand)
}
