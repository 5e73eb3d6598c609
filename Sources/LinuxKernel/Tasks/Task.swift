// Owns what the kernel remembers of one thread: who it is, what it shares with others, its state, and its registers while it
// does not run. It does not know how any of it changes. Linux: struct task_struct, struct thread_struct.
import Architecture
import LinuxMM

/// A task, by its number in `KernelState.tasks`.
public struct TaskSlot: RawRepresentable, Hashable, Sendable {
  public var rawValue: Int
  public init(rawValue: Int) { self.rawValue = rawValue }
  init(_ rawValue: Int) { self.rawValue = rawValue }
}

/// A thread of a program. Linux: struct task_struct. Its registers are the PE's while it runs.
public struct Task: Sendable {
  /// The thread's id; a process is named by that of its first thread.
  public internal(set) var id: TaskID
  public internal(set) var mm: MMID
  /// The thread group that it belongs to.
  public internal(set) var process: ProcessSlot
  /// Its descriptor table, and its working directory and umask.
  var files = FilesID(0)
  var fs = FSID(0)
  public internal(set) var run = RunState.runnable
  var registers = SavedRegisters()

  /// thread.fault_address and thread.fault_code: kept until the next fault overwrites them.
  public internal(set) var faultAddress: UInt64 = 0
  public internal(set) var faultCode: UInt64 = 0
  /// Blocked signals, bit n-1 for signal n.
  var blocked: UInt64 = 0
  var alternateStack = AlternateStack()
  /// Sent by the instruction itself: blocked or ignored, it kills.
  var forced: SignalInfo?
  /// Sent to this thread; what was sent to its process is there.
  var pending: [SignalInfo] = []
  /// There are signals to look at before it returns. Linux: TIF_SIGPENDING.
  var hasSignals = false
  /// It ends before it returns: its process does, or another of its threads called execve. Linux: a pending SIGKILL.
  var mustExit = false
  /// The mask that sigsuspend replaced: the frame of the signal that ends it keeps this one. Linux: saved_sigmask.
  var savedMask: UInt64?

  /// Signals that sigtimedwait waits for, blocked or not. Linux: real_blocked.
  var awaited: UInt64 = 0

  var clearChildTID: UInt64 = 0
  /// The head of the list of robust futexes, in user memory.
  var robustList: UInt64 = 0
  var pointerKeys = PointerKeys()
  /// Guest nanoseconds that it ran, up to when it was last switched to.
  var runTime: UInt64 = 0
  /// Switches away from it while it slept or ended, and while it could have gone on. Linux: nvcsw, nivcsw.
  var voluntarySwitches: UInt64 = 0
  var involuntarySwitches: UInt64 = 0

  // MARK: Sleeping

  /// What happens when it runs again; nil: it returns to the program.
  var resumption: Resumption?
  /// What it waits for; nil while it does not.
  var channel: WaitChannel?
  /// When it began to wait: who came first is woken first.
  var sleepSequence: UInt64 = 0
  /// Only what ends it interrupts the sleep. Linux: TASK_KILLABLE.
  var isKillable = false
  var wasWoken = false
  var hasTimedOut = false
  /// Until when a poll waits that was woken and sleeps again.
  var pollDeadline: UInt64?
  /// The call that a signal interrupted, until delivery decides whether it runs again. Linux: -ERESTARTSYS and the other -ERESTART codes.
  var restart: Restart?
  /// What restart_syscall goes on with. Linux: restart_block.
  var restartBlock: Resumption?

  init(id: TaskID, mm: MMID, process: ProcessSlot) {
    self.id = id
    self.mm = mm
    self.process = process
  }
}

/// Where a task stands with the scheduler.
public enum RunState: Sendable {
  /// On the PE.
  case running
  /// In the run queue.
  case runnable
  case sleeping
  /// Its process was stopped by a signal while it could have run.
  case stopped
  /// Gone: its slot can be taken again.
  case dead
}

/// The registers of a task that does not run. Linux: struct pt_regs, struct cpu_context, struct user_fpsimd_state.
struct SavedRegisters: Sendable {
  /// The slots that are kept, behind X0 to X30.
  static let slots: [RegisterSlot] = [.SP_EL0, .ELR_EL1, .SPSR_EL1, .TPIDR_EL0, .TPIDRRO_EL0, .FPCR, .FPSR]
  var general = [UInt64](repeating: 0, count: 31)
  var special = [UInt64](repeating: 0, count: SavedRegisters.slots.count)
  /// V0 to V31, 16 bytes each.
  var vectors = [UInt8](repeating: 0, count: 512)

  /// Those of a new program: all zero.
  init() {}

  /// What the PE holds.
  init(_ el1: EL1Interface) {
    for n in 0..<31 { general[n] = el1[x: n] }
    for (index, slot) in Self.slots.enumerated() { special[index] = el1[slot] }
    vectors = Array(UnsafeRawBufferPointer(start: el1.block.pointee.vectors, count: 512))
  }

  /// Gives it back to the PE.
  func load(_ el1: EL1Interface) {
    for n in 0..<31 { el1[x: n] = general[n] }
    for (index, slot) in Self.slots.enumerated() { el1[slot] = special[index] }
    vectors.withUnsafeBytes { el1.block.pointee.vectors.copyMemory(from: $0.baseAddress!, byteCount: 512) }
  }

  subscript(slot: RegisterSlot) -> UInt64 {
    get { special[Self.slots.firstIndex(of: slot)!] }
    set { special[Self.slots.firstIndex(of: slot)!] = newValue }
  }
}
