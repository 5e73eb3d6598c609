// Owns the state of tasks as one value: tasks, processes, signal actions, who runs where, who waits until when.
// It does not know how any of it changes.
import Architecture
import HashTreeCollections
import LinuxMM

/// Everything that the kernel remembers of tasks.
public struct TaskState: Sendable {
  /// A task that has ended stays here until another has its PE.
  var tasks = Slots<TaskSlot, Task>()
  public internal(set) var processes = Slots<ProcessSlot, Process>()
  var handlers = Slots<HandlersID, SignalHandlers>()
  /// By PE. At least one.
  var processors = [PerCPU()]
  /// Instructions that the PE whose entry is being served had retired then: no more retire before it leaves. They are guest nanoseconds.
  var retired: UInt64 = 0
  /// Number of the PE whose entry into the kernel is being served, or was last.
  var processor = 0
  /// Tasks that have not ended.
  var liveTasks = 0
  var numbers = TaskNumbers()
  /// The tasks that wait for each thing, the longest waiting first; never iterated.
  var waiters: TreeDictionary<WaitChannel, [TaskSlot]> = [:]
  /// The last id given out.
  var lastID: Int32 = 0

  /// Slots of those who could run, in the order of their turns.
  var runQueue: [TaskSlot] = []
  /// Deadlines of sleeps and timers, the next one first.
  var timers: [Timer] = []
  var sleepSequence: UInt64 = 0
  /// Guest time that passed while no task could run.
  public internal(set) var idleNanoseconds: UInt64 = 0
  /// The last signal that was delivered to the first process, or killed it, for messages.
  public internal(set) var lastSignal: SignalInfo?

  public var count: Int { tasks.count }
  public var isEmpty: Bool { tasks.isEmpty }

  public internal(set) subscript(slot: TaskSlot) -> Task {
    @inline(__always) _read { yield tasks[slot] }
    @inline(__always) _modify { yield &tasks[slot] }
  }
  public internal(set) subscript(process: ProcessSlot) -> Process {
    _read { yield processes[process] }
    _modify { yield &processes[process] }
  }

  public internal(set) var currentTask: Task {
    @inline(__always) _read { yield tasks[current] }
    @inline(__always) _modify { yield &tasks[current] }
  }

  var currentMM: MMID { currentTask.mm }
  /// The running task's process, as signals that it sends name it.
  var callerID: UInt64 { UInt64(self[currentProcess].id.rawValue) }

  /// Guest time in nanoseconds: retired instructions, and the time that passed while nothing ran.
  var now: UInt64 { retired &+ idleNanoseconds }
}

/// What is asked of tasks most often, from the whole of the kernel's state.
extension KernelState {
  public internal(set) subscript(process: ProcessSlot) -> Process {
    _read { yield tasks.processes[process] }
    _modify { yield &tasks.processes[process] }
  }
  /// Slot of the task that runs on the PE that entered the kernel.
  public var current: TaskSlot { tasks.current }
  public internal(set) var currentTask: Task {
    @inline(__always) unsafeAddress { tasks.tasks.address(of: tasks.current) }
    @inline(__always) unsafeMutableAddress { tasks.tasks.mutableAddress(of: tasks.current) }
  }
  /// The running task's process.
  var currentProcess: ProcessSlot { currentTask.process }
  var hasWork: Bool {
    @inline(__always) get { tasks.hasWork }
    set { tasks.hasWork = newValue }
  }
  public var lastSignal: SignalInfo? { tasks.lastSignal }
}

/// Points of guest time, in nanoseconds.
enum GuestTime {
  /// So much later than `now`, and no later than a ktime_t can say. Linux: ktime_add_safe().
  static func later(_ now: UInt64, by nanoseconds: UInt64) -> UInt64 {
    let (sum, overflow) = now.addingReportingOverflow(nanoseconds)
    return overflow ? UInt64(Int64.max) : min(sum, UInt64(Int64.max))
  }
}
