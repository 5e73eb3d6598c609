// Owns what a command is, how a line is split into its parts, and how an abbreviation finds its command.
// It does not know any command.
import JSONDocuments

/// One row of a table of commands.
struct Command {
  typealias Handler<Reply> = (Shell) -> (CommandArguments) throws(ShellError) -> Reply

  let name: String
  /// Short names that select this command even if other commands begin with them too.
  let aliases: [String]
  /// How its arguments are written, for help.
  let arguments: String
  /// The command in one line, for the list of help.
  let summary: String
  /// The lines that `help NAME` adds.
  let details: [String]
  /// Whether an empty line runs the command again.
  let repeats: Bool
  let takesFormat: Bool
  /// The JSON Schema of the data of its answers; nil if it answers with lines only.
  let dataSchema: (@Sendable () -> JSONValue)?
  let handler: Handler<CommandAnswer>

  /// A command that answers with lines.
  init(
    _ name: String, _ aliases: [String], _ arguments: String, _ summary: String, details: [String] = [], repeats: Bool = false,
    takesFormat: Bool = false, _ handler: @escaping Handler<[String]>
  ) {
    self.init(name, aliases, arguments, summary, details, repeats, takesFormat, nil) { shell in
      { given throws(ShellError) in CommandAnswer(try handler(shell)(given)) }
    }
  }

  /// A command that answers with data too.
  init<Data: Codable & Sendable>(
    _ name: String, _ aliases: [String], _ arguments: String, _ summary: String, details: [String] = [], repeats: Bool = false,
    takesFormat: Bool = false, data handler: @escaping Handler<Answer<Data>>
  ) {
    self.init(name, aliases, arguments, summary, details, repeats, takesFormat, { JSONSchema.of(Data.self) }) { shell in
      { given throws(ShellError) in
        let answer = try handler(shell)(given)
        return CommandAnswer(answer.lines, answer.data)
      }
    }
  }

  private init(
    _ name: String, _ aliases: [String], _ arguments: String, _ summary: String, _ details: [String], _ repeats: Bool, _ takesFormat: Bool,
    _ dataSchema: (@Sendable () -> JSONValue)?, _ handler: @escaping Handler<CommandAnswer>
  ) {
    self.name = name
    self.aliases = aliases
    self.arguments = arguments
    self.summary = summary
    self.details = details
    self.repeats = repeats
    self.takesFormat = takesFormat
    self.dataSchema = dataSchema
    self.handler = handler
  }
}

/// The arguments of one call of a command.
struct CommandArguments {
  /// The text behind a slash: `4gx` in `x/4gx`.
  var format: String?
  var text: String
  /// Whether an empty line ran the command again.
  var isRepeated = false

  var words: [String] { text.split(whereSeparator: \.isWhitespace).map(String.init) }

  func isEmptyOrFail(_ command: String) throws(ShellError) {
    if !text.isEmpty { throw ShellError("\(command) takes no argument: '\(text)'") }
  }
}

/// A line's parts: `x/4gx $sp` is `x`, `/4gx $sp`.
struct CommandLine {
  let name: String
  let rest: String

  init(_ line: String) {
    // `!ls` is the command `!`, with no blank behind it, and `while($x0)` is `while`.
    let word = line.prefix { !$0.isWhitespace && $0 != "/" }
    name = line.hasPrefix("!") ? "!" : ["if", "while"].first { word.hasPrefix($0 + "(") } ?? String(word)
    rest = String(line.dropFirst(name.count)).trimmed
  }

  /// The arguments for a command. Only a command that takes a format reads text behind a slash as one; a space may precede the
  /// slash. So `p /x $sp` has a format, and `run /etc/passwd` has not.
  func arguments(of command: Command, isRepeated: Bool = false) -> CommandArguments {
    guard rest.hasPrefix("/") else { return CommandArguments(text: rest, isRepeated: isRepeated) }
    if command.takesFormat {
      let format = rest.dropFirst().prefix { !$0.isWhitespace }
      return CommandArguments(format: String(format), text: String(rest.dropFirst(format.count + 1)).trimmed, isRepeated: isRepeated)
    }
    return CommandArguments(text: rest, isRepeated: isRepeated)
  }
}

extension Shell {
  /// The command with this name or alias, or the only command whose name begins with it.
  static func command(_ name: String, in table: [Command], of parent: String = "") throws(ShellError) -> Command {
    let full = parent.isEmpty ? name : "\(parent) \(name)"
    if let exact = table.first(where: { $0.name == name }) ?? table.first(where: { $0.aliases.contains(name) }) { return exact }
    let matches = name.isEmpty ? [] : table.filter { $0.name.hasPrefix(name) }
    if matches.count == 1 { return matches[0] }
    if matches.isEmpty {
      let help = parent.isEmpty ? "help" : "help \(parent)"
      if let meant = EditDistance.nearest(name, in: table.flatMap { [$0.name] + $0.aliases.filter { $0.count > 2 } }) {
        throw ShellError("Undefined command: '\(full)'. Did you mean '\(parent.isEmpty ? meant : "\(parent) \(meant)")'?")
      }
      throw ShellError("Undefined command: '\(full)'. Try '\(help)'.")
    }
    throw ShellError("Ambiguous command '\(full)': \(matches.map(\.name).joined(separator: ", ")).")
  }
}

extension String {
  /// The text followed by spaces up to `width`.
  func padded(_ width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
