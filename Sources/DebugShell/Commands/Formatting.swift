// Owns printf: how its line is split into format and arguments, and the text that each conversion gives a value.
// It does not know how an expression is evaluated.
import Architecture
import Debugging

/// One conversion of a format: `%-08lx`.
private struct Conversion {
  var flags: Set<Character> = []
  var width = 0
  var precision: Int?
  /// The size of the value in bytes.
  var size = 4
  let letter: Character

  /// Reads a conversion behind its `%`; nil if it is none.
  init?(_ rest: inout Substring) {
    while let flag = rest.first, "-+ #0'".contains(flag) { flags.insert(rest.removeFirst()) }
    guard let width = Self.number(&rest) else { return nil }
    self.width = width
    if rest.first == "." {
      rest.removeFirst()
      guard let precision = Self.number(&rest) else { return nil }
      self.precision = precision
    }
    while let letter = rest.first, "hlzjtL".contains(letter) {
      rest.removeFirst()
      size = letter == "h" ? size / 2 : 8
    }
    guard let letter = rest.popFirst(), "diuxXocsp".contains(letter), size > 0 else { return nil }
    self.letter = letter
  }

  /// A number of at most four digits, 0 if there is none; nil if it is longer.
  private static func number(_ rest: inout Substring) -> Int? {
    let digits = rest.prefix { $0.isASCII && $0.isNumber }
    rest = rest.dropFirst(digits.count)
    return digits.count > 4 ? nil : Int(digits) ?? 0
  }

  func text(_ bits: UInt64) -> String {
    let unused = UInt64(64 - 8 * size)
    let unsigned = (bits << unused) >> unused
    let signed = Int64(bitPattern: bits << unused) >> Int64(unused)
    switch letter {
    case "d", "i":
      return padded(digits(String(signed.magnitude)), sign: signed < 0 ? "-" : flags.contains("+") ? "+" : flags.contains(" ") ? " " : "")
    case "u": return padded(digits(String(unsigned)), sign: "")
    case "x": return padded(digits(String(unsigned, radix: 16)), sign: flags.contains("#") && unsigned != 0 ? "0x" : "")
    case "X": return padded(digits(String(unsigned, radix: 16, uppercase: true)), sign: flags.contains("#") && unsigned != 0 ? "0X" : "")
    case "o": return padded(digits(String(unsigned, radix: 8)), sign: flags.contains("#") && unsigned != 0 ? "0" : "")
    case "p": return padded(String(bits, radix: 16), sign: "0x")
    default: return padded(String(Unicode.Scalar(UInt8(truncatingIfNeeded: bits))), sign: "")
    }
  }

  func text(_ string: String) -> String { padded(precision.map { String(string.prefix($0)) } ?? string, sign: "") }

  private func digits(_ digits: String) -> String { String(repeating: "0", count: max(0, (precision ?? 0) - digits.count)) + digits }

  private func padded(_ text: String, sign: String) -> String {
    let missing = max(0, width - text.count - sign.count)
    if flags.contains("-") { return sign + text + String(repeating: " ", count: missing) }
    let hasZeros = flags.contains("0") && precision == nil && letter != "s" && letter != "c"
    return hasZeros ? sign + String(repeating: "0", count: missing) + text : String(repeating: " ", count: missing) + sign + text
  }
}

extension Shell {
  /// The text of `"FORMAT", EXPRESSION...`.
  func formatted(_ text: String) throws(ShellError) -> String {
    var parts = Self.arguments(text)[...]
    guard let format = parts.popFirst().flatMap(Self.quoted) else {
      throw ShellError("printf needs a format in quotes, as in printf \"%d\\n\", $x0")
    }
    var result = ""
    var rest = format[...]
    while let next = rest.popFirst() {
      if next == "\\" {
        result.append(next)
        if let escaped = rest.popFirst() { result.append(escaped) }
        continue
      }
      if next != "%" || rest.first == "%" {
        if next == "%" { rest.removeFirst() }
        result.append(next)
        continue
      }
      guard let conversion = Conversion(&rest) else {
        throw ShellError("printf does not know a conversion in \"\(format)\"; see help printf")
      }
      guard let argument = parts.popFirst() else { throw ShellError("printf has too few arguments for \"\(format)\".") }
      let piece = conversion.letter == "s" ? conversion.text(try string(argument)) : conversion.text(try address(argument))
      // Values are not a part of the format: their backslashes stay.
      result += piece.replacing("\\", with: "\\\\")
    }
    if !parts.isEmpty { throw ShellError("printf has too many arguments for \"\(format)\".") }
    return Self.unescaped(result)
  }

  /// A text in quotes, or the string at an address: up to its 0, and at most 200 bytes of it.
  private func string(_ argument: String) throws(ShellError) -> String {
    if let text = Self.quoted(argument) { return Self.unescaped(text) }
    let start = try address(argument)
    let target = try requiredTarget()
    var bytes: [UInt8] = []
    while bytes.count < 200 {
      let place = start &+ UInt64(bytes.count)
      guard let byte = target.peek(place, count: 1)?.first else {
        throw ShellError("Cannot access memory at address \(hexadecimal(place))")
      }
      if byte == 0 { break }
      bytes.append(byte)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The text between quotes that are all around it; nil without them.
  private static func quoted(_ text: String) -> String? {
    text.count > 1 && text.hasPrefix("\"") && text.hasSuffix("\"") ? String(text.dropFirst().dropLast()) : nil
  }

  /// The parts between commas that are neither in quotes nor in parentheses.
  private static func arguments(_ text: String) -> [String] {
    var parts = [""]
    var depth = 0
    var (isQuoted, isEscaped) = (false, false)
    for character in text {
      if character == "," && depth == 0 && !isQuoted {
        parts.append("")
        continue
      }
      if character == "\"" && !isEscaped { isQuoted.toggle() }
      if !isQuoted { depth += "([{".contains(character) ? 1 : ")]}".contains(character) ? -1 : 0 }
      isEscaped = character == "\\" && !isEscaped
      parts[parts.count - 1].append(character)
    }
    return parts.map(\.trimmed)
  }
}
