// Owns how lines reach the shell and replies leave it: scripts, commands, an input with prompts, and the exit status.
// It does not know where the lines come from nor where the text goes.
import DebugShell
import LineEditing

/// Feeds lines to a shell and shows its replies.
struct ShellFrontEnd {
  let shell: Shell
  private let output: (String) -> Void
  private let error: (String) -> Void
  /// Whether a command has failed.
  private(set) var hasFailed = false
  /// The status that `quit` asked for; nil before that. Nothing runs after it is set.
  private(set) var quits: Int32?

  init(_ shell: Shell, output: @escaping (String) -> Void = Standard.output, error: @escaping (String) -> Void = Standard.error) {
    self.shell = shell
    self.output = output
    self.error = error
  }

  /// The status of `quit`. Without one, in a batch, 1 if a command failed; otherwise 0.
  func status(batch: Bool) -> Int32 { quits ?? (batch && hasFailed ? 1 : 0) }

  /// Runs one line; false if it failed. `place` is printed before the error.
  @discardableResult
  mutating func run(_ line: String, isScript: Bool, place: String = "") -> Bool {
    if quits != nil { return true }
    let reply = shell.execute(line, isScript: isScript)
    if !reply.output.isEmpty { output(reply.output) }
    quits = reply.quits
    guard let message = reply.error else { return true }
    fail("\(place)\(message)")
    return false
  }

  private mutating func fail(_ message: String) {
    error("\(message)\n")
    hasFailed = true
  }

  /// Runs a script up to its first error, as GDB does.
  mutating func run(script: String, called name: String) {
    for (index, line) in script.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
      if !run(String(line), isScript: true, place: "\(name):\(index + 1): ") { return }
    }
    endBlock("\(name): ")
  }

  /// Runs commands, each whether or not those before it failed.
  mutating func run(commands: [String]) {
    for command in commands { run(command, isScript: true) }
    endBlock("")
  }

  /// A block that nothing more can close is a mistake.
  private mutating func endBlock(_ place: String) {
    guard let command = shell.waitingCommand else { return }
    shell.cancelBlock()
    fail("\(place)\(command) has no end.")
  }

  /// Runs lines until there are no more. `next` shows the prompt that it gets, if the input is a terminal. The end of the input ends a block
  /// that is being typed first.
  mutating func runInput(next: (_ prompt: String) -> LineEditor.Input) {
    while quits == nil {
      switch next(shell.prompt) {
      case .line(let line): run(line, isScript: false)
      case .interrupted: shell.cancelBlock()
      case .end:
        if shell.waitingCommand == nil { return }
        run("end", isScript: false)
      }
    }
  }
}
