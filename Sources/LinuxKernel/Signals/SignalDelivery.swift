// Owns what happens to a pending signal: its default action, or a handler's frame on the user's stack.
// It does not know why a signal was sent. Linux: kernel/signal.c, arch/arm64/kernel/signal.c.
import Architecture
import LinuxMM

/// SA_* flags.
enum SignalActionFlags {
  static let SIGINFO: UInt64 = 0x4
  static let RESTORER: UInt64 = 0x0400_0000
  static let ONSTACK: UInt64 = 0x0800_0000
  static let NODEFER: UInt64 = 0x4000_0000
  static let RESETHAND: UInt64 = 0x8000_0000
  static let EXPOSE_TAGBITS: UInt64 = 0x800
}

extension Kernel {
  /// Delivers what is pending. A verdict means that the task died.
  func deliverSignals(_ el1: EL1Interface) -> SupervisorVerdict? {
    let task = state.current
    if let info = state.tasks[task].forced {
      state.tasks[task].forced = nil
      state.lastSignal = info
      let bit: UInt64 = 1 << UInt64(info.signal - 1)
      let action = state.tasks[task].actions[Int(info.signal)]
      // A signal that the instruction itself causes cannot be blocked or ignored.
      if info.isForcedKill || action.handler <= 1 || state.tasks[task].blocked & bit != 0 { return kill(info.signal) }
      return handle(el1, info, action)
    }
    var index = 0
    while index < state.tasks[task].pending.count {
      let info = state.tasks[task].pending[index]
      if state.tasks[task].blocked & (1 << UInt64(info.signal - 1)) != 0 && info.signal != Signal.SIGKILL {
        index += 1
        continue
      }
      state.tasks[task].pending.remove(at: index)
      let action = state.tasks[task].actions[Int(info.signal)]
      if action.handler == 1 { continue }
      if action.handler == 0 {
        if Self.ignoredByDefault.contains(info.signal) { continue }
        state.lastSignal = info
        return kill(info.signal)
      }
      state.lastSignal = info
      return handle(el1, info, action)
    }
    return nil
  }

  /// Signals whose default is to do nothing; those that would stop a process do nothing either: there is no one to continue it.
  private static let ignoredByDefault: [Int32] = [
    Signal.SIGCHLD, Signal.SIGCONT, Signal.SIGURG, Signal.SIGWINCH, Signal.SIGSTOP, Signal.SIGTSTP, Signal.SIGTTIN,
    Signal.SIGTTOU,
  ]

  /// Linux: handle_signal(), signal_setup_done().
  private func handle(_ el1: EL1Interface, _ info: SignalInfo, _ action: SignalAction) -> SupervisorVerdict? {
    let task = state.current
    do {
      try setUpFrame(el1, info, action)
    } catch {
      // A frame that cannot be written becomes a SIGSEGV, and for a SIGSEGV the end.
      if info.signal == Signal.SIGSEGV { return kill(Signal.SIGSEGV) }
      state.tasks[task].forced = SignalInfo(signal: Signal.SIGSEGV, code: SignalCode.SI_KERNEL, address: 0)
      return deliverSignals(el1)
    }
    var blocked = state.tasks[task].blocked | action.mask
    if action.flags & SignalActionFlags.NODEFER == 0 { blocked |= 1 << UInt64(info.signal - 1) }
    state.tasks[task].blocked = blocked & ~SignalFrame.unblockable
    if action.flags & SignalActionFlags.RESETHAND != 0 { state.tasks[task].actions[Int(info.signal)].handler = 0 }
    return nil
  }

  /// Linux: setup_rt_frame(), setup_return().
  private func setUpFrame(_ el1: EL1Interface, _ info: SignalInfo, _ action: SignalAction) throws(Errno) {
    let task = state.current
    let alternate = state.tasks[task].alternateStack
    var top = el1[.SP_EL0]
    if action.flags & SignalActionFlags.ONSTACK != 0 && alternate.size != 0 && !alternate.contains(top) {
      top = alternate.base &+ alternate.size
    }
    let record = (top &- 16) & ~15
    let frame = record &- UInt64(SignalFrame.size)
    if alternate.contains(el1[.SP_EL0]) && !alternate.contains(frame) && action.flags & SignalActionFlags.ONSTACK != 0 {
      throw .EFAULT
    }
    let bytes = SignalFrame.encode(el1, info: info, task: state.tasks[task])
    try putUser(el1, frame, bytes)
    try putUser(el1, record, (el1[x: 29], el1[x: 30]))
    el1[x: 0] = UInt64(info.signal)
    if action.flags & SignalActionFlags.SIGINFO != 0 {
      el1[x: 1] = frame
      el1[x: 2] = frame + UInt64(SignalFrame.userContext)
    }
    el1[x: 29] = record
    el1[x: 30] = action.flags & SignalActionFlags.RESTORER != 0 ? action.restorer : SignalTrampoline.address
    el1[.SP_EL0] = frame
    el1[.ELR_EL1] = action.handler
    var state = ProcessorState(rawValue: el1[.SPSR_EL1])
    state.branchType = 0
    el1[.SPSR_EL1] = state.rawValue
  }
}

/// The page that holds the code a handler returns to where the program named none. Linux: the vDSO's __kernel_rt_sigreturn.
enum SignalTrampoline {
  static let address: UInt64 = Layout48.taskSize - (96 << 20)
  /// mov x8, #139; svc #0
  static let code: [UInt8] = [0x68, 0x11, 0x80, 0xd2, 0x01, 0x00, 0x00, 0xd4]
}
