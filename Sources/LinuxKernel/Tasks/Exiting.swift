// Owns the end of threads and processes: the notices to other tasks, and the new parent of the children. It does not know the results of
// wait. Linux: kernel/exit.c, kernel/fork.c mm_release().
import Architecture
import LinuxMM

extension Processes {
  /// exit(status) ends this thread.
  func exit(_ el1: EL1Interface, _ a: SystemCallArguments) -> SystemCallResult {
    exitTask(el1, code: (a.int(0) & 0xff) << 8)
    return .registersSet
  }

  /// exit_group(status) ends all threads. This one ends at once.
  func exitGroup(_ el1: EL1Interface, _ a: SystemCallArguments) -> SystemCallResult {
    signals.endGroup(state.currentProcess, code: (a.int(0) & 0xff) << 8)
    exitTask(el1, code: (a.int(0) & 0xff) << 8)
    return .registersSet
  }

  /// The bit of the wait status that reports a core file.
  static var coreBit: Int32 { 0x80 }

  /// Ends the running task's process because of a signal, and writes a core file where the signal and the process's settings ask for one.
  /// Linux: get_signal(), do_group_exit().
  func die(_ el1: EL1Interface, _ signal: SignalInfo, isDelivered: Bool = true) {
    tellDeath(state.currentProcess, signal.signal, isDelivered ? signal : nil)
    let isFirst = state[state.currentProcess].groupExitCode == nil
    if isFirst && state.currentProcess == .first { tellCore(el1, signal) }
    let code = signal.signal | (isFirst && dumpCore(el1, signal) ? Self.coreBit : 0)
    signals.endGroup(state.currentProcess, code: code)
    exitTask(el1, code: code)
  }
  func die(_ el1: EL1Interface, _ signal: Int32) {
    die(el1, SignalInfo(signal: signal, code: SignalCode.SI_KERNEL, address: 0), isDelivered: false)
  }

  /// Ends the running task. The end of the first process ends the run and leaves the process's memory and files as they were, so that they
  /// can be examined. Linux: do_exit().
  func exitTask(_ el1: EL1Interface, code: Int32) {
    let slot = state.current
    let process = state.tasks[slot].process
    let isLast = state[process].threads.count == 1
    state.hasWork = true
    // If no call has ended the whole group, the group's status is the status of its last thread. Linux: synchronize_group_exit().
    if isLast && state[process].groupExitCode == nil { state[process].groupExitCode = code }
    if el1.traces(.taskEnded) {
      el1.record(.taskEnded, UInt64(state.tasks[slot].id.rawValue), UInt64(UInt32(bitPattern: code)), isLast ? 1 : 0)
    }
    if process == .first, let status = state[process].groupExitCode {
      verdict = status & 0x7f != 0 ? .killed(signal: status & 0x7f) : .exited(status: status >> 8)
      return
    }
    let resident = mm[state.tasks[slot].mm].residentPages
    leaveMM(el1)
    files.releaseFiles(el1, state.tasks[slot].files)
    files.releaseFS(el1, state.tasks[slot].fs)
    scheduler.chargeTime()
    state[process].endedThreads.add(times.usage(ofTask: slot, resident: resident))
    state[process].endedIO.add(state.tasks[slot].io)
    state[process].threads.removeAll { $0 == slot }
    // The task stays in the table until another task has its PE. Linux: finish_task_switch().
    state.tasks[slot].run = .dead
    state.numbers.removeThread(state.tasks[slot].id, slot)
    state.liveTasks -= 1
    if isLast {
      state[process].remains = ThreadRemains(state.tasks[slot], SignalSets(state.handlers[state[process].handlers]))
      exitProcess(el1, process)
    } else {
      scheduler.wake(.threads(process))
    }
  }

  /// Leaves the address space. It releases the robust futexes that the thread holds, and wakes the tasks that wait for the thread's end or
  /// for a vfork child. Linux: exit_mm_release(), mm_release(), exit_mm().
  func leaveMM(_ el1: EL1Interface) {
    let slot = state.current
    let space = state.tasks[slot].mm
    robustLists.exitRobustList(el1)
    futexes.exitLocks()
    let address = state.tasks[slot].clearChildTID
    if address != 0 && mm[space].users > 1 {
      try? user(el1).put(address, 0 as Int32)
      _ = try? futexes.futexWake(el1, address, isPrivate: false, count: 1)
    }
    state.tasks[slot].clearChildTID = 0
    scheduler.wake(.vfork(state.tasks[slot].id))
    removeUser(el1, of: space)
  }

  /// Ends a process after its last thread has ended. Its children lose their parent, and its own parent is notified. Linux: exit_notify().
  private func exitProcess(_ el1: EL1Interface, _ process: ProcessSlot) {
    removeHandlers(state[process].handlers)
    timers.removeTimers(process)
    state[process].pending = []
    let children = state[process].children
    state[process].children = []
    state[process].isZombie = true
    let reaper = newReaper(above: process)
    for child in children {
      state[child].parent = reaper
      for thread in state[child].threads where state.tasks[thread].parentDeathSignal != 0 {
        let id = UInt64(state[process].id.rawValue)
        try? signals.send(
          SignalInfo(signal: state.tasks[thread].parentDeathSignal, code: SignalCode.SI_USER, address: id), to: child)
      }
      state[reaper].children.append(child)
      state[child].exitSignal = Signal.SIGCHLD
      if state[child].isZombie {
        if tellParent(child, reaper) { release(child) }
        scheduler.wake(.child(reaper))
      } else if state[child].group != state[process].group && state[child].session == state[process].session {
        continueOrphans(of: state[child].group)
      }
    }
    guard let parent = state[process].parent else { preconditionFailure("init never ends") }
    if state[parent].group != state[process].group && state[parent].session == state[process].session {
      continueOrphans(of: state[process].group)
    }
    if tellParent(process, parent) { release(process) }
    scheduler.wake(.child(parent))
  }

  /// The nearest ancestor that takes orphans, or else init. Linux: find_new_reaper().
  private func newReaper(above process: ProcessSlot) -> ProcessSlot {
    var ancestor = state[process].parent
    while let it = ancestor {
      if state[it].isSubreaper && !state[it].isZombie { return it }
      ancestor = state[it].parent
    }
    return .initial
  }

  /// A group with stopped members that no shell could continue any more is told to go on, or to end. Linux: kill_orphaned_pgrp().
  private func continueOrphans(of group: TaskID) {
    let members = state.members(ofGroup: group).filter { !state[$0].isZombie }
    if !state.isOrphaned(group: group) || !members.contains(where: { state[$0].isStopped }) { return }
    for signal in [Signal.SIGHUP, Signal.SIGCONT] {
      for member in members { try? signals.send(SignalInfo(signal: signal, code: SignalCode.SI_KERNEL, address: 0), to: member) }
    }
  }

  /// Sends the exit signal to the parent. True if the parent does not want to wait for the process. Init has waited already when this
  /// returns. Linux: do_notify_parent().
  private func tellParent(_ process: ProcessSlot, _ parent: ProcessSlot) -> Bool {
    if parent == .initial { return true }
    let signal = state[process].exitSignal
    if signal <= 0 || signal > Signal.count { return false }
    let action = state.action(parent, signal)
    let isChild = signal == Signal.SIGCHLD
    let reapsItself = isChild && (action.handler == SignalAction.ignored || action.flags & SignalActionFlags.NOCLDWAIT != 0)
    if !(isChild && action.handler == SignalAction.ignored) { try? signals.send(childInfo(process, signal), to: parent) }
    return reapsItself
  }

  /// The siginfo of SIGCHLD for an ended process.
  private func childInfo(_ process: ProcessSlot, _ signal: Int32) -> SignalInfo {
    let status = state[process].groupExitCode ?? 0
    let (code, value) = ChildStatus.ended(status)
    return SignalInfo(signal: signal, code: code, address: UInt64(state[process].id.rawValue), value: UInt64(UInt32(bitPattern: value)))
  }

  /// Frees a zombie's entries in the tables. Linux: release_task().
  func release(_ process: ProcessSlot) {
    if let parent = state[process].parent { state[parent].children.removeAll { $0 == process } }
    state.numbers.remove(process, state[process])
    state.processes.remove(process)
  }
}

extension Signals {
  /// Ends a process: each of its threads ends before it returns to user space. Only the first reason sets the process's status.
  func endGroup(_ process: ProcessSlot, code: Int32) {
    if state[process].groupExitCode != nil { return }
    state[process].groupExitCode = code
    endThreads(process)
  }

  /// Makes all threads of a process end before they return, except `keeper`. Linux: zap_other_threads(), complete_signal().
  func endThreads(_ process: ProcessSlot, but keeper: TaskSlot? = nil) {
    continueThreads(process)
    for thread in state[process].threads where thread != keeper {
      state.tasks[thread].mustExit = true
      if thread == state.current { state.hasWork = true }
      scheduler.wakeUp(thread)
    }
  }
}

/// The status values that report the fate of a child. Linux: include/uapi/linux/wait.h, kernel/exit.c.
enum ChildStatus {
  static let EXITED: Int32 = 1
  static let KILLED: Int32 = 2
  static let DUMPED: Int32 = 3
  static let STOPPED: Int32 = 5
  static let CONTINUED: Int32 = 6
  /// The wait status of a process that was continued.
  static let continued: Int32 = 0xffff

  /// si_code and si_status of an ended process by its wait status.
  static func ended(_ status: Int32) -> (code: Int32, value: Int32) {
    if status & 0x7f == 0 { return (EXITED, status >> 8 & 0xff) }
    return (status & Processes.coreBit != 0 ? DUMPED : KILLED, status & 0x7f)
  }
}
