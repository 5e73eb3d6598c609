// Owns the root command and what every command shares: an error is one line, with exit code 2.
// It does not know any command's work.
import ArgumentParser
import BuildInformation
import Decoding
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
        faultline examples
        faultline run --example force_write
        faultline shell --example use_after_unmap
        faultline gdb build/firmware/examples/segv_esr
        faultline bench pretouch
        faultline esr 0x9200004f
      """,
    version: version,
    subcommands: [
      RunCommand.self, MachineCommand.self, ShellCommand.self, GDBCommand.self, ServeCommand.self, BenchCommand.self, ESRCommand.self,
      PTECommand.self, TCRCommand.self, MAIRCommand.self, SCTLRCommand.self, SPSRCommand.self, PARCommand.self, OopsCommand.self,
      DecodeCommand.self, ExamplesCommand.self,
    ],
    groupedSubcommands: [
      CommandGroup(
        name: "For developers",
        subcommands: [DifferentialCommand.self, DecodeCoverageCommand.self, VectorsCommand.self, ManualCommand.self])
    ])

  /// The version with all that a report of a fault must name.
  static var version: String {
    let commit = BuildInformation.commit ?? "not built from a git checkout"
    let compiler = BuildInformation.compiler.map { ", Swift \($0)" } ?? ""
    return "\(BuildInformation.version) (\(commit)), Capstone \(Disassembler.capstoneVersion)\(compiler)"
  }

  public init() {}

  /// Parses the process's arguments, runs the command and exits. A user's mistake is one line on stderr and exit code 2.
  public static func start() -> Never {
    StandardIO.holdClosedStreams()
    // Swift's runtime takes Ctrl-\ for a crash and prints where the process was.
    signal(SIGQUIT, SIG_DFL)
    let path = CommandPath(Array(CommandLine.arguments.dropFirst()))
    let help = "(see \(path.words.joined(separator: " ")) --help)"
    if let mistake = path.mistake { fail("\(mistake) \(help)") }
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
      fail(CommandPath.withoutWildGuess(message(for: error).split(separator: "\n").joined(separator: " ")) + " \(help)")
    }
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
