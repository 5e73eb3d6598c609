// Owns system calls about the process, its limits and its time.
// It does not know the host's clock: guest time is retired instructions. Linux: kernel/sys.c, kernel/time.
import Architecture
import LinuxMM

extension ProcessCalls {
  func setTIDAddress(_ a: SystemCallArguments) -> SystemCallResult {
    currentTask.clearChildTID = a[0]
    return .done(UInt64(currentTask.id.rawValue))
  }

  func clockGetTime(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    if !ClockNumber.isKnown(a.int(0)) { throw .EINVAL }
    let time = times.clock(a.int(0))
    try user(el1).put(a[1], (time / 1_000_000_000, time % 1_000_000_000))
    return .done(0)
  }
  func clockGetResolution(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    if !ClockNumber.isKnown(a.int(0)) { throw .EINVAL }
    let resolution = a.int(0) == 5 || a.int(0) == 6 ? ClockNumber.tick : 1
    if a[1] != 0 { try user(el1).put(a[1], (0 as UInt64, resolution)) }
    return .done(0)
  }
  func getTimeOfDay(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let now = now
    if a[0] != 0 { try user(el1).put(a[0], (now / 1_000_000_000, now % 1_000_000_000 / 1000)) }
    if a[1] != 0 { try user(el1).put(a[1], 0 as UInt64) }
    return .done(0)
  }

  /// Stores six texts of 65 bytes each. Linux: struct new_utsname.
  func uname(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    var bytes: [UInt8] = []
    let fixed = ["Linux", release, configuration.profile.build, "aarch64"].map { Array($0.utf8) }
    for field in [fixed[0], settings.hostName, fixed[1], fixed[2], fixed[3], settings.domainName] {
      bytes += field + [UInt8](repeating: 0, count: 65 - field.count)
    }
    try user(el1).put(a[0], bytes)
    return .done(0)
  }

  func getrandom(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    if a[2] & ~7 != 0 || a[2] & 6 == 6 { throw .EINVAL }
    let count = Int(min(a[1], 1 << 20))
    let copied = user(el1).copyOut(a[0], random.bytes(count))
    if copied == 0 && count > 0 { throw .EFAULT }
    return .done(UInt64(copied))
  }

  // MARK: Limits

  func getrlimit(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let limit = try tasks[tasks.currentProcess].limits.limit(UInt64(a.unsigned(0)))
    try user(el1).put(a[1], (limit.soft, limit.hard))
    return .done(0)
  }

  func setrlimit(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let new = try user(el1).get(a[1], count: 16)
    let process = tasks.currentProcess
    try processes.setLimit(
      of: process, UInt64(a.unsigned(0)), ResourceLimits.Limit(soft: new.word64(0), hard: new.word64(8)))
    mm.setLimits(currentTask.mm, tasks[process].limits.memory)
    return .done(0)
  }

  func prlimit64(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let resource = UInt64(a.unsigned(1))
    let new: [UInt8]? = a[2] != 0 ? try user(el1).get(a[2], count: 16) : nil
    var slot = tasks.current
    if a.int(0) != 0 {
      guard let other = tasks.slot(of: TaskID(a.int(0))) else { throw .ESRCH }
      slot = other
    }
    let process = tasks[slot].process
    let old = try tasks[process].limits.limit(resource)
    if let new {
      let limit = ResourceLimits.Limit(soft: new.word64(0), hard: new.word64(8))
      try processes.setLimit(of: process, resource, limit)
      mm.setLimits(tasks[slot].mm, tasks[process].limits.memory)
    }
    if a[3] != 0 { try user(el1).put(a[3], (old.soft, old.hard)) }
    return .done(0)
  }

  // MARK: Waiting

  func nanosleep(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let deadline = GuestTime.later(now, by: try user(el1).duration(a[0]))
    return .sleep(on: .time, until: deadline, then: .nanosleep(until: deadline, remainder: a[1], isAbsolute: false))
  }

  /// TIMER_ABSTIME is the only flag.
  func clockNanosleep(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    if !ClockNumber.isKnown(a.int(0)) { throw .EINVAL }
    // A thread cannot sleep for its own processor time either. Linux: k_clock without nsleep.
    if ClockNumber.isReadOnly(a.int(0)) || a.int(0) == PosixTimer.threadClock { throw .EOPNOTSUPP }
    let time = try user(el1).duration(a[2])
    let isAbsolute = a.int(1) & 1 != 0
    let deadline = isAbsolute ? time : GuestTime.later(now, by: time)
    return .sleep(on: .time, until: deadline, then: .nanosleep(until: deadline, remainder: a[3], isAbsolute: isAbsolute))
  }

  /// Continues a sleep that a signal without a handler interrupted, with the time that is left. Linux: sys_restart_syscall().
  func restartSystemCall() throws(Errno) -> SystemCallResult {
    guard let resumption = currentTask.restartBlock else { throw .EINTR }
    currentTask.restartBlock = nil
    switch resumption {
    case .nanosleep(let deadline, _, _): return .sleep(on: .time, until: deadline, then: resumption)
    case .futex(let wait): return .sleep(on: .futex(wait.key), until: wait.deadline, then: resumption)
    default: throw .EINTR
    }
  }
}

/// CLOCK_*.
enum ClockNumber {
  /// CLOCK_REALTIME to CLOCK_TAI; number 10 is no longer one.
  static func isKnown(_ id: Int32) -> Bool { (0...11).contains(id) && id != 10 }
  /// The nanoseconds between two ticks, by which the coarse clocks advance: CONFIG_HZ is 250.
  static let tick: UInt64 = 4_000_000
  /// The raw and the coarse clocks have no timers. Linux: k_clock without timer_create.
  static func isReadOnly(_ id: Int32) -> Bool { (4...6).contains(id) }
}
