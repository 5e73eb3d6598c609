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
      let now = guestNanoseconds()
      words[0] = now / 1_000_000_000
      words[1] = now % 1_000_000_000 / 1000
      words[4] = UInt64(mm.state.mms[currentMM.rawValue].residentPages * 4)
      words[8] = faults.minor
      words[9] = faults.major
    }
    try putUser(el1, a[1], words.withUnsafeBytes { Array($0) })
    return .done(0)
  }

  func clockGetTime(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    if a.int(0) < 0 || a.int(0) > 11 || a.int(0) == 10 { throw .EINVAL }
    let now = guestNanoseconds()
    try putUser(el1, a[1], (now / 1_000_000_000, now % 1_000_000_000))
    return .done(0)
  }
  func clockGetResolution(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    if a.int(0) < 0 || a.int(0) > 11 || a.int(0) == 10 { throw .EINVAL }
    if a[1] != 0 { try putUser(el1, a[1], (0 as UInt64, 1 as UInt64)) }
    return .done(0)
  }
  func getTimeOfDay(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let now = guestNanoseconds()
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

  private static var infinity: UInt64 { ~0 }

  /// Soft and hard limit of a resource. Limits are reported, not enforced, but for the stack's.
  private func limit(_ resource: UInt64) throws(Errno) -> (UInt64, UInt64) {
    switch resource {
    case 3: return (Layout48.stackLimit, Self.infinity)  // STACK
    case 4: return (0, Self.infinity)  // CORE
    case 7: return (1024, 1 << 20)  // NOFILE
    case 8: return (8 << 20, 8 << 20)  // MEMLOCK
    case 0...15: return (Self.infinity, Self.infinity)
    default: throw .EINVAL
    }
  }
  func getrlimit(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    try putUser(el1, a[1], try limit(a[0]))
    return .done(0)
  }
  /// Setting a limit is refused: EPERM.
  func prlimit64(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    if a.int(0) != 0 && a.int(0) != Int32(currentID) { throw .ESRCH }
    let now = try limit(a[1] & 0xffff_ffff)
    if a[2] != 0 {
      let soft = try getUser(el1, a[2], as: UInt64.self, 0)
      let hard = try getUser(el1, a[2] &+ 8, as: UInt64.self, 0)
      if soft > hard { throw .EINVAL }
      if (soft, hard) != now { throw .EPERM }
    }
    if a[3] != 0 { try putUser(el1, a[3], now) }
    return .done(0)
  }

  /// FUTEX_WAKE wakes nobody, and FUTEX_WAIT ends at once or never: there is one task. The rest is not implemented: ENOSYS.
  func futex(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let operation = a.int(1) & 0x7f
    if operation != 0 && operation != 1 && operation != 9 && operation != 10 { throw .ENOSYS }
    let address = VirtualAddress(a[0]).untagged.rawValue
    if address & 3 != 0 { throw .EINVAL }
    if address > Layout48.taskSize - 4 { throw .EFAULT }
    if operation == 1 || operation == 10 { return .done(0) }
    let value = try getUser(el1, address, as: UInt32.self, 0)
    if value != UInt32(truncatingIfNeeded: a[2]) { throw .EAGAIN }
    if a[3] == 0 { return .deadlock }
    let seconds = try getUser(el1, a[3], as: Int64.self, 0)
    let nanoseconds = try getUser(el1, a[3] &+ 8, as: Int64.self, 0)
    if seconds < 0 || !(0..<1_000_000_000).contains(nanoseconds) { throw .EINVAL }
    throw .ETIMEDOUT
  }
}
