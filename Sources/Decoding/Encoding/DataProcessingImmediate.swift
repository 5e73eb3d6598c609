// Owns the operands of data processing (immediate), C4.1.92, and the branch to its classes.
// It does not know what recognised the word.
import Architecture

enum DataProcessingImmediate {
  static func decode(_ w: Word) -> Instruction {
    switch w[25, 23] {
    case 0b000, 0b001: pcRelative(w)
    case 0b010: addSubtract(w)
    case 0b011: w[22] ? IntegerExtensions.minMaxImmediate(w) : MemoryTagging.addTag(w)
    case 0b100: logical(w)
    case 0b101: moveWide(w)
    case 0b110: bitfield(w)
    case 0b111: extract(w)
    default: .undefined
    }
  }

  private static func pcRelative(_ w: Word) -> Instruction {
    let offset = w.signed(23, 5) << 2 | Int64(w[30, 29])
    return .pcRelative(page: w[31], d: w.d, offset: w[31] ? offset << 12 : offset)
  }

  private static func addSubtract(_ w: Word) -> Instruction {
    let setsFlags = w[29]
    return .addSubtract(
      AddSubtract(
        subtract: w[30], setsFlags: setsFlags, width: w.width, d: setsFlags ? w.d : w.registerOrSP(0), n: w.nOrSP,
        operand: .immediate(UInt64(w[21, 10]) << (w[22] ? 12 : 0))))
  }

  private static func logical(_ w: Word) -> Instruction {
    if !w[31] && w[22] { return .undefined }
    guard let mask = decodeBitMask(n: w[22, 22], imms: w[15, 10], immr: w[21, 16], width: w.width) else { return .undefined }
    let operations: [LogicalOperation] = [.and, .orr, .eor, .and]
    let setsFlags = w[30, 29] == 3
    return .logical(
      Logical(
        operation: operations[w[30, 29]], invert: false, setsFlags: setsFlags, width: w.width,
        d: setsFlags ? w.d : w.registerOrSP(0), n: w.n, operand: .immediate(mask)))
  }

  private static func moveWide(_ w: Word) -> Instruction {
    if w[30, 29] == 1 || (!w[31] && w[22]) { return .undefined }
    let kinds: [MoveWide] = [.movn, .movn, .movz, .movk]
    return .moveWide(kinds[w[30, 29]], w.width, d: w.d, immediate: UInt16(w[20, 5]), shift: UInt8(w[22, 21] * 16))
  }

  private static func bitfield(_ w: Word) -> Instruction {
    if w[30, 29] == 3 || w[31] != w[22] || (!w[31] && (w[21] || w[15])) { return .undefined }
    let kinds: [Bitfield] = [.sbfm, .bfm, .ubfm]
    return .bitfield(kinds[w[30, 29]], w.width, d: w.d, n: w.n, immr: UInt8(w[21, 16]), imms: UInt8(w[15, 10]))
  }

  private static func extract(_ w: Word) -> Instruction {
    if w[30, 29] != 0 || w[21] || w[31] != w[22] || (!w[31] && w[15]) { return .undefined }
    return .extract(w.width, d: w.d, n: w.n, m: w.m, lsb: UInt8(w[15, 10]))
  }
}

/// The immediate of a logical instruction: an element of 2 to 64 bits holding a rotated run of ones, replicated. Nil where
/// the encoding is reserved. Arm ARM: DecodeBitMasks (immediate form).
func decodeBitMask(n: Int, imms: Int, immr: Int, width: Width) -> UInt64? {
  let combined = n << 6 | (~imms & 0x3f)
  guard combined > 1 else { return nil }
  let length = Int.bitWidth - 1 - combined.leadingZeroBitCount
  let size = 1 << length
  let levels = size - 1
  let ones = imms & levels
  if ones == levels { return nil }
  let rotation = immr & levels
  let run: UInt64 = (1 << UInt64(ones + 1)) - 1
  let all: UInt64 = size == 64 ? ~0 : (1 << UInt64(size)) - 1
  var element = rotation == 0 ? run : (run >> UInt64(rotation) | run << UInt64(size - rotation)) & all
  var filled = size
  while filled < 64 {
    element |= element << UInt64(filled)
    filled *= 2
  }
  return width == .x ? element : element & 0xffff_ffff
}
