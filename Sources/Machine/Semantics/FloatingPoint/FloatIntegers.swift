// Owns conversions to and from integers and fixed-point numbers, and rounding to integral values.
// It does not know instructions or registers. Arm ARM J1: shared/functions/float.

/// A finite number's magnitude rounded to an integer. It has the whole part if that is below 2^64, and the lost fraction in units of 2^-64.
@inline(__always)
private func roundedMagnitude(_ x: UnpackedFloat, fractionBits: Int, _ rounding: RoundingMode) -> (whole: UInt64, error: UInt64)? {
  let exponent = x.exponent &+ fractionBits
  if exponent > 63 { return nil }
  let (whole, error) = fpSplit(x.significand, 63 &- exponent)
  return (fpRoundsUp(rounding, sign: x.sign, whole, error) ? whole &+ 1 : whole, error)
}

/// Arm ARM: FPToFixed: an integer of `toBits` (16, 32 or 64) bits, saturated, zero-extended.
func fpToFixed<F: FloatFormat>(
  _ f: F.Type, _ a: F.Bits, fractionBits: Int, unsigned: Bool, rounding: RoundingMode, toBits: Int, _ e: inout FloatEnvironment
) -> UInt64 {
  fpToFixed(F.layout, UInt64(a), fractionBits: fractionBits, unsigned: unsigned, rounding, toBits: toBits, &e)
}

private func fpToFixed(
  _ layout: FloatLayout, _ a: UInt64, fractionBits: Int, unsigned: Bool, _ rounding: RoundingMode, toBits: Int,
  _ e: inout FloatEnvironment
) -> UInt64 {
  let x = fpUnpack(layout, a, &e)
  if x.isNaN {
    e.raise(.invalidOperation)
    return 0
  }
  if x.isZero { return 0 }
  let mask = ~0 &>> UInt64(64 &- toBits)
  // The largest magnitude of the result. For a negative number and an unsigned result it is 0.
  let limit = unsigned ? (x.sign ? 0 : mask) : mask &>> 1 &+ (x.sign ? 1 : 0)
  guard !x.isInfinity, let (whole, error) = roundedMagnitude(x, fractionBits: fractionBits, rounding), whole <= limit else {
    e.raise(.invalidOperation)
    return (x.sign ? 0 &- limit : limit) & mask
  }
  if error != 0 { e.raise(.inexact) }
  return (x.sign ? 0 &- whole : whole) & mask
}

/// Arm ARM: FPToFixedJS: modulo 2^32; `isExact` is the Z flag.
func fpToFixedJS(_ a: UInt64, _ e: inout FloatEnvironment) -> (result: UInt32, isExact: Bool) {
  let x = fpUnpack(DoublePrecision.layout, a, &e)
  // A denormal that was flushed to zero is not exact either.
  if x.isZero { return (0, a == 0) }
  if x.isNaN || x.isInfinity {
    e.raise(.invalidOperation)
    return (0, false)
  }
  if let (whole, error) = roundedMagnitude(x, fractionBits: 0, .zero) {
    let result = UInt32(truncatingIfNeeded: x.sign ? 0 &- whole : whole)
    if whole > (x.sign ? 0x8000_0000 : 0x7fff_ffff) {
      e.raise(.invalidOperation)
      return (result, false)
    }
    if error != 0 { e.raise(.inexact) }
    return (result, error == 0)
  }
  e.raise(.invalidOperation)
  // The lowest bit of a double is 11 places above bit 0 of the significand.
  let shift = x.exponent &- 63
  let low = shift < 32 ? UInt32(truncatingIfNeeded: x.significand &<< UInt64(shift)) : 0
  return (x.sign ? 0 &- low : low, false)
}

/// Arm ARM: FixedToFP. `value` is an integer of `width` (16, 32 or 64) bits.
func fixedToFP<F: FloatFormat>(
  _ f: F.Type, _ value: UInt64, width: Int, fractionBits: Int, unsigned: Bool, rounding: RoundingMode, _ e: inout FloatEnvironment
) -> F.Bits {
  let unused = UInt64(64 &- width)
  let top = value &<< unused
  let sign = !unsigned && top &>> 63 != 0
  let magnitude = sign ? (0 &- top) &>> unused : top &>> unused
  if magnitude == 0 { return 0 }
  let shift = magnitude.leadingZeroBitCount
  let result = fpRound(
    F.layout, sign: sign, exponent: 63 &- shift &- fractionBits, significand: magnitude &<< UInt64(shift), rounding, &e)
  return F.Bits(truncatingIfNeeded: result)
}

/// Arm ARM: FPRoundInt: an integral value in the same format; `exact` reports that it differs.
func fpRoundInt<F: FloatFormat>(
  _ f: F.Type, _ a: F.Bits, rounding: RoundingMode, exact: Bool, _ e: inout FloatEnvironment
) -> F.Bits {
  let layout = F.layout
  let x = fpUnpack(layout, UInt64(a), &e)
  if x.isNaN { return F.Bits(truncatingIfNeeded: fpProcessNaN(layout, x.type, UInt64(a), &e)) }
  if x.isZero { return F.Bits(truncatingIfNeeded: layout.zero(x.sign)) }
  if x.isInfinity || x.exponent >= layout.fractionBits { return a }
  guard let (whole, error) = roundedMagnitude(x, fractionBits: 0, rounding) else { return a }
  if error != 0 && exact { e.raise(.inexact) }
  return F.Bits(truncatingIfNeeded: integral(layout, sign: x.sign, whole, &e))
}

/// Arm ARM: FPRoundIntN: as FPRoundInt, within a signed integer of `size` (32 or 64) bits; outside, its most negative value.
func fpRoundIntN<F: FloatFormat>(
  _ f: F.Type, _ a: F.Bits, rounding: RoundingMode, size: Int, _ e: inout FloatEnvironment
) -> F.Bits {
  let layout = F.layout
  let x = fpUnpack(layout, UInt64(a), &e)
  if x.isZero { return F.Bits(truncatingIfNeeded: layout.zero(x.sign)) }
  let limit = (1 as UInt64) &<< UInt64(size &- 1) &- (x.sign ? 0 : 1)
  guard !x.isNaN, !x.isInfinity, let (whole, error) = roundedMagnitude(x, fractionBits: 0, rounding), whole <= limit else {
    e.raise(.invalidOperation)
    return F.Bits(truncatingIfNeeded: layout.signBit | UInt64(layout.bias &+ size &- 1) &<< UInt64(layout.fractionBits))
  }
  if error != 0 { e.raise(.inexact) }
  return F.Bits(truncatingIfNeeded: integral(layout, sign: x.sign, whole, &e))
}

/// An integer that the format represents exactly.
private func integral(_ layout: FloatLayout, sign: Bool, _ whole: UInt64, _ e: inout FloatEnvironment) -> UInt64 {
  if whole == 0 { return layout.zero(sign) }
  let shift = whole.leadingZeroBitCount
  return fpRound(layout, sign: sign, exponent: 63 &- shift, significand: whole &<< UInt64(shift), .zero, &e)
}
