// Owns the system calls on POSIX timers: their arguments, in Linux's order of checks.
// It does not know how a timer is due. Linux: kernel/time/posix-timers.c.
import Architecture
import LinuxMM

extension Timers {
  /// SIGEV_*.
  private enum Event {
    static let SIGNAL: Int32 = 0, NONE: Int32 = 1, THREAD: Int32 = 2, THREAD_ID: Int32 = 4
  }

  /// timer_create(clock, sigevent, id). Without a sigevent it is SIGALRM, with the timer's number as its value. Linux: do_timer_create().
  func timerCreate(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let given: [UInt8]? = a[1] != 0 ? try user(el1).get(a[1], count: 64) : nil
    let clock = a.int(0)
    if !ClockNumber.isKnown(clock) { throw .EINVAL }
    if ClockNumber.isReadOnly(clock) { throw .EOPNOTSUPP }
    let process = state.currentProcess
    // A number is used up even where the rest fails.
    let id = state[process].nextTimer
    state[process].nextTimer = id == .max ? 0 : id + 1
    if index(process, id) != nil { throw .EAGAIN }
    let signal = given.map { Int32(bitPattern: $0.word32(8)) } ?? Signal.SIGALRM
    let notification = try given.map { bytes throws(Errno) in try self.notification(bytes) } ?? .process
    if case .none = notification {} else if signal < 1 || signal > Signal.count { throw .EINVAL }
    try user(el1).put(a[2], id)
    let timer = PosixTimer(
      id: id, clock: clock, owner: state.currentTask.id, notification: notification, signal: signal,
      value: given?.word64(0) ?? UInt64(UInt32(bitPattern: id)))
    let place = state[process].posixTimers.firstIndex { $0.id > id } ?? state[process].posixTimers.count
    state[process].posixTimers.insert(timer, at: place)
    return .done(0)
  }

  /// Linux: good_sigevent().
  private func notification(_ event: [UInt8]) throws(Errno) -> PosixTimer.Notification {
    switch Int32(bitPattern: event.word32(12)) {
    case Event.NONE: return .none
    case Event.SIGNAL, Event.THREAD: return .process
    case Event.THREAD_ID:
      let id = TaskID(Int32(bitPattern: event.word32(16)))
      guard let slot = state.slot(of: id), state.tasks[slot].process == state.currentProcess else { throw .EINVAL }
      return .thread(id)
    default: throw .EINVAL
    }
  }

  /// EINVAL where the caller has no such timer.
  private func find(_ id: Int32) throws(Errno) -> (process: ProcessSlot, index: Int) {
    guard let index = index(state.currentProcess, id) else { throw .EINVAL }
    return (state.currentProcess, index)
  }

  /// timer_settime(id, flags, new, old). A value of zero turns it off. Linux: do_timer_settime(), common_timer_set().
  func timerSettime(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    if a[2] == 0 { throw .EINVAL }
    let bytes = try user(el1).get(a[2], count: 32)
    let (interval, value) = (try bytes.duration(at: 0), try bytes.duration(at: 16))
    let (process, index) = try find(a.int(0))
    let old = self.value(process, index)
    disarm(process, index)
    state[process].posixTimers[index].interval = 0
    state[process].posixTimers[index].overrun = -1
    state[process].posixTimers[index].lastOverrun = 0
    state[process].posixTimers[index].sequence &+= 1
    state[process].posixTimers[index].deadline = 0
    if value != 0 {
      let start = sample(process, state[process].posixTimers[index])
      state[process].posixTimers[index].interval = interval
      state[process].posixTimers[index].deadline = a.int(1) & 1 != 0 ? value : GuestTime.later(start, by: value)
      arm(process, index)
      expireDue()
    }
    limitProcessorTime()
    if a[3] != 0 { try put(el1, a[3], old) }
    return .done(0)
  }

  /// What is due already does not wait for the next interrupt.
  private func expireDue() {
    scheduler.expireTimers()
    if state.retired >= state.processorTimeLimit { expireProcessorTimers() }
  }

  func timerGettime(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let (process, index) = try find(a.int(0))
    try put(el1, a[1], value(process, index))
    return .done(0)
  }

  func timerGetoverrun(_ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let (process, index) = try find(a.int(0))
    return .done(UInt64(Self.count(state[process].posixTimers[index].lastOverrun)))
  }

  func timerDelete(_ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let (process, index) = try find(a.int(0))
    disarm(process, index)
    state[process].posixTimers.remove(at: index)
    limitProcessorTime()
    return .done(0)
  }

  private func put(_ el1: EL1Interface, _ address: UInt64, _ value: (left: UInt64, interval: UInt64)) throws(Errno) {
    try user(el1).put(address, value.interval.timespec + value.left.timespec)
  }

  /// What is left, and the interval. A nanosecond is left of what is due and has not been seen. Linux: common_timer_get().
  private func value(_ process: ProcessSlot, _ index: Int) -> (left: UInt64, interval: UInt64) {
    let timer = state[process].posixTimers[index]
    if timer.interval == 0 && !timer.isArmed && timer.notifies { return (0, 0) }
    let now = sample(process, timer)
    if timer.interval != 0 && (timer.isPending || timer.isIgnored || !timer.notifies) { state[process].posixTimers[index].forward(now) }
    let deadline = state[process].posixTimers[index].deadline
    return (deadline > now ? deadline - now : timer.notifies ? 1 : 0, timer.interval)
  }
}

extension UInt64 {
  /// Nanoseconds as a struct timespec.
  var timespec: [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 16)
    bytes.store(self / 1_000_000_000, at: 0)
    bytes.store(self % 1_000_000_000, at: 8)
    return bytes
  }
}
