// Owns the kernel's state as one value: tasks, what is pending for them, counters.
// It does not know how any of it changes.
import Architecture
import LinuxMM

/// Everything the kernel remembers outside memory management. A snapshot is a copy.
public struct KernelState: Sendable {
  /// Threads by slot; dead ones' slots are taken again.
  public internal(set) var tasks: [Task] = []
  /// Slot of the running task.
  public internal(set) var current = 0
  public internal(set) var processes: [Process] = []
  var handlers: [SignalHandlers] = []
  /// How many tasks use each address space, by its id. Linux: mm_users.
  var mmUsers: [Int] = []
  /// What the PE translates with; nil between the end of an address space and the next switch.
  var activeMM: MMID?
  var liveTasks = 0
  var numbers = TaskNumbers()
  /// The tasks that wait for each thing, the longest waiting first; never iterated.
  var waiters: [WaitChannel: [Int]] = [:]
  var freeSlots: [Int] = []
  /// The last id given out.
  var lastID: Int32 = 0

  /// Slots of those who could run, in the order of their turns.
  var runQueue: [Int] = []
  /// Deadlines of sleepers, the next one first.
  var timers: [Timer] = []
  var sleepSequence: UInt64 = 0
  /// The count of retired instructions at which the running task's turn is over; for ever while nobody else waits for one.
  var sliceEnd = UInt64.max
  /// That, or an earlier deadline.
  var runLimit = UInt64.max
  /// The count of retired instructions when the running task was switched to.
  var switchedAt: UInt64 = 0
  /// Linux: TIF_NEED_RESCHED.
  var needsReschedule = false
  /// Something is to be done before the running task returns: signals, a switch, its end.
  var hasWork = false

  var random = SplitMix64(seed: 0)
  var files = FileState()
  /// Guest time that passed while no task could run.
  public internal(set) var idleNanoseconds: UInt64 = 0
  /// RAM is used up: somebody dies before the running task returns.
  public internal(set) var outOfMemory = false
  /// Set once the program is over.
  public internal(set) var verdict: SupervisorVerdict?
  /// The last signal that was delivered to the first process, or killed it, for messages.
  public internal(set) var lastSignal: SignalInfo?
  /// vm.panic_on_unrecoverable_memory_failure; no memory fails here.
  var panicsOnMemoryFailure = false
  /// Calls by number, in order of first use; unknown ones are those that answered ENOSYS for want of a handler.
  public internal(set) var systemCalls = SystemCallCounts()
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
