// Owns sleeping as a value: the event that a task waits for, its next action when it runs again, and waking. It does not know which task
// runs next. Linux: kernel/sched/wait.c, try_to_wake_up().
import Architecture
import LinuxMM

/// The event that a sleeping task waits for.
enum WaitChannel: Hashable, Sendable {
  /// Only a time or a signal ends the sleep.
  case time
  case futex(FutexKey)
  /// Any of these futexes is woken (futex_waitv). The sleep is found only under this kind of channel.
  case futexes([FutexKey])
  /// A child of this process changes its state. Linux: wait_chldexit.
  case child(ProcessSlot)
  /// This task, which is a vfork child, leaves its parent's address space.
  case vfork(TaskID)
  /// A thread of this process ends.
  case threads(ProcessSlot)
  case file(WaitQueueID)
  /// Any of these files changes (poll). A poll of one file is found only under that file.
  case files([WaitQueueID])
}

/// The next action of a task when it runs again. It is a plain value, because a sleeping task keeps no host stack.
enum Resumption: Hashable, Sendable {
  /// The system call runs again from its beginning. `done` is the number of bytes that it had moved so far, which it finds in `progress`.
  case again(done: UInt64)
  /// The same for ppoll and pselect6, whose time runs from the first sleep on.
  case poll(PollWait)
  /// Nothing but a signal ends it. Linux: sigsuspend().
  case suspended
  /// The task sleeps until a deadline. If a signal ends the sleep, the time that is left is stored at `remainder`, unless that is 0.
  case nanosleep(until: UInt64, remainder: UInt64, isAbsolute: Bool)
  // These are indirect, because each system call's result is as large as the largest of these values.
  indirect case futex(FutexWait)
  case futexes(FutexVectorWait)
  /// The task waits for a lock, or to be moved to one.
  indirect case futexLock(FutexLockWait)
  indirect case futexRequeue(FutexRequeueWait)
  /// execve runs again after the other threads have ended.
  case execve
  /// The parent of a vfork child returns the child's id.
  case vfork(TaskID)
  /// A new task runs for the first time. Its id is stored at `childTID`, unless that is 0. Linux: schedule_tail().
  case newborn(childTID: UInt64)

  /// Whether only a signal that ends the task interrupts the sleep.
  var isKillable: Bool {
    switch self {
    case .vfork, .execve: true
    default: false
    }
  }
}

/// When a call that a signal interrupted runs again. Linux: ERESTARTSYS, ERESTARTNOINTR, ERESTARTNOHAND, ERESTART_RESTARTBLOCK.
enum Restart: Sendable {
  /// The call runs again if no handler runs, or if the handler has SA_RESTART.
  case system
  /// The call always runs again.
  case noInterrupt
  /// The call runs again if no handler runs.
  case noHandler
  /// If no handler runs, restart_syscall continues the call.
  case block

  /// The error that the call returns inside the kernel.
  var error: UInt64 {
    switch self {
    case .system: InternalError.ERESTARTSYS
    case .noInterrupt: InternalError.ERESTARTNOINTR
    case .noHandler: InternalError.ERESTARTNOHAND
    case .block: InternalError.ERESTART_RESTARTBLOCK
    }
  }
}

extension Sleeps {
  /// Puts the running task to sleep, unless a signal is already pending. `deadline` is in guest nanoseconds. Only a signal that ends the
  /// task interrupts a killable sleep.
  func sleep(
    _ el1: EL1Interface, on channel: WaitChannel, until deadline: UInt64?, then resumption: Resumption, killable: Bool = false
  ) {
    let slot = state.current
    state.tasks[slot].wasWoken = false
    state.tasks[slot].hasTimedOut = false
    state.hasWork = true
    if state.tasks[slot].mustExit { return }
    if !killable && state.tasks[slot].hasSignals { return interrupt(el1, resumption) }
    state.sleepSequence &+= 1
    state.tasks[slot].resumption = resumption
    state.tasks[slot].run = .sleeping
    state.setChannel(of: slot, channel)
    state.tasks[slot].isKillable = killable
    state.tasks[slot].sleepSequence = state.sleepSequence
    if let deadline { scheduler.startTimer(.sleep(slot), at: deadline) }
  }

  /// Ends the sleep of the running task after it was woken, and sets the call's result, or continues the sleep. Calls that run again do not
  /// come here.
  func resume(_ el1: EL1Interface, _ resumption: Resumption) {
    let slot = state.current
    switch resumption {
    case .again, .poll, .execve: preconditionFailure("the call runs again")
    case .suspended: return sleep(el1, on: .time, until: nil, then: resumption)
    case .nanosleep(let deadline, _, _):
      if now < deadline { return sleep(el1, on: .time, until: deadline, then: resumption) }
      el1[x: 0] = 0
    case .futex(let wait):
      if state.tasks[slot].hasTimedOut {
        el1[x: 0] = UInt64(bitPattern: -Int64(Errno.ETIMEDOUT.rawValue))
      } else if state.tasks[slot].wasWoken {
        el1[x: 0] = 0
      } else {
        return sleep(el1, on: .futex(wait.key), until: wait.deadline, then: resumption)
      }
    case .futexes(let wait):
      if let woken = wait.woken {
        el1[x: 0] = UInt64(woken)
      } else if state.tasks[slot].hasTimedOut {
        el1[x: 0] = UInt64(bitPattern: -Int64(Errno.ETIMEDOUT.rawValue))
      } else {
        return sleep(el1, on: .futexes(wait.keys), until: wait.deadline, then: resumption)
      }
    case .futexLock(let wait):
      guard let result = futexes.resumeLock(el1, wait) else {
        return sleep(el1, on: .futex(wait.key), until: wait.deadline, then: resumption)
      }
      el1[x: 0] = result
    case .futexRequeue(let wait):
      if !state.tasks[slot].hasTimedOut { return sleep(el1, on: .futex(wait.key), until: wait.deadline, then: resumption) }
      el1[x: 0] = UInt64(bitPattern: -Int64(Errno.ETIMEDOUT.rawValue))
    case .vfork(let child): el1[x: 0] = UInt64(child.rawValue)
    case .newborn(let address): if address != 0 { try? user(el1).put(address, state.tasks[slot].id.rawValue) }
    }
    state.tasks[slot].resumption = nil
  }

  /// Ends a sleep because of a signal. The call returns the number of bytes that it has moved, or may run again. Linux: signal_pending(),
  /// restart_block.
  private func interrupt(_ el1: EL1Interface, _ resumption: Resumption) {
    let slot = state.current
    state.tasks[slot].resumption = nil
    switch resumption {
    case .again(let done):
      if done > 0 { el1[x: 0] = done } else { state.tasks[slot].restart = .system }
    case .suspended: state.tasks[slot].restart = .noHandler
    // Where the time cannot be stored, the call cannot run again with what is left.
    case .poll(let wait):
      if storeTimeLeft(el1, wait) {
        state.tasks[slot].restart = .noHandler
      } else {
        el1[x: 0] = UInt64(bitPattern: -Int64(Errno.EINTR.rawValue))
      }
    case .nanosleep(let deadline, let remainder, let isAbsolute):
      if isAbsolute {
        state.tasks[slot].restart = .noHandler
        return
      }
      let left = deadline > now ? deadline - now : 0
      do throws(Errno) {
        if remainder != 0 { try user(el1).putDuration(remainder, left) }
        state.tasks[slot].restart = .block
        state.tasks[slot].restartBlock = resumption
      } catch { el1[x: 0] = UInt64(bitPattern: -Int64(error.rawValue)) }
    case .futex(let wait):
      state.tasks[slot].restart = wait.restart
      state.tasks[slot].restartBlock = resumption
    case .futexLock(let wait):
      futexes.stopsWaiting(slot)
      if wait.isMoved {
        el1[x: 0] = UInt64(bitPattern: -Int64(Errno.EAGAIN.rawValue))
      } else {
        state.tasks[slot].restart = .noInterrupt
      }
    case .futexRequeue: state.tasks[slot].restart = .noInterrupt
    case .futexes(let wait): if let woken = wait.woken { el1[x: 0] = UInt64(woken) } else { state.tasks[slot].restart = .system }
    case .vfork, .execve, .newborn: preconditionFailure("no signal interrupts this")
    }
  }

  /// The number of bytes that the running task's call had moved before it slept.
  var progress: UInt64 {
    if case .again(let done) = state.currentTask.resumption { return done }
    return 0
  }
  /// Whether the sleep before this run of the call ended because its time was over.
  var hasTimedOut: Bool { state.currentTask.hasTimedOut }
  /// The wait of a poll that runs again; nil for one that has not slept yet.
  var poll: PollWait? { if case .poll(let wait) = state.currentTask.resumption { wait } else { nil } }

  /// Stores the time that a poll has left; false: that faulted. One for ever or without time stores nothing.
  /// Linux: poll_select_finish().
  func storeTimeLeft(_ el1: EL1Interface, _ wait: PollWait) -> Bool {
    guard let deadline = wait.deadline, deadline != 0 else { return true }
    return (try? user(el1).putDuration(wait.remainder, deadline > now ? deadline - now : 0)) != nil
  }
}

extension Scheduler {
  /// Wakes tasks that wait on a channel, the longest waiting first, and returns their number.
  @discardableResult
  func wake(_ channel: WaitChannel, count: Int = .max) -> Int {
    var woken = 0
    for slot in sleepers(on: channel) {
      if woken == count { break }
      state.tasks[slot].wasWoken = true
      wakeUp(slot)
      woken += 1
    }
    if case .file(let queue) = channel { wake(.files([queue])) }
    return woken
  }

  /// The tasks that wait on a channel, the longest waiting first.
  func sleepers(on channel: WaitChannel) -> [TaskSlot] { state.waiters[channel] ?? [] }

  /// Ends a task's sleep on any channel. Linux: try_to_wake_up().
  func wakeUp(_ slot: TaskSlot) {
    if state.tasks[slot].run != .sleeping { return }
    state.setChannel(of: slot, nil)
    stopTimer(.sleep(slot))
    if state[state.tasks[slot].process].isStopped {
      state.tasks[slot].run = .stopped
    } else {
      enqueue(slot)
    }
  }
}
