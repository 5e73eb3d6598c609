// Owns the state of tasks as one value: tasks, processes, signal actions, the run queue and the sleeping tasks. It does not know how any of
// it changes.
import Architecture
import HashTreeCollections
import LinuxMM

/// All of the kernel's state about tasks.
public struct TaskState: Sendable {
  /// The tasks. A task that has ended stays here until another task has its PE.
  var tasks = Slots<TaskSlot, Task>()
  public internal(set) var processes = Slots<ProcessSlot, Process>()
  var handlers = Slots<HandlersID, SignalHandlers>()
  /// The state of each PE. There is at least one.
  var processors = [PerCPU()]
  /// The number of instructions that the PE had retired when it entered the kernel. No more retire before it leaves. The number is also the
  /// guest time in nanoseconds.
  var retired: UInt64 = 0
  /// The number of the PE whose entry into the kernel is being served, or was served last.
  var processor = 0
  /// The number of tasks that have not ended.
  var liveTasks = 0
  var numbers = TaskNumbers()
  /// The tasks that wait on each channel, the longest waiting first. It is never iterated.
  var waiters: TreeDictionary<WaitChannel, [TaskSlot]> = [:]
  /// The futexes with priority inheritance that tasks wait for. It is never iterated.
  var locks: TreeDictionary<FutexKey, FutexLock> = [:]
  /// The id that was given out last.
  var lastID: Int32 = 0

  /// The slots of the tasks that are ready to run, in the order of their turns.
  var runQueue: [TaskSlot] = []
  /// Deadlines of sleeps and timers, the next one first.
  var timers: [Timer] = []
  var sleepSequence: UInt64 = 0
  /// Guest time that passed while no task could run.
  public internal(set) var idleNanoseconds: UInt64 = 0
  /// The last signal that was delivered to the first process or killed it, for messages.
  public internal(set) var lastSignal: SignalInfo?
  /// The hold of the running task.
  var hold = HoldState()

  public var count: Int { tasks.count }
  public var isEmpty: Bool { tasks.isEmpty }

  // Records are named by their addresses, so that a read of one field copies no record. A read that needs several fields of the whole value,
  // as `currentProcess` does, copies the whole value where a service reads it: on the paths of faults and signals the slot is looked up first.
  public internal(set) subscript(slot: TaskSlot) -> Task {
    @inline(__always) unsafeAddress { tasks.address(of: slot) }
    @inline(__always) unsafeMutableAddress { tasks.mutableAddress(of: slot) }
  }
  public internal(set) subscript(process: ProcessSlot) -> Process {
    @inline(__always) unsafeAddress { processes.address(of: process) }
    @inline(__always) unsafeMutableAddress { processes.mutableAddress(of: process) }
  }

  public internal(set) var currentTask: Task {
    @inline(__always) unsafeAddress { tasks.address(of: current) }
    @inline(__always) unsafeMutableAddress { tasks.mutableAddress(of: current) }
  }

  var currentMM: MMID { @inline(__always) get { currentTask.mm } }
  /// The running task's process id, as siginfo names the sender.
  var callerID: UInt64 { UInt64(self[currentProcess].id.rawValue) }

  /// The guest time in nanoseconds: the retired instructions, plus the time during which no task ran.
  var now: UInt64 { retired &+ idleNanoseconds }
}

/// Shortcuts from the whole state to the values about tasks that are used most often.
extension KernelState {
  public internal(set) subscript(process: ProcessSlot) -> Process {
    @inline(__always) unsafeAddress { tasks.processes.address(of: process) }
    @inline(__always) unsafeMutableAddress { tasks.processes.mutableAddress(of: process) }
  }
  /// The slot of the task that runs on the PE that entered the kernel.
  public var current: TaskSlot { @inline(__always) get { tasks.current } }
  public internal(set) var currentTask: Task {
    @inline(__always) unsafeAddress { tasks.tasks.address(of: tasks.current) }
    @inline(__always) unsafeMutableAddress { tasks.tasks.mutableAddress(of: tasks.current) }
  }
  /// The running task's process.
  var currentProcess: ProcessSlot { @inline(__always) get { currentTask.process } }
  var hasWork: Bool {
    @inline(__always) get { tasks.hasWork }
    set { tasks.hasWork = newValue }
  }
  public var lastSignal: SignalInfo? { tasks.lastSignal }
}

/// Points of guest time, in nanoseconds.
enum GuestTime {
  /// The time that is `nanoseconds` later than `now`, but no later than the largest ktime_t. Linux: ktime_add_safe().
  static func later(_ now: UInt64, by nanoseconds: UInt64) -> UInt64 {
    let (sum, overflow) = now.addingReportingOverflow(nanoseconds)
    return overflow ? UInt64(Int64.max) : min(sum, UInt64(Int64.max))
  }
}
