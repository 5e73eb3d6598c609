// Owns the forms in which users write numbers and the emulator prints them. It does not know the meaning of a number.

/// Numbers as users type them.
public enum Number {
  /// Parses `0x...` in hexadecimal, or plain decimal; `_` may stand between digits. Nil for other text and for numbers of more than
  /// 64 bits.
  public static func parse(_ text: String) -> UInt64? {
    let digits = text.replacing("_", with: "")
    if digits.hasPrefix("0x") || digits.hasPrefix("0X") { return unsigned(digits.dropFirst(2), radix: 16) }
    return unsigned(digits[...], radix: 10)
  }

  /// `UInt64.init` would accept a sign.
  private static func unsigned(_ digits: Substring, radix: Int) -> UInt64? {
    guard let first = digits.first, first != "+", first != "-" else { return nil }
    return UInt64(digits, radix: radix)
  }
}

extension String {
  /// The text followed by spaces up to `width`.
  func padded(_ width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
