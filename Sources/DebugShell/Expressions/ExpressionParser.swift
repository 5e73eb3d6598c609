// Owns how an expression is written: numbers, names, and C's operators with C's precedence. It does not know any value.
import Debugging

/// Reads an expression from left to right.
struct ExpressionParser {
  private let text: [Character]
  private var at = 0
  private var depth = 0

  /// The operators with two operands, the weakest first. Each row has equal precedence and groups from the left.
  private static let levels: [[String]] = [
    ["||"], ["&&"], ["|"], ["^"], ["&"], ["==", "!="], ["<=", ">=", "<", ">"], ["<<", ">>"], ["+", "-"], ["*", "/", "%"],
  ]

  /// Parses all of the text.
  static func parse(_ text: String) throws(ShellError) -> Expression {
    var parser = ExpressionParser(text)
    let expression = try parser.conditional()
    if parser.at < parser.text.count { throw parser.unexpected() }
    return expression
  }

  private init(_ text: String) {
    self.text = Array(text)
    skipSpaces()
  }

  private var next: Character? { at < text.count ? text[at] : nil }

  private mutating func skipSpaces() {
    while let next, next.isWhitespace { at += 1 }
  }

  private func looksAt(_ word: String) -> Bool { text[at...].starts(with: word) }

  private mutating func take(_ word: String) -> Bool {
    guard looksAt(word) else { return false }
    at += word.count
    skipSpaces()
    return true
  }

  private func unexpected() -> ShellError {
    if text.isEmpty || text.allSatisfy(\.isWhitespace) { return ShellError("An expression is missing: a number, a symbol or a register.") }
    return at < text.count
      ? ShellError("'\(String(text[at...]))' is not understood in '\(String(text))'")
      : ShellError("'\(String(text))' ends too early")
  }

  // MARK: Operators

  private mutating func conditional() throws(ShellError) -> Expression {
    let condition = try binary(0)
    guard take("?") else { return condition }
    let yes = try conditional()
    guard take(":") else { throw unexpected() }
    return .conditional(condition, yes, try conditional())
  }

  private mutating func binary(_ level: Int) throws(ShellError) -> Expression {
    if level == Self.levels.count { return try unary() }
    var left = try binary(level + 1)
    while let sign = Self.levels[level].first(where: { isOperator($0) }) {
      _ = take(sign)
      left = .binary(sign, left, try binary(level + 1))
    }
    return left
  }

  /// Whether the operator stands here, and not a longer one that begins in the same way.
  private func isOperator(_ sign: String) -> Bool {
    guard looksAt(sign) else { return false }
    let behind = at + sign.count < text.count ? text[at + sign.count] : " "
    switch sign {
    case "|", "&": return behind != sign.first
    case "<", ">": return behind != sign.first && behind != "="
    default: return true
    }
  }

  private mutating func unary() throws(ShellError) -> Expression {
    depth += 1
    defer { depth -= 1 }
    if depth > 64 { throw ShellError("the expression is nested too deeply") }
    for sign in ["-", "~", "!"] where take(sign) { return .unary(Character(sign), try unary()) }
    if take("+") { return try unary() }
    if take("*") { return .load(try unary(), as: nil) }
    if take("&") { return .addressOf(try unary()) }
    if take("{") {
      guard let type = type(), take("}") else { throw unexpected() }
      return .load(try unary(), as: type)
    }
    if next == "(" {
      let start = at
      at += 1
      skipSpaces()
      if let type = type(), take(")") { return .cast(type, try unary()) }
      at = start
    }
    return try postfix()
  }

  private mutating func postfix() throws(ShellError) -> Expression {
    var value = try primary()
    if case .register(let name) = value, next == "." {
      var fields: [String] = []
      while take(".") { fields.append(word("_")) }
      var index: Expression?
      if take("[") {
        index = try conditional()
        guard take("]") else { throw unexpected() }
      }
      value = .lane(name, fields, index: index)
    }
    while true {
      if take("[") {
        let index = try conditional()
        guard take("]") else { throw unexpected() }
        value = .load(.binary("+", value, index), as: nil)
      } else {
        return value
      }
    }
  }

  // MARK: Operands

  private mutating func primary() throws(ShellError) -> Expression {
    if take("(") {
      let value = try conditional()
      if !take(")") { throw unexpected() }
      return value
    }
    guard let first = next else { throw unexpected() }
    if first == "$" { return variable() }
    if first == "'" { return try character() }
    if first.isASCII && first.isNumber { return try number() }
    return try name()
  }

  /// Reads letters, digits and the other characters that occur in symbols.
  private mutating func word(_ others: String) -> String {
    let start = at
    while let next, next.isLetter || next.isNumber || others.contains(next) { at += 1 }
    defer { skipSpaces() }
    return String(text[start..<at])
  }

  private mutating func variable() -> Expression {
    at += 1
    let name = word("_")
    if name.isEmpty || name.allSatisfy(\.isNumber) { return .shown(Int(name) ?? 0) }
    return .register(name)
  }

  /// As in C, digits behind a 0 are octal.
  private mutating func number() throws(ShellError) -> Expression {
    let digits = word("_")
    let isOctal = digits.count > 1 && digits.first == "0" && digits.allSatisfy { ("0"..."7").contains($0) }
    guard let value = isOctal ? UInt64(digits, radix: 8) : Number.parse(digits) else {
      throw ShellError("'\(digits)' is not a 64-bit number")
    }
    return .number(ExpressionValue(value, value > UInt64(Int64.max) ? .unsigned : .long))
  }

  private mutating func character() throws(ShellError) -> Expression {
    guard at + 2 < text.count, text[at + 2] == "'", let value = text[at + 1].asciiValue else { throw unexpected() }
    at += 3
    skipSpaces()
    return .number(ExpressionValue(UInt64(value), .word))
  }

  private mutating func name() throws(ShellError) -> Expression {
    let start = at
    // A dot belongs to a symbol's name (`counter.0`) unless a word of the shell's own stands in front of it.
    let plain = word("_$@:")
    if plain.isEmpty {
      at = start
      throw unexpected()
    }
    if Self.wordsWithFields.contains(plain), next == "." || next == "(" {
      var argument: Expression?
      if take("(") {
        argument = try conditional()
        if !take(")") { throw unexpected() }
      }
      if !take(".") {
        return .field(word: plain, argument: argument, name: "")
      }
      return .field(word: plain, argument: argument, name: word("_"))
    }
    at = start
    return .symbol(word("_.$@:"))
  }
  static let wordsWithFields: Set = ["esr", "pte"]

  /// A type's name with its stars; nil, and nothing is read, if there is none here.
  private mutating func type() -> ValueType? {
    let start = at
    var words: [String] = []
    while let first = next, first.isLetter || first == "_" { words.append(word("_")) }
    guard let type = ValueType(words: words) else {
      at = start
      return nil
    }
    var stars = 0
    while take("*") { stars += 1 }
    return type.pointer(stars)
  }
}
