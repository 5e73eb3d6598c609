// Owns the kernel's state of one thread: its ids, what it shares with other threads, its run state, and its registers while it does
// not run. It does not know how the state changes. Linux: struct task_struct, struct thread_struct.
import Architecture
import LinuxMM

/// A task, by its number in `KernelState.tasks`.
public struct TaskSlot: RawRepresentable, Hashable, Sendable {
  public var rawValue: Int
  public init(rawValue: Int) { self.rawValue = rawValue }
  init(_ rawValue: Int) { self.rawValue = rawValue }
}

/// A thread of a program. While it runs, its registers are those of the PE. Linux: struct task_struct.
public struct Task: Sendable {
  /// The thread's id. A process has the id of its first thread.
  public internal(set) var id: TaskID
  public internal(set) var mm: MMID
  /// The thread group that it belongs to.
  public internal(set) var process: ProcessSlot
  /// Its descriptor table, and the table with its working directory and umask.
  var files = FilesID(0)
  var fs = FSID(0)
  public internal(set) var run = RunState.runnable
  var registers = SavedRegisters()

  /// thread.fault_address and thread.fault_code, which stay until the next fault overwrites them.
  public internal(set) var faultAddress: UInt64 = 0
  public internal(set) var faultCode: UInt64 = 0
  /// Blocked signals, bit n-1 for signal n.
  var blocked: UInt64 = 0
  var alternateStack = AlternateStack()
  /// A signal that the thread's own instruction caused. It kills the process even if it is blocked or ignored.
  var forced: SignalInfo?
  /// Signals sent to this thread. Signals sent to the process are kept there.
  var pending: [SignalInfo] = []
  /// Whether there are signals to check before it returns. Linux: TIF_SIGPENDING.
  var hasSignals = false
  /// Whether it ends instead of returning, because its process ends or another of its threads called execve. Linux: a pending
  /// SIGKILL.
  var mustExit = false
  /// The mask that sigsuspend replaced. The frame of the signal that ends the call holds this mask. Linux: saved_sigmask.
  var savedMask: UInt64?

  /// The signals that sigtimedwait waits for, blocked or not. Linux: real_blocked.
  var awaited: UInt64 = 0

  /// The name, at most 15 bytes: its program's at first. Linux: comm.
  public internal(set) var name: [UInt8] = []
  var scheduling = SchedulingPolicy()
  /// What personality set: bits that change how its program sees the kernel.
  var personality: UInt32 = 0
  /// Whether its system calls take tagged pointers. Linux: TIF_TAGGED_ADDR.
  var acceptsTags = false
  /// The signal that its process gets when the parent ends; 0 for none.
  var parentDeathSignal: Int32 = 0
  /// How late a sleep may end, in nanoseconds, and what 0 sets it to. Sleeps here end in time. Linux: timer_slack_ns.
  var timerSlack: UInt64 = 50_000
  var defaultTimerSlack: UInt64 = 50_000

  /// What it read and wrote.
  var io = IOAccounts()
  var clearChildTID: UInt64 = 0
  /// The locks with priority inheritance that it owns and others wait for, in the order in which the kernel learned of them, the one that
  /// it waits for, and the priority of real time that it has from waiters, or 0. Linux: pi_state_list, pi_blocked_on, pi_top_task.
  var heldLocks: [FutexKey] = []
  var awaitedLock: FutexKey?
  var inheritedPriority: Int32 = 0
  /// The user address of the head of the list of robust futexes.
  var robustList: UInt64 = 0
  var pointerKeys = UserPointerKeys()
  /// The guest nanoseconds that it had run when it was last switched to.
  var runTime: UInt64 = 0
  /// The number of switches away from it while it slept or ended, and while it could have continued. Linux: nvcsw, nivcsw.
  var voluntarySwitches: UInt64 = 0
  var involuntarySwitches: UInt64 = 0

  // MARK: Sleeping

  /// What it does when it runs again; nil if it returns to the program.
  var resumption: Resumption?
  /// What it waits for; nil if it does not wait.
  var channel: WaitChannel?
  /// The order in which tasks began to wait; the task that waits longest is woken first.
  var sleepSequence: UInt64 = 0
  /// Whether only a fatal signal interrupts the sleep. Linux: TASK_KILLABLE.
  var isKillable = false
  var wasWoken = false
  var hasTimedOut = false
  /// The call that a signal interrupted, until signal delivery decides whether it runs again. Linux: -ERESTARTSYS and the other
  /// -ERESTART codes.
  var restart: Restart?
  /// The operation that restart_syscall continues. Linux: restart_block.
  var restartBlock: Resumption?
  /// The system call at whose entry a tracer held it, until the call is over.
  var heldCall: UInt64?

  init(id: TaskID, mm: MMID, process: ProcessSlot) {
    self.id = id
    self.mm = mm
    self.process = process
  }
}

/// A task's state in the scheduler.
public enum RunState: Sendable {
  /// The task runs on a PE.
  case running
  /// The task is in the run queue.
  case runnable
  case sleeping
  /// A signal stopped its process while the task could have run.
  case stopped
  /// The task has ended, and its slot can be reused.
  case dead
}

/// The registers of a task that does not run. Linux: struct pt_regs, struct cpu_context, struct user_fpsimd_state.
public struct SavedRegisters: Sendable {
  /// The slots that are saved in addition to X0 to X30.
  static let slots: [RegisterSlot] = [.SP_EL0, .ELR_EL1, .SPSR_EL1, .TPIDR_EL0, .TPIDRRO_EL0, .FPCR, .FPSR]
  /// X0 to X30.
  public var general = [UInt64](repeating: 0, count: 31)
  var special = [UInt64](repeating: 0, count: SavedRegisters.slots.count)
  /// V0 to V31, 16 bytes each.
  public var vectors = [UInt8](repeating: 0, count: 512)

  /// The registers of a new program, which are all zero.
  init() {}

  /// Saves the PE's registers.
  init(_ el1: EL1Interface) {
    for n in 0..<31 { general[n] = el1[x: n] }
    for (index, slot) in Self.slots.enumerated() { special[index] = el1[slot] }
    vectors = Array(UnsafeRawBufferPointer(start: el1.block.pointee.vectors, count: 512))
  }

  /// Loads the registers into the PE.
  func load(_ el1: EL1Interface) {
    for n in 0..<31 { el1[x: n] = general[n] }
    for (index, slot) in Self.slots.enumerated() { el1[slot] = special[index] }
    vectors.withUnsafeBytes { el1.block.pointee.vectors.copyMemory(from: $0.baseAddress!, byteCount: 512) }
  }

  /// SP_EL0, ELR_EL1 (the PC), SPSR_EL1, TPIDR_EL0, TPIDRRO_EL0, FPCR or FPSR.
  public subscript(slot: RegisterSlot) -> UInt64 {
    get { special[Self.slots.firstIndex(of: slot)!] }
    set { special[Self.slots.firstIndex(of: slot)!] = newValue }
  }
}
