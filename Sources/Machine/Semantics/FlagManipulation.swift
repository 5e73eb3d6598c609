// Owns how the instructions of FEAT_FlagM and FEAT_FlagM2 change NZCV.
// It does not know where flags are kept, nor registers: the caller reads them.
import Decoding

/// The new NZCV, in bits 3:0 like the old. Arm ARM C6.2: CFINV, RMIF, SETF8, SETF16, AXFLAG, XAFLAG.
func manipulateFlags(_ operation: FlagManipulation, _ nzcv: UInt64, _ read: (Register) -> UInt64) -> UInt64 {
  let (z, c, v) = (nzcv &>> 2 & 1, nzcv &>> 1 & 1, nzcv & 1)
  switch operation {
  case .cfinv: return nzcv ^ 2
  case .axflag: return (z | v) &<< 2 | (c & ~v) &<< 1
  case .xaflag: return (~c & ~z & 1) &<< 3 | (z & c) &<< 2 | (c | z) &<< 1 | ~c & z & 1
  case .rmif(let n, let rotation, let mask):
    let rotated = shift(read(n), .ror, by: UInt64(rotation), bits: 64)
    return nzcv & ~UInt64(mask) | rotated & UInt64(mask)
  case .setf(let n, let bits):
    let (value, width) = (read(n), UInt64(bits))
    let sign = value &>> (width &- 1) & 1
    let isZero: UInt64 = value & ((1 &<< width) &- 1) == 0 ? 1 : 0
    return sign &<< 3 | isZero &<< 2 | c &<< 1 | (value &>> width & 1) ^ sign
  }
}
