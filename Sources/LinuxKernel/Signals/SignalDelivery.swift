// Owns the delivery of a pending signal: its default action, or a handler's frame on the user's stack. It does not know why a signal was
// sent. Linux: kernel/signal.c, arch/arm64/kernel/signal.c.
import Architecture
import LinuxMM

/// SA_* flags.
enum SignalActionFlags {
  static let NOCLDSTOP: UInt64 = 0x1
  static let NOCLDWAIT: UInt64 = 0x2
  static let SIGINFO: UInt64 = 0x4
  static let EXPOSE_TAGBITS: UInt64 = 0x800
  static let RESTORER: UInt64 = 0x0400_0000
  static let ONSTACK: UInt64 = 0x0800_0000
  static let RESTART: UInt64 = 0x1000_0000
  static let NODEFER: UInt64 = 0x4000_0000
  static let RESETHAND: UInt64 = 0x8000_0000
  /// The flags that rt_sigaction keeps. It drops unknown bits, so that a program can find out which bits are known. Linux: UAPI_SA_FLAGS.
  static let known = NOCLDSTOP | NOCLDWAIT | SIGINFO | EXPOSE_TAGBITS | RESTORER | ONSTACK | RESTART | NODEFER | RESETHAND
}

extension SignalDelivery {
  /// Delivers all signals that are pending and not blocked, each frame on top of the one before, and decides whether an interrupted call
  /// runs again. It returns early if the task stops or ends, or if a tracer holds it. Linux: do_signal(), get_signal().
  func deliverSignals(_ el1: EL1Interface) {
    let task = state.current
    let process = state.tasks[task].process
    while let (info, isForced) = nextSignal(task) {
      let action = signals.action(process, info.signal)
      let isBlocked = state.tasks[task].blocked & (1 << UInt64(info.signal - 1)) != 0
      if el1.traces(.signal) { record(el1, info, action) }
      if isForced && (info.isForcedKill || action.handler <= SignalAction.ignored || isBlocked) { return die(el1, info) }
      if action.handler == SignalAction.ignored { continue }
      if action.handler == SignalAction.default {
        switch Signal.defaultAction(info.signal) {
        case .ignore: continue
        case .stop:
          if info.signal != Signal.SIGSTOP && state.isOrphaned(group: state[process].group) { continue }
          return signals.stopProcess(info.signal)
        case .terminate: return die(el1, info)
        }
      }
      if process == .first { state.lastSignal = info }
      handle(el1, info, action)
      if state.tasks[task].mustExit || state.tasks[task].run != .running { return }
    }
    if state.hold.event != nil { return }
    // No handler ran for the call, so the call runs again.
    restartCall(el1)
    if let mask = state.tasks[task].savedMask {
      state.tasks[task].savedMask = nil
      state.tasks[task].blocked = mask
    }
    state.tasks[task].hasSignals = false
    signals.lookForSignals()
  }

  /// Records that a signal is about to take effect.
  private func record(_ el1: EL1Interface, _ info: SignalInfo, _ action: SignalAction) {
    let handler = action.handler > SignalAction.ignored ? action.handler : 0
    el1.record(.signal, detail: UInt8(info.signal), UInt64(UInt32(bitPattern: info.code)), info.address, handler)
  }

  private func die(_ el1: EL1Interface, _ info: SignalInfo) {
    if state.currentProcess == .first { state.lastSignal = info }
    processes.die(el1, info)
  }

  /// Takes the next signal out of its queue. A signal that an instruction caused is forced and comes first, then the thread's own signals,
  /// then the process's. Nil if there is none, and if a tracer holds the task before the signal.
  private func nextSignal(_ task: TaskSlot) -> (info: SignalInfo, isForced: Bool)? {
    if let released = state.hold.released {
      state.hold.released = nil
      return (released.info, released.isForced)
    }
    let process = state.tasks[task].process
    if state[process].tellsContinued {
      state[process].tellsContinued = false
      signals.tellParentOfStop(process, ChildStatus.CONTINUED, Signal.SIGCONT)
    }
    let forced = state.tasks[task].forced
    state.tasks[task].forced = nil
    guard let info = forced ?? signals.takeSignal(task, outOf: ~state.tasks[task].blocked) else { return nil }
    if let tracer, !info.isForcedKill, info.signal != Signal.SIGKILL, tracer.holds(before: info.signal, in: state[process].id) {
      state.hold(.signal(info), isForced: forced != nil)
      return nil
    }
    return (info, forced != nil)
  }

  /// Makes an interrupted call run again: the PC returns to its SVC, and its arguments are still in their registers. A call that must not
  /// wait as long again is replaced by restart_syscall. Linux: arch/arm64/kernel/signal.c do_signal(), setup_restart_syscall().
  private func restartCall(_ el1: EL1Interface) {
    let task = state.current
    guard let restart = state.tasks[task].restart else { return }
    state.tasks[task].restart = nil
    if el1.traces(.systemCallResult) { el1.record(.systemCallResult, el1[x: 8], 0 &- restart.error) }
    if restart == .block { el1[x: 8] = 128 }
    el1[.ELR_EL1] &-= 4
  }

  /// Sets the result of an interrupted call before a handler runs: EINTR, unless the call runs again after the handler.
  private func settleCall(_ el1: EL1Interface, _ action: SignalAction) {
    let task = state.current
    guard let restart = state.tasks[task].restart else { return }
    let runsAgain = restart == .noInterrupt || restart == .system && action.flags & SignalActionFlags.RESTART != 0
    if runsAgain { return restartCall(el1) }
    state.tasks[task].restart = nil
    el1[x: 0] = UInt64(bitPattern: -Int64(Errno.EINTR.rawValue))
    if el1.traces(.systemCallResult) { el1.record(.systemCallResult, el1[x: 8], el1[x: 0]) }
  }

  /// Linux: handle_signal(), signal_setup_done().
  private func handle(_ el1: EL1Interface, _ info: SignalInfo, _ action: SignalAction) {
    let task = state.current
    settleCall(el1, action)
    if action.flags & SignalActionFlags.RESETHAND != 0 {
      var reset = action
      reset.handler = SignalAction.default
      state.setAction(state.currentProcess, info.signal, reset)
    }
    do {
      try setUpFrame(el1, info, action)
    } catch {
      if outOfMemory { return processes.die(el1, Signal.SIGKILL) }
      // If the frame cannot be written, the task gets SIGSEGV. If that happens for SIGSEGV itself, the process ends.
      if info.signal == Signal.SIGSEGV { return processes.die(el1, info) }
      return signals.force(SignalInfo(signal: Signal.SIGSEGV, code: SignalCode.SI_KERNEL, address: 0))
    }
    state.tasks[task].savedMask = nil
    var blocked = state.tasks[task].blocked | action.mask
    if action.flags & SignalActionFlags.NODEFER == 0 { blocked |= 1 << UInt64(info.signal - 1) }
    signals.setBlocked(blocked)
    if state.tasks[task].alternateStack.disarms { state.tasks[task].alternateStack = AlternateStack() }
  }

  /// Linux: setup_rt_frame(), get_sigframe(), setup_return().
  private func setUpFrame(_ el1: EL1Interface, _ info: SignalInfo, _ action: SignalAction) throws(Errno) {
    let task = state.current
    let alternate = state.tasks[task].alternateStack
    var top = el1[.SP_EL0]
    if action.flags & SignalActionFlags.ONSTACK != 0 && alternate.size != 0 && !alternate.contains(top) {
      top = alternate.base &+ alternate.size
    }
    let record = (top &- UInt64(SignalFrame.frameRecordSize)) & ~15
    let frame = record &- UInt64(SignalFrame.size)
    try user(el1).check(frame, top &- frame)
    var info = info
    if action.flags & SignalActionFlags.EXPOSE_TAGBITS == 0 && info.hidesTag {
      info.address = VirtualAddress(info.address).untagged.rawValue
    }
    let hasInformation = action.flags & SignalActionFlags.SIGINFO != 0
    try storeFrame(el1, at: frame, record: record, info, withInformation: hasInformation)
    el1[x: 0] = UInt64(info.signal)
    if hasInformation {
      el1[x: 1] = frame
      el1[x: 2] = frame + UInt64(SignalFrame.userContext)
    }
    el1[x: 29] = record
    let hasRestorer = action.flags & SignalActionFlags.RESTORER != 0
    el1[x: 30] = hasRestorer ? action.restorer : mm[state.tasks[task].mm].vdso &+ vdso.signalReturn
    el1[.SP_EL0] = frame
    el1[.ELR_EL1] = action.handler
    // A handler is entered like a function that is called, so its first instruction must be a landing pad for calls.
    if features.bti { el1[.SPSR_EL1] = el1[.SPSR_EL1] & ~(3 << 10) | 2 << 10 }
  }
}

extension Signals {
  /// Linux: dequeue_signal().
  func takeSignal(_ task: TaskSlot, outOf set: UInt64) -> SignalInfo? {
    let process = state.tasks[task].process
    while true {
      let info: SignalInfo
      if let index = Self.next(state.tasks[task].pending, set) {
        info = state.tasks[task].pending.remove(at: index)
      } else if let index = Self.next(state[process].pending, set) {
        info = state[process].pending.remove(at: index)
        if info.signal == Signal.SIGALRM { timers.restartRealTimer(process) }
      } else {
        return nil
      }
      if let info = timers.deliver(info, of: process) { return info }
    }
  }

  /// The index of the pending signal that is delivered next. Signals that instructions cause come first; then the lowest number wins, and
  /// of equal numbers the oldest. Linux: next_signal().
  private static func next(_ pending: [SignalInfo], _ set: UInt64) -> Int? {
    var best: Int?
    var bestRank = Int32.max
    for (index, info) in pending.enumerated() where set & (1 << UInt64(info.signal - 1)) != 0 {
      let rank = Signal.isSynchronous(info.signal) ? info.signal : info.signal + 64
      if rank < bestRank { (best, bestRank) = (index, rank) }
    }
    return best
  }
}
