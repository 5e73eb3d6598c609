// Owns tests of how lines find their command: abbreviations, Enter, help, quit, scripts, and lines that are nonsense.
// It does not know what commands show.
@testable import DebugShell
@testable import FaultlineCommands
import LineEditing
import Testing

@Suite("Shell: lines") struct ShellLineTests {
  @Test("abbreviations that fit one command, and gdb's short names")
  func abbreviations() throws {
    let table: [(String, String)] = [
      ("r", "run"), ("c", "continue"), ("cont", "continue"), ("si", "stepi"), ("s", "step"), ("n", "next"), ("bt", "backtrace"),
      ("ni", "nexti"), ("b", "break"),
      ("br", "break"), ("tb", "tbreak"), ("cat", "catch"), ("d", "delete"), ("del", "delete"), ("i", "info"), ("p", "print"), ("x", "x"),
      ("h", "help"), ("q", "quit"), ("exit", "quit"), ("u", "until"), ("vm", "vmmap"), ("pag", "pagewalk"), ("walk", "pagewalk"),
      ("fau", "faults"), ("es", "esr"), ("pt", "pt"), ("tl", "tlb"), ("?", "help"),
    ]
    for (short, name) in table { #expect(try Shell.command(short, in: Shell.commands).name == name) }
    let terminal = try Terminal()
    #expect(terminal.type("ste") == "error: Ambiguous command 'ste': step, stepi.")
    #expect(terminal.type("sh") == "error: Ambiguous command 'sh': shell, show.")
    #expect(terminal.type("foo bar") == "error: Undefined command: 'foo'. Try 'help'.")
    #expect(terminal.type("stepix") == "error: Undefined command: 'stepix'. Did you mean 'stepi'?")
    #expect(terminal.type("/x 3") == "error: Undefined command: ''. Try 'help'.")
  }

  @Test("names and aliases are unique")
  func table() {
    for table in [Shell.commands, Shell.topics] {
      let names = table.flatMap { [$0.name] + $0.aliases }
      #expect(Set(names).count == names.count)
    }
  }

  @Test("help names every command and explains each")
  func help() throws {
    let terminal = try Terminal()
    let overview = terminal.lines("help")
    for command in Shell.commands {
      #expect(overview.contains { $0.hasPrefix(command.name) && $0.hasSuffix(command.summary) })
      #expect(terminal.lines("help \(command.name)").contains(command.summary))
    }
    for topic in Shell.topics { #expect(terminal.lines("help info \(topic.name)").contains(topic.summary)) }
    #expect(terminal.lines("help b").last == "Short: b, br")
    #expect(terminal.type("help foo") == "error: Undefined command: 'foo'. Try 'help'.")
    #expect(terminal.type("help run break") == "error: help explains one command at a time")
  }

  @Test("Enter repeats only what repeats, and never in scripts")
  func enter() throws {
    let terminal = try Terminal()
    #expect(terminal.type("") == "")
    terminal.type("si")
    #expect(terminal.shell.execute("", isScript: true) == ShellReply())
    #expect(terminal.type("p $pc", "") == "$1 = 0x400004 <_start+4>")
    #expect(
      terminal.type("x/xw message", "x/2xb 0", "").hasSuffix(
        "error: Cannot access memory at address 0x0\nerror: Cannot access memory at address 0x0"))
    #expect(terminal.type("# a comment") == "")
    #expect(terminal.type("   p   1   ") == "$2 = 1")
  }

  @Test("quit")
  func quit() throws {
    let terminal = try Terminal()
    #expect(terminal.shell.execute("quit").quits == 0)
    #expect(terminal.shell.execute("q 7").quits == 7)
    #expect(terminal.shell.execute("p 1").quits == nil)
    for bad in ["256", "-1", "x", "1 2", "99999999999"] {
      let reply = terminal.shell.execute("quit \(bad)")
      #expect(reply.quits == nil)
      #expect(reply.error == "'\(bad)' is not an exit status; use 0 to 255")
    }
  }

  @Test("nonsense is one line each and loses nothing")
  func nonsense() throws {
    let terminal = try Terminal()
    terminal.type("si 2", "b touch")
    let lines = [
      "/", "x/", "x//", "x/1", "p/", "p/x", "break $", "break *", "break **", "delete -1", "delete x", "catch fault ,", "catch fault -",
      "catch fault 1,", "info registers $", "info /x", "set =", "set $ = ", "esr -", "pte 1 2 3", "pte , ,", "pt ,", "tlb )", "vmmap (",
      "faults 1 2", "stepi a b", "\u{0}", "\u{1f600}", "help \u{1f600}", String(repeating: "a", count: 100_000),
      "p " + String(repeating: "1+", count: 10_000), "x/9999999999999999999999", "=", "$x0", "$x0 = 1", "continue 1", "quit now",
    ]
    for line in lines {
      let reply = terminal.shell.execute(line)
      if let error = reply.error {
        #expect(!error.isEmpty && !error.contains("\n"), "\(line.prefix(40))")
        #expect(reply.quits == nil)
      } else {
        #expect(["x/", "x/1"].contains(line), "\(line.prefix(40)) is no mistake?")
      }
    }
    #expect(terminal.lines("i program").last == "stands before 0x400008 <_start+8>, 2 instructions retired, 1 aborts taken")
    #expect(terminal.lines("i b")[1...] == ["1       breakpoint     keep y   0x000000000040003c <touch>"])
  }

  @Test("without a program: values yes, the rest says why not")
  func noProgram() throws {
    let shell = Shell()
    #expect(shell.execute("esr 0x56000000").output.hasPrefix("ESR 0x56000000: SVC in AArch64, #0\n"))
    #expect(shell.execute("p/x 16").output == "$1 = 0x10\n")
    #expect(shell.execute("pte 0").error == nil)
    #expect(shell.execute("p main").error == "No symbol 'main': there is no program.")
    #expect(shell.execute("p $x0").error == "No registers: there is no program.")
    #expect(shell.execute("esr").error == "esr needs a value when there is no program, as in esr 0x9200004f")
    let missing = "No program: start the shell with one, as in faultline shell PROGRAM, or name one with file."
    for line in [
      "run", "starti", "c", "si", "ni", "until 0", "b 0", "tbreak 0", "catch fault", "i r", "i program", "i symbol 0", "i proc", "x/i 0",
      "set *(u8*)0 = 1", "bt", "why", "watch 5", "info tasks", "list", "pt", "pagewalk 0", "tlb", "faults", "vmmap",
    ] { #expect(shell.execute(line).error == missing, "\(line)") }
  }
}

/// What a front end showed.
private final class Screen {
  var output = ""
  var errors = ""
  func frontEnd(_ shell: Shell) -> ShellFrontEnd {
    ShellFrontEnd(shell, output: { self.output += $0 }, error: { self.errors += $0 })
  }
}

@Suite("Shell: scripts and input") struct ShellFrontEndTests {
  @Test("a script ends at its first error, which names its line")
  func script() throws {
    let screen = Screen()
    var front = screen.frontEnd(try Terminal().shell)
    front.run(script: "# comment\n\np 1\nfoo\np 2\n", called: "my.gdb")
    #expect(screen.output == "$1 = 1\n")
    #expect(screen.errors == "my.gdb:4: Undefined command: 'foo'. Try 'help'.\n")
    #expect(front.status(batch: true) == 1)
    #expect(front.status(batch: false) == 0)
    // What comes after the script still runs.
    front.run("p 3", isScript: true)
    #expect(screen.output == "$1 = 1\n$2 = 3\n")
    #expect(front.status(batch: true) == 1)
  }

  @Test("a batch without errors is 0, and quit says otherwise")
  func status() throws {
    let screen = Screen()
    var front = screen.frontEnd(try Terminal().shell)
    front.run(script: "run\r\ninfo program", called: "s")
    #expect(screen.errors == "")
    #expect(front.status(batch: true) == 0)
    front.run(script: "quit 4\np 1", called: "s")
    front.run("p 2", isScript: true)
    #expect(front.status(batch: true) == 4)
    #expect(screen.output == "[The program exited with status 3]\ntiny\nexited with status 3, 2016 instructions retired, 3 aborts taken\n")
  }

  /// Found by `make fuzz`: an error repeated the line, and so was two lines itself.
  @Test("a command is one line")
  func oneLine() throws {
    let shell = Shell()
    for line in ["p 1\np 2", "b/\nx", "p\u{0b}1", "p 1\r\np 2"] {
      #expect(shell.execute(line).error == "This is more than one line; a command is one.")
    }
    #expect(shell.execute("p 1\n").output == "$1 = 1\n")
  }

  @Test("input ends at its end or at quit; the prompt is for people")
  func input() throws {
    let screen = Screen()
    var front = screen.frontEnd(try Terminal().shell)
    var lines = ["p 1", "bad", "p 2"][...]
    front.runInput { _ in lines.popFirst().map { .line($0) } ?? .end }
    #expect(screen.output == "$1 = 1\n$2 = 2\n")
    #expect(screen.errors == "Undefined command: 'bad'. Try 'help'.\n")
    lines = ["quit", "p 3"][...]
    front.runInput { _ in lines.popFirst().map { .line($0) } ?? .end }
    #expect(lines == ["p 3"])
    // Lines of a block have a prompt of their own, Ctrl-C drops the block, and the end of the input closes it.
    var inputs: [LineEditor.Input] = [.line("define f"), .line("p 1"), .interrupted, .line("define g"), .line("p 2"), .end, .line("g")]
    var prompts: [String] = []
    let shell = Shell()
    var other = screen.frontEnd(shell)
    other.runInput { prompt in
      prompts.append(prompt)
      return inputs.isEmpty ? .end : inputs.removeFirst()
    }
    let plain = "(faultline) "
    #expect(prompts == [plain, ">", ">", plain, ">", ">", plain, plain])
    #expect(screen.output.hasSuffix("$1 = 2\n") && shell.waitingCommand == nil)
  }

  @Test("the command line")
  func options() throws {
    let parsed = try Faultline.parseAsRoot([
      "shell", "--batch", "-ex", "p 1", "-x", "first.gdb", "-ex", "-odd", "--memory", "64M", "-x", "second.gdb", "program", "-ex",
      "its own",
    ])
    let command = try #require(parsed as? ShellCommand)
    #expect(command.batch)
    #expect(command.commands == ["p 1", "-odd"])
    #expect(command.scripts == ["first.gdb", "second.gdb"])
    #expect(command.program.program == "program")
    #expect(command.program.arguments == ["-ex", "its own"])
    #expect(command.session.system.memory == "64M")
    let bare = try #require(try Faultline.parseAsRoot(["shell"]) as? ShellCommand)
    #expect(bare.program.program == nil && !bare.batch)
    #expect(throws: (any Error).self) { try Faultline.parseAsRoot(["shell", "-ex"]) }
    #expect(throws: (any Error).self) { try Faultline.parseAsRoot(["shell", "--nonsense"]) }
  }

  @Test("programs and scripts that are not there")
  func missing() throws {
    func message(_ arguments: [String]) -> String {
      do {
        var command = try Faultline.parseAsRoot(["shell", "--batch"] + arguments)
        try command.run()
        return "no error"
      } catch { return "\(error)" }
    }
    #expect(message(["/nonexistent/program"]) == "/nonexistent/program: there is no such file")
    #expect(message(["-x", "/nonexistent/script"]) == "/nonexistent/script: there is no such file")
    #expect(message(["-x", "/"]) == "/: it is a directory, not a file of commands")
    #expect(message(["--kernel", "linux-1.0"]).hasPrefix("unknown kernel 'linux-1.0'"))
  }
}
