// Owns sysinfo, getgroups, getresuid and getresgid, which report about the machine and its user. It does not know how memory is counted. Linux: kernel/sys.c
// do_sysinfo(), kernel/groups.c.
import Architecture
import LinuxMM

extension ProcessCalls {
  /// Stores struct sysinfo: 14 words. The 11th begins with the 16-bit number of threads, and the last is the unit, 1 byte. Load, swap and
  /// high memory are 0. A second that has begun counts as a whole one.
  func sysinfo(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    var words = [UInt64](repeating: 0, count: 14)
    words[0] = now / 1_000_000_000 &+ (now % 1_000_000_000 == 0 ? 0 : 1)
    words[4] = UInt64(mm.state.frames.managed) * 4096
    words[5] = UInt64(mm.state.frames.available) * 4096
    words[6] = UInt64(mm.state.sharedPages) * 4096
    words[10] = UInt64(UInt16(truncatingIfNeeded: tasks.liveTasks))
    words[13] = 1
    try user(el1).put(a[0], words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } })
    return .done(0)
  }

  /// getresuid and getresgid(real, effective, saved): the only user is root. Linux: kernel/sys.c.
  func getIDs(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    for n in 0..<3 { try user(el1).put(a[n], 0 as UInt32) }
    return .done(0)
  }

  /// The only user has no supplementary groups. Linux: getgroups().
  func getgroups(_ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    if a.int(0) < 0 { throw .EINVAL }
    return .done(0)
  }
}
