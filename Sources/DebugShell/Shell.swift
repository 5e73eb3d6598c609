// Owns the shell's state and what happens to a line: it looks the command up, runs it, and remembers it for Enter.
// It does not know terminals, files or streams: a line goes in, text comes out.
import Debugging
import JSONDocuments
import Laboratory
import Symbols

/// The answer to a line.
public struct ShellReply: Equatable, Sendable {
  /// The answer itself, of which `output` is the text.
  var answer = CommandAnswer([])
  /// The lines of output, each with its line end; empty where there are none.
  public var output = ""
  /// One line without its line end, where the command failed. What the command wrote before it failed is in `output`.
  public var error: String?
  /// The exit status that `quit` was given.
  public var quits: Int32?

  public static func == (left: ShellReply, right: ShellReply) -> Bool {
    (left.output, left.error, left.quits) == (right.output, right.error, right.quits)
  }
}

/// Why a command failed, in one line, and what it wrote before.
struct ShellError: Error, CustomStringConvertible {
  let message: String
  var output: [String] = []
  init(_ message: String, after output: [String] = []) {
    self.message = message
    self.output = output
  }
  var description: String { message }
}

/// A debugger for one program at a time.
public final class Shell {
  /// Makes a session with the program loaded. `run` calls it again.
  public typealias Start = (_ arguments: [String]) throws(SessionError) -> Session

  /// Makes a board with the image loaded. `run` calls it again.
  public typealias BoardStart = () throws(SessionError) -> BoardSession

  /// Finds a program for `file`: by its path, or among the examples by its name.
  public typealias Open = (_ name: String, _ isExample: Bool) throws -> Start

  private(set) var path: String?
  var arguments: [String]
  private var start: Start?
  /// Nil where the shell stays with its program.
  public var open: Open?
  /// Stops a running program from another thread.
  public let interrupter: Interrupter
  /// The program: loaded and stopped, or ended. It is nil where the shell was given none.
  public internal(set) var session: Session?
  /// The board; nil where the shell debugs a program, or nothing.
  var board: DebuggedBoard?
  private var startBoard: BoardStart?
  /// The PE that the last stop has shown.
  var shownProcessor = 0
  var breakpoints = BreakpointTable()
  /// The format and address with which the next `x` continues.
  var examineFormat = ExamineFormat()
  var examineNext: UInt64?
  /// The values that `print` has shown: `$1`, `$2`...
  var history: [ExpressionValue] = []
  /// The user's own variables, `$name`.
  var variables: [String: ExpressionValue] = [:]
  /// What `handle` was told about signals, by their numbers.
  var signals: [Int32: SignalHandling] = [:]
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
  /// How many scripts and commands of the user's run inside each other, and what their loops are about to do.
  var depth = 0
  var flow = ControlFlow()
  /// The hooks that are running.
  var activeHooks: Set<String> = []
  /// Whether the host shows the answer to each line as soon as it is there.
  var showsAtOnce = true

  /// The longest line in bytes. A message about a wrong line may repeat all of it.
  static let longestLine = 4096

  /// Makes a shell without a program, which can still explain values.
  public init() {
    arguments = []
    interrupter = Interrupter(nil)
  }

  /// Makes a shell without a program, which `open` will find.
  public init(streams: StandardIO? = nil, open: @escaping Open) {
    arguments = []
    interrupter = Interrupter(streams)
    self.open = open
  }

  /// Makes a shell for the program that `start` loads. `path` is the program's name in messages, and `streams` are the host's, if the
  /// program has those.
  public init(path: String, arguments: [String] = [], streams: StandardIO? = nil, start: @escaping Start) throws(SessionError) {
    interrupter = Interrupter(streams)
    self.arguments = arguments
    try load(path, arguments, start)
  }

  /// Makes a shell for the image that `startBoard` loads.
  public init(image path: String, streams: StandardIO? = nil, start: @escaping BoardStart) throws(SessionError) {
    interrupter = Interrupter(streams)
    arguments = []
    board = DebuggedBoard(try start())
    (self.path, startBoard) = (path, start)
  }

  /// Takes the program that `open` finds.
  public func load(_ name: String, isExample: Bool = false, arguments: [String] = []) throws {
    guard let open else { throw ShellError("this shell stays with its program") }
    try load(name, arguments, try open(name, isExample))
  }

  /// Takes a program. If it cannot be loaded, the old one stays.
  func load(_ path: String, _ arguments: [String], _ start: @escaping Start) throws(SessionError) {
    let fresh = try start(arguments)
    fresh.recordsFaults = true
    fresh.recordsMappings = true
    (self.path, self.arguments, self.start, session) = (path, arguments, start, fresh)
    breakpoints.forgetExecuted()
    examineNext = nil
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
    let wantsDocument = collector == nil && takesOffJSON(&line) || settings["json"] == "on"
    do throws(ShellError) {
      if let collected = try collected(whole) {
        reply.answer = CommandAnswer(collected)
      } else {
        reply.answer = try perform(line, isRepeated: isRepeated)
      }
      reply.quits = quits
    } catch {
      reply.answer = CommandAnswer(error.output)
      reply.error = error.message
    }
    reply.output = Self.text(reply.answer.lines)
    if wantsDocument && !line.isEmpty && !line.hasPrefix("#") {
      reply.output = (try? JSONText.line(document(of: line, reply)) + "\n") ?? reply.output
    }
    if let log { log.append(reply.output + (reply.error.map { $0 + "\n" } ?? "")) }
    return reply
  }

  /// Takes the word that asks for JSON off the end of a command's line. A command of the system keeps it.
  private func takesOffJSON(_ line: inout String) -> Bool {
    let word = "--json"
    guard line.hasSuffix(word), line.dropLast(word.count).last?.isWhitespace == true, !["!", "shell"].contains(CommandLine(line).name)
    else {
      return false
    }
    line = String(line.dropLast(word.count)).trimmed
    return true
  }

  /// The JSON form of the answer to a line.
  func document(of line: String, _ reply: ShellReply) -> AnswerDocument {
    let chosen = try? chosen(line)
    return AnswerDocument(command: chosen.map(\.name) ?? line, reply.answer, error: reply.error, quits: reply.quits)
  }

  /// The command that a line names: its full name, the command, and the arguments. `info` and its topic are one command.
  private func chosen(_ line: String, isRepeated: Bool = false) throws(ShellError) -> (name: String, Command, CommandArguments) {
    let words = CommandLine(line)
    let command = try Self.command(words.name, in: allCommands)
    let given = words.arguments(of: command, isRepeated: isRepeated)
    if command.name != "info" || given.text.isEmpty { return (command.name, command, given) }
    let topicLine = CommandLine(given.text)
    let topic = try Self.command(topicLine.name, in: Self.topics, of: "info")
    return ("info \(topic.name)", topic, topicLine.arguments(of: topic))
  }

  /// Runs one line, without blanks around it.
  func perform(_ line: String, isRepeated: Bool = false) throws(ShellError) -> CommandAnswer {
    if line.isEmpty || line.hasPrefix("#") { return CommandAnswer([]) }
    let (name, command, given) = try chosen(line, isRepeated: isRepeated)
    if command.repeats && depth == 0 { lastLine = line }
    if definitions.isEmpty { return try command.handler(self)(given) }
    let hooked = String(name.prefix { $0 != " " })
    let before = try runHook("hook-\(hooked)")
    var answer = try command.handler(self)(given)
    answer.lines = before + answer.lines + (try runHook("hookpost-\(hooked)"))
    return answer
  }

  /// Loads the program anew and keeps the breakpoints. If that fails, the old session stays.
  func restart() throws(ShellError) {
    if let startBoard {
      do { board = DebuggedBoard(try startBoard()) } catch { throw ShellError("\(error)") }
      (examineNext, shownProcessor) = (nil, 0)
      return
    }
    guard let path, let start else { throw ShellError(Self.noProgram) }
    do { try load(path, arguments, start) } catch { throw ShellError("\(error)") }
  }

  // MARK: For the commands

  /// The program, as the target of the commands on registers, memory, tables and runs.
  var target: (any DebugTarget)? { board ?? session }

  func requiredTarget() throws(ShellError) -> any DebugTarget {
    if let board { return board }
    return try program()
  }

  /// The target, which must be able to run on.
  func liveTarget() throws(ShellError) -> any DebugTarget {
    let target = try requiredTarget()
    if target.outcome != nil { throw ShellError("The \(board == nil ? "program" : "image") is over; run starts it again.") }
    return target
  }

  /// The program, which may have ended.
  func program() throws(ShellError) -> Session {
    guard let session else { throw ShellError(board == nil ? Self.noProgram : Self.onlyForPrograms) }
    return session
  }

  private static let noProgram = "No program: start the shell with one, as in faultline shell PROGRAM, or name one with file."

  /// Names, source lines and stacks of the image, or of the program that the chosen task runs, which changes with execve.
  var debugInformation: DebugInformation? {
    if let board { return board.session.debugInformation }
    guard let session else { return nil }
    return otherTask?.space.map { session.debugInformation(of: $0) } ?? session.debugInformation
  }

  var symbols: ProgramSymbols { debugInformation?.symbols ?? ProgramSymbols([]) }

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
    guard let path else { return nil }
    var kind = "static"
    if let session { kind = session.debugInformation.modules.first.map { $0.bias == 0 } ?? true ? "static" : "static-pie" }
    if let count = board?.processors.count { kind = "image, \(count) PE\(count == 1 ? "" : "s")" }
    var count = "\(symbols.count)"
    var place = count.count - 3
    while place > 0 {
      count.insert(",", at: count.index(count.startIndex, offsetBy: place))
      place -= 3
    }
    return "\(path) (\(kind), \(symbols.isEmpty ? "no symbols" : count + (symbols.count == 1 ? " symbol" : " symbols")))"
  }
}
