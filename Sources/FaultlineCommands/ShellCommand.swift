// Owns `faultline shell`: its options, and how it feeds scripts and standard input to the shell line by line.
// It does not know any shell command.
import ArgumentParser
import BuildInformation
import DebugShell
import Foundation
import Laboratory

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

struct ShellCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "shell",
    abstract: "Debug a program with gdb's vocabulary: registers, memory, faults, page tables.",
    discussion: """
      Without commands it reads them from standard input, up to its end; 'help' lists them. On a terminal lines are edited: arrow \
      keys, Tab, Ctrl-R. The file faultline/init in ~/.config runs first, then scripts (-x), then commands (-ex), each in the order \
      given. A failed command is one line on stderr; it ends the script that it stands in. With --batch \
      the exit status is 0, or 1 if a command failed, or what 'quit STATUS' says. What the program writes goes to stdout. Without \
      a program, esr, pte, print and help work. With --machine it debugs a bare-metal image on the board of 'faultline machine': 'info \
      tasks' lists its processors and 'task N' chooses one.

      Examples:
        faultline shell --example use_after_unmap
        faultline shell --batch -ex run -ex 'pagewalk $far_el1' ./program
        faultline shell --machine kernel.elf --vcpus 2 --memory 256M
        echo 'esr 0x9200004f' | faultline shell
      """)

  @OptionGroup var session: SessionOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Debug this bare-metal image instead of a program, on a board with --vcpus processors.", valueName: "image"),
    completion: .file())
  var machine: String?

  @Option(
    name: .customLong("ex", withSingleDash: true), parsing: .unconditionalSingleValue,
    help: ArgumentHelp("Run this command. May be given more than once.", valueName: "command"))
  var commands: [String] = []

  @Option(
    name: .customShort("x"), parsing: .unconditionalSingleValue,
    help: ArgumentHelp("Run the commands in this file. May be given more than once.", valueName: "file"), completion: .file())
  var scripts: [String] = []

  @Flag(name: [.long, .customLong("batch", withSingleDash: true)], help: "Leave after the commands of -x and -ex.")
  var batch = false

  @Flag(name: [.customShort("q"), .long], help: "Begin without a line about the program.")
  var quiet = false

  @Flag(name: [.customShort("n"), .customLong("nx", withSingleDash: true)], help: "Do not run the commands of the init file.")
  var noInit = false

  @Flag(help: "Answer each command with one line of JSON, schema \(AnswerDocument.schema). Behind a single command it does the same.")
  var json = false

  @Flag(name: .customLong("args"), help: "The program and its arguments follow, as they do without this word.")
  var takesArguments = false

  @OptionGroup var program: ProgramArguments

  func run() throws {
    // All restarts share one, because what a program wrote stays written.
    let host = StandardIO()
    let shell = try machine.map { try boardShell($0, host) } ?? programShell(host)
    if json { _ = shell.execute("set json on") }
    let terminal = ShellTerminal(isBatch: batch)
    let interrupter = shell.interrupter
    // Where lines are edited Ctrl-C is a key, which the editor sees.
    let isPlain = terminal.kind == .plain
    InterruptKey.handle([SIGINT]) { _ in if !interrupter.interrupt(), isPlain { Standard.output("\n(faultline) ") } }
    let environment = ProcessInfo.processInfo.environment
    terminal.attach(to: shell, environment: environment)
    let texts = try scripts.map { try terminal.script($0) }
    var front = ShellFrontEnd(shell, output: terminal.show)
    if terminal.kind != .none && !quiet { Standard.output(startLine(shell)) }
    if !noInit, let path = Self.initFile(environment), let text = try? terminal.script(path) { front.run(script: text, called: path) }
    for (script, text) in zip(scripts, texts) { front.run(script: text, called: script) }
    front.run(commands: commands)
    if !batch { front.runInput { terminal.read(prompt: $0) } }
    throw ExitCode(front.status(batch: batch))
  }

  private func programShell(_ host: StandardIO) throws -> Shell {
    let shell = Shell(streams: host, open: ProgramArguments.opener(try session.configuration(), host))
    if let chosen = try program.chosen() { try chosen.load(into: shell) }
    return shell
  }

  private func boardShell(_ image: String, _ host: StandardIO) throws -> Shell {
    try program.isAbsentOrFail(beside: image)
    let configuration = try session.boardConfiguration()
    return try Shell(image: image, streams: host) { () throws(SessionError) in
      let session = try BoardSession(configuration, host: host)
      try session.load(path: image)
      return session
    }
  }

  /// The file of commands that run first, in the folder that the XDG base directory specification names; nil without a home.
  static func initFile(_ environment: [String: String]) -> String? {
    if let folder = environment["XDG_CONFIG_HOME"], folder.hasPrefix("/") { return "\(folder)/faultline/init" }
    return environment["HOME"].flatMap { $0.hasPrefix("/") ? "\($0)/.config/faultline/init" : nil }
  }

  /// `Faultline 0.1.0, ./uaf (static, 2,114 symbols). linux-7.2, stock. "help" lists commands.`
  private func startLine(_ shell: Shell) -> String {
    let system = machine == nil ? ". \(session.system.kernel), \(session.atomicFaults)" : ""
    let program = shell.programSummary.map { $0 + system } ?? "no program"
    return "Faultline \(BuildInformation.version), \(program). \"help\" lists commands.\n"
  }
}
