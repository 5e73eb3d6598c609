// Owns how options read numbers: counts, numbers in a range, sizes of memory; and the line that says what is wrong with one.
// It does not know the options.
import Debugging

/// What is wrong with an option's value. The parser names the value and the option before it.
struct ValueError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// Numbers as options take them. An option that uses these takes the next word whatever it is, so that `-1` is refused as a number
/// and not taken for an option.
enum Quantity {
  static func count(_ text: String) throws -> UInt64 {
    if text.hasPrefix("-") && Number.count(String(text.dropFirst())) != nil { throw ValueError("a count is not negative") }
    guard let count = Number.count(text) else { throw ValueError("write a count as 1000000, 1e6, 1M or 0xf4240") }
    return count
  }

  /// A count in a variable of a smaller type.
  static func number(_ text: String) throws -> Int {
    guard let number = Int(exactly: try count(text)) else { throw ValueError("that is too large") }
    return number
  }

  /// A size of memory in bytes, which a kernel can use: 1 MiB to 1 TiB.
  static func memory(_ text: String) throws -> UInt64 {
    guard let bytes = Number.size(text) else {
      // A number that is well formed and has more than 64 bits is too large as well.
      if Number.size("1" + text.drop { $0.isNumber }) != nil, text.first?.isNumber == true { throw tooLarge(text) }
      throw UsageError("'\(text)' is not a size; write it as 64M or 1G")
    }
    if bytes > 1 << 40 { throw tooLarge(text) }
    if bytes < 1 << 20 { throw UsageError("\(text) of memory is less than the 1M that a kernel needs") }
    return bytes
  }

  private static func tooLarge(_ text: String) -> UsageError {
    UsageError("\(text) of memory is more than the 1024G that a machine can have")
  }
}
