// Owns the holds of tasks: a tracer stops the running task before a signal has an effect, and before and after a system call. It does not
// know why the tracer wants that. Linux: kernel/signal.c ptrace_signal(), include/linux/ptrace.h ptrace_report_syscall().
import Architecture
import LinuxMM

/// A debugger of the kernel's programs. It is asked only where it could stop a task.
public protocol Tracer: AnyObject {
  /// Whether the running task of a process is held before a signal has any effect. SIGKILL has its effect in any case.
  func holds(before signal: Int32, in process: TaskID) -> Bool
  /// Whether the running task of a process is held before a system call does anything, and again when the call is over. It is asked while
  /// system calls are traced.
  func holds(around systemCall: UInt64, in process: TaskID) -> Bool
}

/// What a held task is about to meet, or has just done.
public enum HeldEvent: Hashable, Sendable {
  /// The signal is out of its queue, and neither its handler nor its default action has run.
  case signal(SignalInfo)
  /// The call's number is in X8 and its arguments are in X0 to X5; the PC is behind the SVC. Changes of these registers count.
  case systemCallEntry(UInt64)
  /// The call's result is in X0.
  case systemCallReturn(UInt64)
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
}

extension Kernel {
  /// The debugger of the programs; nil if there is none.
  public var tracer: (any Tracer)? {
    get { parts.tracer }
    set { parts.tracer = newValue }
  }

  /// Why the running task is held; nil while it is not held. A held task has its registers in the PE as its program left them.
  public var held: HeldEvent? { state.tasks.hold.event }

  /// Whether the next interrupt ends a hold.
  var isHeld: Bool { state.tasks.hold.isPending }

  /// Chooses the signal that the running task gets when it goes on: the one before which it is held, which it gets without this call too,
  /// another one, or none. A task that is not held, or held around a call, gets the signal as a held one would.
  public func release(with info: SignalInfo?) {
    if state.tasks.hold.released?.info != info {
      state.tasks.hold.released = info.map { ReleasedSignal(info: $0, isForced: false) }
    }
    if info == nil { return }
    state.tasks.hold.isPending = true
    parts.scheduler.updateRunLimit()
    state.currentTask.hasSignals = true
  }

  /// Sends a signal to a task that is not the running one, as a debugger does. False if there is no such task, or if its queue is full.
  public func send(_ info: SignalInfo, toTask id: TaskID) -> Bool {
    guard let slot = state.tasks.numbers.thread(id) else { return false }
    return (try? parts.signals.send(info, toThread: slot)) != nil
  }

  /// Forgets that the running task's system call was to run again, because a debugger moved its PC. Linux: do_signal(), continue_addr.
  public func forgetRestart() { state.currentTask.restart = nil }

  /// Ends the hold: a call that was held at its entry is made now.
  func endHold(_ el1: EL1Interface) {
    let event = state.tasks.hold.event
    state.tasks.hold.event = nil
    state.tasks.hold.isPending = false
    state.hasWork = true
    parts.scheduler.updateRunLimit()
    guard case .systemCallEntry(let number) = event else { return }
    state.currentTask.heldCall = number
    makeSystemCall(el1)
    holdAfterCall()
  }

  /// Holds the running task at the entry of its system call if the tracer wants that.
  func holdsAtEntry(_ el1: EL1Interface) -> Bool {
    let number = el1[x: 8] & 0xffff_ffff
    guard let tracer, tracer.holds(around: number, in: state[state.currentProcess].id) else { return false }
    state.tasks.hold(.systemCallEntry(number))
    return true
  }

  /// Holds the running task if a call that it was held before is over.
  func holdAfterCall() {
    guard let number = state.currentTask.heldCall, state.currentTask.resumption == nil, state.currentTask.run == .running else { return }
    state.currentTask.heldCall = nil
    guard let tracer, tracer.holds(around: number, in: state[state.currentProcess].id) else { return }
    state.tasks.hold(.systemCallReturn(number))
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
