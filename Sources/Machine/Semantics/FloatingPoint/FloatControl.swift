// Owns FPCR and FPSR as floating-point operations use them: rounding modes, switches and cumulative exceptions. It does not know where the
// registers are kept, or which Exception level may access them.

/// The rounding of a result that does not fit. The first four have the encoding of FPCR.RMode. Arm ARM: FPRounding.
enum RoundingMode: UInt8 {
  case tiesToEven = 0
  case plusInfinity = 1
  case minusInfinity = 2
  case zero = 3
  case tiesToAway = 4
  case odd = 5
}

/// FPCR as execution needs it. Arm ARM D19: FPCR; FEAT_AFP's and FEAT_EBF16's fields are RES0.
struct FloatControl {
  var bits: UInt32

  @inline(__always) init(bits: UInt32) { self.bits = bits }

  /// FPCR.RMode.
  @inline(__always) var rounding: RoundingMode {
    unsafeBitCast(UInt8(truncatingIfNeeded: bits &>> 22 & 3), to: RoundingMode.self)
  }
  /// FPCR.FZ: single- and double-precision denormals are zero, on the way in and out.
  @inline(__always) var flushesToZero: Bool { bits & 1 &<< 24 != 0 }
  /// FPCR.FZ16: half-precision denormals are zero, except in conversions between formats.
  @inline(__always) var flushesHalfToZero: Bool { bits & 1 &<< 19 != 0 }
  /// FPCR.DN: every NaN result is the default NaN.
  @inline(__always) var defaultNaN: Bool { bits & 1 &<< 25 != 0 }
  /// FPCR.AHP: conversions to and from half precision use the format without infinities and NaNs.
  @inline(__always) var alternativeHalf: Bool { bits & 1 &<< 26 != 0 }
}

/// A cumulative flag of FPSR.
enum FloatException: UInt32 {
  /// IOC
  case invalidOperation = 0x01
  /// DZC
  case divideByZero = 0x02
  /// OFC
  case overflow = 0x04
  /// UFC
  case underflow = 0x08
  /// IXC
  case inexact = 0x10
  /// IDC
  case inputDenormal = 0x80
}

/// The control that an operation reads besides its operands, and the flags to which it adds.
struct FloatEnvironment {
  let control: FloatControl
  /// FPSR: IOC, DZC, OFC, UFC, IXC, IDC and QC.
  var status: UInt32

  /// FPSR.QC: an integer operation saturated.
  static var saturated: UInt32 { 0x0800_0000 }

  @inline(__always) init(control: FloatControl, status: UInt32) {
    self.control = control
    self.status = status
  }
  /// Raises the flag of an exception that is not trapped. Arm ARM: FPProcessException.
  @inline(__always) mutating func raise(_ exception: FloatException) { status |= exception.rawValue }
}
