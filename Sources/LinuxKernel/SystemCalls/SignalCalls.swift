// Owns the system calls that set, block and send signals.
// It does not know delivery. Linux: kernel/signal.c.
import Architecture
import LinuxMM

extension Kernel {
  func rtSigaction(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    if a[3] != 8 { throw .EINVAL }
    let signal = a.int(0)
    let task = state.current
    var new: SignalAction?
    if a[1] != 0 {
      let bytes = try getUser(el1, a[1], count: 32)
      new = SignalAction(
        handler: bytes.word64(0), flags: bytes.word64(8) & SignalActionFlags.known, restorer: bytes.word64(16),
        mask: bytes.word64(24) & ~SignalFrame.unblockable)
    }
    if signal < 1 || signal > Signal.count || (new != nil && (signal == Signal.SIGKILL || signal == Signal.SIGSTOP)) {
      throw .EINVAL
    }
    let old = state.tasks[task].actions[Int(signal)]
    if let new {
      state.tasks[task].actions[Int(signal)] = new
      let isDropped =
        new.handler == SignalAction.ignored
        || new.handler == SignalAction.default && Signal.defaultAction(signal) == .ignore
      if isDropped { state.tasks[task].pending.removeAll { $0.signal == signal } }
    }
    if a[2] != 0 { try putUser(el1, a[2], (old.handler, old.flags, old.restorer, old.mask)) }
    return .done(0)
  }

  func rtSigprocmask(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    if a[3] != 8 { throw .EINVAL }
    let task = state.current
    let old = state.tasks[task].blocked
    if a[1] != 0 {
      let set = try getUser(el1, a[1], as: UInt64.self, 0) & ~SignalFrame.unblockable
      switch a.int(0) {
      case 0: state.tasks[task].blocked = old | set
      case 1: state.tasks[task].blocked = old & ~set
      case 2: state.tasks[task].blocked = set
      default: throw .EINVAL
      }
      lookForSignals()
    }
    if a[2] != 0 { try putUser(el1, a[2], old) }
    return .done(0)
  }

  /// Signals that are pending and blocked.
  func rtSigpending(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    if a[1] > 8 { throw .EINVAL }
    var set: UInt64 = 0
    for info in state.tasks[state.current].pending { set |= 1 << UInt64(info.signal - 1) }
    let bytes = withUnsafeBytes(of: (set & state.tasks[state.current].blocked).littleEndian) { Array($0.prefix(Int(a[1]))) }
    try putUser(el1, a[0], bytes)
    return .done(0)
  }

  /// A change of the mask may let a pending signal through. Linux: recalc_sigpending().
  func lookForSignals() {
    if !state.tasks[state.current].pending.isEmpty { state.hasSignals = true }
  }

  func sigaltstack(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let new: [UInt8]? = a[0] != 0 ? try getUser(el1, a[0], count: 24) : nil
    let old = state.tasks[state.current].alternateStack
    let use: UInt32 = old.size == 0 ? AlternateStack.DISABLE : old.contains(el1[.SP_EL0]) ? AlternateStack.ONSTACK : 0
    if let new { try setAlternateStack(el1, new) }
    if a[1] != 0 { try putUser(el1, a[1], (old.base, UInt64(use | old.flags & AlternateStack.AUTODISARM), old.size)) }
    return .done(0)
  }

  /// Makes a stack_t (24 bytes) the alternate stack. Linux: do_sigaltstack().
  func setAlternateStack(_ el1: EL1Interface, _ bytes: [UInt8]) throws(Errno) {
    var new = AlternateStack(base: bytes.word64(0), size: bytes.word64(16), flags: bytes.word32(8))
    let old = state.tasks[state.current].alternateStack
    if old.contains(el1[.SP_EL0]) { throw .EPERM }
    let mode = new.flags & ~AlternateStack.AUTODISARM
    if mode > AlternateStack.DISABLE { throw .EINVAL }
    if new == old { return }
    if mode == AlternateStack.DISABLE {
      (new.base, new.size) = (0, 0)
    } else if new.size < AlternateStack.minimumSize {
      throw .ENOMEM
    }
    state.tasks[state.current].alternateStack = new
  }

  /// kill: the one process, by its id, as a group, or as its group's id. Everybody (-1) leaves the caller out.
  func kill(_ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let id = Int32(currentID)
    if a.int(0) != id && a.int(0) != 0 && a.int(0) != -id || a.int(0) == -1 { throw .ESRCH }
    return try sendToSelf(a.int(1), SignalCode.SI_USER)
  }
  func tkill(tid: Int32, signal: Int32) throws(Errno) -> SystemCallResult {
    if tid <= 0 { throw .EINVAL }
    if tid != Int32(currentID) { throw .ESRCH }
    return try sendToSelf(signal, SignalCode.SI_TKILL)
  }
  func tgkill(_ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    if a.int(0) <= 0 || a.int(1) <= 0 { throw .EINVAL }
    if a.int(0) != Int32(currentID) { throw .ESRCH }
    return try tkill(tid: a.int(1), signal: a.int(2))
  }

  private func sendToSelf(_ signal: Int32, _ code: Int32) throws(Errno) -> SystemCallResult {
    if signal < 0 || signal > Signal.count { throw .EINVAL }
    // Signal 0 only asks whether the process is there.
    if signal > 0 { try send(SignalInfo(signal: signal, code: code, address: currentID)) }
    return .done(0)
  }
}
