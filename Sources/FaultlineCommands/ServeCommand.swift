// Owns `faultline serve`: its options, and the standard streams as the client's channel. It does not know any method.
import ArgumentParser
import DebugShell
import Laboratory
import Serving

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

struct ServeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Let editors and programs drive the shell: JSON-RPC 2.0 and the Model Context Protocol over stdin and stdout.",
    discussion: """
      Each line of stdin is a request, each line of stdout an answer. Each command of 'faultline shell' is a method with arguments by \
      name: 'break' has 'location' and 'condition', 'info registers' is 'info_registers'. An answer has the lines that the shell would \
      show ("text"), the same as data ("data", schema \(AnswerDocument.schema)), and what the program wrote meanwhile ("output"). \
      'rpc.discover' describes all methods in OpenRPC's form; 'execute' takes a line as a user types it; 'interrupt' stops a call that \
      runs; 'input' adds to the program's standard input. A command that fails answers with error -32000 and its one line.

      For the Model Context Protocol the same commands are tools: configure a client to start 'faultline serve'.

      Examples:
        faultline serve ./program
        echo '{"jsonrpc":"2.0","id":1,"method":"run"}' | faultline serve ./program
        echo '{"jsonrpc":"2.0","id":1,"method":"rpc.discover"}' | faultline serve
      """)

  @OptionGroup var session: SessionOptions
  @OptionGroup var program: ProgramArguments

  func run() throws {
    let streams = ServedStreams()
    let shell = Shell(open: ProgramArguments.opener(try session.configuration(), streams))
    if let chosen = try program.chosen() { try chosen.load(into: shell) }
    throw ExitCode(Server(shell, streams, StandardChannel(), version: Faultline.version).serve())
  }
}

/// The system's read(), for a type that has a method of that name.
private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer, _ count: Int) -> Int { read(descriptor, buffer, count) }

/// The client at the other ends of stdin and stdout.
private struct StandardChannel: ServedChannel {
  func read() -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = systemRead(0, &bytes, bytes.count)
      if count >= 0 { return Array(bytes[..<count]) }
      if errno != EINTR { return [] }
    }
  }

  func write(_ bytes: [UInt8]) -> Bool {
    Standard.output(String(decoding: bytes, as: UTF8.self))
    return true
  }

  func waitForLoss() {
    // Without any event asked for, poll() still tells that the reader of a pipe is gone.
    var wait = pollfd(fd: 1, events: 0, revents: 0)
    while poll(&wait, 1, -1) < 0 && errno == EINTR {}
  }
}
