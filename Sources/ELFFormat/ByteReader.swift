// Owns checked little-endian reads from bytes.
// It does not know what the bytes are.

struct ByteReader: Sendable {
  let bytes: [UInt8]
  init(_ bytes: [UInt8]) { self.bytes = bytes }

  func word16(_ offset: Int, _ field: String) throws(ELFError) -> UInt16 { UInt16(try value(offset, 2, field)) }
  func word32(_ offset: Int, _ field: String) throws(ELFError) -> UInt32 { UInt32(try value(offset, 4, field)) }
  func word64(_ offset: Int, _ field: String) throws(ELFError) -> UInt64 { try value(offset, 8, field) }

  private func value(_ offset: Int, _ count: Int, _ field: String) throws(ELFError) -> UInt64 {
    guard offset >= 0, offset <= bytes.count - count else { throw .truncated("\(field) (offset \(offset))", size: bytes.count) }
    return (0..<count).reduce(0) { $0 | UInt64(bytes[offset + $1]) << UInt64(8 * $1) }
  }

  /// The range [offset, offset+count) as indices. It throws if the range does not lie in the file.
  func range(_ offset: UInt64, _ count: UInt64, _ what: String) throws(ELFError) -> Range<Int> {
    let (end, wraps) = offset.addingReportingOverflow(count)
    if wraps || end > UInt64(bytes.count) { throw .truncated(what, size: bytes.count) }
    return Int(offset)..<Int(end)
  }
}
