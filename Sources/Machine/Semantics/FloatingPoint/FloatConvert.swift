// Owns conversions between floating-point formats.
// It does not know integers or fixed-point numbers. Arm ARM J1: shared/functions/float.

/// Arm ARM: FPConvert, and FPConvertBF when the destination is BFloat16. FCVTXN rounds to odd.
func fpConvert<From: FloatFormat, To: FloatFormat>(
  _ from: From.Type, _ to: To.Type, _ a: From.Bits, _ rounding: RoundingMode, _ e: inout FloatEnvironment
) -> To.Bits {
  To.Bits(truncatingIfNeeded: fpConvert(From.layout, To.layout, UInt64(a), rounding, &e))
}

private func fpConvert(
  _ from: FloatLayout, _ to: FloatLayout, _ a: UInt64, _ rounding: RoundingMode, _ e: inout FloatEnvironment
) -> UInt64 {
  let x = fpUnpack(from, a, converting: true, &e)
  let alternative = to.isHalf && e.control.alternativeHalf
  switch x.type {
  case .quietNaN, .signallingNaN:
    if alternative || x.type == .signallingNaN { e.raise(.invalidOperation) }
    if alternative { return to.zero(x.sign) }
    return e.control.defaultNaN ? to.defaultNaN : fpConvertNaN(from, to, a)
  case .infinity:
    if !alternative { return to.infinity(x.sign) }
    e.raise(.invalidOperation)
    return to.zero(x.sign) | (to.signBit &- 1)
  case .zero: return to.zero(x.sign)
  case .finite:
    return fpRound(
      to, sign: x.sign, exponent: x.exponent, significand: x.significand, rounding, converting: true, &e)
  }
}

/// Arm ARM: FPConvertNaN: the top bits of the payload, made quiet.
func fpConvertNaN(_ from: FloatLayout, _ to: FloatLayout, _ a: UInt64) -> UInt64 {
  let payload = (a & from.fractionMask) &<< UInt64(63 &- from.fractionBits)
  return to.infinity(a & from.signBit != 0) | to.quietBit | payload &>> UInt64(63 &- to.fractionBits)
}
