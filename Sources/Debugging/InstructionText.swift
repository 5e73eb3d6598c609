// Owns the single place where debuggers ask for the text of a word, with names for the addresses in it.
// It does not know what writes the text.
import Architecture
import Decoding
import Symbols

public enum InstructionText {
  /// The assembler text of `word` at the virtual address `pc`, or a message if the disassembler cannot be opened.
  public static func describe(_ word: UInt32, at pc: UInt64 = 0) -> String {
    (try? Disassembler().text(word, at: pc)) ?? "not decoded"
  }

  /// The same with the names of addresses: `bl 0x420440 <munmap>`, and `// 0x492058 <flag>` behind an instruction that has a part of an
  /// address. `previous` is the word in front: ADRP and the instruction behind it have one address together.
  public static func describe(_ word: UInt32, at pc: UInt64, after previous: UInt32?, symbols: ProgramSymbols) -> String {
    let text = describe(word, at: pc)
    guard !symbols.isEmpty else { return text }
    switch AddressOperand(word, at: pc, after: previous) {
    case .target(let address):
      // The target is the last operand.
      guard let name = symbols.name(address), let space = text.lastIndex(of: " ") else { return text }
      return "\(text[...space])\(hexadecimal(address)) <\(name)>"
    case .data(let address): return symbols.name(address).map { "\(text)\t// \(hexadecimal(address)) <\($0)>" } ?? text
    case .none: return text
    }
  }
}

/// The address to which an instruction leads, by its encoding.
private enum AddressOperand {
  /// A branch's target.
  case target(UInt64)
  /// The address of data, or of a function that is not called here.
  case data(UInt64)
  case none

  init(_ word: UInt32, at pc: UInt64, after previous: UInt32?) {
    switch word {
    case _ where word & 0x7c00_0000 == 0x1400_0000: self = .target(pc &+ Self.signed(word, low: 0, count: 26) &* 4)  // b, bl
    case _ where word & 0xff00_0000 == 0x5400_0000, _ where word & 0x7e00_0000 == 0x3400_0000:  // b.cond, cbz, cbnz
      self = .target(pc &+ Self.signed(word, low: 5, count: 19) &* 4)
    case _ where word & 0x7e00_0000 == 0x3600_0000: self = .target(pc &+ Self.signed(word, low: 5, count: 14) &* 4)  // tbz, tbnz
    case _ where word & 0x3b00_0000 == 0x1800_0000: self = .data(pc &+ Self.signed(word, low: 5, count: 19) &* 4)  // load (literal)
    case _ where word & 0x9f00_0000 == 0x1000_0000: self = .data(pc &+ Self.parts(word))  // adr
    case _ where word & 0x9f00_0000 == 0x9000_0000: self = .data(Self.page(word, at: pc))
    default: self = Self.low(word).flatMap { low in Self.pair(low, at: pc, after: previous) } ?? .none
    }
  }

  /// The register and offset of an instruction that may have the low part of an address: ADD (immediate), or a load or store of it.
  private static func low(_ word: UInt32) -> (register: UInt32, offset: UInt64)? {
    let register = word >> 5 & 31
    let immediate = UInt64(word >> 10 & 0xfff)
    if word & 0xffc0_0000 == 0x9100_0000 { return (register, immediate) }
    if word & 0x3b00_0000 == 0x3900_0000 {  // load, store (unsigned immediate)
      let isVector = word & 1 << 26 != 0
      let scale = isVector && word & 1 << 23 != 0 ? 4 : word >> 30
      return (register, immediate << UInt64(scale))
    }
    return nil
  }

  private static func pair(_ low: (register: UInt32, offset: UInt64), at pc: UInt64, after previous: UInt32?) -> AddressOperand? {
    guard let previous, previous & 0x9f00_0000 == 0x9000_0000, previous & 31 == low.register else { return nil }
    return .data(page(previous, at: pc &- 4) &+ low.offset)
  }

  private static func page(_ word: UInt32, at pc: UInt64) -> UInt64 { (pc & ~0xfff) &+ parts(word) << 12 }
  /// The immediate of ADR and ADRP: immhi, then immlo.
  private static func parts(_ word: UInt32) -> UInt64 { signed(word, low: 5, count: 19) << 2 | UInt64(word >> 29 & 3) }
  private static func signed(_ word: UInt32, low: UInt32, count: UInt32) -> UInt64 {
    let field = (word >> low) << (32 - count)
    return UInt64(bitPattern: Int64(Int32(bitPattern: field) >> Int32(32 - count)))
  }
}
