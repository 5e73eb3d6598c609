// Owns sums and products before rounding, and the fused operations that use them: multiply-add, and the Newton-Raphson steps. It does not
// know instructions or registers. Arm ARM J1: shared/functions/float.

/// An intermediate result: as `UnpackedFloat`, but with a significand of 128 bits. Bit 127 is set if the number is finite.
struct WideFloat {
  var type: FloatClass
  var sign: Bool
  var exponent: Int
  var significand: UInt128

  @inline(__always) init(type: FloatClass, sign: Bool, exponent: Int, significand: UInt128) {
    self.type = type
    self.sign = sign
    self.exponent = exponent
    self.significand = significand
  }
  @inline(__always) init(_ x: UnpackedFloat) {
    self.init(type: x.type, sign: x.sign, exponent: x.exponent, significand: UInt128(x.significand) &<< 64)
  }
  /// x times y, exactly. Neither is a NaN, nor one zero and the other infinite.
  @inline(__always) init(product x: UnpackedFloat, _ y: UnpackedFloat) {
    let (high, low) = x.significand.multipliedFullWidth(by: y.significand)
    let product = UInt128(high) &<< 64 | UInt128(low)
    let isLong = high &>> 63 != 0
    let type: FloatClass = x.isZero || y.isZero ? .zero : x.isInfinity || y.isInfinity ? .infinity : .finite
    self.init(
      type: type, sign: x.sign != y.sign, exponent: x.exponent &+ y.exponent &+ (isLong ? 1 : 0),
      significand: isLong ? product : product &<< 1)
  }

  /// A finite number in a format.
  func rounded(_ layout: FloatLayout, _ rounding: RoundingMode, _ e: inout FloatEnvironment) -> UInt64 {
    let sticky: UInt64 = UInt64(truncatingIfNeeded: significand) != 0 ? 1 : 0
    let high = UInt64(truncatingIfNeeded: significand &>> 64)
    return fpRound(layout, sign: sign, exponent: exponent, significand: high | sticky, rounding, &e)
  }

  /// The sum of two finite numbers; nil if it is zero. The low bit of the result is sticky. Both operands have at least 22 zero bits at the
  /// low end. So if their difference cancels, no bit is lost, and otherwise the sticky bit is below every position of rounding.
  static func sum(_ x: WideFloat, _ y: WideFloat) -> WideFloat? {
    let isLarger = x.exponent > y.exponent || (x.exponent == y.exponent && x.significand >= y.significand)
    var large = isLarger ? x : y
    let small = isLarger ? y : x
    let distance = large.exponent &- small.exponent
    // One bit of headroom for the carry.
    let a = large.significand &>> 1
    let b = shiftRightSticky(small.significand, distance &+ 1)
    let total = x.sign == y.sign ? a &+ b : a &- b
    if total == 0 { return nil }
    let shift = total.leadingZeroBitCount
    large.significand = total &<< UInt128(shift)
    large.exponent = large.exponent &+ 1 &- shift
    return large
  }
}

/// `value` shifted right. Bit 0 of the result is sticky: it is also set if a 1 was shifted out.
@inline(__always)
private func shiftRightSticky(_ value: UInt128, _ shift: Int) -> UInt128 {
  if shift >= 128 { return value == 0 ? 0 : 1 }
  let shifted = value &>> UInt128(shift)
  return shifted &<< UInt128(shift) == value ? shifted : shifted | 1
}

/// The rounded sum of two numbers that are not NaNs. Arm ARM: FPAdd and FPMulAdd, after their checks for NaNs.
func fpSum(_ layout: FloatLayout, _ x: WideFloat, _ y: WideFloat, _ e: inout FloatEnvironment) -> UInt64 {
  if x.type == .infinity || y.type == .infinity {
    if x.type == .infinity && y.type == .infinity && x.sign != y.sign { return fpInvalid(layout, &e) }
    return layout.infinity(x.type == .infinity ? x.sign : y.sign)
  }
  if x.type == .zero && y.type == .zero { return x.sign == y.sign ? layout.zero(x.sign) : fpExactZero(layout, e) }
  if x.type == .zero { return y.rounded(layout, e.control.rounding, &e) }
  if y.type == .zero { return x.rounded(layout, e.control.rounding, &e) }
  guard let sum = WideFloat.sum(x, y) else { return fpExactZero(layout, e) }
  return sum.rounded(layout, e.control.rounding, &e)
}

/// Arm ARM: FPMulAdd: addend + a x b with one rounding.
func fpMulAdd<F: FloatFormat>(_ f: F.Type, _ addend: F.Bits, _ a: F.Bits, _ b: F.Bits, _ e: inout FloatEnvironment) -> F.Bits {
  F.Bits(truncatingIfNeeded: fpMultiplyAdd(F.layout, F.layout, UInt64(addend), UInt64(a), UInt64(b), &e))
}

/// Arm ARM: FPMulAddH: single precision plus half times half with one rounding.
func fpMulAddH(_ addend: UInt32, _ a: UInt16, _ b: UInt16, _ e: inout FloatEnvironment) -> UInt32 {
  UInt32(
    truncatingIfNeeded: fpMultiplyAdd(SinglePrecision.layout, HalfPrecision.layout, UInt64(addend), UInt64(a), UInt64(b), &e))
}

private func fpMultiplyAdd(
  _ layout: FloatLayout, _ factors: FloatLayout, _ addend: UInt64, _ a: UInt64, _ b: UInt64, _ e: inout FloatEnvironment
) -> UInt64 {
  let z = fpUnpack(layout, addend, &e)
  let x = fpUnpack(factors, a, &e)
  let y = fpUnpack(factors, b, &e)
  let isInvalid = (x.isInfinity && y.isZero) || (x.isZero && y.isInfinity)
  if z.isNaN || x.isNaN || y.isNaN {
    // Infinity times zero takes precedence over a quiet NaN as the addend.
    if z.type == .quietNaN && isInvalid { return fpInvalid(layout, &e) }
    // Arm ARM: FPProcessNaNs3 and FPProcessNaNs3H.
    let wanted: FloatClass =
      z.type == .signallingNaN || x.type == .signallingNaN || y.type == .signallingNaN ? .signallingNaN : .quietNaN
    if z.type == wanted { return fpProcessNaN(layout, wanted, addend, &e) }
    let factor = fpProcessNaN(factors, wanted, x.type == wanted ? a : b, &e)
    return layout.fractionBits == factors.fractionBits ? factor : fpConvertNaN(factors, layout, factor)
  }
  if isInvalid { return fpInvalid(layout, &e) }
  return fpSum(layout, WideFloat(z), WideFloat(product: x, y), &e)
}

/// Arm ARM: FPRecipStepFused: 2 - a x b.
func fpRecipStepFused<F: FloatFormat>(_ f: F.Type, _ a: F.Bits, _ b: F.Bits, _ e: inout FloatEnvironment) -> F.Bits {
  F.Bits(truncatingIfNeeded: fpStep(F.layout, UInt64(a), UInt64(b), isSquareRoot: false, &e))
}

/// Arm ARM: FPRSqrtStepFused: (3 - a x b) / 2.
func fpRSqrtStepFused<F: FloatFormat>(_ f: F.Type, _ a: F.Bits, _ b: F.Bits, _ e: inout FloatEnvironment) -> F.Bits {
  F.Bits(truncatingIfNeeded: fpStep(F.layout, UInt64(a), UInt64(b), isSquareRoot: true, &e))
}

private func fpStep(_ layout: FloatLayout, _ a: UInt64, _ b: UInt64, isSquareRoot: Bool, _ e: inout FloatEnvironment) -> UInt64 {
  // The first operand is negated first, so a NaN keeps the changed sign.
  let negated = a ^ layout.signBit
  let x = fpUnpack(layout, negated, &e)
  let y = fpUnpack(layout, b, &e)
  if let nan = fpProcessNaNs(layout, x, y, negated, b, &e) { return nan }
  if (x.isInfinity && y.isZero) || (x.isZero && y.isInfinity) {
    return isSquareRoot ? layout.onePointFive(false) : layout.two(false)
  }
  let product = WideFloat(product: x, y)
  if product.type == .infinity { return layout.infinity(product.sign) }
  // The result is 2 or 3.
  let start = WideFloat(type: .finite, sign: false, exponent: 1, significand: isSquareRoot ? 3 &<< 126 : 1 &<< 127)
  guard var sum = product.type == .zero ? start : WideFloat.sum(start, product) else { return fpExactZero(layout, e) }
  if isSquareRoot { sum.exponent = sum.exponent &- 1 }
  return sum.rounded(layout, e.control.rounding, &e)
}
