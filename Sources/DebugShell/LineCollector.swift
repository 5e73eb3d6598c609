// Owns the lines that belong to a command and follow it, up to `end`: what `define` and commands like it are given.
// It does not know what the lines are for.

/// A block of lines that is being typed.
///
/// A command whose body follows on lines of its own calls ``Shell/collect(for:prompt:then:)`` and returns. From then on ``Shell/execute(_:isScript:)``
/// gives each line to the collector, and ``Shell/prompt`` is the collector's, until a line `end` closes the block. Then the closure gets the
/// lines, without that `end`, and answers as a command does. Blocks inside the block keep their own `end`.
struct LineCollector {
  typealias Finish = (Shell, [String]) throws(ShellError) -> [String]

  /// The command that waits, for messages.
  let command: String
  let prompt: String
  /// The names of commands that open a block of their own.
  let opening: Set<String>
  let finish: Finish
  private(set) var lines: [String] = []
  private var depth = 0
  private var size = 0

  /// The most bytes of a block.
  private static let largest = 1 << 20

  init(command: String, prompt: String, opening: Set<String>, finish: @escaping Finish) {
    self.command = command
    self.prompt = prompt
    self.opening = opening
    self.finish = finish
  }

  /// Takes a line; true if it closes the block.
  mutating func take(_ line: String) throws(ShellError) -> Bool {
    let trimmed = line.trimmed
    if trimmed == "end" {
      if depth == 0 { return true }
      depth -= 1
    } else if opening.contains(CommandLine(trimmed).name) {
      depth += 1
    }
    size += line.utf8.count + 1
    if size > Self.largest { throw ShellError("\(command) has more than \(Self.largest) bytes of lines.") }
    lines.append(line)
    return false
  }
}

extension Shell {
  /// The commands whose lines follow them.
  static let blockCommands: Set<String> = ["define", "document", "commands", "if", "while"]

  /// Lets the lines that follow belong to the command that runs, up to `end`. In a block that a user's command or a script runs they come
  /// from there; otherwise from the next calls of `execute`.
  func collect(
    for command: String, prompt: String = ">", then finish: @escaping LineCollector.Finish
  ) {
    collector = LineCollector(command: command, prompt: prompt, opening: Self.blockCommands, finish: finish)
  }

  /// What stands in front of the next line on a terminal.
  public var prompt: String { collector?.prompt ?? settings["prompt"].map { $0 + " " } ?? "(faultline) " }

  /// The command that waits for more lines; nil if none does.
  public var waitingCommand: String? { collector?.command }

  /// Drops the block that is being typed.
  public func cancelBlock() { collector = nil }

  /// Gives a line to the collector, if there is one. It returns what the command answers when the block is closed.
  func collected(_ line: String) throws(ShellError) -> [String]? {
    guard var open = collector else { return nil }
    do throws(ShellError) {
      let isClosed = try open.take(line)
      collector = isClosed ? nil : open
      return isClosed ? try open.finish(self, open.lines) : []
    } catch {
      collector = nil
      throw error
    }
  }

  /// Runs lines one after the other, up to the first error, and returns what they answered. `name` and the number of the line stand in front
  /// of an error. If `shows`, here and in the commands around, the host shows the answer to each line at once, if there is a host.
  func run(_ lines: [String], of name: String, shows: Bool = false) throws(ShellError) -> [String] {
    if depth == Self.deepest { throw ShellError("\(name): commands run commands more than \(Self.deepest) deep.") }
    depth += 1
    let (outer, outerShows) = (collector, showsAtOnce)
    collector = nil
    showsAtOnce = outerShows && shows
    defer {
      depth -= 1
      collector = outer
      showsAtOnce = outerShows
    }
    var answers: [String] = []
    for (index, line) in lines.enumerated() {
      let retired = target?.instructionsRetired
      do throws(ShellError) {
        let answer: [String]
        if let collected = try collected(line) { answer = collected } else { answer = try perform(line.trimmed).lines }
        if showsAtOnce, let host {
          show(answer, host)
        } else {
          answers += answer
        }
      } catch {
        throw ShellError("\(name):\(index + 1): \(error.message)", after: answers + error.output)
      }
      // As in gdb, what follows a command that resumes the program is not among the commands of a stop any more.
      if quits != nil || flow.leap != nil || stopCommands.areRunning && target?.instructionsRetired != retired { break }
    }
    if let open = collector { throw ShellError("\(name): \(open.command) has no end.", after: answers) }
    return answers
  }

  /// How deep commands may run commands.
  private static let deepest = 32
}
