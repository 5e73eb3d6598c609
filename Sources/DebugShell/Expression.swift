// Owns expressions: numbers, symbols, registers, earlier values, sums and products. Arithmetic wraps at 64 bits.
// It does not know whose registers and symbols they are: it asks for them.
import Debugging

/// A value, and how to show it.
struct ExpressionValue {
  var bits: UInt64
  /// The size in bytes: 4 for W registers.
  var size = 8
  /// Whether the value came from a symbol or from a register that holds an address.
  var isAddress = false
}

/// Reads an expression from left to right.
struct ExpressionParser {
  private let text: [Character]
  private var at = 0
  private var depth = 0
  private let shell: Shell

  static func evaluate(_ text: String, _ shell: Shell) throws(ShellError) -> ExpressionValue {
    var parser = ExpressionParser(text: Array(text), shell: shell)
    parser.skipSpaces()
    if parser.at == parser.text.count { throw ShellError("An expression is missing: a number, a symbol or a register.") }
    let value = try parser.sum()
    if parser.at < parser.text.count { throw parser.unexpected() }
    return value
  }

  private init(text: [Character], shell: Shell) {
    self.text = text
    self.shell = shell
  }

  private var next: Character? { at < text.count ? text[at] : nil }

  private mutating func skipSpaces() {
    while let next, next.isWhitespace { at += 1 }
  }

  private mutating func take(_ character: Character) -> Bool {
    guard next == character else { return false }
    at += 1
    skipSpaces()
    return true
  }

  private func unexpected() -> ShellError {
    at < text.count
      ? ShellError("'\(String(text[at...]))' is not understood in '\(String(text))'")
      : ShellError("'\(String(text))' ends too early")
  }

  private mutating func sum() throws(ShellError) -> ExpressionValue {
    var value = try product()
    while true {
      if take("+") {
        value.bits &+= try product().bits
      } else if take("-") {
        value.bits &-= try product().bits
      } else {
        return value
      }
      value.size = 8
    }
  }

  private mutating func product() throws(ShellError) -> ExpressionValue {
    var value = try factor()
    while take("*") { value = ExpressionValue(bits: value.bits &* (try factor().bits)) }
    return value
  }

  private mutating func factor() throws(ShellError) -> ExpressionValue {
    depth += 1
    defer { depth -= 1 }
    if depth > 64 { throw ShellError("the expression is nested too deeply") }
    if take("-") { return ExpressionValue(bits: 0 &- (try factor().bits)) }
    if take("&") { return try factor() }
    if take("(") {
      let value = try sum()
      if !take(")") { throw unexpected() }
      return value
    }
    guard let first = next else { throw unexpected() }
    if first == "$" { return try variable() }
    if first.isASCII && first.isNumber { return try number() }
    return try symbol()
  }

  /// Reads letters, digits and the other characters that occur in symbols.
  private mutating func word() -> String {
    let start = at
    while let next, next.isLetter || next.isNumber || "_.$@".contains(next) { at += 1 }
    defer { skipSpaces() }
    return String(text[start..<at])
  }

  private mutating func number() throws(ShellError) -> ExpressionValue {
    let digits = word()
    guard let value = Number.parse(digits) else { throw ShellError("'\(digits)' is not a 64-bit number") }
    return ExpressionValue(bits: value)
  }

  private mutating func symbol() throws(ShellError) -> ExpressionValue {
    let start = at
    let name = word()
    if name.isEmpty {
      at = start
      throw unexpected()
    }
    if let address = shell.symbols.address(of: name) { return ExpressionValue(bits: address, isAddress: true) }
    guard shell.session != nil else { throw ShellError("No symbol '\(name)': there is no program.") }
    let isRegister = shell.registers?.named(name) != nil
    let hint = isRegister ? " Write registers with $." : name.allSatisfy(\.isHexDigit) ? " Write hexadecimal numbers with 0x." : ""
    let none = shell.symbols.isEmpty ? " The program has no symbols." : ""
    throw ShellError("No symbol '\(name)' in \(shell.path!).\(none)\(hint)")
  }

  private mutating func variable() throws(ShellError) -> ExpressionValue {
    at += 1
    let name = word()
    if name.isEmpty || name.allSatisfy(\.isNumber) {
      let number = name.isEmpty ? shell.history.count : Int(name) ?? 0
      guard shell.history.indices.contains(number - 1) else { throw ShellError("There is no value $\(name) yet.") }
      return ExpressionValue(bits: shell.history[number - 1])
    }
    guard let registers = shell.registers else { throw ShellError("No registers: there is no program.") }
    guard let register = registers.named(name) else { throw ShellError("There is no register '\(name)'.") }
    if register.upper != nil { throw ShellError("\(name) has 128 bits; info registers \(name) shows it.") }
    return ExpressionValue(bits: register.value, size: register.size, isAddress: ["pc", "sp", "fp", "lr"].contains(register.name))
  }
}

extension Shell {
  /// Evaluates an expression that must be an address.
  func address(_ text: String) throws(ShellError) -> UInt64 { try ExpressionParser.evaluate(text, self).bits }

  /// Evaluates the place of a breakpoint. As in gdb, a star may precede the expression.
  func location(_ text: String) throws(ShellError) -> UInt64 {
    if text.isEmpty { return try requiredTarget().programCounter }
    return try address(text.hasPrefix("*") ? String(text.dropFirst()) : text)
  }

  /// Evaluates a positive count; it is 1 where `text` is empty.
  func count(_ text: String) throws(ShellError) -> UInt64 {
    if text.isEmpty { return 1 }
    let value = try ExpressionParser.evaluate(text, self).bits
    guard value > 0, value <= UInt64(Int64.max) else { throw ShellError("'\(text)' is not a count; use 1 or more") }
    return value
  }
}
