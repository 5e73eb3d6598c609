// Owns what a command is, how a line falls into its parts, and how an abbreviation finds its command.
// It does not know any command.

/// One row of a table of commands.
struct Command {
  typealias Handler = (Shell) -> (CommandArguments) throws(ShellError) -> [String]

  let name: String
  /// Short names that find it though others begin with them too.
  let aliases: [String]
  /// How its arguments are written, for help.
  let arguments: String
  /// One line.
  let summary: String
  /// More for `help NAME`.
  let details: [String]
  /// An empty line runs it again.
  let repeats: Bool
  let takesFormat: Bool
  let handler: Handler

  init(
    _ name: String, _ aliases: [String], _ arguments: String, _ summary: String, details: [String] = [], repeats: Bool = false,
    takesFormat: Bool = false, _ handler: @escaping Handler
  ) {
    self.name = name
    self.aliases = aliases
    self.arguments = arguments
    self.summary = summary
    self.details = details
    self.repeats = repeats
    self.takesFormat = takesFormat
    self.handler = handler
  }
}

/// What a command is given.
struct CommandArguments {
  /// What stood behind a slash: `4gx` of `x/4gx`.
  var format: String?
  var text: String
  /// An empty line ran the command again.
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
    name = String(line.prefix { !$0.isWhitespace && $0 != "/" })
    rest = String(line.dropFirst(name.count)).trimmed
  }

  /// What the command is given. Only commands that take a format see one in what begins with a slash, which may stand
  /// behind a space: `p /x $sp`, but `run /etc/passwd`.
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
  /// The command with this name or alias, or the only one that begins so.
  static func command(_ name: String, in table: [Command], of parent: String = "") throws(ShellError) -> Command {
    let full = parent.isEmpty ? name : "\(parent) \(name)"
    if let exact = table.first(where: { $0.name == name }) ?? table.first(where: { $0.aliases.contains(name) }) { return exact }
    let matches = name.isEmpty ? [] : table.filter { $0.name.hasPrefix(name) }
    if matches.count == 1 { return matches[0] }
    if matches.isEmpty {
      let help = parent.isEmpty ? "help" : "help \(parent)"
      throw ShellError("Undefined command: '\(full)'. Try '\(help)'.")
    }
    throw ShellError("Ambiguous command '\(full)': \(matches.map(\.name).joined(separator: ", ")).")
  }
}

extension String {
  /// The text followed by spaces up to `width`.
  func padded(_ width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
