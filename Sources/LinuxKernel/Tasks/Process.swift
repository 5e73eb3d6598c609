// Owns what the threads of a program share: parent and children, groups, signals, limits, exit status and resource usage.
// It does not know how these change. Linux: struct signal_struct, struct sighand_struct.
import Architecture
import LinuxMM

/// A process, by its number in `KernelState.processes`.
public struct ProcessSlot: RawRepresentable, Hashable, Sendable {
  public var rawValue: Int
  public init(rawValue: Int) { self.rawValue = rawValue }
  init(_ rawValue: Int) { self.rawValue = rawValue }
  /// The process of the program that a session runs.
  public static let first = ProcessSlot(0)
  /// The pretended init, which has no program.
  static let initial = ProcessSlot(1)
}

extension TaskID {
  /// The id of the pretended init, and that of the program that a session runs.
  static let initial = TaskID(1)
  public static let firstProgram = TaskID(2)
}

/// A thread group. It exists until its parent has waited for it, even after its threads have ended.
public struct Process: Sendable {
  /// The pid, which is its first thread's id.
  public internal(set) var id: TaskID
  /// The parent; nil only for init.
  public internal(set) var parent: ProcessSlot?
  /// Its children, oldest first.
  var children: [ProcessSlot] = []
  public internal(set) var group: TaskID
  public internal(set) var session: TaskID
  /// The slots of its live threads, oldest first.
  public internal(set) var threads: [TaskSlot] = []
  /// The signal that the parent gets when the process ends; 0 for none.
  var exitSignal = Signal.SIGCHLD
  var handlers: HandlersID
  /// Signals sent to the process, for the thread that takes them first.
  var pending: [SignalInfo] = []
  var limits = ResourceLimits()
  /// Whether it has called execve, so that its parent may no longer change its group.
  var hasExecuted = false
  /// The path that /proc/self/exe leads to.
  var executable: [UInt8] = []
  /// The arguments, each with its terminating zero, as /proc/PID/cmdline shows them.
  var arguments: [UInt8] = []
  /// The auxiliary vector and the user addresses of the environment, as exec made them. Linux: mm->saved_auxv, env_start, env_end.
  var auxiliary: [UInt64] = []
  var environment = StringArea()

  /// The status of the process as wait reports it, set when the whole process is to end. Linux: group_exit_code with
  /// SIGNAL_GROUP_EXIT.
  var groupExitCode: Int32?
  /// Whether all its threads have ended.
  public internal(set) var isZombie = false
  /// What a zombie's last thread left.
  var remains: ThreadRemains?
  /// Whether a signal has stopped it.
  var isStopped = false
  /// The signal that stopped it, until the parent was notified. Linux: group_exit_code of a group stop.
  var stopSignal: Int32 = 0
  /// Whether it was continued, and its parent has not waited for that yet. Linux: SIGNAL_STOP_CONTINUED.
  var wasContinued = false
  /// Whether one of its threads must notify the parent that the process continues. Linux: SIGNAL_CLD_CONTINUED.
  var tellsContinued = false

  /// oom_score_adj, from -1000, never chosen, to 1000.
  var scoreAdjustment = 0
  /// Whether orphans among its descendants become its children.
  var isSubreaper = false
  /// setitimer's timers, which exec keeps and a child does not get.
  var intervalTimers = IntervalTimers()
  /// timer_create's timers, by number. Neither a child nor a new program has any.
  var posixTimers: [PosixTimer] = []
  /// The number of the next one.
  var nextTimer: Int32 = 0

  /// The usage of threads that have ended.
  var endedThreads = Usage()
  /// What they read and wrote, with the children that were waited for.
  var endedIO = IOAccounts()
  /// The usage of children that were waited for, including their own children.
  var waitedFor = Usage()

  init(id: TaskID, parent: ProcessSlot?, group: TaskID, session: TaskID, handlers: HandlersID) {
    self.id = id
    self.parent = parent
    self.group = group
    self.session = session
    self.handlers = handlers
  }
}

/// The user addresses of a program's environment.
struct StringArea: Hashable, Sendable {
  var start: UInt64 = 0
  var end: UInt64 = 0
}

/// The resources that getrusage counts.
struct Usage: Sendable {
  var nanoseconds: UInt64 = 0
  var minorFaults: UInt64 = 0
  var majorFaults: UInt64 = 0
  var voluntarySwitches: UInt64 = 0
  var involuntarySwitches: UInt64 = 0
  /// The largest resident size in KiB.
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

/// The signal actions by signal number, and the number of processes that use them.
struct SignalHandlers: Sendable {
  var users = 1
  var actions = [SignalAction](repeating: SignalAction(), count: 65)
}

extension TaskState {
  /// The action of a process for a signal.
  @inline(__always)
  func action(_ process: ProcessSlot, _ signal: Int32) -> SignalAction {
    handlers[self[process].handlers].actions[Int(signal)]
  }
  mutating func setAction(_ process: ProcessSlot, _ signal: Int32, _ action: SignalAction) {
    handlers[self[process].handlers].actions[Int(signal)] = action
  }
}
