// Owns the tests of schemas of types: each says what the type's values are in JSON. It does not know any document of Faultline.
import Testing

@testable import JSONDocuments

private struct Inner: Codable {
  let text: String
  let flags: [Bool]
}
private enum Colour: String, Codable, CaseIterable, SchemaDescribed { case red, green }
private struct Outer: Codable {
  let number: UInt64
  let inner: Inner
  let many: [Inner]
  let maybe: Inner?
  let maybeNumber: Int?
  let colour: Colour
}

struct JSONSchemaTests {
  @Test func aTypeSaysItsOwnSchema() {
    let inner: JSONValue = [
      "type": "object", "required": ["flags", "text"],
      "properties": ["text": ["type": "string"], "flags": ["type": "array", "items": ["type": "boolean"]]],
    ]
    #expect(
      JSONSchema.of(Outer.self) == [
        "type": "object", "required": ["colour", "inner", "many", "number"],
        "properties": [
          "number": ["type": "integer"], "inner": inner, "many": ["type": "array", "items": inner], "maybe": inner,
          "maybeNumber": ["type": "integer"], "colour": ["type": "string", "enum": ["red", "green"]],
        ],
      ])
    #expect(JSONSchema.of([Double].self) == ["type": "array", "items": ["type": "number"]])
  }

  @Test func valuesKeepTheirKinds() throws {
    let text = "{\"a\":[1,-2.5,true,null,\"x\"],\"big\":9007199254740993,\"e\":{}}"
    let value = try JSONValue.parse(text)
    #expect(value["a"] == [1, .number(-2.5), true, .null, "x"])
    #expect(value["big"] == 9_007_199_254_740_993)
    #expect(try JSONText.line(value) == text)
    for bad in ["", "{", "[1,]x", "nul", String(repeating: "[", count: 100_000)] {
      #expect(throws: (any Error).self) { try JSONValue.parse(bad) }
    }
  }

  @Test func textsHaveSortedKeys() throws {
    #expect(try JSONText.line(["b": 1, "a": "/"] as JSONValue) == "{\"a\":\"/\",\"b\":1}")
    #expect(try JSONText.document(["b": 1] as JSONValue) == "{\n  \"b\" : 1\n}\n")
  }
}
