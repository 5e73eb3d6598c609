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
        handler: SignalFrame.load64(bytes, 0), flags: SignalFrame.load64(bytes, 8), restorer: SignalFrame.load64(bytes, 16),
        mask: SignalFrame.load64(bytes, 24) & ~SignalFrame.unblockable)
    }
    if signal < 1 || signal > Signal.count || (new != nil && (signal == Signal.SIGKILL || signal == Signal.SIGSTOP)) {
      throw .EINVAL
    }
    let old = state.tasks[task].actions[Int(signal)]
    if let new {
      state.tasks[task].actions[Int(signal)] = new
      if new.handler == 1 { state.tasks[task].pending.removeAll { $0.signal == signal } }
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
    }
    if a[2] != 0 { try putUser(el1, a[2], old) }
    return .done(0)
  }

  func rtSigreturn(_ el1: EL1Interface) -> SystemCallResult {
    restoreFrame(el1)
    return .registersSet
  }

  func sigaltstack(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let task = state.current
    let old = state.tasks[task].alternateStack
    let onStack = old.contains(el1[.SP_EL0])
    if a[0] != 0 {
      let bytes = try getUser(el1, a[0], count: 24)
      let flags = SignalFrame.load32(bytes, 8)
      let mode = flags & ~0x8000_0000
      if onStack { throw .EPERM }
      if mode > 2 { throw .EINVAL }
      let new = AlternateStack(base: SignalFrame.load64(bytes, 0), size: SignalFrame.load64(bytes, 16), flags: flags)
      if mode != 2 && new.size < 5120 { throw .ENOMEM }
      state.tasks[task].alternateStack = mode == 2 ? AlternateStack() : new
    }
    if a[1] != 0 { try putUser(el1, a[1], (old.base, old.size == 0 ? 2 as UInt64 : onStack ? 1 : 0, old.size)) }
    return .done(0)
  }

  func kill(_ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    // The one process, its group, or everybody who may be signalled.
    let pid = a.int(0)
    if pid != Int32(currentID) && pid != 0 && pid != -1 && pid != -Int32(currentID) { throw .ESRCH }
    return try sendToSelf(a.int(1), SignalCode.SI_USER)
  }
  func tkill(tid: Int32, signal: Int32) throws(Errno) -> SystemCallResult {
    if tid <= 0 { throw .EINVAL }
    if tid != Int32(currentID) { throw .ESRCH }
    return try sendToSelf(signal, SignalCode.SI_TKILL)
  }
  func tgkill(_ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    if a.int(0) <= 0 { throw .EINVAL }
    if a.int(0) != Int32(currentID) { throw .ESRCH }
    return try tkill(tid: a.int(1), signal: a.int(2))
  }

  private func sendToSelf(_ signal: Int32, _ code: Int32) throws(Errno) -> SystemCallResult {
    if signal < 0 || signal > Signal.count { throw .EINVAL }
    if signal > 0 {
      // A standard signal that is already pending is not queued twice.
      let task = state.current
      if signal >= 32 || !state.tasks[task].pending.contains(where: { $0.signal == signal }) {
        if state.tasks[task].pending.count < 4096 {
          state.tasks[task].pending.append(SignalInfo(signal: signal, code: code, address: currentID))
        }
      }
    }
    return .done(0)
  }
}
