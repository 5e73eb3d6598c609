// Owns what the threads of a program have in common: family, groups, shared signals, limits, how it ended and what it used.
// It does not know how any of it changes. Linux: struct signal_struct, struct sighand_struct.
import Architecture
import LinuxMM

/// A process, by its number in `KernelState.processes`.
public struct ProcessSlot: RawRepresentable, Hashable, Sendable {
  public var rawValue: Int
  public init(rawValue: Int) { self.rawValue = rawValue }
  init(_ rawValue: Int) { self.rawValue = rawValue }
  /// The process that a session is about.
  public static let first = ProcessSlot(0)
}

/// A thread group. It outlives its threads until its parent has waited for it.
public struct Process: Sendable {
  /// The pid, which is its first thread's id.
  public internal(set) var id: TaskID
  /// Nil: the parent is gone, or there never was one; no process waits for it. Linux: a child of init.
  public internal(set) var parent: ProcessSlot?
  /// Oldest first.
  var children: [ProcessSlot] = []
  public internal(set) var group: TaskID
  public internal(set) var session: TaskID
  /// The slots of its live threads, oldest first.
  public internal(set) var threads: [TaskSlot] = []
  /// What its parent is sent at its end, 0 for nothing.
  var exitSignal = Signal.SIGCHLD
  var handlers: HandlersID
  /// Signals for whichever thread takes them first.
  var pending: [SignalInfo] = []
  var limits = ResourceLimits()
  /// It has called execve since its birth: its parent may no longer change its group.
  var hasExecuted = false
  /// What /proc/self/exe leads to.
  var executable: [UInt8] = []
  /// The arguments, each with its zero, as /proc/PID/cmdline shows them.
  var arguments: [UInt8] = []

  /// How it ends, as wait gives it: set once all of it is to. Linux: group_exit_code with SIGNAL_GROUP_EXIT.
  var groupExitCode: Int32?
  /// All its threads are gone.
  public internal(set) var isZombie = false
  /// A signal has stopped it.
  var isStopped = false
  /// The signal that stopped it, until its parent was told. Linux: group_exit_code of a group stop.
  var stopSignal: Int32 = 0
  /// It was continued, and its parent has not waited for that. Linux: SIGNAL_STOP_CONTINUED.
  var wasContinued = false
  /// One of its threads is to tell the parent that it goes on. Linux: SIGNAL_CLD_CONTINUED.
  var tellsContinued = false

  /// Of threads that are gone.
  var endedThreads = Usage()
  /// Of children that were waited for, with theirs.
  var waitedFor = Usage()

  init(id: TaskID, parent: ProcessSlot?, group: TaskID, session: TaskID, handlers: HandlersID) {
    self.id = id
    self.parent = parent
    self.group = group
    self.session = session
    self.handlers = handlers
  }
}

/// What getrusage counts.
struct Usage: Sendable {
  var nanoseconds: UInt64 = 0
  var minorFaults: UInt64 = 0
  var majorFaults: UInt64 = 0
  var voluntarySwitches: UInt64 = 0
  var involuntarySwitches: UInt64 = 0
  /// KiB.
  var maximumResident: UInt64 = 0

  mutating func add(_ other: Usage) {
    nanoseconds &+= other.nanoseconds
    minorFaults &+= other.minorFaults
    majorFaults &+= other.majorFaults
    voluntarySwitches &+= other.voluntarySwitches
    involuntarySwitches &+= other.involuntarySwitches
    maximumResident = max(maximumResident, other.maximumResident)
  }
}

/// A table of signal actions, by its number in `KernelState.handlers`.
struct HandlersID: RawRepresentable, Hashable, Sendable {
  var rawValue: Int
  init(rawValue: Int) { self.rawValue = rawValue }
}

/// Signal actions, by signal number, and how many processes use them.
struct SignalHandlers: Sendable {
  var users = 1
  var actions = [SignalAction](repeating: SignalAction(), count: 65)
}

extension TaskState {

  /// What a process does with a signal.
  func action(_ process: ProcessSlot, _ signal: Int32) -> SignalAction {
    handlers[self[process].handlers].actions[Int(signal)]
  }
  mutating func setAction(_ process: ProcessSlot, _ signal: Int32, _ action: SignalAction) {
    handlers[self[process].handlers].actions[Int(signal)] = action
  }
}
