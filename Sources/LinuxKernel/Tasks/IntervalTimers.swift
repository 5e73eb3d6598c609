// Owns setitimer's three timers, and how far the running task may go before a timer of processor time is due.
// It does not know who keeps deadlines. Linux: kernel/time/itimer.c, posix-cpu-timers.c.
import Architecture
import LinuxMM

/// A timer of setitimer. Linux: it_real_fn(), struct cpu_itimer.
struct IntervalTimer: Sendable {
  /// When it is due, in nanoseconds of its clock; nil while it is off.
  var deadline: UInt64?
  /// 0: it is due once.
  var interval: UInt64 = 0
  /// When ITIMER_REAL was due last: its period goes on from there once the signal has been taken.
  var last: UInt64 = 0
}

struct IntervalTimers: Sendable {
  /// ITIMER_REAL: guest time.
  var real = IntervalTimer()
  /// ITIMER_VIRTUAL and ITIMER_PROF: the time that the process ran. All of it is user time.
  var virtual = IntervalTimer()
  var profiling = IntervalTimer()
}

extension Timers {
  // MARK: The calls

  /// What is left of a timer, and its interval. One that is due and not yet seen to be has something left.
  /// Linux: do_getitimer(), itimer_get_remtime().
  private func value(_ which: Int32) throws(Errno) -> (left: UInt64, interval: UInt64) {
    let process = state[state.currentProcess]
    let (timer, now, least) =
      switch which {
      case 0: (process.intervalTimers.real, self.now, 1000 as UInt64)
      case 1: (process.intervalTimers.virtual, times.runTime(of: state.currentProcess), Self.tick)
      case 2: (process.intervalTimers.profiling, times.runTime(of: state.currentProcess), Self.tick)
      default: throw .EINVAL
      }
    return (timer.deadline.map { $0 > now ? $0 - now : least } ?? 0, timer.interval)
  }

  /// Nanoseconds between two timer interrupts at Debian's HZ of 250.
  static var tick: UInt64 { 4_000_000 }

  private func put(_ el1: EL1Interface, _ address: UInt64, _ value: (left: UInt64, interval: UInt64)) throws(Errno) {
    func parts(_ time: UInt64) -> (UInt64, UInt64) { (time / 1_000_000_000, time % 1_000_000_000 / 1000) }
    try user(el1).put(address, (parts(value.interval), parts(value.left)))
  }

  func getitimer(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    try put(el1, a[1], try value(a.int(0)))
    return .done(0)
  }

  /// setitimer(which, new, old). No new value is a value of zero.
  func setitimer(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    var new: (value: UInt64, interval: UInt64) = (0, 0)
    if a[1] != 0 {
      let bytes = try user(el1).get(a[1], count: 32)
      new = (try bytes.duration(at: 16, unit: 1000), try bytes.duration(at: 0, unit: 1000))
    }
    let old = try value(a.int(0))
    let process = state.currentProcess
    let clock = a.int(0) == 0 ? now : times.runTime(of: process)
    var timer = IntervalTimer(interval: new.interval)
    if new.value > 0 { timer.deadline = GuestTime.later(clock, by: new.value) }
    switch a.int(0) {
    case 0:
      scheduler.stopTimer(.interval(process))
      // Without a value there is no period either.
      if new.value == 0 { timer.interval = 0 }
      state[process].intervalTimers.real = timer
      if let deadline = timer.deadline { scheduler.startTimer(.interval(process), at: deadline) }
    case 1: state[process].intervalTimers.virtual = timer
    default: state[process].intervalTimers.profiling = timer
    }
    limitProcessorTime()
    if a[2] != 0 { try put(el1, a[2], old) }
    return .done(0)
  }

  // MARK: Real time

  /// Linux: it_real_fn(). The period goes on when the signal is taken.
  func expireRealTimer(_ process: ProcessSlot) {
    state[process].intervalTimers.real.last = state[process].intervalTimers.real.deadline ?? now
    state[process].intervalTimers.real.deadline = nil
    send(Signal.SIGALRM, to: process)
  }

  /// SIGALRM leaves the queue: the next period's end that is still to come. Linux: posixtimer_rearm_itimer().
  func restartRealTimer(_ process: ProcessSlot) {
    let timer = state[process].intervalTimers.real
    if timer.deadline != nil || timer.interval == 0 { return }
    let deadline = GuestTime.later(timer.last, by: GuestTime.periods(of: timer.interval, from: timer.last, until: now) &* timer.interval)
    state[process].intervalTimers.real.deadline = deadline
    scheduler.startTimer(.interval(process), at: deadline)
  }

  private func send(_ signal: Int32, to process: ProcessSlot) {
    try? signals.send(SignalInfo(signal: signal, code: SignalCode.SI_KERNEL, address: 0), to: process)
  }

  // MARK: Processor time

  /// The running task may run until the first timer of its process or of its own is due.
  func limitProcessorTime() {
    let process = state.currentProcess
    var left = UInt64.max
    let allowed = state[process].limits.processorTime
    if hasProcessorTimers(process) || allowed.soft != ResourceLimits.infinity {
      let used = times.runTime(of: process)
      for timer in [state[process].intervalTimers.virtual, state[process].intervalTimers.profiling] {
        if let deadline = timer.deadline { left = min(left, deadline > used ? deadline - used : 0) }
      }
      if allowed.soft != ResourceLimits.infinity {
        let deadline = Self.nanoseconds(min(allowed.soft, allowed.hard))
        left = min(left, deadline > used ? deadline - used : 0)
      }
      for timer in state[process].posixTimers where timer.isArmed && timer.isOfProcessorTime {
        if timer.clock == PosixTimer.threadClock && timer.owner != state.currentTask.id { continue }
        let time = sample(process, timer)
        left = min(left, timer.deadline > time ? timer.deadline - time : 0)
      }
    }
    let limit = left == .max ? .max : state.retired &+ left
    if limit == state.processorTimeLimit { return }
    state.processorTimeLimit = limit
    scheduler.updateRunLimit()
  }

  private func hasProcessorTimers(_ process: ProcessSlot) -> Bool {
    state[process].intervalTimers.virtual.deadline != nil || state[process].intervalTimers.profiling.deadline != nil
      || state[process].posixTimers.contains { $0.isArmed && $0.isOfProcessorTime }
  }

  /// Linux: check_process_timers(), check_thread_timers().
  func expireProcessorTimers() {
    let process = state.currentProcess
    let used = times.runTime(of: process)
    if isDue(&state[process].intervalTimers.virtual, used) { send(Signal.SIGVTALRM, to: process) }
    if isDue(&state[process].intervalTimers.profiling, used) { send(Signal.SIGPROF, to: process) }
    for timer in state[process].posixTimers
    where timer.isArmed && timer.isOfProcessorTime && timer.deadline <= sample(process, timer) {
      expire(process, timer.id)
    }
    checkProcessorLimit(process, used)
    limitProcessorTime()
  }

  private static func nanoseconds(_ seconds: UInt64) -> UInt64 {
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    return overflow ? .max : product
  }

  /// RLIMIT_CPU: SIGXCPU at the soft limit and at each second behind it, SIGKILL at the hard limit. Linux: check_process_timers().
  private func checkProcessorLimit(_ process: ProcessSlot, _ used: UInt64) {
    let allowed = state[process].limits.processorTime
    if allowed.soft == ResourceLimits.infinity { return }
    if used >= Self.nanoseconds(allowed.hard) { return send(Signal.SIGKILL, to: process) }
    if used < Self.nanoseconds(allowed.soft) { return }
    send(Signal.SIGXCPU, to: process)
    state[process].limits.allowAnotherSecond()
  }

  /// Linux: check_cpu_itimer().
  private func isDue(_ timer: inout IntervalTimer, _ used: UInt64) -> Bool {
    guard let deadline = timer.deadline, deadline <= used else { return false }
    timer.deadline = timer.interval == 0 ? nil : GuestTime.later(deadline, by: timer.interval)
    return true
  }
}
