// Owns sending a signal to a thread or a process: whether the signal is queued, and which thread it wakes, stops or ends. It does not know
// delivery. Linux: kernel/signal.c __send_signal_locked(), prepare_signal(), complete_signal().
import Architecture
import LinuxMM

extension Signals {
  /// The action of a process for a signal.
  func action(_ process: ProcessSlot, _ signal: Int32) -> SignalAction {
    state.handlers[state[process].handlers].actions[Int(signal)]
  }
  /// Sets the action of a process for a signal.
  func setAction(_ process: ProcessSlot, _ signal: Int32, _ action: SignalAction) { state.setAction(process, signal, action) }

  /// Sends a signal that an instruction of the running task caused. If it is blocked or ignored, it kills. Linux: force_sig_info_to_task().
  func force(_ info: SignalInfo) {
    state[state.current].forced = info
    state[state.current].hasSignals = true
    state.hasWork = true
  }

  /// Tells the running task that its page at an address is lost. The frame keeps the fault_code of the last abort. Linux: kill_proc().
  func tellOfFailure(_ address: UInt64?) {
    guard let address else { return }
    force(SignalInfo(signal: Signal.SIGBUS, code: SignalCode.BUS_MCEERR_AR, address: address, addressLSB: 12))
  }

  /// Forces a signal, and records fault_address 0 and the given fault_code for the signal frame. Linux: arm64_notify_die().
  func force(_ info: SignalInfo, faultCode: UInt64) {
    state[state.current].faultAddress = 0
    state[state.current].faultCode = faultCode
    force(info)
  }

  /// Sends SIGILL for the current instruction. An undefined instruction leaves fault_code 0. An exception class that Linux does not expect
  /// from EL0 leaves its ESR. Linux: do_el0_undef(), bad_el0_sync().
  func illegalInstruction(_ el1: EL1Interface, faultCode: UInt64 = 0) {
    force(SignalInfo(signal: Signal.SIGILL, code: SignalCode.ILL_ILLOPC, address: el1[.ELR_EL1]), faultCode: faultCode)
  }

  /// Sends a signal to a process. Any of its threads may take it.
  func send(_ info: SignalInfo, to process: ProcessSlot) throws(Errno) {
    if state[process].isZombie || state[process].groupExitCode != nil { return }
    guard let leader = state[process].threads.first, prepare(info.signal, leader) else { return }
    let limit = state[process].limits.queuedSignals
    if try queue(info, &state[process].pending, limit) { complete(info, leader, toThread: false) }
  }

  /// Sends a signal to the running task's process as if the process itself had sent it. SIGPIPE is one.
  func sendToCaller(_ signal: Int32) throws(Errno) {
    try send(SignalInfo(signal: signal, code: SignalCode.SI_USER, address: state.callerID), toThread: state.current)
  }

  /// Sends a signal to one thread.
  func send(_ info: SignalInfo, toThread slot: TaskSlot) throws(Errno) {
    if state[state.tasks[slot].process].groupExitCode != nil || !prepare(info.signal, slot) { return }
    let limit = state[state.tasks[slot].process].limits.queuedSignals
    if try queue(info, &state.tasks[slot].pending, limit) { complete(info, slot, toThread: true) }
  }

  /// A standard signal that is pending already is not queued twice; real-time signals are, up to RLIMIT_SIGPENDING. A POSIX timer's has
  /// a place of its own.
  private func queue(_ info: SignalInfo, _ pending: inout [SignalInfo], _ limit: UInt64) throws(Errno) -> Bool {
    if info.timer != nil {
      // What is there once already counts for the new time too.
      pending.removeAll { $0.timer?.id == info.timer?.id }
    } else if info.signal < Signal.firstRealTime {
      if pending.contains(where: { $0.signal == info.signal }) { return false }
    } else if UInt64(pending.count) >= limit {
      throw .EAGAIN
    }
    pending.append(info)
    return true
  }

  /// Prepares the sending of a signal: a stop signal removes a pending SIGCONT, and SIGCONT removes pending stop signals and continues the
  /// process, even if SIGCONT itself is ignored or blocked. False if the signal is ignored. Linux: prepare_signal(), sig_ignored().
  private func prepare(_ signal: Int32, _ slot: TaskSlot) -> Bool {
    let process = state.tasks[slot].process
    // Init ignores what it has no handler for, SIGKILL too, and this init has no handlers. Linux: SIGNAL_UNKILLABLE.
    if process == .initial { return false }
    if Signal.stops(signal) {
      dropPending(process) { $0 == Signal.SIGCONT }
    } else if signal == Signal.SIGCONT {
      dropPending(process, Signal.stops)
      if state[process].isStopped {
        state[process].stopSignal = 0
        state[process].wasContinued = true
        state[process].tellsContinued = true
        for thread in state[process].threads { state.tasks[thread].hasSignals = true }
        continueThreads(process)
      }
    }
    return !isIgnored(signal, slot)
  }

  /// Whether a signal to a thread is not even queued. Linux: sig_ignored().
  func isIgnored(_ signal: Int32, _ slot: TaskSlot) -> Bool {
    if state.tasks[slot].blocked & (1 << UInt64(signal - 1)) != 0 { return false }
    let action = action(state.tasks[slot].process, signal)
    return action.handler == SignalAction.ignored || action.handler == SignalAction.default && Signal.isIgnoredByDefault(signal)
  }

  /// Removes signals from the queues of a process and of its threads.
  func dropPending(_ process: ProcessSlot, _ isDropped: (Int32) -> Bool) {
    state[process].pending.removeAll { isDropped($0.signal) }
    for thread in state[process].threads { state.tasks[thread].pending.removeAll { isDropped($0.signal) } }
  }

  /// Finds a thread that will take the signal. A signal that ends the process without a core dump ends it at once. Linux:
  /// complete_signal(), wants_signal().
  private func complete(_ info: SignalInfo, _ slot: TaskSlot, toThread: Bool) {
    let process = state.tasks[slot].process
    let bit: UInt64 = 1 << UInt64(info.signal - 1)
    func wants(_ thread: TaskSlot) -> Bool {
      if state.tasks[thread].blocked & ~state.tasks[thread].awaited & bit != 0 { return false }
      if info.signal == Signal.SIGKILL { return true }
      return !state[process].isStopped && (thread == state.current || !state.tasks[thread].hasSignals)
    }
    let candidates = toThread ? [slot] : state[process].threads
    guard let target = wants(slot) ? slot : candidates.first(where: wants) else { return }
    let isAwaited = state.tasks[target].awaited & bit != 0
    if !isAwaited && state.action(process, info.signal).handler == SignalAction.default
      && Signal.defaultAction(info.signal) == .terminate && !Signal.dumpsCore(info.signal)
    {
      if process == .first { state.lastSignal = info }
      return endGroup(process, code: info.signal)
    }
    if isAwaited && state.tasks[target].blocked & bit != 0 { return scheduler.wakeUp(target) }
    notice(target)
  }

  /// Makes a task check its signals before it returns, and ends its sleep if signals may interrupt the sleep. Linux: signal_wake_up().
  private func notice(_ slot: TaskSlot) {
    state.tasks[slot].hasSignals = true
    if slot == state.current { state.hasWork = true }
    if !state.tasks[slot].isKillable { scheduler.wakeUp(slot) }
  }

  /// Recomputes whether the running task has a pending signal, its own or its process's, that is not blocked. Linux: recalc_sigpending().
  func lookForSignals() {
    let slot = state.current
    let blocked = state.tasks[slot].blocked
    func isOpen(_ info: SignalInfo) -> Bool { blocked & (1 << UInt64(info.signal - 1)) == 0 }
    let process = state.tasks[slot].process
    if state.tasks[slot].pending.contains(where: isOpen) || state[process].pending.contains(where: isOpen) {
      state.tasks[slot].hasSignals = true
      state.hasWork = true
    }
  }

  /// Changes the running task's mask. If the task now blocks a signal that is pending for the process, another thread may take that signal.
  /// Linux: __set_task_blocked(), retarget_shared_pending().
  func setBlocked(_ mask: UInt64) {
    let task = state.current
    state[task].blocked = mask & ~SignalFrame.unblockable
    lookForSignals()
    retarget(state.tasks[task].process, but: task)
  }

  /// Another mask for the time of a call. Linux: set_user_sigmask().
  func setTemporaryMask(_ mask: UInt64) {
    state[state.current].savedMask = state[state.current].blocked
    setBlocked(mask)
  }
  /// The mask from before such a call that no signal interrupted. Linux: restore_saved_sigmask().
  func restoreMask() {
    guard let mask = state[state.current].savedMask else { return }
    state[state.current].savedMask = nil
    setBlocked(mask)
  }

  func retarget(_ process: ProcessSlot, but keeper: TaskSlot) {
    if state[process].threads.count < 2 || state[process].pending.isEmpty { return }
    var pending: UInt64 = 0
    for info in state[process].pending { pending |= 1 << UInt64(info.signal - 1) }
    for thread in state[process].threads where thread != keeper && pending & ~state.tasks[thread].blocked != 0 { notice(thread) }
  }

  // MARK: Stopping

  /// Stops the running task's process because of a signal. Linux: do_signal_stop().
  func stopProcess(_ signal: Int32) {
    let process = state.currentProcess
    state[process].isStopped = true
    state[process].stopSignal = signal
    state[process].wasContinued = false
    for thread in state[process].threads where state.tasks[thread].run == .running || state.tasks[thread].run == .runnable {
      state.tasks[thread].run = .stopped
    }
    state.runQueue.removeAll { state.tasks[$0].run == .stopped }
    state.hasWork = true
    tellParentOfStop(process, ChildStatus.STOPPED, signal)
  }

  /// Linux: wake_up_state(__TASK_STOPPED) of every thread.
  func continueThreads(_ process: ProcessSlot) {
    if !state[process].isStopped { return }
    state[process].isStopped = false
    for thread in state[process].threads where state.tasks[thread].run == .stopped { scheduler.enqueue(thread) }
  }

  /// Linux: do_notify_parent_cldstop().
  func tellParentOfStop(_ process: ProcessSlot, _ code: Int32, _ status: Int32) {
    guard let parent = state[process].parent else { return }
    let action = state.action(parent, Signal.SIGCHLD)
    if action.handler != SignalAction.ignored && action.flags & SignalActionFlags.NOCLDSTOP == 0 {
      let info = SignalInfo(
        signal: Signal.SIGCHLD, code: code, address: UInt64(state[process].id.rawValue), value: UInt64(status))
      try? send(info, to: parent)
    }
    scheduler.wake(.child(parent))
  }
}
