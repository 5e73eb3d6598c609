// Owns the replies that tell why a program stopped or ended. It does not know how a program is run. GDB manual, E.3 Stop Reply Packets.

/// Why what was running stopped, or how a process ended.
public enum StopReply: Equatable, Sendable {
  case stopped(Stop)
  case exited(status: UInt8, process: Int?)
  case killed(signal: UInt8, process: Int?)

  /// The contents of the packet.
  public var text: String {
    switch self {
    case .stopped(let stop): stop.text
    case .exited(let status, let process): "W" + Hexadecimal.text([status]) + Self.suffix(process)
    case .killed(let signal, let process): "X" + Hexadecimal.text([signal]) + Self.suffix(process)
    }
  }
  private static func suffix(_ process: Int?) -> String { process.map { ";process:" + ThreadID.digits($0) } ?? "" }
}

/// A stop of a thread.
public struct Stop: Equatable, Sendable {
  /// The signal in GDB's numbering.
  public var signal: UInt8
  /// The thread as the debugger names it: with its process if the debugger knows of processes.
  public var thread: String
  public var event: StopEvent?
  /// Registers by number that the debugger would ask for next.
  public var registers: [(number: Int, bytes: [UInt8])] = []

  public init(signal: UInt8, thread: String, event: StopEvent? = nil) {
    self.signal = signal
    self.thread = thread
    self.event = event
  }

  public static func == (a: Stop, b: Stop) -> Bool { a.text == b.text }

  var text: String {
    var text = "T" + Hexadecimal.text([signal])
    for (number, bytes) in registers { text += Hexadecimal.text([UInt8(truncatingIfNeeded: number)]) + ":" + Hexadecimal.text(bytes) + ";" }
    if let event { text += event.text + ";" }
    return text + "thread:" + thread + ";"
  }
}

/// The event that stopped a thread, if it is more than a signal.
public enum StopEvent: Equatable, Sendable {
  case softwareBreakpoint
  case hardwareBreakpoint
  /// The next access of the thread touches this address, which is watched.
  case watchpoint(StopPoint.Kind, address: UInt64)
  case systemCallEntry(UInt64)
  case systemCallReturn(UInt64)
  case fork(child: String)
  case vfork(child: String)
  /// The child of a vfork has its own memory now, or has ended.
  case vforkDone
  /// The thread runs another program.
  case exec(path: String)

  var text: String {
    switch self {
    case .softwareBreakpoint: "swbreak:"
    case .hardwareBreakpoint: "hwbreak:"
    case .watchpoint(let kind, let address):
      (kind == .readWatchpoint ? "rwatch:" : kind == .accessWatchpoint ? "awatch:" : "watch:") + String(address, radix: 16)
    case .systemCallEntry(let number): "syscall_entry:" + String(number, radix: 16)
    case .systemCallReturn(let number): "syscall_return:" + String(number, radix: 16)
    case .fork(let child): "fork:" + child
    case .vfork(let child): "vfork:" + child
    case .vforkDone: "vforkdone:"
    case .exec(let path): "exec:" + Hexadecimal.text(path.utf8)
    }
  }
}
