// Owns the hexadecimal form of numbers, for messages and for files. It does not know the meaning of a number.

/// `0x` and the value's digits, at least `digits` of them.
public func hexadecimal(_ value: some BinaryInteger, digits: Int = 1) -> String { "0x" + bareHexadecimal(value, digits: digits) }

/// The value's hexadecimal digits, at least `digits` of them, without a prefix.
public func bareHexadecimal(_ value: some BinaryInteger, digits: Int = 1) -> String {
  let text = String(value, radix: 16)
  return String(repeating: "0", count: max(0, digits - text.count)) + text
}
