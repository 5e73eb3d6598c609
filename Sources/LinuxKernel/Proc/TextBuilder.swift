// Owns building a text byte by byte: numbers in columns, padding, and names, which are bytes of any encoding.
// It does not know any file's lines. Linux: fs/seq_file.c seq_printf(), seq_put_hex_ll(), seq_pad().

/// A text that is being built. It makes no intermediate strings.
struct TextBuilder {
  private(set) var bytes: [UInt8] = []

  mutating func put(_ text: StaticString) {
    text.withUTF8Buffer { bytes.append(contentsOf: $0) }
  }
  mutating func put(_ text: [UInt8]) { bytes += text }
  mutating func put(byte: UInt8) { bytes.append(byte) }

  /// Lower-case hexadecimal digits, at least `width` of them.
  mutating func hexadecimal(_ value: UInt64, width: Int = 1) {
    let digits = max((67 - value.leadingZeroBitCount) / 4, width)
    for place in (0..<digits).reversed() {
      let digit = place > 15 ? 0 : UInt8(truncatingIfNeeded: value >> UInt64(place * 4) & 15)
      bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
    }
  }

  /// Decimal digits, padded with blanks on the left to `width`.
  mutating func decimal(_ value: UInt64, width: Int = 1) {
    var (rest, digits) = (value, 1)
    while rest >= 10 {
      rest /= 10
      digits += 1
    }
    for _ in 0..<max(0, width - digits) { bytes.append(UInt8(ascii: " ")) }
    rest = value
    let start = bytes.count
    for _ in 0..<digits { bytes.append(0) }
    for place in (start..<start + digits).reversed() {
      bytes[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    }
  }

  /// Appends blanks until the text behind `start` is `width` bytes long.
  mutating func pad(from start: Int = 0, to width: Int) {
    while bytes.count - start < width { bytes.append(UInt8(ascii: " ")) }
  }
}
