// Owns the kernel's state outside memory management as one value: tasks, their pending signals, files, counters.
// It does not know how the state changes.
import Architecture
import LinuxMM

/// The kernel's state outside memory management.
public struct KernelState: Sendable {
  public internal(set) var tasks = TaskState()
  var random = SplitMix64(seed: 0)
  /// The vDSO, which is made for the first program.
  var vdso: VDSO?
  var files = FileState()
  /// An allocation failed: the OOM killer runs before the return to user space.
  public internal(set) var outOfMemory = false
  /// The result of the run, set when the program is over.
  public internal(set) var verdict: SupervisorVerdict?
  var settings = KernelSettings()
  /// The system calls by number, in the order of first use. A call is unknown if it answered ENOSYS because it has no handler.
  public internal(set) var systemCalls = SystemCallCounts()
  /// perf's PAGE_FAULTS event: aborts that reached the page fault path.
  public internal(set) var perfPageFaults: UInt64 = 0
  /// Aborts taken by the force-write patch's reads of instructions. Each costs an exception of its own, and no other counter
  /// includes them.
  public internal(set) var opcodeReadAborts: UInt64 = 0
}

/// A signal action. Linux: struct k_sigaction.
struct SignalAction: Hashable, Sendable {
  /// SIG_DFL and SIG_IGN. Every other value is the address of a handler.
  static let `default`: UInt64 = 0
  static let ignored: UInt64 = 1
  var handler = SignalAction.default
  var flags: UInt64 = 0
  var restorer: UInt64 = 0
  var mask: UInt64 = 0
}

/// The stack that sigaltstack set; size 0 means none.
struct AlternateStack: Hashable, Sendable {
  static let ONSTACK: UInt32 = 1
  static let DISABLE: UInt32 = 2
  static let AUTODISARM: UInt32 = 1 << 31
  /// MINSIGSTKSZ.
  static let minimumSize: UInt64 = 5120

  var base: UInt64 = 0
  var size: UInt64 = 0
  var flags = AlternateStack.DISABLE

  /// Whether the stack is disabled while a handler runs on it.
  var disarms: Bool { flags & Self.AUTODISARM != 0 }
  /// Whether a stack pointer is on this stack. A stack that disarms is never in use. Linux: on_sig_stack().
  func contains(_ sp: UInt64) -> Bool { !disarms && size != 0 && sp > base && sp - base <= size }
}

/// The number of times each system call was made.
public struct SystemCallCounts: Sendable {
  /// With the option, where a call that is there does not have it.
  public private(set) var unknown: [(number: UInt64, option: UInt64?, count: UInt64)] = []
  public internal(set) var total: UInt64 = 0
  mutating func noteUnknown(_ number: UInt64, option: UInt64? = nil) {
    if let index = unknown.firstIndex(where: { $0.number == number && $0.option == option }) {
      unknown[index].count += 1
    } else if unknown.count < 512 {
      unknown.append((number, option, 1))
    }
  }
}
