// Owns the pure functions of FEAT_CSSC.
// It does not know registers.
import Decoding

/// ABS, CNT, CTZ of `bits` (32 or 64) bits. Arm ARM C6.2.
func commonUnary(_ operation: CommonUnary, _ value: UInt64, bits: UInt64) -> UInt64 {
  let mask: UInt64 = bits == 64 ? ~0 : 0xffff_ffff
  let operand = value & mask
  switch operation {
  case .abs: return operand &>> (bits &- 1) == 0 ? operand : (0 &- operand) & mask
  case .cnt: return UInt64(operand.nonzeroBitCount)
  case .ctz: return operand == 0 ? bits : UInt64(operand.trailingZeroBitCount)
  }
}

/// SMAX, UMAX, SMIN, UMIN of `bits` (32 or 64) bits. Arm ARM C6.2.
func minMax(_ operation: MinMax, _ a: UInt64, _ b: UInt64, bits: UInt64) -> UInt64 {
  let unused = 64 &- bits
  // Shifted to the top of 64 bits, operands of both widths compare alike.
  let (x, y) = (a &<< unused, b &<< unused)
  let (sx, sy) = (Int64(bitPattern: x), Int64(bitPattern: y))
  let result =
    switch operation {
    case .smax: UInt64(bitPattern: max(sx, sy))
    case .umax: max(x, y)
    case .smin: UInt64(bitPattern: min(sx, sy))
    case .umin: min(x, y)
    }
  return result &>> unused
}
