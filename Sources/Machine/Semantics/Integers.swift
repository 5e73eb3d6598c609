// Owns the pure functions of the integer instructions that are more than one operator. It does not know registers, flags, or an
// instruction's width other than through an argument.
import Decoding

/// Arm ARM: ShiftReg. `amount` is below `bits` (32 or 64); the result is zero-extended.
@inline(__always)
func shift(_ value: UInt64, _ type: ShiftType, by amount: UInt64, bits: UInt64) -> UInt64 {
  if bits == 64 {
    switch type {
    case .lsl: return value &<< amount
    case .lsr: return value &>> amount
    case .asr: return UInt64(bitPattern: Int64(bitPattern: value) &>> Int64(bitPattern: amount))
    case .ror: return value &>> amount | value &<< (0 &- amount)
    }
  }
  let low = UInt32(truncatingIfNeeded: value)
  let count = UInt32(truncatingIfNeeded: amount)
  switch type {
  case .lsl: return UInt64(low &<< count)
  case .lsr: return UInt64(low &>> count)
  case .asr: return UInt64(UInt32(bitPattern: Int32(bitPattern: low) &>> Int32(bitPattern: count)))
  case .ror: return UInt64(low &>> count | low &<< (0 &- count))
  }
}

/// Arm ARM: ExtendReg.
@inline(__always)
func extend(_ value: UInt64, _ type: Extend, shift: UInt64) -> UInt64 {
  let extended: UInt64 =
    switch type {
    case .uxtb: value & 0xff
    case .uxth: value & 0xffff
    case .uxtw: value & 0xffff_ffff
    case .uxtx, .sxtx: value
    case .sxtb: UInt64(bitPattern: Int64(Int8(truncatingIfNeeded: value)))
    case .sxth: UInt64(bitPattern: Int64(Int16(truncatingIfNeeded: value)))
    case .sxtw: UInt64(bitPattern: Int64(Int32(truncatingIfNeeded: value)))
    }
  return extended &<< shift
}

/// RBIT of `bits` bits.
func reverseBits(_ value: UInt64, bits: UInt64) -> UInt64 {
  var x = value
  x = (x &>> 1 & 0x5555_5555_5555_5555) | (x & 0x5555_5555_5555_5555) &<< 1
  x = (x &>> 2 & 0x3333_3333_3333_3333) | (x & 0x3333_3333_3333_3333) &<< 2
  x = (x &>> 4 & 0x0f0f_0f0f_0f0f_0f0f) | (x & 0x0f0f_0f0f_0f0f_0f0f) &<< 4
  return x.byteSwapped &>> (64 &- bits)
}

/// Reverses the bytes in each group of `group` (2, 4 or 8) bytes. REV16, REV32 and REV.
func reverseBytes(_ value: UInt64, group: UInt64) -> UInt64 {
  switch group {
  case 2: (value &>> 8 & 0x00ff_00ff_00ff_00ff) | (value & 0x00ff_00ff_00ff_00ff) &<< 8
  case 4: UInt64(UInt32(truncatingIfNeeded: value).byteSwapped) | UInt64(UInt32(truncatingIfNeeded: value &>> 32).byteSwapped) &<< 32
  default: value.byteSwapped
  }
}

/// RBIT, REV16, REV32, REV, CLZ, CLS.
func unary(_ operation: UnaryOperation, _ value: UInt64, bits: UInt64) -> UInt64 {
  let x = bits == 64 ? value : value & 0xffff_ffff
  switch operation {
  case .rbit: return reverseBits(x, bits: bits)
  case .rev16: return reverseBytes(x, group: 2)
  case .rev32: return reverseBytes(x, group: 4)
  case .rev: return bits == 64 ? x.byteSwapped : UInt64(UInt32(truncatingIfNeeded: x).byteSwapped)
  case .clz: return UInt64(x.leadingZeroBitCount) &- (64 &- bits)
  case .cls:
    // The number of leading bits that equal the sign bit, without the sign bit itself.
    let signed = bits == 64 ? x ^ UInt64(bitPattern: Int64(bitPattern: x) &>> 63) : (x ^ (x &>> 31 & 1 != 0 ? 0xffff_ffff : 0))
    return UInt64(signed.leadingZeroBitCount) &- (64 &- bits) &- 1
  }
}

/// Divides. Division by zero gives 0, and the only overflow gives the dividend. UDIV and SDIV; Arm ARM C6.2 SDIV.
@inline(__always)
func divide(_ a: UInt64, _ b: UInt64, signed: Bool, bits: UInt64) -> UInt64 {
  if !signed {
    let x = bits == 64 ? a : a & 0xffff_ffff
    let y = bits == 64 ? b : b & 0xffff_ffff
    return y == 0 ? 0 : x / y
  }
  let x = bits == 64 ? Int64(bitPattern: a) : Int64(Int32(truncatingIfNeeded: a))
  let y = bits == 64 ? Int64(bitPattern: b) : Int64(Int32(truncatingIfNeeded: b))
  if y == 0 { return 0 }
  let quotient = y == -1 ? 0 &- x : x / y
  return bits == 64 ? UInt64(bitPattern: quotient) : UInt64(UInt32(truncatingIfNeeded: quotient))
}

/// SMULH and UMULH.
@inline(__always)
func multiplyHigh(_ a: UInt64, _ b: UInt64, signed: Bool) -> UInt64 {
  signed
    ? UInt64(bitPattern: Int64(bitPattern: a).multipliedFullWidth(by: Int64(bitPattern: b)).high)
    : a.multipliedFullWidth(by: b).high
}

/// The checksum over the low `bytes` bytes of `value`. The polynomials are in reflected form. CRC32 and CRC32C; Arm ARM C6.2 CRC32B.
func checksum(_ accumulator: UInt32, _ value: UInt64, bytes: UInt64, castagnoli: Bool) -> UInt32 {
  let polynomial: UInt32 = castagnoli ? 0x82f6_3b78 : 0xedb8_8320
  var crc = accumulator
  for index in 0..<bytes {
    crc ^= UInt32(truncatingIfNeeded: value &>> (8 &* index)) & 0xff
    for _ in 0..<8 { crc = crc &>> 1 ^ (crc & 1 != 0 ? polynomial : 0) }
  }
  return crc
}

/// Arm ARM: DecodeBitMasks as SBFM, BFM and UBFM use it: `wmask` selects the rotated bits, `tmask` the field's extent.
func bitfieldMasks(immr: UInt64, imms: UInt64, bits: UInt64) -> (wmask: UInt64, tmask: UInt64) {
  let all: UInt64 = bits == 64 ? ~0 : 0xffff_ffff
  let ones: UInt64 = imms == 63 ? ~0 : (1 &<< (imms &+ 1)) &- 1
  let wmask = shift(ones, .ror, by: immr, bits: bits)
  let width = (imms &- immr) & (bits &- 1)
  let tmask: UInt64 = width == 63 ? ~0 : (1 &<< (width &+ 1)) &- 1
  return (wmask & all, tmask & all)
}

/// SBFM, BFM and UBFM on `bits`-bit registers. Arm ARM C6.2.
func bitfieldMove(_ operation: Bitfield, destination: UInt64, source: UInt64, immr: UInt64, imms: UInt64, bits: UInt64) -> UInt64 {
  let all: UInt64 = bits == 64 ? ~0 : 0xffff_ffff
  let (wmask, tmask) = bitfieldMasks(immr: immr, imms: imms, bits: bits)
  let rotated = shift(source, .ror, by: immr, bits: bits)
  switch operation {
  case .bfm: return ((destination & ~(wmask & tmask)) | (rotated & wmask & tmask)) & all
  case .ubfm: return rotated & wmask & tmask
  case .sbfm:
    let top: UInt64 = source &>> imms & 1 != 0 ? ~0 : 0
    return ((top & ~tmask) | (rotated & wmask & tmask)) & all
  }
}
