// Owns how the usage of a command, as help shows it, gives its arguments names: `LOCATION [if CONDITION]` has a location and a condition.
// It does not know any command.
import Architecture
import JSONDocuments

/// One argument of a command by name, for callers that do not type lines.
struct UsageParameter: Equatable {
  enum Kind: Equatable {
    /// A text or a number.
    case value
    /// Several of them, joined by this text.
    case list(separator: String)
    /// A word that stands in the line or not.
    case flag(String)
  }
  let name: String
  let kind: Kind
  let isRequired: Bool
  /// What stands in front of the value: `/` of a format, `if` of a condition.
  var prefix = ""
  /// Whether the value is put in quotes where it needs them, because the command splits its line as a POSIX shell does.
  var isQuoted = false
  /// Whether the value is a text between double quotes, as a format of printf.
  var isText = false
  /// Whether a number is a count, in decimal digits; others are addresses and values.
  var isCount = false
}

/// The arguments of a command, in their order.
struct Usage {
  let parameters: [UsageParameter]

  /// Reads a usage: words in capitals are values, brackets stand around what may be missing, `...` follows what may be repeated, a word in
  /// small letters stands for itself, and `/` begins a format.
  init(_ text: String) {
    var parameters: [UsageParameter] = []
    var pending = ""
    for var token in Self.tokens(text) {
      let repeats = token.hasSuffix("...")
      if repeats { token = String(token.dropLast(3)) }
      let isOptional = token.hasPrefix("[")
      if isOptional { token = String(token.dropFirst().dropLast()) }
      if token.hasPrefix("/") {
        parameters.append(UsageParameter(name: "format", kind: .value, isRequired: false, prefix: "/"))
        continue
      }
      // The first of several forms gives the name, and all words but the last stand before the value.
      let words = (token.split(separator: "|").first ?? "").split(separator: " ").map(String.init)
      guard let word = words.last else { continue }
      guard word.contains(where: \.isUppercase) else {
        if isOptional {
          let name = word.drop { $0 == "-" }
          parameters.append(UsageParameter(name: String(name), kind: .flag(word), isRequired: false))
        } else {
          pending = word + " "
        }
        continue
      }
      let name = word.lowercased().filter { $0.isLetter }
      let separator = text.contains(", ") ? ", " : " "
      parameters.append(
        UsageParameter(
          name: name, kind: repeats ? .list(separator: separator) : .value, isRequired: !isOptional && !repeats,
          prefix: pending + words.dropLast().map { $0 + " " }.joined(), isQuoted: ["arg", "file", "program"].contains(name),
          isText: word.hasPrefix("\""), isCount: ["n", "count", "level", "status"].contains(name)))
      pending = ""
    }
    self.parameters = parameters
  }

  /// The parts between blanks that are in no brackets.
  private static func tokens(_ text: String) -> [String] {
    var tokens = [""]
    var depth = 0
    for character in text {
      if character == " " && depth == 0 {
        tokens.append("")
        continue
      }
      depth += character == "[" ? 1 : character == "]" ? -1 : 0
      tokens[tokens.count - 1].append(character)
    }
    return tokens.filter { !$0.isEmpty }
  }

  /// The names of the parameters for callers that give values without names: a format comes last.
  var order: [String] { (parameters.filter { $0.prefix != "/" } + parameters.filter { $0.prefix == "/" }).map(\.name) }

  /// What an object of arguments must look like.
  var schema: JSONValue {
    let properties = parameters.map { ($0.name, $0.schema) }
    var members: [String: JSONValue] = [
      "type": "object", "properties": .object(Dictionary(uniqueKeysWithValues: properties)), "additionalProperties": false,
    ]
    let required = parameters.filter(\.isRequired).map { JSONValue.string($0.name) }
    if !required.isEmpty { members["required"] = .array(required) }
    return .object(members)
  }

  /// The text behind the command's name, from named arguments. It throws one line if an argument is unknown, is missing or has no
  /// possible value.
  func text(_ given: [String: JSONValue]) throws(ShellError) -> String {
    let names = parameters.map(\.name)
    if let unknown = given.keys.sorted().first(where: { !names.contains($0) }) {
      throw ShellError("there is no parameter '\(unknown)'" + (names.isEmpty ? "" : "; there are \(names.joined(separator: ", "))"))
    }
    var parts: [String] = []
    for parameter in parameters {
      guard let value = given[parameter.name], value != .null else {
        if parameter.isRequired { throw ShellError("the parameter '\(parameter.name)' is missing") }
        continue
      }
      if let part = try parameter.text(value) { parts.append(part) }
    }
    return parts.joined(separator: " ")
  }
}

extension UsageParameter {
  fileprivate var schema: JSONValue {
    switch kind {
    case .value: ["type": ["string", "integer"]]
    case .list: ["type": "array", "items": ["type": ["string", "integer"]]]
    case .flag: ["type": "boolean"]
    }
  }

  /// The part of the line; nil if there is none.
  fileprivate func text(_ value: JSONValue) throws(ShellError) -> String? {
    switch (kind, value) {
    case (.flag(let word), .bool(let isSet)): return isSet ? word : nil
    case (.list(let separator), .array(let elements)):
      var words: [String] = []
      for element in elements { words.append(try word(element)) }
      return words.isEmpty ? nil : prefix + words.joined(separator: separator)
    case (.value, _): return prefix + (try word(value)) + (isText ? "," : "")
    case (.flag, _): throw ShellError("'\(name)' is true or false")
    case (.list, _): throw ShellError("'\(name)' is an array")
    }
  }

  private func word(_ value: JSONValue) throws(ShellError) -> String {
    switch value {
    case .integer(let number): return isCount || number < 0 ? "\(number)" : hexadecimal(UInt64(number))
    case .string(let text):
      if isText { return "\"" + text.replacing("\"", with: "\\\"").replacing("\n", with: "\\n") + "\"" }
      if !isQuoted { return text }
      let isPlain = !text.isEmpty && text.allSatisfy { $0.isLetter || $0.isNumber || "-_./:=,+@%".contains($0) }
      return isPlain ? text : "'" + text.replacing("'", with: "'\\''") + "'"
    default: throw ShellError("'\(name)' is a text or a whole number")
    }
  }
}
