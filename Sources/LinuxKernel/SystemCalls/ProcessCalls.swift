// Owns system calls about the process, its limits and its time.
// It does not know the host's clock: guest time is retired instructions. Linux: kernel/sys.c, kernel/time.
import Architecture
import LinuxMM

extension Kernel {
  func setTIDAddress(_ a: SystemCallArguments) -> SystemCallResult {
    state.tasks[state.current].clearChildTID = a[0]
    return .done(currentID)
  }

  func setRobustList(_ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    if a[1] != 24 { throw .EINVAL }
    return .done(0)
  }

  /// getrusage: user time is guest time; faults as mm_account_fault counted them.
  func getrusage(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let who = a.int(0)
    if who != 0 && who != -1 && who != 1 { throw .EINVAL }
    var words = [UInt64](repeating: 0, count: 18)
    if who != -1 {
      let faults = mm.taskFaults(state.tasks[state.current].id)
      let used = guestNanoseconds()
      words[0] = used / 1_000_000_000
      words[1] = used % 1_000_000_000 / 1000
      words[4] = UInt64(mm.state.mms[currentMM.rawValue].residentPages * 4)
      words[8] = faults.minor
      words[9] = faults.major
    }
    try putUser(el1, a[1], words.withUnsafeBytes { Array($0) })
    return .done(0)
  }

  /// CLOCK_REALTIME to CLOCK_TAI; number 10 is no longer one.
  private static func isClock(_ id: Int32) -> Bool { (0...11).contains(id) && id != 10 }

  func clockGetTime(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    if !Self.isClock(a.int(0)) { throw .EINVAL }
    let now = now
    try putUser(el1, a[1], (now / 1_000_000_000, now % 1_000_000_000))
    return .done(0)
  }
  func clockGetResolution(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    if !Self.isClock(a.int(0)) { throw .EINVAL }
    if a[1] != 0 { try putUser(el1, a[1], (0 as UInt64, 1 as UInt64)) }
    return .done(0)
  }
  func getTimeOfDay(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let now = now
    if a[0] != 0 { try putUser(el1, a[0], (now / 1_000_000_000, now % 1_000_000_000 / 1000)) }
    if a[1] != 0 { try putUser(el1, a[1], 0 as UInt64) }
    return .done(0)
  }

  /// Six fields of 65 bytes. Linux: struct new_utsname.
  func uname(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    var bytes: [UInt8] = []
    for field in ["Linux", "faultline", configuration.profile.release, "#1 SMP", "aarch64", "(none)"] {
      bytes += Array(field.utf8) + [UInt8](repeating: 0, count: 65 - field.utf8.count)
    }
    try putUser(el1, a[0], bytes)
    return .done(0)
  }

  func getrandom(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    if a[2] & ~7 != 0 || a[2] & 6 == 6 { throw .EINVAL }
    let count = Int(min(a[1], 1 << 20))
    let bytes = state.random.bytes(count)
    let left = bytes.withUnsafeBytes { copyToUser(el1, a[0], $0) }
    if left == count && count > 0 { throw .EFAULT }
    return .done(UInt64(count - left))
  }

  // MARK: Limits

  func getrlimit(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let limit = try state.limits.limit(UInt64(a.unsigned(0)))
    try putUser(el1, a[1], (limit.soft, limit.hard))
    return .done(0)
  }

  func prlimit64(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let resource = UInt64(a.unsigned(1))
    let new: [UInt8]? = a[2] != 0 ? try getUser(el1, a[2], count: 16) : nil
    if a.int(0) != 0 && a.int(0) != Int32(currentID) { throw .ESRCH }
    let old = try state.limits.limit(resource)
    if let new {
      let limit = ResourceLimits.Limit(soft: new.word64(0), hard: new.word64(8))
      try state.limits.set(resource, limit)
      if resource == ResourceLimits.stack { mm.setStackLimit(currentMM, limit.soft) }
    }
    if a[3] != 0 { try putUser(el1, a[3], (old.soft, old.hard)) }
    return .done(0)
  }

  // MARK: Waiting

  /// A struct timespec. EINVAL where it is none.
  func duration(_ el1: EL1Interface, _ address: UInt64) throws(Errno) -> UInt64 {
    let bytes = try getUser(el1, address, count: 16)
    let (seconds, nanoseconds) = (Int64(bitPattern: bytes.word64(0)), Int64(bitPattern: bytes.word64(8)))
    if seconds < 0 || !(0..<1_000_000_000).contains(nanoseconds) { throw .EINVAL }
    // KTIME_MAX: what is longer is for ever, nearly.
    let (product, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
    return overflow ? UInt64(Int64.max) : min(product &+ UInt64(nanoseconds), UInt64(Int64.max))
  }

  func nanosleep(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    .sleep(on: .clock, deadline: now &+ (try duration(el1, a[0])))
  }

  /// TIMER_ABSTIME is the one flag.
  func clockNanosleep(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    if !Self.isClock(a.int(0)) { throw .EINVAL }
    // The thread's CPU time, the raw and the coarse clocks can be read only. Linux: k_clock without nsleep.
    if (3...6).contains(a.int(0)) { throw .EOPNOTSUPP }
    let time = try duration(el1, a[2])
    return .sleep(on: .clock, deadline: a.int(1) & 1 != 0 ? time : now &+ time)
  }

  /// FUTEX_WAKE wakes nobody, and FUTEX_WAIT ends at once, when its time is over, or never: there is one task. The rest is not
  /// implemented: ENOSYS.
  func futex(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let operation = a.int(1) & 0x7f
    let (isWait, isWake) = (operation == 0 || operation == 9, operation == 1 || operation == 10)
    if !isWait && !isWake { throw .ENOSYS }
    // A relative time for FUTEX_WAIT, an absolute one for FUTEX_WAIT_BITSET.
    var deadline: UInt64?
    if isWait && a[3] != 0 {
      let time = try duration(el1, a[3])
      deadline = operation == 0 ? now &+ time : time
    }
    if (operation == 9 || operation == 10) && a.unsigned(5) == 0 { throw .EINVAL }
    let address = a[0]
    if address & 3 != 0 { throw .EINVAL }
    if address > Layout48.taskSize - 4 { throw .EFAULT }
    if isWake {
      // A futex that is not private is named by its page, which must be there.
      if a.int(1) & 0x80 == 0 { _ = try getUser(el1, address, as: UInt32.self, 0) }
      return .done(0)
    }
    let value = try getUser(el1, address, as: UInt32.self, 0)
    if value != a.unsigned(2) { throw .EAGAIN }
    return .sleep(on: .futex(address), deadline: deadline)
  }
}
