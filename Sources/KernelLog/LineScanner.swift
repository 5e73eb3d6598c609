// Owns reading one line of a log from left to right: literals, numbers, words, and what consoles, syslog and mailers put before a message.
// It does not know what a message means.

/// The rest of a line, in bytes: logs come from anywhere, so a line need not be text.
struct LineScanner {
  private(set) var rest: ArraySlice<UInt8>

  init(_ line: ArraySlice<UInt8>) { rest = line }

  var isEmpty: Bool { rest.isEmpty }

  /// The rest as text, with replacement characters for what is none.
  var text: String { String(decoding: rest, as: UTF8.self).trimmingSpaces }

  /// Whether the rest begins with the literal, which is skipped then.
  mutating func take(_ literal: StaticString) -> Bool {
    let matches = literal.withUTF8Buffer { rest.starts(with: $0) }
    if matches { rest = rest.dropFirst(literal.utf8CodeUnitCount) }
    return matches
  }

  /// Skips everything up to the end of the literal's first occurrence, and returns what stands before it; nil if there is none.
  mutating func take(through literal: StaticString) -> ArraySlice<UInt8>? {
    literal.withUTF8Buffer { wanted in
      guard rest.count >= wanted.count, let first = wanted.first else { return nil }
      var index = rest.startIndex
      while index <= rest.endIndex - wanted.count {
        if rest[index] == first, rest[index...].starts(with: wanted) {
          let before = rest[..<index]
          rest = rest[(index + wanted.count)...]
          return before
        }
        index += 1
      }
      return nil
    }
  }

  mutating func skipSpaces() { rest = rest.drop { $0 == 0x20 || $0 == 0x09 } }

  /// A hexadecimal number of at most 64 bits, with or without `0x`.
  mutating func hexadecimal() -> UInt64? {
    var copy = self
    if !copy.take("0x") { _ = copy.take("0X") }
    return number(&copy, 16)
  }

  mutating func decimal() -> UInt64? {
    var copy = self
    return number(&copy, 10)
  }

  private mutating func number(_ scanner: inout LineScanner, _ radix: UInt64) -> UInt64? {
    var value: UInt64 = 0
    var count = 0
    while let byte = scanner.rest.first, let digit = Self.digit(byte), digit < radix {
      let (product, overflow) = value.multipliedReportingOverflow(by: radix)
      if overflow || product > .max - digit { return nil }
      value = product + digit
      scanner.rest = scanner.rest.dropFirst()
      count += 1
    }
    if count == 0 { return nil }
    self = scanner
    return value
  }

  private static func digit(_ byte: UInt8) -> UInt64? {
    switch byte {
    case 0x30...0x39: UInt64(byte - 0x30)
    case 0x61...0x66: UInt64(byte - 0x61 + 10)
    case 0x41...0x46: UInt64(byte - 0x41 + 10)
    default: nil
    }
  }

  /// The bytes up to the next space.
  mutating func word() -> String {
    let word = rest.prefix { $0 != 0x20 && $0 != 0x09 }
    rest = rest.dropFirst(word.count)
    return String(decoding: word, as: UTF8.self)
  }

  // MARK: What stands before a message

  /// Skips marks of quotation, log levels (`<4>`), times (`[   12.345678]`), threads and processors (`[  T123]`, `[    C0]`), the head of
  /// a record of /dev/kmsg (`6,123,456789,-;`), and syslog's head up to `kernel: `.
  mutating func skipPrefixes() {
    // Each round skips at least a byte.
    while true {
      let before = rest.count
      rest = rest.drop { $0 == 0x20 || $0 == 0x09 || $0 == 0x3e || $0 == 0x7c }
      skipLevel()
      skipBracket()
      skipRecordHead()
      if rest.count == before { break }
    }
    var copy = LineScanner(rest.prefix(120))
    if let head = copy.take(through: "kernel: ") {
      rest = rest.dropFirst(head.count + "kernel: ".utf8.count)
      skipPrefixes()
    }
  }

  private mutating func skipLevel() {
    var copy = self
    if copy.take("<"), copy.decimal() != nil, copy.take(">") { self = copy }
  }

  private mutating func skipBracket() {
    var copy = self
    guard copy.take("[") else { return }
    copy.skipSpaces()
    if copy.take("T") || copy.take("C") {
      if copy.decimal() != nil, copy.take("]") { self = copy }
    } else if copy.decimal() != nil, copy.take("."), copy.decimal() != nil {
      copy.skipSpaces()
      if copy.take("]") { self = copy }
    }
  }

  private mutating func skipRecordHead() {
    var copy = self
    guard copy.decimal() != nil, copy.take(","), copy.decimal() != nil, copy.take(","), copy.decimal() != nil, copy.take(",") else {
      return
    }
    if copy.take(through: ";") != nil { self = copy }
  }
}

extension String {
  /// The text without spaces and tabs at its ends.
  var trimmingSpaces: String {
    let start = drop { $0 == " " || $0 == "\t" || $0 == "\r" }
    return String(start.reversed().drop { $0 == " " || $0 == "\t" || $0 == "\r" }.reversed())
  }
}
