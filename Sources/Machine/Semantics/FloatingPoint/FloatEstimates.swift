// Owns the reciprocal and reciprocal square root estimates, which the architecture fixes to the bit.
// It does not know instructions or registers. Arm ARM J1: shared/functions/float.

/// Arm ARM: RecipEstimate. `a` in 256...511 stands for 0.5 to 1; the result in 256...511 for 1 to 2.
private func recipEstimate(_ a: UInt64) -> UInt64 { ((1 &<< 19) / (a &* 2 &+ 1) &+ 1) &>> 1 }

/// Arm ARM: RecipSqrtEstimate. `a` in 128...511 stands for 0.25 to 1; the result in 256...511 for 1 to 2.
private func recipSqrtEstimate(_ a: UInt64) -> UInt64 {
  let scaled = a < 256 ? a &* 2 &+ 1 : (a | 1) &* 2
  var b: UInt64 = 512
  while scaled &* (b &+ 1) &* (b &+ 1) < 1 &<< 28 { b = b &+ 1 }
  return (b &+ 1) &>> 1
}

/// Arm ARM: UnsignedRecipEstimate.
func unsignedRecipEstimate(_ a: UInt32) -> UInt32 {
  a &>> 31 == 0 ? ~0 : UInt32(truncatingIfNeeded: recipEstimate(UInt64(a &>> 23))) &<< 23
}

/// Arm ARM: UnsignedRSqrtEstimate.
func unsignedRSqrtEstimate(_ a: UInt32) -> UInt32 {
  a &>> 30 == 0 ? ~0 : UInt32(truncatingIfNeeded: recipSqrtEstimate(UInt64(a &>> 23))) &<< 23
}

/// Arm ARM: FPRecipEstimate.
func fpRecipEstimate<F: FloatFormat>(_ f: F.Type, _ a: F.Bits, _ e: inout FloatEnvironment) -> F.Bits {
  F.Bits(truncatingIfNeeded: fpRecipEstimate(F.layout, UInt64(a), &e))
}

private func fpRecipEstimate(_ layout: FloatLayout, _ a: UInt64, _ e: inout FloatEnvironment) -> UInt64 {
  let x = fpUnpack(layout, a, &e)
  if x.isNaN { return fpProcessNaN(layout, x.type, a, &e) }
  if x.isInfinity { return layout.zero(x.sign) }
  if x.isZero {
    e.raise(.divideByZero)
    return layout.infinity(x.sign)
  }
  if x.exponent < 0 &- layout.bias &- 1 {
    e.raise(.overflow)
    e.raise(.inexact)
    return fpOverflowsToInfinity(e.control.rounding, sign: x.sign) ? layout.infinity(x.sign) : layout.maxNormal(x.sign)
  }
  let flushes = layout.isHalf ? e.control.flushesHalfToZero : e.control.flushesToZero
  if flushes && x.exponent >= layout.bias &- 1 {
    e.raise(.underflow)
    return layout.zero(x.sign)
  }
  let biased = layout.bias &- 1 &- x.exponent
  let mantissa = recipEstimate(x.significand &>> 55) &<< UInt64(layout.fractionBits &- 8)
  // A denormal result has no hidden bit.
  if biased <= 0 { return layout.zero(x.sign) | mantissa &>> UInt64(1 &- biased) }
  return layout.zero(x.sign) | UInt64(biased) &<< UInt64(layout.fractionBits) | (mantissa & layout.fractionMask)
}

/// Arm ARM: FPRSqrtEstimate.
func fpRSqrtEstimate<F: FloatFormat>(_ f: F.Type, _ a: F.Bits, _ e: inout FloatEnvironment) -> F.Bits {
  F.Bits(truncatingIfNeeded: fpRSqrtEstimate(F.layout, UInt64(a), &e))
}

private func fpRSqrtEstimate(_ layout: FloatLayout, _ a: UInt64, _ e: inout FloatEnvironment) -> UInt64 {
  let x = fpUnpack(layout, a, &e)
  if x.isNaN { return fpProcessNaN(layout, x.type, a, &e) }
  if x.isZero {
    e.raise(.divideByZero)
    return layout.infinity(x.sign)
  }
  if x.sign { return fpInvalid(layout, &e) }
  if x.isInfinity { return 0 }
  let biased = x.exponent &+ layout.bias
  let estimate = recipSqrtEstimate(x.significand &>> (biased & 1 == 0 ? 55 : 56))
  let exponent = UInt64((3 &* layout.bias &- 1 &- biased) &>> 1)
  return exponent &<< UInt64(layout.fractionBits) | (estimate & 0xff) &<< UInt64(layout.fractionBits &- 8)
}

/// Arm ARM: FPRecpX: the exponent inverted.
func fpRecpX<F: FloatFormat>(_ f: F.Type, _ a: F.Bits, _ e: inout FloatEnvironment) -> F.Bits {
  let layout = F.layout
  let x = fpUnpack(layout, UInt64(a), &e)
  if x.isNaN { return F.Bits(truncatingIfNeeded: fpProcessNaN(layout, x.type, UInt64(a), &e)) }
  let exponents = layout.infinity(false)
  let biased = UInt64(a) & exponents
  let inverted = biased == 0 ? exponents &- layout.fractionMask &- 1 : biased ^ exponents
  return F.Bits(truncatingIfNeeded: layout.zero(x.sign) | inverted)
}
