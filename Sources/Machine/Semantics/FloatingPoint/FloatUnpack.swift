// Owns the unpacking of operands: taking a bit pattern apart, flushing denormal inputs, and the effect of a NaN operand on the result. It
// does not know any operation.

/// Arm ARM: FPType.
enum FloatClass: UInt8 {
  case zero
  /// Denormal and normal numbers.
  case finite
  case infinity
  case quietNaN
  case signallingNaN
}

/// An unpacked number. A finite one is (-1)^sign x significand x 2^(exponent - 63), with bit 63 of the significand set.
struct UnpackedFloat {
  var type: FloatClass
  var sign: Bool
  var exponent: Int = 0
  var significand: UInt64 = 0

  @inline(__always) var isZero: Bool { type == .zero }
  @inline(__always) var isInfinity: Bool { type == .infinity }
  @inline(__always) var isNaN: Bool { type.rawValue >= FloatClass.quietNaN.rawValue }
}

/// Unpacks a bit pattern. With `converting`, FPCR.FZ16 has no effect and FPCR.AHP has one. Arm ARM: FPUnpack, FPUnpackCV.
func fpUnpack(_ layout: FloatLayout, _ bits: UInt64, converting: Bool = false, _ e: inout FloatEnvironment) -> UnpackedFloat {
  let sign = bits & layout.signBit != 0
  let fraction = bits & layout.fractionMask
  let biased = bits &>> UInt64(layout.fractionBits) & layout.maximumExponent
  if biased == 0 {
    if fraction == 0 { return UnpackedFloat(type: .zero, sign: sign) }
    if layout.isHalf {
      if !converting && e.control.flushesHalfToZero { return UnpackedFloat(type: .zero, sign: sign) }
    } else if e.control.flushesToZero {
      e.raise(.inputDenormal)
      return UnpackedFloat(type: .zero, sign: sign)
    }
    let shift = fraction.leadingZeroBitCount
    let exponent = layout.minimumExponent &+ 63 &- layout.fractionBits &- shift
    return UnpackedFloat(type: .finite, sign: sign, exponent: exponent, significand: fraction &<< UInt64(shift))
  }
  if biased == layout.maximumExponent && !(converting && layout.isHalf && e.control.alternativeHalf) {
    if fraction == 0 { return UnpackedFloat(type: .infinity, sign: sign) }
    return UnpackedFloat(type: fraction & layout.quietBit != 0 ? .quietNaN : .signallingNaN, sign: sign)
  }
  let significand = 1 &<< 63 | fraction &<< UInt64(63 &- layout.fractionBits)
  return UnpackedFloat(type: .finite, sign: sign, exponent: Int(biased) &- layout.bias, significand: significand)
}

/// Arm ARM: FPProcessNaN.
func fpProcessNaN(_ layout: FloatLayout, _ type: FloatClass, _ bits: UInt64, _ e: inout FloatEnvironment) -> UInt64 {
  if type == .signallingNaN { e.raise(.invalidOperation) }
  return e.control.defaultNaN ? layout.defaultNaN : bits | layout.quietBit
}

/// The first signalling NaN, else the first quiet one; nil if no operand is a NaN. Arm ARM: FPProcessNaNs.
@inline(__always)
func fpProcessNaNs(
  _ layout: FloatLayout, _ x: UnpackedFloat, _ y: UnpackedFloat, _ a: UInt64, _ b: UInt64, _ e: inout FloatEnvironment
) -> UInt64? {
  guard x.isNaN || y.isNaN else { return nil }
  let takesFirst = x.type == .signallingNaN || (x.type == .quietNaN && y.type != .signallingNaN)
  return takesFirst ? fpProcessNaN(layout, x.type, a, &e) : fpProcessNaN(layout, y.type, b, &e)
}

/// The result of an invalid operation, such as infinity times zero.
func fpInvalid(_ layout: FloatLayout, _ e: inout FloatEnvironment) -> UInt64 {
  e.raise(.invalidOperation)
  return layout.defaultNaN
}
