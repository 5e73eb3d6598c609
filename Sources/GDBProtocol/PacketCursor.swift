// Owns how the parts of a request are read from its bytes, one after the other. It does not know any request.

/// The rest of a request.
struct PacketCursor {
  private(set) var rest: ArraySlice<UInt8>
  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  var isAtEnd: Bool { rest.isEmpty }
  /// The rest as text. Bytes that are no UTF-8 become replacement characters.
  var text: String { String(decoding: rest, as: UTF8.self) }

  /// Takes a character if it is the next one.
  mutating func take(_ character: Character) -> Bool {
    guard let byte = rest.first, byte == character.asciiValue else { return false }
    rest = rest.dropFirst()
    return true
  }

  /// Takes a text if the rest begins with it.
  mutating func take(_ text: String) -> Bool {
    if !rest.starts(with: text.utf8) { return false }
    rest = rest.dropFirst(text.utf8.count)
    return true
  }

  /// Takes everything up to a character, and the character. Nil if the character does not come.
  mutating func take(upTo character: Character) -> ArraySlice<UInt8>? {
    guard let end = rest.firstIndex(of: character.asciiValue!) else { return nil }
    defer { rest = rest[(end + 1)...] }
    return rest[..<end]
  }

  /// Takes hexadecimal digits, at least one and at most 16 that count. Nil for a number of more than 64 bits.
  mutating func number() -> UInt64? {
    var value: UInt64 = 0
    var digits = 0
    while let byte = rest.first, let digit = Hexadecimal.digit(byte) {
      if value >> 60 != 0 { return nil }
      value = value << 4 | UInt64(digit)
      digits += 1
      rest = rest.dropFirst()
    }
    return digits == 0 ? nil : value
  }

  /// Takes a number that fits into an Int32 and is not negative.
  mutating func smallNumber() -> Int? { number().flatMap { Int32(exactly: $0) }.map { Int($0) } }

  /// Takes a number that must be all of the rest.
  mutating func lastNumber() -> UInt64? {
    let value = number()
    return isAtEnd ? value : nil
  }

  /// The pieces between separators. An empty rest is no piece.
  func pieces(separator: Character) -> [ArraySlice<UInt8>] {
    isAtEnd ? [] : rest.split(separator: separator.asciiValue!, omittingEmptySubsequences: false)
  }
}
