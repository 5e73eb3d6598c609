// Owns the reasons for which a target stops, and the requests that say how far it runs. Both are the same for a program under a kernel and
// for a board. It does not know how a target runs.
import Architecture
import Machine

/// Why a run of a target stopped.
public enum StopReason: Equatable, Sendable {
  // The following mean that the target has ended.

  /// A program's exit status, or that of a semihosting exit.
  case exited(Int32)
  /// This signal killed the program.
  case killed(Int32)
  /// PSCI SYSTEM_OFF, or SYSTEM_RESET, which ends a run too.
  case poweredOff
  /// No PE can run, and no event could wake one.
  case deadlock
  /// The hosted kernel has ended the whole system for this reason. Linux: panic().
  case panicked(String)
  /// The PE takes exceptions to this guest vector without end, because the vector cannot be fetched or faults itself.
  case lockedUp(processor: Int, pc: UInt64)
  /// The hosted kernel handles this instruction's exception without end: each time it returns, the exception comes again and
  /// nothing retires.
  case noProgress(processor: Int, pc: UInt64)

  // After the following the target can go on.

  /// Exactly the asked number of instructions has retired on all PEs together.
  case instructionLimit
  /// The next instruction has a breakpoint.
  case breakpoint(UInt64)
  /// The next instruction is about to make an access that `DebugTarget.watches` names. The next run does not stop for the watches of this
  /// instruction again.
  case watched(WatchHit)
  /// `DebugTarget.catches` chose this event. The PE has gone past it: for example, a fault has been handled.
  case caught(TraceRecord)
  /// The kernel's tracer holds the running task: see `Kernel.held`.
  case held
  /// `DebugTarget.requestStop()` was called.
  case interrupted

  /// Whether the target has ended.
  public var isEnd: Bool {
    switch self {
    case .exited, .killed, .poweredOff, .deadlock, .panicked, .lockedUp, .noProgress: true
    case .instructionLimit, .breakpoint, .watched, .caught, .held, .interrupted: false
    }
  }
}

/// How far a target is to run, unless something stops it earlier.
public enum ResumeRequest: Equatable, Sendable {
  case freely
  /// Until this many instructions have retired on all PEs together since the target was made.
  case until(instructions: UInt64)
  /// For this many more instructions of all PEs together.
  case steps(UInt64)
}
