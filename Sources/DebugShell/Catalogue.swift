// Owns the list of commands for programs: each with the schemas of its arguments and of its data, and calls by name.
// It does not know any protocol.
import JSONDocuments

/// A command for a caller that is a program.
public struct CatalogueEntry: Sendable {
  /// The name without blanks: `info_registers`.
  public let name: String
  /// As in help: `break [LOCATION] [if CONDITION]`.
  public let usage: String
  public let summary: String
  /// The lines that help adds.
  public let details: [String]
  /// The JSON Schema of the arguments: an object with an argument of each name.
  public let parameters: JSONValue
  /// The names of the arguments in their order in a line, a format behind them.
  public let order: [String]
  /// The JSON Schema of the answer's data; nil if the command answers with lines only.
  public let data: JSONValue?
  /// Whether it is about the shell's own user or machine, which a program has no part in.
  public let isForPeople: Bool
}

/// Why a call failed.
public enum CallError: Error, Equatable, Sendable {
  case noSuchCommand
  /// The arguments are not those of the command, for this reason.
  case wrongArguments(String)
}

extension Shell {
  /// The commands, in the order of help, and the topics of info.
  public static let catalogue: [CatalogueEntry] = rows.map { name, command in
    let usage = Usage(command.arguments)
    return CatalogueEntry(
      name: name, usage: "\(name) \(command.arguments)".trimmed, summary: command.summary, details: command.details,
      parameters: takesLines(name) ? withLines(usage.schema) : usage.schema,
      order: usage.order + (takesLines(name) ? ["lines"] : []), data: command.dataSchema?(),
      isForPeople: ["source", "shell", "help", "apropos", "show", "quit"].contains(name))
  }

  private static var rows: [(name: String, command: Command)] {
    commands.filter { $0.name != "info" }.map { ($0.name, $0) }
      + topics.map { ("info_" + $0.name.replacing("-", with: "_"), $0) }
  }

  private static func takesLines(_ name: String) -> Bool { blockCommands.contains(name) }

  /// The arguments of a command whose lines follow it.
  private static func withLines(_ schema: JSONValue) -> JSONValue {
    var members = schema.members ?? [:]
    var properties = members["properties"]?.members ?? [:]
    properties["lines"] = ["type": "array", "items": ["type": "string"], "description": "The lines up to 'end', without it."]
    members["properties"] = .object(properties)
    members["required"] = .array((members["required"]?.elements ?? []) + ["lines"])
    return .object(members)
  }

  /// The name in the catalogue of a command that is named by it or by a short name; nil if there is none.
  public static func catalogueName(_ name: String) -> String? {
    (rows.first { $0.name == name } ?? rows.first { $0.command.aliases.contains(name) && !$0.name.hasPrefix("info_") })?.name
  }

  /// Runs a command of the catalogue.
  public func call(_ name: String, _ arguments: [String: JSONValue]) throws(CallError) -> AnswerDocument {
    guard let name = Self.catalogueName(name), let (_, command) = Self.rows.first(where: { $0.name == name }) else { throw .noSuchCommand }
    var arguments = arguments
    let lines = Self.takesLines(name) ? try Self.lines(arguments.removeValue(forKey: "lines")) : []
    let text: String
    do throws(ShellError) { text = try Usage(command.arguments).text(arguments) } catch { throw .wrongArguments(error.message) }
    let words = name.hasPrefix("info_") ? "info \(command.name)" : command.name
    // A format stands directly behind the name.
    let line = words + (text.hasPrefix("/") ? "" : " ") + text
    var reply = execute(line.trimmed, isScript: true)
    if reply.error == nil && Self.takesLines(name) {
      for next in lines + ["end"] where reply.error == nil { reply = execute(next, isScript: true) }
      cancelBlock()
    }
    return document(of: line, reply)
  }

  private static func lines(_ given: JSONValue?) throws(CallError) -> [String] {
    guard let elements = given?.elements else { throw .wrongArguments("the parameter 'lines' is missing, an array of lines") }
    let lines = elements.compactMap(\.string)
    if lines.count != elements.count { throw .wrongArguments("'lines' is an array of texts") }
    return lines
  }

  /// Runs a line as a user types it.
  public func call(line: String) -> AnswerDocument { document(of: line.trimmed, execute(line, isScript: true)) }
}
