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

  /// Parses a count: a number as above, or a decimal one with a fraction, an exponent, or K, M, G or T for a power of 1000, as in
  /// `1e6`, `200M` and `1.5M`. Nil for other text, and for counts that are not whole or have more than 64 bits.
  public static func count(_ text: String) -> UInt64? { scaled(text, base: 1000) }

  /// Parses a size in bytes, in which K, M, G and T, also written KiB and so on, are powers of 1024: `64M`, `1.5G`, `0x10000`.
  public static func size(_ text: String) -> UInt64? { scaled(text, base: 1024) }

  private static func scaled(_ text: String, base: UInt64) -> UInt64? {
    if let plain = parse(text) { return plain }
    let form = /([0-9][0-9_]*)(?:\.([0-9]+))?(?:[eE]([0-9]{1,2}))?(?:([kKmMgGtT])(iB)?)?/
    guard let match = text.wholeMatch(of: form), match.5 == nil || base == 1024 else { return nil }
    let fraction = match.2 ?? ""
    guard var number = UInt64(match.1.replacing("_", with: "") + fraction) else { return nil }
    let power = match.4.map { unit in 1 + ["k", "m", "g", "t"].firstIndex(of: unit.lowercased())! } ?? 0
    let factors = [UInt64](repeating: base, count: power)
    let tens = [UInt64](repeating: 10, count: match.3.map { Int($0)! } ?? 0)
    for factor in factors + tens {
      let (product, overflow) = number.multipliedReportingOverflow(by: factor)
      if overflow { return nil }
      number = product
    }
    for _ in fraction {
      let (quotient, rest) = number.quotientAndRemainder(dividingBy: 10)
      if rest != 0 { return nil }
      number = quotient
    }
    return number
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
