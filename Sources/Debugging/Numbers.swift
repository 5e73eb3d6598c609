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

  /// Parses a value of a register, a descriptor or an instruction word, as `faultline esr`, `pte`, `decode` and their like take it: the
  /// digits are hexadecimal, with or without `0x`, as kernels and disassemblers print them; `_` may stand between digits. Nil for other
  /// text and for numbers of more than 64 bits.
  public static func value(_ text: String) -> UInt64? {
    let digits = text.replacing("_", with: "")
    return unsigned(digits.hasPrefix("0x") || digits.hasPrefix("0X") ? digits.dropFirst(2) : digits[...], radix: 16)
  }

  /// What every command that takes such a value says about it.
  public static let valueRule = "is hexadecimal, with or without 0x, as kernels print it"

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
