// Owns the commands that a user defines: their lines, their help, and the arguments that are put into the lines.
// It does not know how the lines are typed.

/// A command that the user defined.
struct UserCommand {
  var lines: [String] = []
  /// The lines of `document`.
  var help: [String] = []
}

extension Shell {
  /// All commands: the user's before the shell's own, because a name that the user gave again is the user's.
  var allCommands: [Command] {
    definitions.keys.sorted().map { name in
      let help = definitions[name]!.help
      return Command(name, [], "[ARGS]", help.first ?? "User-defined.", details: Array(help.dropFirst())) { shell in
        { given throws(ShellError) in try shell.runDefinition(name, given) }
      }
    } + Self.commands.filter { definitions[$0.name] == nil }
  }

  private func runDefinition(_ name: String, _ given: CommandArguments) throws(ShellError) -> [String] {
    let words = try given.quotedWords()
    return try run((definitions[name]?.lines ?? []).map { Self.filled($0, words) }, of: name, shows: true)
  }

  /// A line with the arguments: `$argc` is their number, `$arg0` the first, `$arg*` all of them. A name that continues is another name.
  static func filled(_ line: String, _ words: [String]) -> String {
    line.replacing(/\$arg(c|\*|[0-9]+)(?![A-Za-z0-9_])/) { match in
      switch match.1 {
      case "c": "\(words.count)"
      case "*": words.joined(separator: " ")
      default: Int(match.1).flatMap { words.indices.contains($0) ? words[$0] : nil } ?? ""
      }
    }
  }

  // MARK: define and document

  func define(_ given: CommandArguments) throws(ShellError) -> [String] {
    let name = try definableName(given)
    let warning = hookWarning(name)
    collect(for: "define \(name)") { shell, lines throws(ShellError) in
      shell.definitions[name, default: UserCommand()].lines = lines
      return []
    }
    return warning.map { [$0] } ?? []
  }

  func document(_ given: CommandArguments) throws(ShellError) -> [String] {
    let name = try definableName(given)
    if definitions[name] == nil { throw ShellError("'\(name)' is no command of yours; define it first.") }
    collect(for: "document \(name)") { shell, lines throws(ShellError) in
      shell.definitions[name]?.help = lines
      return []
    }
    return []
  }

  private func definableName(_ given: CommandArguments) throws(ShellError) -> String {
    let words = given.words
    func isAllowed(_ letter: Character) -> Bool { letter.isASCII && (letter.isLetter || letter.isNumber || "-_.".contains(letter)) }
    guard words.count == 1, let name = words.first, name.allSatisfy(isAllowed) else {
      throw ShellError("A name of letters, digits, -, _ and . is needed, as in define walkfar")
    }
    if Self.blockCommands.contains(name) || ["end", "quit", "help", "else", "loop_break", "loop_continue"].contains(name) {
      throw ShellError("'\(name)' keeps its meaning.")
    }
    return name
  }
}
