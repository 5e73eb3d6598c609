// Owns help and quit.
// It does not know any other command: it reads the tables.

extension Shell {
  func help(_ given: CommandArguments) throws(ShellError) -> [String] {
    let words = given.words
    guard let first = words.first else {
      return helpTable(allCommands) + ["An abbreviation that fits one command will do. Enter repeats stepi, nexti, continue and x."]
    }
    var command = try Self.command(first, in: allCommands)
    let isInfo = command.name == "info"
    var name = command.name
    if isInfo && words.count > 1 {
      command = try Self.command(words[1], in: Self.topics, of: "info")
      name += " " + command.name
    } else if words.count > 1 {
      throw ShellError("help explains one command at a time")
    }
    var lines = [name + (command.arguments.hasPrefix("/") || command.arguments.isEmpty ? "" : " ") + command.arguments, command.summary]
    lines += command.details
    if !command.aliases.isEmpty { lines.append("Short: \(command.aliases.joined(separator: ", "))") }
    return lines + (name == "info" ? helpTable(Self.topics) : [])
  }

  func helpTable(_ table: [Command]) -> [String] {
    let rows = table.map { (usage: $0.name + ($0.arguments.hasPrefix("/") || $0.arguments.isEmpty ? "" : " ") + $0.arguments, command: $0) }
    let width = rows.map(\.usage.count).max()! + 2
    return rows.map { $0.usage.padded(width) + $0.command.summary }
  }

  func quit(_ given: CommandArguments) throws(ShellError) -> [String] {
    guard given.text.isEmpty || Int32(given.text).map({ (0...255).contains($0) }) == true else {
      throw ShellError("'\(given.text)' is not an exit status; use 0 to 255")
    }
    quits = Int32(given.text) ?? 0
    return []
  }
}
