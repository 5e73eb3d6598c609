// Owns if, while, loop_break and loop_continue, and how they change the order in which lines run. It does not know how a block of lines is
// typed.
import Debugging

/// What the loops of the user's lines do.
struct ControlFlow {
  /// What a line asked of the innermost loop, which the lines behind it in the loop's body wait for.
  enum Leap { case leave, goOn }
  var leap: Leap?
  /// How many loops run inside each other.
  var loops = 0
  /// Whether the program was interrupted: the loops around end then too.
  var isInterrupted = false
}

extension Shell {
  func ifCommand(_ given: CommandArguments) throws(ShellError) -> [String] {
    let condition = try flowCondition(given, "if")
    collect(for: "if \(given.text)") { shell, lines throws(ShellError) in
      let (yes, no) = try Self.branches(lines)
      return try shell.run(try shell.isTrue(condition) ? yes : no, of: "if", shows: true)
    }
    return []
  }

  func whileCommand(_ given: CommandArguments) throws(ShellError) -> [String] {
    let condition = try flowCondition(given, "while")
    collect(for: "while \(given.text)") { shell, lines throws(ShellError) in try shell.loop(condition, lines) }
    return []
  }

  func loopBreak(_ given: CommandArguments) throws(ShellError) -> [String] { try leap(.leave, given, "loop_break") }
  func loopContinue(_ given: CommandArguments) throws(ShellError) -> [String] { try leap(.goOn, given, "loop_continue") }

  func elseCommand(_ given: CommandArguments) throws(ShellError) -> [String] {
    throw ShellError("else stands between if and end, on a line of its own.")
  }

  private func flowCondition(_ given: CommandArguments, _ name: String) throws(ShellError) -> Expression {
    if given.text.isEmpty { throw ShellError("\(name) needs a condition, as in \(name) $x0 != 0") }
    return try ExpressionParser.parse(given.text)
  }

  private func isTrue(_ condition: Expression) throws(ShellError) -> Bool { try condition.value(ShellNames(shell: self)).isTrue }

  private func leap(_ leap: ControlFlow.Leap, _ given: CommandArguments, _ name: String) throws(ShellError) -> [String] {
    try given.isEmptyOrFail(name)
    if flow.loops == 0 { throw ShellError("\(name) stands in the lines of while.") }
    flow.leap = leap
    return []
  }

  /// Runs lines as long as a condition is true. Ctrl-C ends the loop, also where no program runs.
  private func loop(_ condition: Expression, _ lines: [String]) throws(ShellError) -> [String] {
    if flow.loops == 0 { flow.isInterrupted = false }
    flow.loops += 1
    interrupter.beginLoop()
    defer {
      flow.loops -= 1
      interrupter.endLoop()
    }
    var answers: [String] = []
    do throws(ShellError) {
      while try isTrue(condition) {
        if interrupter.wasInterrupted || flow.isInterrupted { throw ShellError("Quit") }
        let retired = target?.instructionsRetired
        answers += try run(lines, of: "while", shows: true)
        let leap = flow.leap
        flow.leap = nil
        if leap == .leave || quits != nil || stopCommands.areRunning && target?.instructionsRetired != retired { break }
      }
    } catch {
      throw ShellError(error.message, after: answers + error.output)
    }
    return answers
  }

  /// The lines of if in front of its else and behind it.
  private static func branches(_ lines: [String]) throws(ShellError) -> (yes: [String], no: [String]) {
    var depth = 0
    var place: Int?
    for (index, line) in lines.enumerated() {
      let line = line.trimmed
      if line == "end" {
        depth -= 1
      } else if blockCommands.contains(CommandLine(line).name) {
        depth += 1
      } else if line == "else" && depth == 0 {
        if place != nil { throw ShellError("if has more than one else.") }
        place = index
      }
    }
    guard let place else { return (lines, []) }
    return (Array(lines[..<place]), Array(lines[(place + 1)...]))
  }
}
