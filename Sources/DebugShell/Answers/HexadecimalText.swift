// Owns how a 64-bit value stands in JSON: as a string, because many readers of JSON lose bits of large numbers.
// It does not know what the value is.
import Architecture
import JSONDocuments

/// A value of up to 64 bits as hexadecimal text: `0x400078`.
struct HexadecimalText: Codable, Hashable, Sendable, SchemaDescribed {
  let value: UInt64

  init(_ value: UInt64) { self.value = value }

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard text.hasPrefix("0x"), let value = UInt64(text.dropFirst(2), radix: 16) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(text)' is no hexadecimal value")
    }
    self.value = value
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(hexadecimal(value))
  }

  static var schema: JSONValue { ["type": "string", "pattern": "^0x[0-9a-f]{1,16}$"] }
  static var placeholder: HexadecimalText { HexadecimalText(0) }
}
