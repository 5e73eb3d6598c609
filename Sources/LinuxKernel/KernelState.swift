// Owns the kernel's state as one value: tasks, what is pending for them, counters.
// It does not know how any of it changes.
import Architecture
import LinuxMM

/// Everything the kernel remembers outside memory management. A snapshot is a copy.
public struct KernelState: Sendable {
  public internal(set) var tasks: [Task] = []
  /// Index of the running task.
  public internal(set) var current = 0
  var random = SplitMix64(seed: 0)
  var files = FileState()
  var limits = ResourceLimits()
  /// Guest time that passed while no task could run.
  public internal(set) var idleNanoseconds: UInt64 = 0
  /// The running task has signals to look at before it returns. Linux: TIF_SIGPENDING.
  var hasSignals = false
  /// RAM is used up: the running task dies at its next return.
  public internal(set) var outOfMemory = false
  /// Set once the program is over.
  public internal(set) var verdict: SupervisorVerdict?
  /// The last signal that was delivered or killed, for messages.
  public internal(set) var lastSignal: SignalInfo?
  /// Calls by number, in order of first use; unknown ones are those that answered ENOSYS for want of a handler.
  public internal(set) var systemCalls = SystemCallCounts()
}

/// A thread of a program. Linux: struct task_struct. Its registers are the PE's while it runs.
public struct Task: Sendable {
  public let id: TaskID
  public internal(set) var mm: MMID
  /// Its descriptors, and its working directory and umask.
  var files: FilesID
  var fs: FSID
  /// thread.fault_address and thread.fault_code: kept until the next fault overwrites them.
  public internal(set) var faultAddress: UInt64 = 0
  public internal(set) var faultCode: UInt64 = 0
  var actions = [SignalAction](repeating: SignalAction(), count: 65)
  /// Blocked signals, bit n-1 for signal n.
  var blocked: UInt64 = 0
  var alternateStack = AlternateStack()
  /// Sent by the instruction itself: blocked or ignored, it kills.
  var forced: SignalInfo?
  var pending: [SignalInfo] = []
  var clearChildTID: UInt64 = 0
  var executable = ""
  /// The arguments, each with its zero, as /proc/PID/cmdline shows them.
  var arguments: [UInt8] = []
  var pointerKeys = PointerKeys()

  init(id: TaskID, mm: MMID, files: FilesID, fs: FSID) {
    self.id = id
    self.mm = mm
    self.files = files
    self.fs = fs
  }
}

/// struct sigaction as the kernel keeps it.
struct SignalAction: Hashable, Sendable {
  /// SIG_DFL and SIG_IGN; every other value is a handler's address.
  static let `default`: UInt64 = 0
  static let ignored: UInt64 = 1
  var handler = SignalAction.default
  var flags: UInt64 = 0
  var restorer: UInt64 = 0
  var mask: UInt64 = 0
}

/// sigaltstack's stack; size 0: none.
struct AlternateStack: Hashable, Sendable {
  static let ONSTACK: UInt32 = 1
  static let DISABLE: UInt32 = 2
  static let AUTODISARM: UInt32 = 1 << 31
  /// MINSIGSTKSZ.
  static let minimumSize: UInt64 = 5120

  var base: UInt64 = 0
  var size: UInt64 = 0
  var flags = AlternateStack.DISABLE

  /// The stack is given up while a handler runs on it.
  var disarms: Bool { flags & Self.AUTODISARM != 0 }
  /// Whether a stack pointer is on it. One that disarms is never in use. Linux: on_sig_stack().
  func contains(_ sp: UInt64) -> Bool { !disarms && size != 0 && sp > base && sp - base <= size }
}

/// How often each system call was made.
public struct SystemCallCounts: Sendable {
  public private(set) var unknown: [(number: UInt64, count: UInt64)] = []
  public internal(set) var total: UInt64 = 0
  mutating func noteUnknown(_ number: UInt64) {
    if let index = unknown.firstIndex(where: { $0.number == number }) {
      unknown[index].count += 1
    } else if unknown.count < 512 {
      unknown.append((number, 1))
    }
  }
}
