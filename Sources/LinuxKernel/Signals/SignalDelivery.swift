// Owns what happens to a pending signal: its default action, or a handler's frame on the user's stack.
// It does not know why a signal was sent. Linux: kernel/signal.c, arch/arm64/kernel/signal.c.
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
  /// What rt_sigaction keeps: unknown bits are dropped, so that a program can ask which are known. Linux: UAPI_SA_FLAGS.
  static let known = NOCLDSTOP | NOCLDWAIT | SIGINFO | EXPOSE_TAGBITS | RESTORER | ONSTACK | RESTART | NODEFER | RESETHAND
}

extension Kernel {
  // MARK: Sending

  /// A signal that the instruction itself causes; blocked or ignored, it kills. Linux: force_sig_info_to_task().
  func force(_ info: SignalInfo) {
    state.tasks[state.current].forced = info
    state.hasSignals = true
  }

  /// Forces a signal and records what the frame says of its cause: fault_address 0, fault_code as given.
  /// Linux: arm64_notify_die().
  func force(_ info: SignalInfo, faultCode: UInt64) {
    state.tasks[state.current].faultAddress = 0
    state.tasks[state.current].faultCode = faultCode
    force(info)
  }

  /// Queues a signal for the running task. A standard signal that is pending already is not queued twice; real-time signals
  /// are, up to RLIMIT_SIGPENDING. Linux: __send_signal_locked().
  func send(_ info: SignalInfo) throws(Errno) {
    let task = state.current
    if info.signal < Signal.firstRealTime {
      if state.tasks[task].pending.contains(where: { $0.signal == info.signal }) { return }
    } else if state.tasks[task].pending.count >= ResourceLimits.pendingSignals {
      throw .EAGAIN
    }
    state.tasks[task].pending.append(info)
    state.hasSignals = true
  }

  // MARK: Delivery

  /// Delivers all that is pending and not blocked, each frame on top of the one before. A verdict means that the task is over.
  /// Linux: exit_to_user_mode_loop(), do_signal(), get_signal().
  func deliverSignals(_ el1: EL1Interface) -> SupervisorVerdict? {
    let task = state.current
    while true {
      if let info = state.tasks[task].forced {
        state.tasks[task].forced = nil
        state.lastSignal = info
        let bit: UInt64 = 1 << UInt64(info.signal - 1)
        let action = state.tasks[task].actions[Int(info.signal)]
        if info.isForcedKill || action.handler <= SignalAction.ignored || state.tasks[task].blocked & bit != 0 {
          return kill(info.signal)
        }
        if let verdict = handle(el1, info, action) { return verdict }
        continue
      }
      guard let index = nextPending(task) else {
        state.hasSignals = false
        return nil
      }
      let info = state.tasks[task].pending.remove(at: index)
      let action = state.tasks[task].actions[Int(info.signal)]
      if action.handler == SignalAction.ignored { continue }
      if action.handler == SignalAction.default {
        switch Signal.defaultAction(info.signal) {
        case .ignore: continue
        case .stop:
          // There is no one who could continue the only task.
          state.verdict = .deadlock
          return .deadlock
        case .terminate:
          state.lastSignal = info
          return kill(info.signal)
        }
      }
      state.lastSignal = info
      if let verdict = handle(el1, info, action) { return verdict }
    }
  }

  /// The pending signal whose turn it is: those that instructions cause first, then by number, then the oldest.
  /// Linux: next_signal().
  private func nextPending(_ task: Int) -> Int? {
    let blocked = state.tasks[task].blocked
    var best: Int?
    var bestRank = Int32.max
    for (index, info) in state.tasks[task].pending.enumerated() where blocked & (1 << UInt64(info.signal - 1)) == 0 {
      let rank = Signal.isSynchronous(info.signal) ? info.signal : info.signal + 64
      if rank < bestRank { (best, bestRank) = (index, rank) }
    }
    return best
  }

  /// Linux: handle_signal(), signal_setup_done().
  private func handle(_ el1: EL1Interface, _ info: SignalInfo, _ action: SignalAction) -> SupervisorVerdict? {
    let task = state.current
    if action.flags & SignalActionFlags.RESETHAND != 0 { state.tasks[task].actions[Int(info.signal)].handler = SignalAction.default }
    do {
      try setUpFrame(el1, info, action)
    } catch {
      if state.outOfMemory { return kill(Signal.SIGKILL) }
      // A frame that cannot be written becomes a SIGSEGV, and for a SIGSEGV the end.
      if info.signal == Signal.SIGSEGV { return kill(Signal.SIGSEGV) }
      force(SignalInfo(signal: Signal.SIGSEGV, code: SignalCode.SI_KERNEL, address: 0))
      return nil
    }
    var blocked = state.tasks[task].blocked | action.mask
    if action.flags & SignalActionFlags.NODEFER == 0 { blocked |= 1 << UInt64(info.signal - 1) }
    state.tasks[task].blocked = blocked & ~SignalFrame.unblockable
    if state.tasks[task].alternateStack.disarms { state.tasks[task].alternateStack = AlternateStack() }
    return nil
  }

  /// Linux: setup_rt_frame(), get_sigframe(), setup_return().
  private func setUpFrame(_ el1: EL1Interface, _ info: SignalInfo, _ action: SignalAction) throws(Errno) {
    let alternate = state.tasks[state.current].alternateStack
    var top = el1[.SP_EL0]
    if action.flags & SignalActionFlags.ONSTACK != 0 && alternate.size != 0 && !alternate.contains(top) {
      top = alternate.base &+ alternate.size
    }
    let record = (top &- UInt64(SignalFrame.frameRecordSize)) & ~15
    let frame = record &- UInt64(SignalFrame.size)
    try checkUserRange(frame, top &- frame)
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
    el1[x: 30] = action.flags & SignalActionFlags.RESTORER != 0 ? action.restorer : SignalTrampoline.address
    el1[.SP_EL0] = frame
    el1[.ELR_EL1] = action.handler
  }
}

/// The page that holds the code a handler returns to where the program named none. Linux: the vDSO's __kernel_rt_sigreturn.
enum SignalTrampoline {
  static let address: UInt64 = Layout48.taskSize - (96 << 20)
  /// mov x8, #139; svc #0
  static let code: [UInt8] = [0x68, 0x11, 0x80, 0xd2, 0x01, 0x00, 0x00, 0xd4]
}
