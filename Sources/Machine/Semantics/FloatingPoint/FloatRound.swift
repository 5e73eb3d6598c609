// Owns the rounding of an exact or sticky value to a format, with underflow, overflow and flush to zero. It does not know how the value was
// computed.

/// Whether a magnitude `mantissa` + `error` is rounded up; `error` counts 2^-64 and is not exact below that. Arm ARM: FPRoundBase.
@inline(__always)
func fpRoundsUp(_ rounding: RoundingMode, sign: Bool, _ mantissa: UInt64, _ error: UInt64) -> Bool {
  let half: UInt64 = 1 &<< 63
  return switch rounding {
  case .tiesToEven: error > half || (error == half && mantissa & 1 != 0)
  case .plusInfinity: error != 0 && !sign
  case .minusInfinity: error != 0 && sign
  case .zero, .odd: false
  case .tiesToAway: error >= half
  }
}

/// `significand` without its low `shift` bits, and those bits as a fraction of 2^64. If `shift` is above 64, the fraction only says whether
/// the bits are zero.
@inline(__always)
func fpSplit(_ significand: UInt64, _ shift: Int) -> (whole: UInt64, error: UInt64) {
  if shift < 64 { return (significand &>> UInt64(shift), shift == 0 ? 0 : significand &<< UInt64(64 &- shift)) }
  return (0, shift == 64 ? significand : 1)
}

/// Rounds the value significand x 2^(exponent - 63), in which bit 63 of the significand is set and bit 0 may be sticky. With `converting`,
/// FPCR.FZ16 has no effect and FPCR.AHP has one. Arm ARM: FPRound, FPRoundCV.
func fpRound(
  _ layout: FloatLayout, sign: Bool, exponent: Int, significand: UInt64, _ rounding: RoundingMode, converting: Bool = false,
  _ e: inout FloatEnvironment
) -> UInt64 {
  var biased = exponent &- layout.minimumExponent &+ 1
  var shift = 63 &- layout.fractionBits
  if biased <= 0 {
    let flushes = layout.isHalf ? !converting && e.control.flushesHalfToZero : e.control.flushesToZero
    if flushes {
      e.raise(.underflow)
      return layout.zero(sign)
    }
    shift = shift &+ 1 &- biased
    biased = 0
  }
  var (mantissa, error) = fpSplit(significand, shift)
  // Tininess is detected before rounding.
  if biased == 0 && error != 0 { e.raise(.underflow) }
  if fpRoundsUp(rounding, sign: sign, mantissa, error) {
    mantissa = mantissa &+ 1
    if mantissa == layout.fractionMask &+ 1 { biased = 1 }
    if mantissa &>> UInt64(layout.fractionBits &+ 1) != 0 {
      biased = biased &+ 1
      mantissa = mantissa &>> 1
    }
  } else if rounding == .odd && error != 0 {
    mantissa |= 1
  }
  let alternative = converting && layout.isHalf && e.control.alternativeHalf
  if alternative && biased > Int(layout.maximumExponent) {
    e.raise(.invalidOperation)
    return layout.signBit &- 1 | layout.zero(sign)
  }
  if !alternative && biased >= Int(layout.maximumExponent) {
    e.raise(.overflow)
    e.raise(.inexact)
    return fpOverflowsToInfinity(rounding, sign: sign) ? layout.infinity(sign) : layout.maxNormal(sign)
  }
  if error != 0 { e.raise(.inexact) }
  return layout.zero(sign) | UInt64(biased) &<< UInt64(layout.fractionBits) | (mantissa & layout.fractionMask)
}

/// Whether a result beyond the largest finite number becomes infinity. Arm ARM: FPRoundBase, overflow_to_inf.
func fpOverflowsToInfinity(_ rounding: RoundingMode, sign: Bool) -> Bool {
  switch rounding {
  case .tiesToEven, .tiesToAway: true
  case .plusInfinity: !sign
  case .minusInfinity: sign
  case .zero, .odd: false
  }
}

/// The zero that results from an exact difference.
@inline(__always)
func fpExactZero(_ layout: FloatLayout, _ e: FloatEnvironment) -> UInt64 { layout.zero(e.control.rounding == .minusInfinity) }
