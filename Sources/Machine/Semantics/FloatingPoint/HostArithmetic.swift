// Owns host arithmetic in place of the architecture's, and the argument why it gives the same bits.
// It does not know where FPCR and FPSR are, and never reads the host's own flags.
//
// The host rounds to nearest and flushes nothing. It therefore computes what the architecture requires if FPCR.RMode is 00, FPCR.FZ
// is 0 and FPSR.IXC is already set (`allowsHost`), as long as no other flag would be raised. The result shows that. If it is
// normal, then no operand was a NaN or an infinity that matters, nothing overflowed, and nothing was tiny before rounding. Results
// with the smallest normal exponent are excluded, because a tiny value may round up to them. DN, AHP and FZ16 concern only excluded
// results.

import CFusedMultiplyAdd

/// What the host's processor offers.
enum HostProcessor {
  /// Whether the host has a fused multiply-add. If not, no fused function below may be called.
  static let fuses = faultline_fuses() != 0
}

/// A format whose arithmetic the host has.
protocol HostedFormat: FloatFormat {
  associatedtype Host: BinaryFloatingPoint
  static func host(_ bits: Bits) -> Host
  static func bits(_ value: Host) -> Bits
  /// addend + a x b with one rounding.
  static func fused(_ addend: Host, _ a: Host, _ b: Host) -> Host
}

extension SinglePrecision: HostedFormat {
  @inline(__always) static func host(_ bits: UInt32) -> Float { Float(bitPattern: bits) }
  @inline(__always) static func bits(_ value: Float) -> UInt32 { value.bitPattern }
  @inline(__always) static func fused(_ addend: Float, _ a: Float, _ b: Float) -> Float { faultline_fused_s(addend, a, b) }
}

extension DoublePrecision: HostedFormat {
  @inline(__always) static func host(_ bits: UInt64) -> Double { Double(bitPattern: bits) }
  @inline(__always) static func bits(_ value: Double) -> UInt64 { value.bitPattern }
  @inline(__always) static func fused(_ addend: Double, _ a: Double, _ b: Double) -> Double { faultline_fused_d(addend, a, b) }
}

extension HostedFormat {
  /// Whether a number is normal and does not have the smallest exponent.
  @inline(__always) static func isOrdinary(_ bits: Bits) -> Bool {
    let one = (1 as Bits) &<< Bits(truncatingIfNeeded: fractionBits &+ 1)
    let infinity = (Bits(truncatingIfNeeded: 1 &<< exponentBits) &- 1) &<< Bits(truncatingIfNeeded: fractionBits &+ 1)
    return bits &<< 1 &- 2 &* one < infinity &- 2 &* one
  }
  @inline(__always) static func isZero(_ bits: Bits) -> Bool { bits &<< 1 == 0 }
}

extension FloatControl {
  /// RMode and FZ.
  @inline(__always) static var hostMask: UInt32 { 0x01c0_0000 }
}

extension FloatEnvironment {
  /// Whether the results of the functions below are valid.
  @inline(__always) var allowsHost: Bool {
    control.bits & FloatControl.hostMask | ~status & FloatException.inexact.rawValue == 0
  }
}

// Each function gives nil if the host's result may be wrong. The function without `host` in its name then decides.

@inline(__always)
func hostAdd<F: HostedFormat>(_ f: F.Type, _ a: F.Bits, _ b: F.Bits) -> F.Bits? {
  let result = F.bits(F.host(a) + F.host(b))
  // A sum of zero is exact.
  return _fastPath(F.isOrdinary(result)) || F.isZero(result) ? result : nil
}

@inline(__always)
func hostSub<F: HostedFormat>(_ f: F.Type, _ a: F.Bits, _ b: F.Bits) -> F.Bits? {
  let result = F.bits(F.host(a) - F.host(b))
  return _fastPath(F.isOrdinary(result)) || F.isZero(result) ? result : nil
}

@inline(__always)
func hostMul<F: HostedFormat>(_ f: F.Type, _ a: F.Bits, _ b: F.Bits) -> F.Bits? {
  let result = F.bits(F.host(a) * F.host(b))
  return _fastPath(F.isOrdinary(result)) ? result : nil
}

@inline(__always)
func hostDiv<F: HostedFormat>(_ f: F.Type, _ a: F.Bits, _ b: F.Bits) -> F.Bits? {
  let result = F.bits(F.host(a) / F.host(b))
  return _fastPath(F.isOrdinary(result)) ? result : nil
}

@inline(__always)
func hostSqrt<F: HostedFormat>(_ f: F.Type, _ a: F.Bits) -> F.Bits? {
  let result = F.bits(F.host(a).squareRoot())
  return _fastPath(F.isOrdinary(result)) ? result : nil
}

/// addend + a x b with one rounding, where `HostProcessor.fuses`.
@inline(__always)
func hostMulAdd<F: HostedFormat>(_ f: F.Type, _ addend: F.Bits, _ a: F.Bits, _ b: F.Bits) -> F.Bits? {
  let result = F.bits(F.fused(F.host(addend), F.host(a), F.host(b)))
  return _fastPath(F.isOrdinary(result)) ? result : nil
}

/// NZCV in bits 3:0; nil if an operand is a NaN. The only requirement is FPCR.FZ = 0.
@inline(__always)
func hostCompare<F: HostedFormat>(_ f: F.Type, _ a: F.Bits, _ b: F.Bits) -> UInt64? {
  let x = F.host(a)
  let y = F.host(b)
  return x < y ? 0b1000 : x > y ? 0b0010 : x == y ? 0b0110 : nil
}

/// The greater (or lesser) of two ordinary numbers; nil for other operands. It reads nothing of the environment.
@inline(__always)
func hostMax<F: HostedFormat>(_ f: F.Type, _ a: F.Bits, _ b: F.Bits) -> F.Bits? {
  F.isOrdinary(a) && F.isOrdinary(b) ? (F.host(a) > F.host(b) ? a : b) : nil
}
@inline(__always)
func hostMin<F: HostedFormat>(_ f: F.Type, _ a: F.Bits, _ b: F.Bits) -> F.Bits? {
  F.isOrdinary(a) && F.isOrdinary(b) ? (F.host(a) < F.host(b) ? a : b) : nil
}

/// FPConvert between single and double precision.
@inline(__always)
func hostConvert<From: HostedFormat, To: HostedFormat>(_ from: From.Type, _ to: To.Type, _ a: From.Bits) -> To.Bits? {
  let result = To.bits(To.Host(From.host(a)))
  return _fastPath(To.isOrdinary(result)) ? result : nil
}

/// FixedToFP of a 64-bit or sign-extended integer.
@inline(__always)
func hostFromInteger<F: HostedFormat>(_ f: F.Type, _ value: Int64) -> F.Bits { F.bits(F.Host(value)) }

/// FPToFixed towards zero into 32 or 64 signed bits, sign-extended.
@inline(__always)
func hostToInteger<F: HostedFormat, Integer: FixedWidthInteger & SignedInteger>(
  _ f: F.Type, _ a: F.Bits, _ integer: Integer.Type
) -> Integer? {
  // 2^31 or 2^63 is a number of the format, so every number below it truncates to an integer in range.
  let limit = F.Host(sign: .plus, exponent: F.Host.Exponent(Integer.bitWidth &- 1), significand: 1)
  let value = F.host(a)
  return _fastPath(value.magnitude < limit) ? Integer(value) : nil
}
