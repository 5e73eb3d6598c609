// Owns the random choices of a run and the values of operands, half of which are special values.
// It does not know which instruction reads them.
import Architecture

/// A seeded source of choices.
struct RandomOperands {
  private var generator: SplitMix64
  init(seed: UInt64) { generator = SplitMix64(seed: seed) }

  mutating func bits() -> UInt64 { generator.next() }
  /// A number from 0 to `bound` - 1. The bias of the remainder does not matter here.
  mutating func below(_ bound: Int) -> Int { Int(generator.next() % UInt64(bound)) }
  mutating func chance(_ one: Int, in many: Int) -> Bool { below(many) < one }
  mutating func choice<T>(_ list: [T]) -> T { list[below(list.count)] }

  /// A general register.
  mutating func general() -> UInt64 {
    switch below(8) {
    case 0: return choice([0, 1, .max, 1 << 63, .max >> 1, 0x8000_0000, 0x7fff_ffff, 0xffff_ffff])
    case 1: return UInt64(below(256)) &- 128
    case 2:
      let power = (1 as UInt64) << UInt64(below(64))
      return choice([power, power &- 1, power &+ 1, ~power, 0 &- power])
    case 3: return floatingPoint(choice([FloatFormat.half, .single, .double]))
    default: return bits() >> UInt64(choice([0, 0, 0, 32, below(64)]))
    }
  }

  /// Both halves of a vector register. Lanes of 16, 32 or 64 bits are floating-point numbers; lanes of 8 bits are any bits.
  mutating func vector(lane size: Int) -> (low: UInt64, high: UInt64) {
    (lanes(size), lanes(size))
  }

  private mutating func lanes(_ size: Int) -> UInt64 {
    guard let format = FloatFormat.all.first(where: { $0.width == size }) else {
      return (0..<8).reduce(0) { sum, lane in
        sum | UInt64(chance(1, in: 2) ? bits() & 0xff : choice([0, 1, 0x7f, 0x80, 0xff])) << UInt64(lane * 8)
      }
    }
    return stride(from: 0, to: 64, by: size).reduce(0) { $0 | floatingPoint(format) << UInt64($1) }
  }

  /// A number of the format in the low bits. In half of the cases it is special, otherwise any bits or a number near 1.
  mutating func floatingPoint(_ format: FloatFormat) -> UInt64 {
    let random = bits()
    switch below(4) {
    case 0, 1: return special(format)
    case 2: return random & format.all
    default:
      // An exponent near the bias, so that sums and products of two operands neither vanish nor overflow.
      let exponent = format.bias &+ UInt64(below(16)) &- 8
      return random & (format.sign | format.fraction) | exponent << format.fractionBits
    }
  }

  private mutating func special(_ format: FloatFormat) -> UInt64 {
    let sign = chance(1, in: 2) ? format.sign : 0
    let infinity = format.exponents
    let quiet = (1 as UInt64) << (format.fractionBits - 1)
    let payload = bits() & (quiet - 1)
    let fraction = bits() & format.fraction
    let topExponent = infinity >> format.fractionBits
    let edge: UInt64 = choice([0, 0, 1, format.fraction, format.fraction - 1])
    let magnitude: UInt64
    switch below(16) {
    case 0: magnitude = 0
    case 1: magnitude = infinity
    case 2: magnitude = infinity | quiet  // the default NaN, with either sign
    case 3: magnitude = infinity | quiet | payload
    case 4: magnitude = infinity | max(payload, 1)  // signalling
    case 5: magnitude = choice([1, format.fraction, quiet, quiet - 1])  // denormals
    case 6: magnitude = fraction
    case 7: magnitude = infinity - 1  // the largest number
    case 8: magnitude = UInt64(1 + below(3)) << format.fractionBits | (chance(1, in: 2) ? 0 : fraction)  // the smallest normal ones
    case 9: magnitude = format.bias << format.fractionBits | edge  // around 1
    case 10: magnitude = (format.bias - 1) << format.fractionBits | edge  // one half
    case 11: magnitude = format.integer(UInt64(below(64)), half: true)
    case 12:
      // Numbers around the limits of conversions.
      let limit = UInt64(choice([7, 8, 15, 16, 31, 32, 63, 64]))
      let exponent = min(format.bias + limit - UInt64(below(2)), topExponent - 1)
      magnitude = exponent << format.fractionBits | edge
    case 13: magnitude = format.integer(bits() >> UInt64(40 + below(24)), half: chance(1, in: 2))
    case 14: magnitude = (topExponent - UInt64(1 + below(3))) << format.fractionBits | fraction  // large
    default: magnitude = (bits() & infinity) | edge  // powers of two and their neighbours
    }
    return sign | magnitude
  }

  /// A value of FPCR: mostly zero or one field, sometimes any fields that are compared. Arm ARM: FPCR.
  mutating func control() -> UInt64 {
    let fields: UInt64 = 0x07c8_0000  // AHP, DN, FZ, RMode, FZ16
    switch below(4) {
    case 0, 1: return 0
    case 2: return choice([0x400_0000, 0x200_0000, 0x100_0000, 0x40_0000, 0x80_0000, 0xc0_0000, 0x8_0000, 0x108_0000])
    default: return bits() & fields
    }
  }

  /// A value of FPSR: mostly clear, so that flags become visible. With only IXC set, an emulator may take short cuts.
  mutating func status() -> UInt64 { choice([0, 0, 0, 0x10, 0x10, 0x0800_009f, bits() & 0x0800_009f]) }
}

/// The binary formats.
struct FloatFormat: Sendable {
  let width: Int
  let fractionBits: UInt64
  var sign: UInt64 { 1 << UInt64(width - 1) }
  var fraction: UInt64 { 1 << fractionBits - 1 }
  var all: UInt64 { sign | (sign - 1) }
  var exponents: UInt64 { (sign - 1) & ~fraction }
  var bias: UInt64 { exponents >> (fractionBits + 1) }

  static let half = FloatFormat(width: 16, fractionBits: 10)
  static let single = FloatFormat(width: 32, fractionBits: 23)
  static let double = FloatFormat(width: 64, fractionBits: 52)
  static let all = [half, single, double]

  /// A small integer, or that plus one half, as a number; large ones lose bits.
  func integer(_ value: UInt64, half: Bool) -> UInt64 {
    let doubled = value << 1 | (half ? 1 : 0)
    if doubled == 0 { return 0 }
    let top = UInt64(63 - doubled.leadingZeroBitCount)
    let bits = ((doubled << (63 - top)) << 1) >> (64 - fractionBits)
    return (bias + top - 1) << fractionBits | bits
  }
}
