// Owns the commands that a stop point runs when it stops: how they are given, and how they run. It does not know why the program stopped.

/// The commands of stop points while they run.
struct StopCommands {
  /// Whether commands of a stop point run.
  var areRunning = false
  /// The commands of a stop that was reached meanwhile, with their name for messages. They run next, in place of what is left.
  var next: (name: String, lines: [String])?
}

extension Shell {
  func commands(_ given: CommandArguments) throws(ShellError) -> [String] {
    guard let number = given.text.isEmpty ? breakpoints.rows.last?.number : Int(given.text) else {
      throw ShellError(given.text.isEmpty ? "There is no breakpoint." : "commands needs the number of a stop point, as in commands 2")
    }
    guard breakpoints.has(number) else { throw ShellError("No breakpoint number \(number).") }
    collect(for: "commands \(number)") { shell, lines throws(ShellError) in
      guard shell.breakpoints.has(number) else { throw ShellError("No breakpoint number \(number).") }
      shell.breakpoints[number].commands = lines.map(\.trimmed)
      return []
    }
    return []
  }

  /// Runs the commands of a stop point. One that fails ends them, and so does one that resumes the program as far as another stop point with
  /// commands: those run then. So `continue` may be among them, however often the program stops.
  func runCommands(of row: Breakpoint) -> [String] {
    let own = row.commands.first == "silent" ? Array(row.commands.dropFirst()) : row.commands
    if own.isEmpty { return [] }
    stopCommands.next = ("commands \(row.number)", own)
    if stopCommands.areRunning { return [] }
    stopCommands.areRunning = true
    defer { stopCommands = StopCommands() }
    var answers: [String] = []
    while let (name, lines) = stopCommands.next {
      stopCommands.next = nil
      do throws(ShellError) { answers += try run(lines, of: name) } catch { return answers + error.output + [error.message] }
    }
    return answers
  }
}
