// Owns the form of an answer: lines for people, and the same as data for programs. It does not know any command.
import JSONDocuments

/// What a command answers. `data` is nil where there is nothing to tell, as without a stack.
struct Answer<Data: Codable & Sendable> {
  var lines: [String]
  var data: Data?

  init(_ lines: [String], _ data: Data?) {
    self.lines = lines
    self.data = data
  }

  static func + (lines: [String], answer: Answer) -> Answer { Answer(lines + answer.lines, answer.data) }
}

/// The answer of any command.
struct CommandAnswer {
  var lines: [String]
  var data: (any Encodable & Sendable)?

  init(_ lines: [String], _ data: (any Encodable & Sendable)? = nil) {
    self.lines = lines
    self.data = data
  }
}

/// The JSON form of an answer: one line of JSON Lines.
public struct AnswerDocument: Encodable {
  /// The version of the form of this document and of the data of all commands.
  public static let schema = "faultline.shell/1"

  public var schema = Self.schema
  /// The command's name, as in `info registers`; what was typed where it is no command.
  public let command: String
  /// What a person sees, without line ends.
  public let text: [String]
  /// The same as data, by the schema of the command; nil where the command has none, or nothing to tell.
  public let data: JSONValue?
  /// Why the command failed.
  public let error: String?
  /// The status that `quit` asked for.
  public let quits: Int32?

  init(command: String, _ answer: CommandAnswer, error: String?, quits: Int32?) {
    self.command = command
    text = answer.lines.map { $0.last == Shell.openEnd ? String($0.dropLast()) : $0 }
    data = answer.data.flatMap { try? JSONValue(encoding: $0) }
    self.error = error
    self.quits = quits
  }
}
