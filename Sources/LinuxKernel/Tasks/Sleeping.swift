// Owns sleeping as a value: the event that a task waits for, its next action when it runs again, and waking. It does not know which task
// runs next. Linux: kernel/sched/wait.c, try_to_wake_up().
import Architecture
import LinuxMM

/// The event that a sleeping task waits for.
enum WaitChannel: Hashable, Sendable {
  /// Only a time or a signal ends the sleep.
  case time
  case futex(FutexKey)
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
  /// Only a signal ends the sleep. Linux: sigsuspend().
  case suspended
  /// The task sleeps until a deadline. If a signal ends the sleep, the time that is left is stored at `remainder`, unless that is 0.
  case nanosleep(until: UInt64, remainder: UInt64, isAbsolute: Bool)
  case futex(FutexWait)
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
}

/// The deadline of a sleeping task. Timers are ordered by deadline, and equal deadlines by age.
struct SleepTimer: Sendable {
  var deadline: UInt64
  var sequence: UInt64
  var task: TaskSlot
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
    if let deadline {
      let timer = SleepTimer(deadline: deadline, sequence: state.sleepSequence, task: slot)
      let place = state.timers.firstIndex { $0.deadline > deadline } ?? state.timers.count
      state.timers.insert(timer, at: place)
      scheduler.updateRunLimit()
    }
  }

  /// Ends the sleep of the running task after it was woken, and sets the call's result, or continues the sleep. Calls that run again do not
  /// come here.
  func resume(_ el1: EL1Interface, _ resumption: Resumption) {
    let slot = state.current
    switch resumption {
    case .again, .execve: preconditionFailure("the call runs again")
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
    case .nanosleep(let deadline, let remainder, let isAbsolute):
      if isAbsolute {
        state.tasks[slot].restart = .noHandler
        return
      }
      let left = deadline &- now
      do throws(Errno) {
        if remainder != 0 { try user(el1).put(remainder, (left / 1_000_000_000, left % 1_000_000_000)) }
        state.tasks[slot].restart = .block
        state.tasks[slot].restartBlock = resumption
      } catch { el1[x: 0] = UInt64(bitPattern: -Int64(error.rawValue)) }
    case .futex(let wait):
      state.tasks[slot].restart = wait.deadline == nil ? .system : .block
      state.tasks[slot].restartBlock = resumption
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
  /// Whether the call is running again after a sleep.
  var isAwake: Bool { if case .again = state.currentTask.resumption { true } else { false } }
  /// The time at which a poll of the running task ends, in guest nanoseconds.
  var pollDeadline: UInt64? {
    get { state.currentTask.pollDeadline }
    nonmutating set { state.currentTask.pollDeadline = newValue }
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
    if let index = state.timers.firstIndex(where: { $0.task == slot }) {
      state.timers.remove(at: index)
      updateRunLimit()
    }
    if state[state.tasks[slot].process].isStopped {
      state.tasks[slot].run = .stopped
    } else {
      enqueue(slot)
    }
  }

  /// Wakes every task whose deadline has come.
  func wakeExpired() {
    let now = state.now
    while let timer = state.timers.first, timer.deadline <= now {
      state.tasks[timer.task].hasTimedOut = true
      wakeUp(timer.task)
    }
  }
}
