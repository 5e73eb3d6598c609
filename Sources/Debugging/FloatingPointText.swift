// Owns the text of numbers of floating point, as GDB writes them. It does not know where their bits come from.
import Architecture
import Foundation

/// Numbers of floating point by their bits: half, single and double precision, and bfloat16.
public enum FloatingPointText {
  /// The text of the number in the lowest `size` bytes, 2, 4 or 8, with as many digits as tell all numbers of that size apart; nil for
  /// another size.
  public static func text(_ bits: UInt64, size: Int) -> String? {
    switch size {
    case 2: text(half(UInt16(truncatingIfNeeded: bits)), digits: 5, fraction: bits & 0x3ff)
    case 4: text(Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits))), digits: 9, fraction: bits & 0x7f_ffff)
    case 8: text(Double(bitPattern: bits), digits: 17, fraction: bits & 0xf_ffff_ffff_ffff)
    default: nil
    }
  }

  /// The text of a bfloat16, which is the upper half of a number of single precision.
  public static func brainText(_ bits: UInt64) -> String {
    text(Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits) << 16)), digits: 4, fraction: bits & 0x7f)
  }

  private static func text(_ value: Double, digits: Int, fraction: UInt64) -> String {
    let sign = value.sign == .minus ? "-" : ""
    if value.isNaN { return "\(sign)nan(\(hexadecimal(fraction)))" }
    if value.isInfinite { return sign + "inf" }
    return String(format: "%.*g", digits, value)
  }

  /// The value of a number of half precision: a sign, 5 bits of exponent, 10 bits of fraction.
  private static func half(_ bits: UInt16) -> Double {
    let (exponent, fraction) = (Int(bits >> 10 & 0x1f), Double(bits & 0x3ff))
    let magnitude: Double =
      switch exponent {
      case 0: fraction * 0x1p-24
      case 0x1f: fraction == 0 ? .infinity : .nan
      default: Double(sign: .plus, exponent: exponent - 15, significand: 1 + fraction / 1024)
      }
    return bits & 0x8000 == 0 ? magnitude : -magnitude
  }
}
