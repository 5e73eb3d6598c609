// Owns the root command and what every command shares: an error is one line, with exit code 2.
// It does not know any command's work.
import ArgumentParser
import Laboratory

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// `faultline`.
public struct Faultline: ParsableCommand {
  public static let configuration = CommandConfiguration(
    commandName: "faultline",
    abstract: "An AArch64 emulator with a real MMU and an executable model of Linux arm64 page faults.",
    discussion: """
      Examples:
        faultline run build/firmware/examples/hello
        faultline shell build/firmware/examples/hello
        faultline bench pretouch
        faultline esr 0x9200004f
      """,
    version: "0.1.0",
    subcommands: [
      RunCommand.self, MachineCommand.self, ShellCommand.self, BenchCommand.self, ESRCommand.self, PTECommand.self, TCRCommand.self,
      MAIRCommand.self, SCTLRCommand.self, SPSRCommand.self, PARCommand.self, OopsCommand.self, DecodeCommand.self,
      DifferentialCommand.self, DecodeCoverageCommand.self, VectorsCommand.self,
    ])

  public init() {}

  /// Parses the process's arguments, runs the command and exits. A user's mistake is one line on stderr and exit code 2.
  public static func start() -> Never {
    StandardIO.holdClosedStreams()
    // Swift's runtime takes Ctrl-\ for a crash and prints where the process was.
    signal(SIGQUIT, SIG_DFL)
    if let word = unknownCommand(Array(CommandLine.arguments.dropFirst())) { fail("there is no command '\(word)' (see faultline --help)") }
    do {
      var command = try parseAsRoot()
      try command.run()
      Standard.leave(0)
    } catch let code as ExitCode {
      Standard.leave(code.rawValue)
    } catch let error as UsageError {
      fail("\(error)")
    } catch let error as CustomStringConvertible & Error where !isParserError(error) {
      fail("\(error)")
    } catch {
      // Help and version are not mistakes; they go to stdout.
      if exitCode(for: error) == .success {
        Standard.output(fullMessage(for: error) + "\n")
        Standard.leave(0)
      }
      fail(message(for: error).split(separator: "\n").joined(separator: " ") + " (see faultline --help)")
    }
  }

  /// The word that stands where a command must, and names none: the first one, or one after `help`. The parser would print the help
  /// of what it knows.
  private static func unknownCommand(_ arguments: [String]) -> String? {
    guard let first = arguments.first, !first.hasPrefix("-") else { return nil }
    var command: any ParsableCommand.Type = Faultline.self
    for word in first == "help" ? arguments.dropFirst() : [first] where !word.hasPrefix("-") {
      guard let next = command.configuration.subcommands.first(where: { $0.configuration.commandName == word }) else { return word }
      command = next
    }
    return nil
  }

  /// The parser's own errors have their message only through the command.
  private static func isParserError(_ error: Error) -> Bool {
    String(reflecting: type(of: error)).hasPrefix("ArgumentParser.")
  }

  private static func fail(_ message: String) -> Never {
    Standard.error("faultline: error: \(message)\n")
    Standard.leave(2)
  }
}
