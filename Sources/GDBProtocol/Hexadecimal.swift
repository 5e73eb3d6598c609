// Owns hexadecimal digits as the protocol writes them. It does not know what the digits stand for.

/// Hexadecimal text in ASCII bytes.
public enum Hexadecimal {
  /// The value of a digit; nil for another character.
  public static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }

  /// Two digits for each byte.
  public static func bytes(_ bytes: some Sequence<UInt8>) -> [UInt8] {
    var text: [UInt8] = []
    for byte in bytes { text += [letter(byte >> 4), letter(byte & 15)] }
    return text
  }
  /// Two digits for each byte, as a string.
  public static func text(_ bytes: some Sequence<UInt8>) -> String { String(decoding: Self.bytes(bytes), as: UTF8.self) }

  private static func letter(_ digit: UInt8) -> UInt8 { digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10 }

  /// The bytes that pairs of digits stand for; nil for an odd number of characters, and where one of them is no digit.
  public static func decoded(_ text: some Collection<UInt8>) -> [UInt8]? {
    if text.count % 2 != 0 { return nil }
    var bytes: [UInt8] = []
    var high: UInt8?
    for character in text {
      guard let digit = digit(character) else { return nil }
      if let first = high {
        bytes.append(first << 4 | digit)
        high = nil
      } else {
        high = digit
      }
    }
    return bytes
  }
}
