// Owns GDB's formats for memory and values: /FMT, and the lines that `x` prints.
// It does not know where bytes come from: the caller passes a function that reads without side effects.
import Architecture
import Symbols

/// A format as in `x/4gx`: count, letter and unit size.
public struct ExamineFormat: Hashable, Sendable {
  /// x hexadecimal, z hexadecimal with all digits, d signed, u unsigned, o octal, t binary, c character, a address, f floating point,
  /// i instruction, s string.
  public enum Letter: String, CaseIterable, Sendable { case x, z, d, u, o, t, c, a, f, i, s }

  /// How many units; a negative number stands for those in front of the address.
  public var count: Int
  public var letter: Letter
  /// The size of a unit in bytes: 1, 2, 4 or 8.
  public var size: Int

  public init(count: Int = 1, letter: Letter = .x, size: Int = 4) {
    self.count = count
    self.letter = letter
    self.size = size
  }

  /// The most units that one command shows.
  public static let countLimit = 65536

  /// Parses the text behind the slash. Missing parts come from `defaults`, except the count, which is 1. Nil if the text is not a
  /// format.
  public init?(_ text: String, defaults: ExamineFormat) {
    self = defaults
    count = 1
    let isBackward = text.hasPrefix("-")
    let rest = text.dropFirst(isBackward ? 1 : 0)
    let digits = rest.prefix { $0.isASCII && $0.isNumber }
    if isBackward || !digits.isEmpty {
      guard let number = Int(digits), (1...Self.countLimit).contains(number) else { return nil }
      count = isBackward ? -number : number
    }
    var sizeGiven = false
    for character in rest.dropFirst(digits.count) {
      if let letter = Letter(rawValue: String(character)) {
        self.letter = letter
      } else if let size = ["b": 1, "h": 2, "w": 4, "g": 8][character] {
        self.size = size
        sizeGiven = true
      } else {
        return nil
      }
    }
    if letter == .a && !sizeGiven { size = 8 }
    if letter == .c && !sizeGiven { size = 1 }
    // A number of floating point is a word or a doubleword, if nothing else is said.
    if letter == .f && !sizeGiven && size < 4 { size = 8 }
  }

  /// A value of `size` bytes as text in this format. For memory, hexadecimal digits are padded; for `print` they are not.
  public func text(_ value: UInt64, size: Int, padded: Bool, symbols: ProgramSymbols) -> String {
    let bits = UInt64(size * 8)
    let masked = bits == 64 ? value : value & (1 << bits - 1)
    let signed = Int64(bitPattern: masked << (64 - bits)) >> Int64(64 - bits)
    switch letter {
    case .x: return hexadecimal(masked, digits: padded ? size * 2 : 1)
    case .z: return hexadecimal(masked, digits: size * 2)
    case .f: return FloatingPointText.text(masked, size: size) ?? "\(signed)"
    case .d: return "\(signed)"
    case .u, .i, .s: return "\(masked)"
    case .o: return "0" + (masked == 0 ? "" : String(masked, radix: 8))
    case .t: return String(masked, radix: 2)
    case .c: return "\(signed) '\(Self.character(UInt8(truncatingIfNeeded: masked)))'"
    case .a: return symbols.label(masked)
    }
  }

  static func character(_ byte: UInt8) -> String {
    switch byte {
    case 0x0a: "\\n"
    case 0x0d: "\\r"
    case 0x09: "\\t"
    case 0x22: "\\\""
    case 0x5c: "\\\\"
    case 0x20..<0x7f: String(UnicodeScalar(byte))
    default: "\\" + String(repeating: "0", count: max(0, 3 - String(byte, radix: 8).count)) + String(byte, radix: 8)
    }
  }
}

/// The output of `x` from an address on, or of what lies in front of it.
public struct Examination {
  public private(set) var lines: [String] = []
  /// The addresses of the bytes that were read.
  public private(set) var range: Range<UInt64>
  /// The address at which the next `x` continues.
  public private(set) var next: UInt64
  /// The first address that could not be read; nil if all could.
  public private(set) var unreadable: UInt64?

  private let format: ExamineFormat
  private let count: Int
  private let read: (UInt64, Int) -> [UInt8]?
  private let symbols: ProgramSymbols

  /// `read` has no side effects, and returns nil if any byte is not mapped. Among instructions, `pc` is marked with an arrow.
  public init(
    _ format: ExamineFormat, at address: UInt64, pc: UInt64, symbols: ProgramSymbols, read: @escaping (UInt64, Int) -> [UInt8]?
  ) {
    self.format = format
    self.read = read
    self.symbols = symbols
    count = abs(format.count)
    next = address
    range = address..<address
    if format.count < 0 {
      next = format.letter == .s ? stringsStart(before: address) : address &- UInt64(count * (format.letter == .i ? 4 : format.size))
    }
    let start = next
    switch format.letter {
    case .i: instructions(pc: pc)
    case .s: strings()
    default: units()
    }
    range = start..<max(start, next)
    // The next command goes on in the same direction.
    if format.count < 0 { next = start }
  }

  /// The first address of the strings in front of an address. A string ends with its 0, with memory that cannot be read, or with its 200th
  /// byte.
  private func stringsStart(before address: UInt64) -> UInt64 {
    var start = address
    for _ in 0..<count {
      var length = 0
      // The byte in front of the address ends the string, or is a part of it.
      repeat {
        guard read(start &- 1, 1) != nil else { return start }
        start &-= 1
        length += 1
      } while length < Self.longestString && read(start &- 1, 1).map { $0[0] != 0 } ?? false
    }
    return start
  }

  /// The most bytes of a string.
  private static let longestString = 200

  private mutating func instructions(pc: UInt64) {
    for _ in 0..<count {
      guard let word = value(size: 4) else { return }
      let text = InstructionText.describe(UInt32(word), at: next, after: value(at: next &- 4).map(UInt32.init), symbols: symbols)
      lines.append("\(next == pc ? "=> " : "   ")\(symbols.label(next)):\t\(text)")
      next &+= 4
    }
  }

  private mutating func strings() {
    let limit = UInt64(Self.longestString)
    for _ in 0..<count {
      let start = next
      var text = ""
      while next &- start < limit {
        guard let byte = value(size: 1) else { return }
        next &+= 1
        if byte == 0 { break }
        text += ExamineFormat.character(UInt8(byte))
      }
      lines.append("\(symbols.label(start)):\t\"\(text)\"" + (next &- start == limit ? "..." : ""))
    }
  }

  private mutating func units() {
    let perLine = format.letter == .a ? 2 : max(1, [1: 8, 2: 8, 4: 4, 8: 2][format.size]!)
    var left = count
    while left > 0 {
      var line = symbols.label(next) + ":"
      for index in 0..<min(left, perLine) {
        guard let value = value(size: format.size) else {
          if index > 0 { lines.append(line) }
          return
        }
        line += "\t" + format.text(value, size: format.size, padded: true, symbols: symbols)
        next &+= UInt64(format.size)
      }
      lines.append(line)
      left -= min(left, perLine)
    }
  }

  /// The word at an address; nil if it cannot be read.
  private func value(at address: UInt64) -> UInt64? {
    read(address, 4).map { $0.reversed().reduce(0) { $0 << 8 | UInt64($1) } }
  }

  /// The little-endian value at `next`; nil if it cannot be read, and then the address is recorded.
  private mutating func value(size: Int) -> UInt64? {
    guard let bytes = read(next, size) else {
      unreadable = next
      return nil
    }
    return bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
