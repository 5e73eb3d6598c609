// Owns a check of a JSON value against the parts of JSON Schema that Faultline's schemas use. It does not know any schema.
import JSONDocuments

/// Why a value does not follow a schema; nil if it does.
func violation(of schema: JSONValue, in value: JSONValue, at path: String = "") -> String? {
  if let allowed = schema["enum"]?.elements, !allowed.contains(value) { return "\(path): \(value) is not one of \(allowed)" }
  if let constant = schema["const"], constant != value { return "\(path): \(value) is not \(constant)" }
  let names = schema["type"]?.elements?.compactMap(\.string) ?? schema["type"]?.string.map { [$0] } ?? []
  if !names.isEmpty && !names.contains(where: { isOf($0, value) }) { return "\(path): \(value) is no \(names)" }
  if let pattern = schema["pattern"]?.string, let text = value.string, text.wholeMatch(of: try! Regex(pattern)) == nil {
    return "\(path): '\(text)' does not match \(pattern)"
  }
  if let members = value.members {
    for name in (schema["required"]?.elements ?? []).compactMap(\.string) where members[name] == nil { return "\(path).\(name) is missing" }
    for (name, member) in members {
      guard let inner = schema["properties"]?[name] else {
        if schema["additionalProperties"] == false || schema["properties"] != nil { return "\(path).\(name) is not in the schema" }
        continue
      }
      if let found = violation(of: inner, in: member, at: "\(path).\(name)") { return found }
    }
  }
  if let items = schema["items"], let elements = value.elements {
    for (index, element) in elements.enumerated() {
      if let found = violation(of: items, in: element, at: "\(path)[\(index)]") { return found }
    }
  }
  return nil
}

private func isOf(_ name: String, _ value: JSONValue) -> Bool {
  switch (name, value) {
  case ("object", .object), ("array", .array), ("string", .string), ("boolean", .bool), ("integer", .integer), ("number", .integer),
    ("number", .number), ("null", .null):
    true
  default: false
  }
}
