// Owns `faultline gdb`: its options, where it listens, and what happens when a debugger leaves.
// It does not know the protocol.
import ArgumentParser
import Debugging
import GDBProtocol
import Laboratory
import RemoteDebugging

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

struct GDBCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gdb",
    abstract: "Let GDB or LLDB drive a program, or a bare-metal image, by the GDB remote protocol.",
    discussion: """
      The command waits for a debugger and prints where; in Debian's gdb-multiarch, 'target remote :1234' connects to it, and 'target \
      remote | faultline gdb --stdio PROGRAM' starts it. The program stands before its first instruction then. It runs exactly as \
      without a debugger; what it writes goes to stdout. Faults that the kernel serves do not stop it; a signal stops it before it \
      has any effect. 'monitor COMMAND' runs a command of faultline's own shell, as in 'monitor pagewalk $pc'; system registers \
      are in 'info registers system' and can be written; 'maint packet Qqemu.PhyMemMode:1' makes addresses of memory physical.

      When the debugger detaches, the program runs on to its end. When it kills the program or the connection breaks off, the \
      command ends; with --persistent it waits for the next debugger. The exit status is the program's if it ended, else 0.

      Examples:
        faultline gdb --example use_after_unmap
        faultline gdb --listen unix:/tmp/faultline ./program argument
        faultline gdb --machine kernel.elf --vcpus 2 --memory 256M
      """)

  @OptionGroup var session: SessionOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Debug this bare-metal image instead of a program, on a board with --vcpus processors.", valueName: "image"),
    completion: .file())
  var machine: String?

  @Option(parsing: .unconditional, help: ArgumentHelp("Where to wait: HOST:PORT, or unix:PATH. Port 0 is a free one.", valueName: "place"))
  var listen = "127.0.0.1:1234"

  @Flag(help: "Speak with the debugger by stdin and stdout. What the program writes goes to stderr, and its input is empty.")
  var stdio = false

  @Flag(help: "Wait for another debugger when one has left.")
  var persistent = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Add each packet of the debugger to this file, in hexadecimal digits.", valueName: "file", visibility: .hidden))
  var recordPackets: String?

  @OptionGroup var program: ProgramArguments

  func run() throws {
    let streams = stdio ? RemoteIO(output: 2, hasInput: false) : RemoteIO()
    let target = try target(streams)
    if stdio { throw ExitCode(finish(try serve(target, DescriptorChannel(input: dup(0), output: dup(1))), target)) }
    let listener = try Listener(listen)
    while true {
      Standard.error("Listening; in gdb: target remote \(listener.name)\n")
      let end = try serve(target, try listener.accept())
      if !persistent || end == .killed { throw ExitCode(finish(end, target)) }
    }
  }

  private func serve(_ target: any RemoteTarget, _ channel: DescriptorChannel) throws -> ConversationEnd {
    let server = RemoteServer(target, channel)
    if let recordPackets {
      guard let file = fopen(recordPackets, "a") else { throw UsageError("\(recordPackets): \(String(cString: strerror(errno)))") }
      server.listener = { contents in
        fputs(Hexadecimal.text(contents) + "\n", file)
        fflush(file)
      }
    }
    return server.serve()
  }

  private func target(_ streams: RemoteIO) throws -> any RemoteTarget {
    guard let machine else {
      let configuration = try session.configuration()
      let chosen = try program.required()
      let wake = streams.interrupt
      return try ProgramTarget(path: chosen.path, arguments: chosen.arguments, wake: wake) { arguments, changes throws(SessionError) in
        var configuration = configuration
        configuration.environment.apply(changes)
        let session = try Session(configuration, host: streams)
        try chosen.load(into: session, arguments: arguments)
        return session
      }
    }
    try program.isAbsentOrFail(beside: machine)
    let boardConfiguration = try session.boardConfiguration()
    return try BoardTarget(path: machine) { () throws(SessionError) in
      let session = try BoardSession(boardConfiguration, host: streams)
      try session.load(path: machine)
      return session
    }
  }

  /// Lets a program that the debugger let go run on, and returns the exit status.
  private func finish(_ end: ConversationEnd, _ target: any RemoteTarget) -> Int32 {
    switch target.ending(runsOn: end == .detached) {
    case .exited(_, let status): Int32(status)
    case .killed(_, let signal): 128 + Int32(SignalNumbers.linux(debugger: Int(signal)) ?? 0)
    case .stuck(_, let text):
      { () -> Int32 in
        Standard.error("faultline: \(text)\n")
        return 125
      }()
    case .stopped, nil: 0
    }
  }
}

extension [String] {
  /// Makes changes that a debugger asked for in an environment of `NAME=VALUE`.
  fileprivate mutating func apply(_ changes: [EnvironmentChange]) {
    let original = self
    for change in changes {
      switch change {
      case .reset: self = original
      case .unset(let name): removeAll { $0.hasPrefix(name + "=") }
      case .set(let text):
        let name = text.prefix { $0 != "=" }
        removeAll { $0.hasPrefix(name + "=") }
        append(text)
      }
    }
  }
}
