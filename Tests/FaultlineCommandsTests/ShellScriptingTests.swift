// Owns tests of the commands for scripts: source, define, echo, printf, settings, logs, and what stands between commands and the host.
// It does not know the terminal.
@testable import DebugShell
@testable import FaultlineCommands
import Foundation
import TestSupport
import Testing

/// A host that remembers what it was asked for.
private final class MemoryHost: ShellHost {
  var commands: [String] = []
  var shown = ""
  var scripts: [String: String] = [:]
  var logs: [String: MemoryLog] = [:]

  final class MemoryLog: ShellLog {
    var text = ""
    func append(_ text: String) { self.text += text }
  }

  func run(_ command: String) -> Int32 {
    commands.append(command)
    return command == "false" ? 1 : 0
  }
  func script(_ path: String) throws -> String {
    guard let text = scripts[path] else { throw UsageError("\(path): there is no such file") }
    return text
  }
  func openLog(_ path: String, replaces: Bool) throws -> any ShellLog {
    let log = replaces ? MemoryLog() : logs[path] ?? MemoryLog()
    logs[path] = log
    return log
  }
  func show(_ text: String) { shown += text }
}

@Suite("Shell: scripts") struct ShellScriptingTests {
  /// What lines answer, errors as lines.
  private static func answers(_ shell: Shell, _ lines: String...) -> String {
    lines.map { line in
      let reply = shell.execute(line, isScript: true)
      return reply.output + (reply.error.map { "error: \($0)\n" } ?? "")
    }.joined()
  }

  @Test func aDefinedCommandGetsItsArguments() throws {
    let shell = Shell()
    #expect(Self.answers(shell, "define sum", "  p $arg0+$arg1", "# $argc", "echo $argc of $arg*, $argument\\n", "end") == "")
    #expect(Self.answers(shell, "sum 3 4") == "$1 = 7\n2 of 3 4, $argument\n")
    #expect(Self.answers(shell, "sum 3") == "error: sum:1: '3+' ends too early\n")
    #expect(Self.answers(shell, "document sum", "Add two numbers.", "The second line.", "end") == "")
    #expect(shell.execute("help sum").output == "sum [ARGS]\nAdd two numbers.\nThe second line.\n")
    #expect(shell.execute("help").output.contains("sum [ARGS]"))
    #expect(Self.answers(shell, "show user") == "User command \"sum\":\n  p $arg0+$arg1\n  # $argc\n  echo $argc of $arg*, $argument\\n\n")
    #expect(Self.answers(shell, "document none") == "error: 'none' is no command of yours; define it first.\n")
    #expect(Self.answers(shell, "define a b").hasPrefix("error: A name of letters"))
  }

  @Test func blocksStandInBlocks() throws {
    let shell = Shell()
    #expect(shell.prompt == "(faultline) ")
    #expect(Self.answers(shell, "define outer") == "" && shell.prompt == ">" && shell.waitingCommand == "define outer")
    #expect(Self.answers(shell, "define inner", "p 5", "end", "inner", "end", "outer") == "$1 = 5\n")
    #expect(Self.answers(shell, "inner") == "$2 = 5\n" && shell.prompt == "(faultline) ")
    _ = shell.execute("define dropped")
    shell.cancelBlock()
    #expect(Self.answers(shell, "p 6") == "$3 = 6\n")
  }

  @Test func commandsThatCallThemselvesEnd() throws {
    let shell = Shell()
    let answer = Self.answers(shell, "define again", "again", "end", "again")
    #expect(answer.hasPrefix("error: again:1: again:1: ") && answer.hasSuffix("commands run commands more than 32 deep.\n"))
    #expect(Self.answers(shell, "p 1") == "$1 = 1\n")
  }

  @Test(arguments: [
    (#"echo a\tb\n"#, "a\tb\n"), (#"echo no end"#, "no end"), (#"echo \101\102\n"#, "AB\n"), (#"echo "q" \\n\n"#, "\"q\" \\n\n"),
    (#"echo   two\n\nlines \"#, "two\n\nlines "), ("echo", ""),
    (#"printf "%d %u %x %#X %o\n", -1, -1, 255, 255, 8"#, "-1 4294967295 ff 0XFF 10\n"),
    (
      #"printf "%ld %lu %llx|%5d|%-5d|%05d|%+d\n", -1, -1, -1, 42, 42, 42, 42"#,
      "-1 18446744073709551615 ffffffffffffffff|   42|42   |00042|+42\n"
    ),
    (
      #"printf "%hhd %hd %c%c %p %% %s|%.2s|%6s\n", 255, 65535, 72, 105, 4096, "text\n", "abc", "x""#,
      "-1 -1 Hi 0x1000 % text\n|ab|     x\n"
    ),
    (#"printf "no values""#, "no values"), (#"printf "%.3d\n", (1+2)*3"#, "009\n"),
  ])
  func textsAreShown(_ line: String, _ text: String) { #expect(Self.answers(Shell(), line) == text) }

  @Test(arguments: [
    ("printf", "printf needs a format in quotes"), ("printf %d, 1", "printf needs a format in quotes"),
    (#"printf "%d""#, "printf has too few arguments"), (#"printf "x", 1"#, "printf has too many arguments"),
    (#"printf "%y", 1"#, "printf does not know a conversion"), (#"printf "%99999d", 1"#, "printf does not know a conversion"),
    (#"printf "%d", nothing"#, "No symbol 'nothing'"), (#"printf "%s", 0"#, "No program"),
  ])
  func wrongFormatsAreMistakes(_ line: String, _ message: String) {
    let answer = Self.answers(Shell(), line)
    #expect(answer.hasPrefix("error: \(message)"), "\(answer)")
  }

  @Test func printfReadsStringsOfTheProgram() throws {
    let shell = try Terminal().shell
    #expect(Self.answers(shell, #"printf "%s-%d\n", message, $x1"#) == "hi\n-0\n")
  }

  @Test func aScriptOfGDBsRuns() throws {
    let shell = try Terminal().shell
    let lines = [
      "set pagination off", "set confirm off", "set height 0", "set width 0", "set verbose off", "set print pretty on",
      "set print elements 0",
      "set disassembly-flavor intel", "set history save on", "set history filename ~/.gdb_history", "set style enabled off",
      "set python print-stack full",
      "set auto-load safe-path /", "set breakpoint pending on", "set debuginfod enabled off", "set language c", "set logging file x",
    ]
    for line in lines { #expect(shell.execute(line, isScript: true) == ShellReply(), "\(line)") }
    #expect(
      Self.answers(shell, "show pagination", "show height", "show print pretty") == "pagination: off\nheight: unlimited\nprint pretty: on\n"
    )
    #expect(
      Self.answers(shell, "show confirm", "show nothing", "show heigt")
        == "confirm: off\nerror: There is no setting 'nothing'.\nerror: There is no setting 'heigt'. Did you mean 'show height'?\n")
    #expect(Self.answers(shell, "set height many") == "error: height is a number or unlimited, not 'many'\n")
    #expect(Self.answers(shell, "set confirm perhaps") == "error: confirm is on or off, not 'perhaps'\n")
    #expect(Self.answers(shell, "set args 'a b' c", "show args") == "The program's arguments: a b c\n")
    #expect(Self.answers(shell, "set $x5 = 9", "p $x5") == "$1 = 9\n")
  }

  /// A stop point's commands may resume the program, more often than commands may run commands.
  @Test func aStopPointRunsItsCommands() throws {
    let shell = try Terminal().shell
    #expect(
      Self.answers(shell, "break *loop", "commands", "  echo $x3 is\\n", "p $x3", "continue", "echo never\\n", "end").hasPrefix(
        "Breakpoint 1"))
    let answer = Self.answers(shell, "run")
    #expect(answer.contains("\n$x3 is\n$1 = 1000\n") && answer.contains("\n$1000 = 1\n") && !answer.contains("never"))
    #expect(answer.hasSuffix("[The program exited with status 3]\n"))
    #expect(Self.answers(shell, "commands 7") == "error: No breakpoint number 7.\n")
    #expect(Self.answers(shell, "commands x").hasPrefix("error: commands needs the number"))
  }

  @Test func sourceRunsAFileUpToItsFirstError() throws {
    let (shell, host) = (Shell(), MemoryHost())
    shell.host = host
    host.scripts = [
      "a.gdb": "p 1\ndefine f\n p 2\nend\nf\nsource b.gdb\np 3\n", "b.gdb": "# nothing\n\nnonsense\n", "c.gdb": "define g\np 1\n",
    ]
    #expect(Self.answers(shell, "source a.gdb") == "error: a.gdb:6: b.gdb:3: Undefined command: 'nonsense'. Try 'help'.\n")
    #expect(host.shown == "$1 = 1\n$2 = 2\n")
    #expect(
      Self.answers(shell, "source c.gdb", "source none", "source")
        == "error: c.gdb: define g has no end.\nerror: none: there is no such file\nerror: source needs one file, as in source my.gdb\n")
    #expect(shell.waitingCommand == nil)
  }

  @Test func theHostRunsCommandsAndKeepsTheLog() throws {
    let (shell, host) = (Shell(), MemoryHost())
    shell.host = host
    #expect(Self.answers(shell, "shell ls -l", "!make all", "! x", "shell", "!false") == "[The command ended with status 1]\n")
    #expect(host.commands == ["ls -l", "make all", "x", "", "false"])
    #expect(Self.answers(shell, "set logging file my.log", "set logging enabled on") == "What is shown is copied to my.log.\n")
    _ = Self.answers(shell, "p 7", "nonsense", "set logging off", "p 8")
    let log = try #require(host.logs["my.log"]?.text)
    #expect(log.contains("$1 = 7\nUndefined command: 'nonsense'. Try 'help'.\n") && !log.contains("$2"))
    #expect(Self.answers(shell, "set logging sideways").hasPrefix("error: set logging takes"))
  }

  /// A debugger that is connected through a network gets a shell without a host.
  @Test func withoutAHostNothingReachesTheMachine() throws {
    let shell = Shell()
    for line in ["shell ls", "!ls", "source /etc/passwd", "set logging on"] {
      #expect(shell.execute(line).error?.hasSuffix("is possible in `faultline shell` only.") == true, "\(line)")
    }
  }

  @Test func aWordThatNamesNoCommandIsGuessed() throws {
    let shell = Shell()
    #expect(Self.answers(shell, "contineu") == "error: Undefined command: 'contineu'. Did you mean 'continue'?\n")
    #expect(Self.answers(shell, "info regsters") == "error: Undefined command: 'info regsters'. Did you mean 'info registers'?\n")
    #expect(Self.answers(shell, "xyzzy") == "error: Undefined command: 'xyzzy'. Try 'help'.\n")
  }

  @Test func aproposFindsByWord() throws {
    let shell = Shell()
    #expect(Self.answers(shell, "apropos TLB").contains("tlb -- Show the TLB's entries"))
    #expect(Self.answers(shell, "apropos mappings").contains("info proc -- "))
    #expect(
      Self.answers(shell, "apropos qqq", "apropos")
        == "error: No command is about 'qqq'.\nerror: apropos needs a word, as in apropos page\n")
  }

  @Test(arguments: [
    ("pagew", "pagew", ["pagewalk"]), ("info br", "br", ["breakpoints"]), ("i sym", "sym", ["symbol"]), ("help vm", "vm", ["vmmap"]),
    ("p $pc+tou", "tou", ["touch"]), ("x/4i lo", "lo", ["loop"]), ("x/4gx $elr", "$elr", ["$elr_el1"]),
    ("b after_w", "after_w", ["after_write"]),
    ("set pag", "pag", ["pagination"]), ("show heig", "heig", ["height"]), ("set $w30", "$w30", ["$w30"]), ("catch fa", "fa", ["fault"]),
    ("catch fault tr", "tr", ["translation"]), ("pt up", "up", ["upper"]), ("source Packag", "Packag", ["Package.swift"]),
    ("nonsense x", "", []),
    ("p 0x4", "0x4", []),
  ])
  func linesGoOn(_ line: String, _ word: String, _ candidates: [String]) throws {
    let shell = try Terminal().shell
    if line.hasPrefix("source") && FileManager.default.currentDirectoryPath != packageFolder.path { return }
    let found = shell.continuation(of: line)
    #expect(found.word == word && candidates.allSatisfy(found.candidates.contains), "\(found)")
    if candidates.isEmpty { #expect(found.candidates.isEmpty) }
  }

  @Test func foldersAndFilesGoOn() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "files-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder.appending(path: "inner"), withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try "p 1".write(to: folder.appending(path: "it.gdb"), atomically: true, encoding: .utf8)
    let found = Shell().continuation(of: "source \(folder.path)/i")
    #expect(found.candidates == ["\(folder.path)/inner/", "\(folder.path)/it.gdb"])
  }

  // MARK: The command line

  @Test func gdbsOptionsAreUnderstood() throws {
    let parsed = try #require(try Faultline.parseAsRoot(["shell", "--args", "program", "-q"]) as? ShellCommand)
    #expect(parsed.takesArguments && !parsed.quiet && parsed.program.arguments == ["-q"])
    let run = try FaultlineProcess(
      "shell", "-q", "-nx", "-batch", "-ex", "info program", "--args", firmwarePath("examples/hello"), "-x", "y")
    #expect(run.output.hasPrefix(firmwarePath("examples/hello") + " -x y\n"), "\(run.output)\(run.errors)")
  }

  @Test func inABatchTextAndCommandsKeepTheirOrder() throws {
    let script = FileManager.default.temporaryDirectory.appending(path: "script-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: script) }
    try "echo one\\n\nshell echo two\necho three\\n\ndefine f\nshell echo four\nend\nf\n".write(
      to: script, atomically: true, encoding: .utf8)
    let run = try FaultlineProcess("shell", "-nx", "--batch", "-ex", "source \(script.path)", "-ex", "echo five\\n")
    #expect(run.output == "one\ntwo\nthree\nfour\nfive\n" && run.status == 0, "\(run.errors)")
    let input = try FaultlineProcess(["shell", "-nx"], input: "define f\np 1\nend\nf\nf\n")
    #expect(input.output == "$1 = 1\n$2 = 1\n", "\(input.errors)")
    let open = try FaultlineProcess("shell", "-nx", "--batch", "-ex", "define f")
    #expect(open.errors == "define f has no end.\n" && open.status == 1)
  }

  @Test func pagesAreAsLongAsTheTerminal() {
    #expect(Pager.pages("a\nb\nc\nd\n", height: 2, width: 80) == ["a\nb\n", "c\nd\n"])
    #expect(Pager.pages("aaaa\nb\nc", height: 2, width: 2) == ["aaaa\n", "b\nc"])
    #expect(Pager.pages("", height: 2, width: 2) == [])
    #expect(Pager.height([:], rows: 0) == nil && Pager.height([:], rows: 24) == 23)
    #expect(Pager.height(["pagination": "off"], rows: 24) == nil && Pager.height(["height": "unlimited"], rows: 24) == nil)
    #expect(Pager.height(["height": "5"], rows: 24) == 4)
  }
}
