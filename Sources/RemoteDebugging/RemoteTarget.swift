// Owns what the server needs of a target that a debugger drives from outside: threads, registers, memory, runs, files. It does not know
// packets, nor whether the target is a program under a kernel or an image on a board.
import GDBProtocol

/// A thread of a target: a task of a program, or a PE of a board.
public struct RemoteThread: Equatable, Sendable {
  public var id: ThreadID
  public var name: String
  /// What it does, in a few words.
  public var description: String
}

/// How far a target is to run, and what stops it.
public struct RunOrder {
  /// For each thread the first action that selects it. The machine's own schedule decides when a thread runs: a thread that no action
  /// selects goes on too.
  public var actions: [ResumeAction]
  /// The stop points by process.
  public var stopPoints: [Int: Set<StopPoint>] = [:]
  /// The processes at which the debugger looks. The others run without stops.
  public var processes: Set<Int> = []
  /// Linux's numbers of signals that the program gets without a stop.
  public var passedSignals: Set<Int> = []
  /// The system calls that stop a process, at their entry and at their return.
  public var systemCalls: [Int: SystemCallChoice] = [:]
  /// The events at which the debugger knows how to stop.
  public var events: Set<EventKind> = []

  public enum EventKind: Sendable { case fork, vfork, exec }

  public init(_ actions: [ResumeAction]) { self.actions = actions }

  public func action(for thread: ThreadID) -> Action? { actions.first { $0.threads.includes(thread) }?.action }
}

/// Why a target stopped.
public enum RemoteStop: Equatable {
  /// A thread stopped: with a signal in GDB's numbering, with an event, or because it has done what it was told.
  case stopped(ThreadID, signal: UInt8, RemoteEvent?)
  case exited(process: Int, status: UInt8)
  case killed(process: Int, signal: UInt8)
  /// The target can never go on. The text tells why.
  case stuck(ThreadID, String)
}

/// An event that stopped a thread.
public enum RemoteEvent: Equatable {
  case breakpoint(StopPoint.Kind)
  case watchpoint(StopPoint.Kind, address: UInt64)
  case systemCallEntry(UInt64)
  case systemCallReturn(UInt64)
  case fork(child: ThreadID)
  case vfork(child: ThreadID)
  case vforkDone
  case exec(path: String)
}

public protocol RemoteTarget: AnyObject {
  /// The features of registers, and GDB's name of the operating system; nil on bare metal.
  var registerFeatures: [RegisterFeature] { get }
  var osABI: String? { get }
  /// The number of registers in the packet `g`.
  var commonRegisterCount: Int { get }

  /// The threads that exist, processes in order.
  var threads: [RemoteThread] { get }
  /// The thread that stopped last.
  var stoppedThread: ThreadID { get }

  /// The bytes of a register, little-endian; nil for one that does not exist.
  func readRegister(_ number: Int, of thread: ThreadID) -> [UInt8]?
  /// Returns false if the register does not exist or cannot be written.
  func writeRegister(_ number: Int, of thread: ThreadID, _ bytes: [UInt8]) -> Bool

  /// Reads memory from a virtual address on, up to the first byte that cannot be read.
  func readMemory(_ address: UInt64, count: Int, of thread: ThreadID) -> [UInt8]
  /// Returns false if any of the bytes cannot be written.
  func writeMemory(_ address: UInt64, _ bytes: [UInt8], of thread: ThreadID) -> Bool
  func readPhysicalMemory(_ address: UInt64, count: Int) -> [UInt8]
  func writePhysicalMemory(_ address: UInt64, _ bytes: [UInt8]) -> Bool
  /// The mapping around an address, or the hole: its ends, and its rights as in `rwx`; nil if that is not known.
  func memoryRegion(around address: UInt64, of thread: ThreadID) -> (start: UInt64, end: UInt64, rights: String)?

  /// Whether this kind of stop point is possible at this place.
  func allows(_ point: StopPoint) -> Bool
  func resume(_ order: RunOrder) -> RemoteStop
  /// How the target ended; nil if it has not, and is not to run on to its end.
  func ending(runsOn: Bool) -> RemoteStop?
  /// Stops a run. Any thread may call it; before a run it stops the next one at its beginning.
  var interrupt: @Sendable () -> Void { get }

  /// A file of the target, as a process sees it.
  func contents(ofFile path: String, process: Int) throws(FileError) -> [UInt8]
  /// The target of a symbolic link.
  func target(ofLink path: String, process: Int) throws(FileError) -> String
  /// The path of a process's program on the target; nil if there is none.
  func executable(ofProcess process: Int) -> String?
  /// struct siginfo of the signal that stopped a thread; nil if none did.
  func signalInformation(of thread: ThreadID) -> [UInt8]?
  /// Changes bytes of that struct, which the signal's handler gets. False if no signal has stopped the thread, or the bytes do not fit.
  func writeSignalInformation(of thread: ThreadID, offset: Int, _ bytes: [UInt8]) -> Bool
  /// The physical addresses at which something answers, in order; nil for a program, whose memory is its mappings.
  var memoryMap: [MemoryRange]? { get }
  /// The auxiliary vector of a process; nil if there is none.
  func auxiliaryVector(ofProcess process: Int) -> [UInt8]?

  /// Starts the program anew; nil arguments are the old ones. Throws one line of text.
  func restart(arguments: [String]?, _ environment: [EnvironmentChange]) throws(RemoteRefusal)
  /// Runs a command of the shell, and returns what it writes.
  func execute(_ command: String) -> String
}

/// Why a target refuses something, in one line.
public struct RemoteRefusal: Error, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }
}
