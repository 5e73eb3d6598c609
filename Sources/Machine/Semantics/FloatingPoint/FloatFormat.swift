// Owns the floating-point formats: widths of their fields and the values that have names.
// It does not know any operation.

/// A format, by type: its bit patterns are `Bits`.
protocol FloatFormat {
  associatedtype Bits: FixedWidthInteger & UnsignedInteger & BitwiseCopyable
  static var exponentBits: Int { get }
  static var fractionBits: Int { get }
}

enum HalfPrecision: FloatFormat {
  typealias Bits = UInt16
  @inline(__always) static var exponentBits: Int { 5 }
  @inline(__always) static var fractionBits: Int { 10 }
}

enum SinglePrecision: FloatFormat {
  typealias Bits = UInt32
  @inline(__always) static var exponentBits: Int { 8 }
  @inline(__always) static var fractionBits: Int { 23 }
}

enum DoublePrecision: FloatFormat {
  typealias Bits = UInt64
  @inline(__always) static var exponentBits: Int { 11 }
  @inline(__always) static var fractionBits: Int { 52 }
}

enum BFloat16: FloatFormat {
  typealias Bits = UInt16
  @inline(__always) static var exponentBits: Int { 8 }
  @inline(__always) static var fractionBits: Int { 7 }
}

extension FloatFormat {
  @inline(__always) static var layout: FloatLayout { FloatLayout(exponentBits: exponentBits, fractionBits: fractionBits) }
}

/// A format, by value: bit patterns are kept in the low bits of a UInt64.
struct FloatLayout {
  let exponentBits: Int
  let fractionBits: Int

  @inline(__always) init(exponentBits: Int, fractionBits: Int) {
    self.exponentBits = exponentBits
    self.fractionBits = fractionBits
  }

  /// Half precision, which has its own switches in FPCR.
  @inline(__always) var isHalf: Bool { exponentBits == 5 }
  @inline(__always) var signShift: Int { exponentBits &+ fractionBits }
  @inline(__always) var signBit: UInt64 { 1 &<< UInt64(signShift) }
  @inline(__always) var maximumExponent: UInt64 { (1 &<< UInt64(exponentBits)) &- 1 }
  @inline(__always) var fractionMask: UInt64 { (1 &<< UInt64(fractionBits)) &- 1 }
  /// The fraction's top bit, which tells quiet NaNs from signalling ones.
  @inline(__always) var quietBit: UInt64 { 1 &<< UInt64(fractionBits &- 1) }
  @inline(__always) var bias: Int { (1 &<< (exponentBits &- 1)) &- 1 }
  /// The exponent of the smallest normal number.
  @inline(__always) var minimumExponent: Int { 1 &- bias }

  /// Arm ARM: FPZero.
  @inline(__always) func zero(_ sign: Bool) -> UInt64 { sign ? signBit : 0 }
  /// Arm ARM: FPInfinity.
  @inline(__always) func infinity(_ sign: Bool) -> UInt64 { zero(sign) | maximumExponent &<< UInt64(fractionBits) }
  /// Arm ARM: FPMaxNormal.
  @inline(__always) func maxNormal(_ sign: Bool) -> UInt64 { infinity(sign) &- 1 }
  /// Arm ARM: FPDefaultNaN.
  @inline(__always) var defaultNaN: UInt64 { infinity(false) | quietBit }
  /// Arm ARM: FPTwo.
  @inline(__always) func two(_ sign: Bool) -> UInt64 { zero(sign) | UInt64(bias &+ 1) &<< UInt64(fractionBits) }
  /// Arm ARM: FPOnePointFive.
  @inline(__always) func onePointFive(_ sign: Bool) -> UInt64 { zero(sign) | UInt64(bias) &<< UInt64(fractionBits) | quietBit }
}

/// Arm ARM: VFPExpandImm. `immediate` is aBbcdefgh of FMOV (immediate).
@inline(__always)
func fpExpandImmediate<F: FloatFormat>(_ f: F.Type, _ immediate: UInt8) -> F.Bits {
  let sign = F.Bits(immediate &>> 7) &<< F.Bits(F.layout.signShift)
  let exponentTop = (1 as F.Bits) &<< F.Bits(F.exponentBits &- 1)
  // NOT(b), then b repeated, then cd.
  let exponent = (immediate & 0x40 != 0 ? exponentTop &- 4 : exponentTop) | F.Bits(immediate &>> 4 & 3)
  return sign | exponent &<< F.Bits(F.fractionBits) | F.Bits(immediate & 15) &<< F.Bits(F.fractionBits &- 4)
}

/// Arm ARM: FPAbs.
@inline(__always)
func fpAbs<F: FloatFormat>(_ f: F.Type, _ a: F.Bits) -> F.Bits { a & ~F.Bits(truncatingIfNeeded: F.layout.signBit) }

/// Arm ARM: FPNeg.
@inline(__always)
func fpNeg<F: FloatFormat>(_ f: F.Type, _ a: F.Bits) -> F.Bits { a ^ F.Bits(truncatingIfNeeded: F.layout.signBit) }
