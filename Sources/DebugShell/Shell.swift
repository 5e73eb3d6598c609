// Owns the shell's state and the way of a line through it: look the command up, run it, remember it for Enter.
// It does not know terminals, files or streams: a line goes in, text comes out.
import Debugging
import Laboratory

/// What a line was answered with.
public struct ShellReply: Equatable, Sendable {
  /// Lines, each with its end; empty where there is nothing to say.
  public var output = ""
  /// One line without its end, where the command failed. What it could say before stands in `output`.
  public var error: String?
  /// The exit status that `quit` asked for.
  public var quits: Int32?
}

/// Why a command failed, in one line, and what it could say before.
struct ShellError: Error {
  let message: String
  var output: [String] = []
  init(_ message: String, after output: [String] = []) {
    self.message = message
    self.output = output
  }
}

/// A debugger for one program at a time.
public final class Shell {
  /// Makes a session with the program loaded; `run` calls it again.
  public typealias Start = (_ arguments: [String]) throws(SessionError) -> Session

  let path: String?
  var arguments: [String]
  private let start: Start
  /// Stops what runs, from another thread.
  public let interrupter = Interrupter()
  /// The program, loaded and stopped, or over; nil where the shell was given none.
  public internal(set) var session: Session?
  var breakpoints = BreakpointTable()
  /// Format and address with which the next `x` goes on.
  var examineFormat = ExamineFormat()
  var examineNext: UInt64?
  /// The values that `print` showed: `$1`, `$2`...
  var history: [UInt64] = []
  var quits: Int32?
  private var lastLine = ""

  /// Bytes of a line: what a command says of a wrong line may repeat all of it.
  static let longestLine = 4096

  /// A shell without a program: it explains values.
  public init() {
    path = nil
    arguments = []
    start = { _ in preconditionFailure("there is no program") }
  }

  /// A shell for the program that `start` loads; `path` is what it is called.
  public init(path: String, arguments: [String] = [], start: @escaping Start) throws(SessionError) {
    self.path = path
    self.arguments = arguments
    self.start = start
    session = try start(arguments)
    session!.recordsFaults = true
  }

  /// Runs one line. An empty line repeats the last command where that command repeats, unless `isScript`.
  public func execute(_ line: String, isScript: Bool = false) -> ShellReply {
    if line.utf8.count > Self.longestLine {
      return ShellReply(error: "A line has at most \(Self.longestLine) bytes, this one has \(line.utf8.count).")
    }
    var line = line.trimmed
    if line.contains(where: \.isNewline) { return ShellReply(error: "This is more than one line; a command is one.") }
    if line.hasPrefix("#") { return ShellReply() }
    let isRepeated = line.isEmpty
    if isRepeated {
      if isScript { return ShellReply() }
      line = lastLine
    }
    lastLine = ""
    if line.isEmpty { return ShellReply() }
    quits = nil
    do throws(ShellError) {
      let words = CommandLine(line)
      let command = try Self.command(words.name, in: Self.commands)
      if command.repeats { lastLine = line }
      let lines = try command.handler(self)(words.arguments(of: command, isRepeated: isRepeated))
      return ShellReply(output: lines.map { $0 + "\n" }.joined(), quits: quits)
    } catch {
      return ShellReply(output: error.output.map { $0 + "\n" }.joined(), error: error.message)
    }
  }

  /// Loads the program anew; breakpoints stay. On failure the old session is still there.
  func restart() throws(ShellError) {
    do {
      let fresh = try start(arguments)
      fresh.recordsFaults = true
      session = fresh
      applyBreakpoints()
    } catch { throw ShellError("\(error)") }
    examineNext = nil
  }

  // MARK: What commands ask for

  /// What commands on registers, memory, tables and runs work with: the program, as any target.
  var target: (any DebugTarget)? { session }

  func requiredTarget() throws(ShellError) -> any DebugTarget { try program() }

  /// The target, which can go on.
  func liveTarget() throws(ShellError) -> any DebugTarget {
    let target = try requiredTarget()
    if target.outcome != nil { throw ShellError("The program is over; run starts it again.") }
    return target
  }

  /// The program, which may be over.
  func program() throws(ShellError) -> Session {
    guard let session else { throw ShellError("No program: start the shell with one, as in faultline shell PROGRAM.") }
    return session
  }

  var symbols: ProgramSymbols { ProgramSymbols(session?.symbols, bias: session?.loadBias ?? 0) }

  var registers: RegisterNames? { target?.registers }
}

extension String {
  /// Without the white space around it.
  var trimmed: String {
    String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}
