// Owns how tests run a batch of the shell's commands as a user does, and how they look for lines in what it prints. It does not know any
// command.
import Testing

/// What a batch of commands prints: stdout, then stderr. `target` are the options and the program.
func shellBatch(_ target: [String], _ commands: [String]) throws -> String {
  let run = try FaultlineProcess(["shell", "--batch", "-nx"] + commands.flatMap { ["-ex", $0] } + target)
  return run.output + run.errors
}

/// Expects lines in this order, with others between them.
func expect(_ text: String, _ lines: String..., sourceLocation: SourceLocation = #_sourceLocation) {
  var rest = text[...]
  for line in lines {
    guard let range = rest.firstRange(of: line) else {
      Issue.record("'\(line)' is missing in:\n\(text)", sourceLocation: sourceLocation)
      return
    }
    rest = rest[range.upperBound...]
  }
}
