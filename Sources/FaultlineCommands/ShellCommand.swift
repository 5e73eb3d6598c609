// Owns `faultline shell`: its options, and how it feeds scripts and standard input to the shell line by line.
// It does not know any shell command.
import ArgumentParser
import DebugShell
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
      Without commands it reads them from standard input, up to its end; 'help' lists them. Scripts (-x) run before commands \
      (-ex), each in the order given. A failed command is one line on stderr; it ends the script that it stands in. With --batch \
      the exit status is 0, or 1 if a command failed, or what 'quit STATUS' says. What the program writes goes to stdout. Without \
      a program, esr, pte, print and help work.

      Examples:
        faultline shell --example use_after_unmap
        faultline shell --batch -ex run -ex 'pagewalk $far_el1' ./program
        echo 'esr 0x9200004f' | faultline shell
      """)

  @OptionGroup var session: SessionOptions

  @Option(
    name: .customLong("ex", withSingleDash: true), parsing: .unconditionalSingleValue,
    help: ArgumentHelp("Run this command. May be given more than once.", valueName: "command"))
  var commands: [String] = []

  @Option(
    name: .customShort("x"), parsing: .unconditionalSingleValue,
    help: ArgumentHelp("Run the commands in this file. May be given more than once.", valueName: "file"), completion: .file())
  var scripts: [String] = []

  @Flag(help: "Leave after the commands of -x and -ex.")
  var batch = false

  @OptionGroup var program: ProgramArguments

  func run() throws {
    let configuration = try session.configuration()
    let shell: Shell
    if let chosen = try program.chosen() {
      // All restarts share one, because what a program wrote stays written.
      let host = StandardIO()
      shell = try Shell(path: chosen.path, arguments: chosen.arguments, streams: host) { arguments throws(SessionError) in
        let session = try Session(configuration, host: host)
        try chosen.load(into: session, arguments: arguments)
        return session
      }
    } else {
      shell = Shell()
    }
    let prompt = !batch && isatty(0) == 1 ? "(faultline) " : nil
    let interrupter = shell.interrupter
    InterruptKey.handle([SIGINT]) { _ in if !interrupter.interrupt(), let prompt { Standard.output("\n" + prompt) } }
    let texts = try scripts.map { String(decoding: try HostFile.read($0, as: .script), as: UTF8.self) }
    var front = ShellFrontEnd(shell)
    for (script, text) in zip(scripts, texts) { front.run(script: text, called: script) }
    for command in commands { front.run(command, isScript: true) }
    if !batch { front.runInput(prompt: prompt) { readLine() } }
    throw ExitCode(front.status(batch: batch))
  }
}
