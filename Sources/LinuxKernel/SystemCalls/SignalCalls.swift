// Owns the system calls that set, block and send signals.
// It does not know delivery. Linux: kernel/signal.c.
import Architecture
import LinuxMM

extension SignalCalls {
  func rtSigaction(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    if a[3] != 8 { throw .EINVAL }
    let signal = a.int(0)
    let process = tasks.currentProcess
    var new: SignalAction?
    if a[1] != 0 {
      let bytes = try user(el1).get(a[1], count: 32)
      new = SignalAction(
        handler: bytes.word64(0), flags: bytes.word64(8) & SignalActionFlags.known, restorer: bytes.word64(16),
        mask: bytes.word64(24) & ~SignalFrame.unblockable)
    }
    if signal < 1 || signal > Signal.count || (new != nil && (signal == Signal.SIGKILL || signal == Signal.SIGSTOP)) {
      throw .EINVAL
    }
    let old = tasks.action(process, signal)
    if let new {
      signals.setAction(process, signal, new)
      let isDropped =
        new.handler == SignalAction.ignored
        || new.handler == SignalAction.default && Signal.defaultAction(signal) == .ignore
      if isDropped { signals.dropPending(process) { $0 == signal } } else { timers.noteHandled(signal, by: process) }
    }
    if a[2] != 0 { try user(el1).put(a[2], (old.handler, old.flags, old.restorer, old.mask)) }
    return .done(0)
  }

  func rtSigprocmask(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    if a[3] != 8 { throw .EINVAL }
    let old = currentTask.blocked
    if a[1] != 0 {
      let set = try user(el1).get(a[1], as: UInt64.self) & ~SignalFrame.unblockable
      switch a.int(0) {
      case 0: signals.setBlocked(old | set)
      case 1: signals.setBlocked(old & ~set)
      case 2: signals.setBlocked(set)
      default: throw .EINVAL
      }
    }
    if a[2] != 0 { try user(el1).put(a[2], old) }
    return .done(0)
  }

  /// Signals that are pending and blocked.
  func rtSigpending(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    if a[1] > 8 { throw .EINVAL }
    var set: UInt64 = 0
    for info in currentTask.pending + tasks[tasks.currentProcess].pending { set |= 1 << UInt64(info.signal - 1) }
    let bytes = withUnsafeBytes(of: (set & currentTask.blocked).littleEndian) { Array($0.prefix(Int(a[1]))) }
    try user(el1).put(a[0], bytes)
    return .done(0)
  }

  func sigaltstack(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let new: [UInt8]? = a[0] != 0 ? try user(el1).get(a[0], count: 24) : nil
    let old = currentTask.alternateStack
    let use: UInt32 = old.size == 0 ? AlternateStack.DISABLE : old.contains(el1[.SP_EL0]) ? AlternateStack.ONSTACK : 0
    if let new { try signals.setAlternateStack(el1, new) }
    if a[1] != 0 { try user(el1).put(a[1], (old.base, UInt64(use | old.flags & AlternateStack.AUTODISARM), old.size)) }
    return .done(0)
  }

  /// rt_sigsuspend: replaces the mask until a signal is handled.
  func rtSigsuspend(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    if a[1] != 8 { throw .EINVAL }
    signals.setTemporaryMask(try user(el1).get(a[0], as: UInt64.self))
    return .sleep(on: .time, until: nil, then: .suspended)
  }

  /// rt_sigtimedwait(set, info, timeout, size): takes a signal, usually a blocked one, without a handler.
  func rtSigtimedwait(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    if a[3] != 8 { throw .EINVAL }
    let slot = tasks.current
    let set = try user(el1).get(a[0], as: UInt64.self) & ~SignalFrame.unblockable
    let time: UInt64? = a[2] != 0 ? try user(el1).duration(a[2]) : nil
    currentTask.awaited = 0
    if let info = signals.takeSignal(slot, outOf: set) {
      if a[1] != 0 { try user(el1).put(a[1], SignalFrame.information(info)) }
      return .done(UInt64(info.signal))
    }
    if time == 0 || sleeps.hasTimedOut { throw .EAGAIN }
    // If the call runs again and finds no signal of the set, another signal ended the wait.
    if sleeps.progress != 0 || tasks[slot].hasSignals { throw .EINTR }
    currentTask.awaited = set
    return .sleep(on: .time, until: time.map { GuestTime.later(now, by: $0) }, then: .again(done: 1))
  }

  // MARK: Sending

  /// kill: sends a signal to the process of a thread's id, to the group of a negated id, to the caller's group (0), or to all other
  /// processes but init (-1). Linux: kill_something_info().
  func kill(_ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let (id, signal) = (a.int(0), a.int(1))
    let info = SignalInfo(signal: signal, code: SignalCode.SI_USER, address: tasks.callerID)
    if id > 0 {
      guard let process = tasks.process(of: TaskID(id)) else { throw .ESRCH }
      try check(signal)
      if signal > 0 { try signals.send(info, to: process) }
      return .done(0)
    }
    if id == .min { throw .ESRCH }
    let caller = tasks.currentProcess
    let targets: [ProcessSlot]
    if id == -1 {
      targets = tasks.processes.ids.filter { $0 != caller && $0 != .initial }
    } else {
      targets = tasks.members(ofGroup: id == 0 ? tasks[caller].group : TaskID(-id))
    }
    if targets.isEmpty { throw .ESRCH }
    try check(signal)
    if signal > 0 { for target in targets { try signals.send(info, to: target) } }
    return .done(0)
  }

  func tkill(tid: Int32, signal: Int32) throws(Errno) -> SystemCallResult {
    if tid <= 0 { throw .EINVAL }
    return try sendToThread(nil, tid, SignalInfo(signal: signal, code: SignalCode.SI_TKILL, address: tasks.callerID))
  }
  func tgkill(_ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    if a.int(0) <= 0 || a.int(1) <= 0 { throw .EINVAL }
    let info = SignalInfo(signal: a.int(2), code: SignalCode.SI_TKILL, address: tasks.callerID)
    return try sendToThread(a.int(0), a.int(1), info)
  }

  /// rt_sigqueueinfo(pid, signal, info): sends a signal with the siginfo that the caller made.
  func rtSigqueueinfo(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let info = try queuedInfo(el1, a[2], signal: a.int(1), to: a.int(0))
    guard let process = tasks.process(of: TaskID(a.int(0))) else { throw .ESRCH }
    try check(info.signal)
    if info.signal > 0 { try signals.send(info, to: process) }
    return .done(0)
  }
  /// rt_tgsigqueueinfo(pid, tid, signal, info).
  func rtTgsigqueueinfo(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let info = try queuedInfo(el1, a[3], signal: a.int(2), to: a.int(1))
    if a.int(0) <= 0 || a.int(1) <= 0 { throw .EINVAL }
    return try sendToThread(a.int(0), a.int(1), info)
  }

  /// Reads the siginfo that a program made. Only in a signal to itself may it claim that the kernel, kill or tkill sent the signal.
  private func queuedInfo(_ el1: EL1Interface, _ address: UInt64, signal: Int32, to id: Int32) throws(Errno) -> SignalInfo {
    let bytes = try user(el1).get(address, count: 32)
    let code = Int32(bitPattern: bytes.word32(8))
    if (code >= 0 || code == SignalCode.SI_TKILL) && id != Int32(tasks.callerID) { throw .EPERM }
    return SignalInfo(signal: signal, code: code, address: bytes.word64(16), value: bytes.word64(24))
  }

  private func check(_ signal: Int32) throws(Errno) {
    if signal < 0 || signal > Signal.count { throw .EINVAL }
  }

  /// Sends a signal to a thread. Signal 0 only checks whether the thread exists. Linux: do_send_specific().
  private func sendToThread(_ process: Int32?, _ id: Int32, _ info: SignalInfo) throws(Errno) -> SystemCallResult {
    guard let slot = tasks.slot(of: TaskID(id)) else { throw .ESRCH }
    if let process, tasks[tasks[slot].process].id.rawValue != process { throw .ESRCH }
    try check(info.signal)
    if info.signal > 0 { try signals.send(info, toThread: slot) }
    return .done(0)
  }
}

extension Signals {
  /// Sets the alternate stack from the 24 bytes of a stack_t. Linux: do_sigaltstack().
  func setAlternateStack(_ el1: EL1Interface, _ bytes: [UInt8]) throws(Errno) {
    var new = AlternateStack(base: bytes.word64(0), size: bytes.word64(16), flags: bytes.word32(8))
    let old = state.currentTask.alternateStack
    if old.contains(el1[.SP_EL0]) { throw .EPERM }
    let mode = new.flags & ~AlternateStack.AUTODISARM
    if mode > AlternateStack.DISABLE { throw .EINVAL }
    if new == old { return }
    if mode == AlternateStack.DISABLE {
      (new.base, new.size) = (0, 0)
    } else if new.size < AlternateStack.minimumSize {
      throw .ENOMEM
    }
    state.currentTask.alternateStack = new
  }
}
