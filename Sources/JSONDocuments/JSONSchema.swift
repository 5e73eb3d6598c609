// Owns the JSON Schema of a Swift type: it lets the type decode itself from a decoder that only notes what it is asked for.
// It does not know any type, so that a schema cannot differ from what is written.

/// A type that has a schema of its own, because its text has a form that a decoder does not see.
public protocol SchemaDescribed: Decodable {
  static var schema: JSONValue { get }
  /// Any value, for the decoder that notes a schema.
  static var placeholder: Self { get }
}

extension SchemaDescribed where Self: CaseIterable & RawRepresentable, RawValue == String {
  public static var schema: JSONValue { ["type": "string", "enum": .array(allCases.map { .string($0.rawValue) })] }
  public static var placeholder: Self { allCases.first! }
}

public enum JSONSchema {
  /// The schema of what a type's `Codable` reads and writes. Optional properties are those that are not required. A type must not contain
  /// itself.
  public static func of<Value: Decodable>(_ type: Value.Type) -> JSONValue {
    let notes = SchemaNotes()
    do { _ = try notes.value(type) } catch { preconditionFailure("\(type) does not decode from any value: \(error)") }
    return notes.schema
  }
}

/// What one value's decoding has asked for.
private final class SchemaNotes: Decoder {
  let codingPath: [any CodingKey] = []
  let userInfo: [CodingUserInfoKey: Any] = [:]
  var plain: JSONValue = ["type": "object"]
  /// The properties of an object; nil for other values.
  var properties: [String: JSONValue]?
  var optionals: Set<String> = []

  var schema: JSONValue {
    guard let properties else { return plain }
    let required = properties.keys.filter { !optionals.contains($0) }.sorted()
    var members: [String: JSONValue] = ["type": "object", "properties": .object(properties)]
    if !required.isEmpty { members["required"] = .array(required.map { .string($0) }) }
    return .object(members)
  }

  func value<Value: Decodable>(_ type: Value.Type) throws -> Value {
    if let described = type as? any SchemaDescribed.Type {
      plain = described.schema
      guard let value = described.placeholder as? Value else { preconditionFailure("the placeholder of \(type) is of another type") }
      return value
    }
    return try type.init(from: self)
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
    if properties == nil { properties = [:] }
    return KeyedDecodingContainer(KeyedNotes<Key>(notes: self))
  }
  func unkeyedContainer() -> any UnkeyedDecodingContainer { ElementNotes(notes: self) }
  func singleValueContainer() -> any SingleValueDecodingContainer { SingleNotes(notes: self) }
}

private struct SingleNotes: SingleValueDecodingContainer {
  let notes: SchemaNotes
  let codingPath: [any CodingKey] = []
  func decodeNil() -> Bool { false }
  private func plain<Value>(_ type: JSONValue, _ value: Value) -> Value {
    notes.plain = ["type": type]
    return value
  }
  func decode(_ type: Bool.Type) -> Bool { plain("boolean", false) }
  func decode(_ type: String.Type) -> String { plain("string", "") }
  func decode(_ type: Double.Type) -> Double { plain("number", 0) }
  func decode(_ type: Float.Type) -> Float { plain("number", 0) }
  func decode(_ type: Int.Type) -> Int { plain("integer", 0) }
  func decode(_ type: Int8.Type) -> Int8 { plain("integer", 0) }
  func decode(_ type: Int16.Type) -> Int16 { plain("integer", 0) }
  func decode(_ type: Int32.Type) -> Int32 { plain("integer", 0) }
  func decode(_ type: Int64.Type) -> Int64 { plain("integer", 0) }
  func decode(_ type: UInt.Type) -> UInt { plain("integer", 0) }
  func decode(_ type: UInt8.Type) -> UInt8 { plain("integer", 0) }
  func decode(_ type: UInt16.Type) -> UInt16 { plain("integer", 0) }
  func decode(_ type: UInt32.Type) -> UInt32 { plain("integer", 0) }
  func decode(_ type: UInt64.Type) -> UInt64 { plain("integer", 0) }
  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try notes.value(type) }
}

private struct KeyedNotes<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let notes: SchemaNotes
  let codingPath: [any CodingKey] = []
  var allKeys: [Key] { [] }
  /// Only a property that may be missing is asked for in this way.
  func contains(_ key: Key) -> Bool {
    notes.optionals.insert(key.stringValue)
    return true
  }
  func decodeNil(forKey key: Key) -> Bool { false }
  func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
    let inner = SchemaNotes()
    let value = try inner.value(type)
    notes.properties![key.stringValue] = inner.schema
    return value
  }
  func nestedContainer<Inner: CodingKey>(keyedBy type: Inner.Type, forKey key: Key) -> KeyedDecodingContainer<Inner> {
    let inner = SchemaNotes()
    return inner.container(keyedBy: type)
  }
  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedDecodingContainer { SchemaNotes().unkeyedContainer() }
  func superDecoder() -> any Decoder { SchemaNotes() }
  func superDecoder(forKey key: Key) -> any Decoder { SchemaNotes() }
}

/// An array of one element.
private struct ElementNotes: UnkeyedDecodingContainer {
  let notes: SchemaNotes
  let codingPath: [any CodingKey] = []
  let count: Int? = 1
  var currentIndex = 0
  var isAtEnd: Bool { currentIndex == 1 }

  init(notes: SchemaNotes) {
    self.notes = notes
    notes.plain = ["type": "array"]
  }

  func decodeNil() -> Bool { false }
  mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    let inner = SchemaNotes()
    let value = try inner.value(type)
    notes.plain = ["type": "array", "items": inner.schema]
    currentIndex = 1
    return value
  }
  func nestedContainer<Inner: CodingKey>(keyedBy type: Inner.Type) -> KeyedDecodingContainer<Inner> {
    SchemaNotes().container(keyedBy: type)
  }
  func nestedUnkeyedContainer() -> any UnkeyedDecodingContainer { SchemaNotes().unkeyedContainer() }
  func superDecoder() -> any Decoder { SchemaNotes() }
}
