// Owns the shell's state and what happens to a line: it looks the command up, runs it, and remembers it for Enter.
// It does not know terminals, files or streams: a line goes in, text comes out.
import Debugging
import Laboratory
import Symbols

/// The answer to a line.
public struct ShellReply: Equatable, Sendable {
  /// The lines of output, each with its line end; empty where there are none.
  public var output = ""
  /// One line without its line end, where the command failed. What the command wrote before it failed is in `output`.
  public var error: String?
  /// The exit status that `quit` was given.
  public var quits: Int32?
}

/// Why a command failed, in one line, and what it wrote before.
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
  /// Makes a session with the program loaded. `run` calls it again.
  public typealias Start = (_ arguments: [String]) throws(SessionError) -> Session

  let path: String?
  var arguments: [String]
  private let start: Start
  /// Stops a running program from another thread.
  public let interrupter: Interrupter
  /// The program: loaded and stopped, or ended. It is nil where the shell was given none.
  public internal(set) var session: Session?
  var breakpoints = BreakpointTable()
  /// The format and address with which the next `x` continues.
  var examineFormat = ExamineFormat()
  var examineNext: UInt64?
  /// The values that `print` has shown: `$1`, `$2`...
  var history: [ExpressionValue] = []
  /// The user's own variables, `$name`.
  var variables: [String: ExpressionValue] = [:]
  /// What `display` shows at each stop.
  var displays = DisplayTable()
  /// The source files, and the part that `list` showed last.
  let sources = SourceFiles()
  var listed: (file: String, start: Int, end: Int)?
  /// The task and the frame at which the user looks.
  var view = View()
  /// The stop points that the last record reached, and what must be said about conditions.
  var caught: [Int] = []
  var warnings: [String] = []
  private(set) lazy var tracer = ShellTracer(self)
  var quits: Int32?
  private var lastLine = ""

  /// The user's machine; nil where a command must not reach it.
  public var host: (any ShellHost)?
  var collector: LineCollector?
  var definitions: [String: UserCommand] = [:]
  /// What `set` was told about settings that change little or nothing here, by their names.
  public internal(set) var settings: [String: String] = [:]
  var log: (any ShellLog)?
  var stopCommands = StopCommands()
  /// How many scripts and commands of the user's run inside each other.
  var depth = 0

  /// The longest line in bytes. A message about a wrong line may repeat all of it.
  static let longestLine = 4096

  /// Makes a shell without a program, which can still explain values.
  public init() {
    path = nil
    arguments = []
    interrupter = Interrupter(nil)
    start = { _ in preconditionFailure("there is no program") }
  }

  /// Makes a shell for the program that `start` loads. `path` is the program's name in messages, and `streams` are the host's, if the
  /// program has those.
  public init(path: String, arguments: [String] = [], streams: StandardIO? = nil, start: @escaping Start) throws(SessionError) {
    interrupter = Interrupter(streams)
    self.path = path
    self.arguments = arguments
    self.start = start
    session = try start(arguments)
    session!.recordsFaults = true
    session!.recordsMappings = true
  }

  /// Runs one line. An empty line repeats the last command if that command repeats, unless `isScript`.
  public func execute(_ line: String, isScript: Bool = false) -> ShellReply {
    if line.utf8.count > Self.longestLine {
      return ShellReply(error: "A line has at most \(Self.longestLine) bytes, this one has \(line.utf8.count).")
    }
    let whole = line
    var line = line.trimmed
    if line.contains(where: \.isNewline) { return ShellReply(error: "This is more than one line; a command is one.") }
    let isRepeated = line.isEmpty && !isScript && collector == nil
    if isRepeated { line = lastLine }
    lastLine = ""
    quits = nil
    var reply = ShellReply()
    do throws(ShellError) {
      let answer: [String]
      if let collected = try collected(whole) { answer = collected } else { answer = try perform(line, isRepeated: isRepeated) }
      reply.output = Self.text(answer)
      reply.quits = quits
    } catch {
      reply.output = Self.text(error.output)
      reply.error = error.message
    }
    if let log { log.append(reply.output + (reply.error.map { $0 + "\n" } ?? "")) }
    return reply
  }

  /// Runs one line, without blanks around it, and returns the lines of its answer.
  func perform(_ line: String, isRepeated: Bool = false) throws(ShellError) -> [String] {
    if line.isEmpty || line.hasPrefix("#") { return [] }
    let words = CommandLine(line)
    let command = try Self.command(words.name, in: allCommands)
    if command.repeats && depth == 0 { lastLine = line }
    return try command.handler(self)(words.arguments(of: command, isRepeated: isRepeated))
  }

  /// Loads the program anew and keeps the breakpoints. If that fails, the old session stays.
  func restart() throws(ShellError) {
    do {
      let fresh = try start(arguments)
      fresh.recordsFaults = true
      fresh.recordsMappings = true
      session = fresh
    } catch { throw ShellError("\(error)") }
    examineNext = nil
  }

  // MARK: For the commands

  /// The program, as the target of the commands on registers, memory, tables and runs.
  var target: (any DebugTarget)? { session }

  func requiredTarget() throws(ShellError) -> any DebugTarget { try program() }

  /// The target, which must be able to run on.
  func liveTarget() throws(ShellError) -> any DebugTarget {
    let target = try requiredTarget()
    if target.outcome != nil { throw ShellError("The program is over; run starts it again.") }
    return target
  }

  /// The program, which may have ended.
  func program() throws(ShellError) -> Session {
    guard let session else { throw ShellError("No program: start the shell with one, as in faultline shell PROGRAM.") }
    return session
  }

  var symbols: ProgramSymbols { session?.debugInformation.symbols ?? ProgramSymbols([]) }

  var registers: RegisterNames? { target?.registers }
}

extension String {
  /// The text without the white space around it.
  var trimmed: String {
    String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}

extension Shell {
  /// What is loaded: `./uaf (static, 2,114 symbols)`; nil without a program.
  public var programSummary: String? {
    guard let session, let path else { return nil }
    let kind = session.debugInformation.modules.first.map { $0.bias == 0 } ?? true ? "static" : "static-pie"
    var count = "\(symbols.count)"
    var place = count.count - 3
    while place > 0 {
      count.insert(",", at: count.index(count.startIndex, offsetBy: place))
      place -= 3
    }
    return "\(path) (\(kind), \(symbols.isEmpty ? "no symbols" : count + (symbols.count == 1 ? " symbol" : " symbols")))"
  }
}
