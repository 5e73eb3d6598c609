// Owns which program a command gets: a file of the host, or an example that the command carries.
// It does not know how a program runs.
import ArgumentParser
import DebugShell
import Laboratory
import LinuxKernel

/// The program and its arguments.
struct ProgramArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp("Take this example instead of a file; `faultline examples` lists them.", valueName: "name"),
    completion: .list(Example.all.map(\.name)))
  var example: String?

  @Argument(help: ArgumentHelp("The program: a static ELF64 AArch64 executable.", valueName: "program"), completion: .file())
  var program: String?

  @Argument(
    parsing: .captureForPassthrough, help: ArgumentHelp("The program's arguments.", valueName: "arguments"), completion: .file())
  var arguments: [String] = []

  init() {}

  /// A program, and the words behind it.
  struct Chosen {
    /// The file's path, or the example's name.
    let path: String
    let example: Example?
    let arguments: [String]

    /// Loads it with other arguments than its own, as a restart does.
    func load(into session: Session, arguments: [String]) throws(SessionError) {
      guard let example else { return try session.load(path: path, arguments: arguments) }
      try session.load(bytes: example.program, path: path, link: "/" + path, arguments: arguments)
    }

    func load(into session: Session) throws(SessionError) { try load(into: session, arguments: arguments) }

    /// Makes it the program of a shell that `opener` serves.
    func load(into shell: Shell) throws { try shell.load(path, isExample: example != nil, arguments: arguments) }
  }

  /// How a shell finds the programs that its user names.
  static func opener(_ configuration: SessionConfiguration, _ host: any HostIO) -> Shell.Open {
    { name, isExample in
      let chosen = Chosen(path: name, example: isExample ? try Example.named(name) : nil, arguments: [])
      return { arguments throws(SessionError) in
        let session = try Session(configuration, host: host)
        try chosen.load(into: session, arguments: arguments)
        return session
      }
    }
  }

  /// What the user chose; nil without a program.
  func chosen() throws -> Chosen? {
    if let example {
      let words = program.map { [$0] + arguments } ?? arguments
      return Chosen(path: example, example: try Example.named(example), arguments: words)
    }
    return program.map { Chosen(path: $0, example: nil, arguments: arguments) }
  }

  /// What the user chose. It throws one line of text without a program.
  func required() throws -> Chosen {
    if let chosen = try chosen() { return chosen }
    throw UsageError("Missing expected argument '<program>'; --example NAME runs an example (see faultline examples)")
  }
}
