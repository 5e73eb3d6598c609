// Owns the holds of tasks: a tracer stops the running task before a signal has an effect, before and after a system call, and before an
// abort is handled. It does not know why the tracer wants that. Linux: kernel/signal.c ptrace_signal(), include/linux/ptrace.h ptrace_report_syscall().
import Architecture
import LinuxMM

/// A debugger of the kernel's programs. It is asked only where it could stop a task.
public protocol Tracer: AnyObject {
  /// Whether the running task of a process is held before a signal has any effect. SIGKILL has its effect in any case.
  func holds(before signal: Int32, in process: TaskID) -> Bool
  /// Whether the running task of a process is held before a system call does anything, and again when the call is over. It is asked while
  /// system calls are traced.
  func holds(around systemCall: UInt64, in process: TaskID) -> Bool
  /// Whether the running task is held after it has taken an abort and before the kernel does anything about it. It is asked while faults are
  /// traced.
  func holds(before abort: FaultLogEntry) -> Bool
}

/// What a held task is about to meet, or has just done.
public enum HeldEvent: Hashable, Sendable {
  /// The signal is out of its queue, and neither its handler nor its default action has run.
  case signal(SignalInfo)
  /// The call's number is in X8 and its arguments are in X0 to X5; the PC is behind the SVC. Changes of these registers count.
  case systemCallEntry(UInt64)
  /// The call's result is in X0.
  case systemCallReturn(UInt64)
  /// The abort has been taken, and the kernel has changed nothing: memory, tables and VMAs are as the access found them. The PC is at the
  /// instruction, and ESR_EL1, FAR_EL1 and ELR_EL1 are the abort's.
  case abort(FaultLogEntry)
}

/// A signal that leaves a hold.
struct ReleasedSignal: Hashable, Sendable {
  var info: SignalInfo
  /// Whether it kills even if it is blocked or ignored.
  var isForced: Bool
}

/// The hold of the running task, and what follows it.
struct HoldState: Hashable, Sendable {
  var event: HeldEvent?
  /// The signal that the running task gets next, without being held before it again.
  var released: ReleasedSignal?
  /// Whether the running task is held, or a signal is there for it although it was not held: the next run begins with an interrupt.
  var isPending = false
  /// Whether the abort that is handled next is the one before which the task was held.
  var passesAbort = false
}

extension Holds {
  /// Chooses the signal that the running task gets when it goes on: the one before which it is held, which it gets without this call too,
  /// another one, or none. A task that is not held, or held around a call, gets the signal as a held one would.
  func release(with info: SignalInfo?) {
    if state.hold.released?.info != info { state.hold.released = info.map { ReleasedSignal(info: $0, isForced: false) } }
    if info == nil { return }
    state.hold.isPending = true
    scheduler.updateRunLimit()
    state.currentTask.hasSignals = true
  }

  /// Sends a signal to a task as a debugger does. False if there is no such task, or if its queue is full.
  func send(_ info: SignalInfo, toTask id: TaskID) -> Bool {
    guard let slot = state.numbers.thread(id) else { return false }
    return (try? signals.send(info, toThread: slot)) != nil
  }

  /// Ends the hold, and returns what the running task was held for. A call that was held at its entry must be made now.
  func end() -> HeldEvent? {
    let event = state.hold.event
    state.hold.event = nil
    state.hold.isPending = false
    state.hasWork = true
    scheduler.updateRunLimit()
    if case .systemCallEntry(let number) = event { state.currentTask.heldCall = number }
    return event
  }

  /// Holds the running task at the entry of its system call if the tracer wants that.
  func isHeldAtEntry(_ el1: EL1Interface) -> Bool {
    let number = el1[x: 8] & 0xffff_ffff
    guard let tracer, tracer.holds(around: number, in: state[state.currentProcess].id) else { return false }
    state.hold(.systemCallEntry(number))
    return true
  }

  /// Holds the running task before its abort is handled if the tracer wants that.
  func isHeldBeforeAbort(_ el1: EL1Interface) -> Bool {
    if state.hold.passesAbort {
      state.hold.passesAbort = false
      return false
    }
    guard let tracer else { return false }
    let entry = FaultLogEntry(el1, task: state.currentTask.id)
    guard tracer.holds(before: entry) else { return false }
    state.hold(.abort(entry))
    return true
  }

  /// Holds the running task if a call at whose entry it was held is over. The call that ends the program never returns, and the task stays
  /// for a debugger to look at.
  func holdAfterCall(isProgramOver: Bool) {
    guard let number = state.currentTask.heldCall, state.currentTask.resumption == nil, state.currentTask.run == .running else { return }
    state.currentTask.heldCall = nil
    if isProgramOver { return }
    guard let tracer, tracer.holds(around: number, in: state[state.currentProcess].id) else { return }
    state.hold(.systemCallReturn(number))
  }
}

extension TaskState {
  /// Holds the running task: it leaves the kernel with work undone, and the run loop stops. A limit of no instructions makes the next run
  /// begin with an interrupt.
  mutating func hold(_ event: HeldEvent, isForced: Bool = false) {
    hold.event = event
    if case .signal(let info) = event { hold.released = ReleasedSignal(info: info, isForced: isForced) }
    hold.isPending = true
    runLimit = 0
    hasWork = true
  }
}
