// Owns checked reads of DWARF's numbers from bytes.
// It does not know what the numbers mean.

/// The bytes are not what DWARF says.
struct DWARFDamage: Error {}

/// A place in bytes that moves on with each read. It never leaves its range.
struct DWARFReader {
  let bytes: [UInt8]
  private(set) var at: Int
  let end: Int

  /// A reader of a range of the bytes.
  init(_ bytes: [UInt8], _ range: Range<Int>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count, "the range lies in the bytes")
    self.bytes = bytes
    at = range.lowerBound
    end = range.upperBound
  }

  var isAtEnd: Bool { at >= end }

  mutating func byte() throws(DWARFDamage) -> UInt8 {
    guard at < end else { throw DWARFDamage() }
    defer { at += 1 }
    return bytes[at]
  }

  /// A little-endian number of `size` bytes, at most 8.
  mutating func fixed(_ size: Int) throws(DWARFDamage) -> UInt64 {
    guard end - at >= size else { throw DWARFDamage() }
    defer { at += size }
    return (0..<size).reduce(0) { $0 | UInt64(bytes[at + $1]) << UInt64(8 * $1) }
  }

  /// The same, with its sign.
  mutating func fixedSigned(_ size: Int) throws(DWARFDamage) -> UInt64 {
    let shift = UInt64(64 - 8 * size)
    return UInt64(bitPattern: Int64(bitPattern: try fixed(size) << shift) >> Int64(shift))
  }

  /// An unsigned LEB128 number; bits above 64 are lost.
  mutating func unsigned() throws(DWARFDamage) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      let byte = try byte()
      if shift < 64 { value |= UInt64(byte & 0x7f) << shift }
      shift += 7
      if byte & 0x80 == 0 { return value }
    }
  }

  /// A signed LEB128 number.
  mutating func signed() throws(DWARFDamage) -> Int64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      let byte = try byte()
      if shift < 64 { value |= UInt64(byte & 0x7f) << shift }
      shift += 7
      if byte & 0x80 != 0 { continue }
      if shift < 64 && byte & 0x40 != 0 { value |= ~0 << shift }
      return Int64(bitPattern: value)
    }
  }

  /// The bytes behind a length: a block.
  mutating func block() throws(DWARFDamage) -> Range<Int> { try range(try unsigned()) }

  /// The next `count` bytes.
  mutating func range(_ count: UInt64) throws(DWARFDamage) -> Range<Int> {
    guard count <= UInt64(end - at) else { throw DWARFDamage() }
    defer { at += Int(count) }
    return at..<at + Int(count)
  }

  /// A text up to its zero.
  mutating func text() throws(DWARFDamage) -> [UInt8] {
    var text: [UInt8] = []
    while case let byte = try byte(), byte != 0 { text.append(byte) }
    return text
  }

  mutating func skip(to place: Int) throws(DWARFDamage) {
    guard place >= at, place <= end else { throw DWARFDamage() }
    at = place
  }
}
