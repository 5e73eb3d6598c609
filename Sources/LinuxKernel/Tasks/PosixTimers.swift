// Owns POSIX timers: how one is due, the one signal of it that is queued, and the periods that passed meanwhile.
// It does not know the calls' arguments, nor delivery. Linux: kernel/time/posix-timers.c.
import Architecture
import LinuxMM

/// Linux: struct k_itimer.
struct PosixTimer: Sendable {
  enum Notification: Sendable {
    /// SIGEV_NONE.
    case none
    /// SIGEV_SIGNAL and SIGEV_THREAD: to the process.
    case process
    /// SIGEV_THREAD_ID.
    case thread(TaskID)
  }
  static let processClock: Int32 = 2
  static let threadClock: Int32 = 3

  let id: Int32
  let clock: Int32
  /// The thread that made it, whose time CLOCK_THREAD_CPUTIME_ID counts.
  let owner: TaskID
  let notification: Notification
  let signal: Int32
  /// si_value.
  let value: UInt64
  /// 0: it is due once.
  var interval: UInt64 = 0
  /// When it is due next, or was last, in nanoseconds of its clock.
  var deadline: UInt64 = 0
  var isArmed = false
  /// Its signal is queued, and its period goes on when that is taken.
  var isPending = false
  /// It was due while its signal was ignored, and its period goes on when that is no longer so.
  var isIgnored = false
  /// Periods that passed since the last signal was taken, less one.
  var overrun: Int64 = -1
  /// The same of the last signal that was taken.
  var lastOverrun: Int64 = 0
  /// Changes with each timer_settime: what was queued before is stale.
  var sequence: UInt32 = 0

  var notifies: Bool { if case .none = notification { false } else { true } }
  var isOfProcessorTime: Bool { clock == Self.processClock || clock == Self.threadClock }

  /// The first end of a period after `now` is when it is due next; how many passed until then. Linux: hrtimer_forward().
  mutating func forward(_ now: UInt64) {
    let passed = GuestTime.periods(of: interval, from: deadline, until: now)
    deadline = GuestTime.later(deadline, by: passed &* interval)
    overrun &+= Int64(clamping: passed)
  }
}

/// Which timer a queued signal is of.
public struct TimerMark: Hashable, Sendable {
  var id: Int32
  var sequence: UInt32
}

extension GuestTime {
  /// How many periods have ended at `now`, the first of them at `start`; 0 before that.
  static func periods(of interval: UInt64, from start: UInt64, until now: UInt64) -> UInt64 {
    now < start ? 0 : (now - start) / interval + 1
  }
}

extension Timers {
  func index(_ process: ProcessSlot, _ id: Int32) -> Int? { state[process].posixTimers.firstIndex { $0.id == id } }

  /// What a timer's clock shows.
  func sample(_ process: ProcessSlot, _ timer: PosixTimer) -> UInt64 {
    switch timer.clock {
    case PosixTimer.processClock: times.runTime(of: process)
    case PosixTimer.threadClock: state.slot(of: timer.owner).map { times.runTime(ofTask: $0) } ?? 0
    default: now
    }
  }

  /// It will be due at its deadline; at once where that has passed.
  func arm(_ process: ProcessSlot, _ index: Int) {
    let timer = state[process].posixTimers[index]
    // What nothing hears is worked out when it is asked for.
    if !timer.notifies { return }
    state[process].posixTimers[index].isArmed = true
    if timer.isOfProcessorTime { return limitProcessorTime() }
    scheduler.startTimer(.posix(process, timer.id), at: timer.deadline)
  }

  func disarm(_ process: ProcessSlot, _ index: Int) {
    scheduler.stopTimer(.posix(process, state[process].posixTimers[index].id))
    state[process].posixTimers[index].isArmed = false
    state[process].posixTimers[index].isPending = false
    state[process].posixTimers[index].isIgnored = false
  }

  /// It is due: its signal is queued unless it is already, or is ignored. Linux: posix_timer_fn(), send_sigqueue().
  func expire(_ process: ProcessSlot, _ id: Int32) {
    guard let index = index(process, id) else { preconditionFailure("a timer that is gone has no deadline") }
    state[process].posixTimers[index].isArmed = false
    let timer = state[process].posixTimers[index]
    guard let target = target(process, timer) else { return }
    // Even where it is ignored SIGCONT continues.
    let isIgnored = signals.isIgnored(timer.signal, target)
    queue(process, index, target)
    if isIgnored {
      state[process].posixTimers[index].isIgnored = true
      state[process].posixTimers[index].isPending = false
    }
  }

  /// The thread whose mask decides; nil where it has ended.
  private func target(_ process: ProcessSlot, _ timer: PosixTimer) -> TaskSlot? {
    guard case .thread(let id) = timer.notification else { return state[process].threads.first }
    return state.slot(of: id).flatMap { state.tasks[$0].process == process ? $0 : nil }
  }

  private func queue(_ process: ProcessSlot, _ index: Int, _ target: TaskSlot) {
    state[process].posixTimers[index].isPending = true
    let timer = state[process].posixTimers[index]
    let mark = TimerMark(id: timer.id, sequence: timer.sequence)
    let info = SignalInfo(
      signal: timer.signal, code: SignalCode.SI_TIMER, address: UInt64(UInt32(bitPattern: timer.id)), value: timer.value, timer: mark)
    if case .thread = timer.notification { try? signals.send(info, toThread: target) } else { try? signals.send(info, to: process) }
  }

  /// A timer's signal leaves the queue: the period goes on, and the signal says how many ends of it were missed. Nil: the signal is of a
  /// timer that was set anew or deleted, and newer kernels drop it. Linux: posixtimer_deliver_signal().
  func deliver(_ info: SignalInfo, of process: ProcessSlot) -> SignalInfo? {
    guard let mark = info.timer else { return info }
    guard let index = index(process, mark.id), state[process].posixTimers[index].sequence == mark.sequence else {
      return profile.dropsStaleTimerSignals ? nil : info
    }
    state[process].posixTimers[index].isPending = false
    if state[process].posixTimers[index].interval == 0 { return info }
    resume(process, index)
    state[process].posixTimers[index].lastOverrun = state[process].posixTimers[index].overrun
    state[process].posixTimers[index].overrun = -1
    var info = info
    info.address |= UInt64(Self.count(state[process].posixTimers[index].lastOverrun)) << 32
    return info
  }

  private func resume(_ process: ProcessSlot, _ index: Int) {
    let timer = state[process].posixTimers[index]
    state[process].posixTimers[index].forward(sample(process, timer))
    arm(process, index)
  }

  /// As si_overrun and timer_getoverrun give it. Linux: timer_overrun_to_int().
  static func count(_ overrun: Int64) -> UInt32 { UInt32(min(max(overrun, 0), Int64(Int32.max))) }

  /// A signal is no longer ignored. Newer kernels send what was due meanwhile; older ones went on with the periods.
  /// Linux: posixtimer_sig_unignore().
  func noteHandled(_ signal: Int32, by process: ProcessSlot) {
    for index in state[process].posixTimers.indices {
      let timer = state[process].posixTimers[index]
      if !timer.isIgnored || timer.signal != signal { continue }
      state[process].posixTimers[index].isIgnored = false
      if profile.dropsStaleTimerSignals {
        if let target = target(process, timer) { queue(process, index, target) }
      } else if timer.interval != 0 {
        resume(process, index)
      }
    }
  }

  /// All POSIX timers of a process go, and with them what is queued of them. Linux: exit_itimers(), flush_itimer_signals().
  func removePosixTimers(_ process: ProcessSlot) {
    for index in state[process].posixTimers.indices { disarm(process, index) }
    state[process].posixTimers = []
    state[process].pending.removeAll { $0.timer != nil }
    for thread in state[process].threads { state.tasks[thread].pending.removeAll { $0.timer != nil } }
  }

  /// A process ends.
  func removeTimers(_ process: ProcessSlot) {
    removePosixTimers(process)
    scheduler.stopTimer(.interval(process))
  }
}
