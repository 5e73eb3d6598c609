// Owns prctl: its options, and the arguments that must be zero for each option. It does not know the effect of an option. Linux:
// kernel/sys.c.
import Architecture
import LinuxMM

extension ProcessCalls {
  private enum Option {
    static let SET_PDEATHSIG: Int32 = 1, GET_PDEATHSIG: Int32 = 2, GET_DUMPABLE: Int32 = 3, SET_DUMPABLE: Int32 = 4, SET_NAME: Int32 = 15,
      GET_NAME: Int32 = 16
    static let SET_TIMERSLACK: Int32 = 29, GET_TIMERSLACK: Int32 = 30, SET_CHILD_SUBREAPER: Int32 = 36, GET_CHILD_SUBREAPER: Int32 = 37
    static let SET_TAGGED_ADDR_CTRL: Int32 = 55, GET_TAGGED_ADDR_CTRL: Int32 = 56
    static let SET_THP_DISABLE: Int32 = 41, GET_THP_DISABLE: Int32 = 42
    static let PAC_RESET_KEYS: Int32 = 54, PAC_SET_ENABLED_KEYS: Int32 = 60, PAC_GET_ENABLED_KEYS: Int32 = 61
  }

  /// Throws EINVAL for an option that is not modelled, as for one that a kernel does not have.
  func prctl(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    switch a.int(0) {
    case Option.PAC_RESET_KEYS:
      if a[2] != 0 || a[3] != 0 || a[4] != 0 { throw .EINVAL }
      try pointerAuthentication.resetPointerKeys(el1, a[1])
    case Option.PAC_SET_ENABLED_KEYS:
      if a[3] != 0 || a[4] != 0 { throw .EINVAL }
      try pointerAuthentication.setEnabledPointerKeys(el1, a[1], a[2])
    case Option.PAC_GET_ENABLED_KEYS:
      if a[1] != 0 || a[2] != 0 || a[3] != 0 || a[4] != 0 { throw .EINVAL }
      return .done(try pointerAuthentication.enabledPointerKeys())
    case Option.SET_THP_DISABLE: try setHugePageDisabling(a)
    case Option.GET_THP_DISABLE:
      if a[1] != 0 || a[2] != 0 || a[3] != 0 || a[4] != 0 { throw .EINVAL }
      return .done(hugePageDisabling)
    case Option.SET_PDEATHSIG:
      if a[1] > UInt64(Signal.count) { throw .EINVAL }
      currentTask.parentDeathSignal = Int32(a[1])
    case Option.GET_PDEATHSIG: try user(el1).put(a[1], currentTask.parentDeathSignal)
    case Option.GET_DUMPABLE: return .done(mm[currentTask.mm].isDumpable ? 1 : 0)
    case Option.SET_DUMPABLE:
      if a[1] > 1 { throw .EINVAL }
      mm.setDumpable(currentTask.mm, a[1] == 1)
    case Option.SET_NAME: currentTask.name = try name(el1, a[1])
    case Option.GET_NAME: try user(el1).put(a[1], currentTask.name + [UInt8](repeating: 0, count: 16 - currentTask.name.count))
    case Option.SET_TIMERSLACK: currentTask.timerSlack = Int64(bitPattern: a[1]) <= 0 ? currentTask.defaultTimerSlack : a[1]
    case Option.GET_TIMERSLACK: return .done(currentTask.timerSlack)
    case Option.SET_CHILD_SUBREAPER: processes.setSubreaper(a[1] != 0)
    case Option.GET_CHILD_SUBREAPER: try user(el1).put(a[1], tasks[tasks.currentProcess].isSubreaper ? 1 : 0 as Int32)
    case Option.SET_TAGGED_ADDR_CTRL:
      // PR_TAGGED_ADDR_ENABLE is the one bit without MTE.
      if a[1] & ~1 != 0 || a[2] != 0 || a[3] != 0 || a[4] != 0 { throw .EINVAL }
      currentTask.acceptsTags = a[1] == 1
    case Option.GET_TAGGED_ADDR_CTRL:
      if a[1] != 0 || a[2] != 0 || a[3] != 0 || a[4] != 0 { throw .EINVAL }
      return .done(currentTask.acceptsTags ? 1 : 0)
    default:
      noteUnknownOption(167, a[0] & 0xffff_ffff)
      throw .EINVAL
    }
    return .done(0)
  }

  /// The first 15 bytes of a string. Linux: strncpy_from_user().
  private func name(_ el1: EL1Interface, _ address: UInt64) throws(Errno) -> [UInt8] {
    var name: [UInt8] = []
    while name.count < 15 {
      let byte = try user(el1).get(address &+ UInt64(name.count), as: UInt8.self)
      if byte == 0 { break }
      name.append(byte)
    }
    return name
  }

  /// The bit of PR_SET_THP_DISABLE's flags, and of what PR_GET_THP_DISABLE answers.
  private static var exceptAdvised: UInt64 { 2 }

  /// Linux: prctl_set_thp_disable().
  private func setHugePageDisabling(_ a: SystemCallArguments) throws(Errno) {
    let known = configuration.profile.exceptsAdvisedMemory && a[1] != 0 ? Self.exceptAdvised : 0
    if a[2] & ~known != 0 || a[3] != 0 || a[4] != 0 { throw .EINVAL }
    let disabling: HugePageDisabling = a[1] == 0 ? .none : a[2] == 0 ? .completely : .exceptAdvised
    mm.setHugePageDisabling(currentTask.mm, disabling)
  }

  /// The result is 1 for disabled, and 3 for disabled except where advised. Linux: prctl_get_thp_disable().
  private var hugePageDisabling: UInt64 {
    switch mm[currentTask.mm].hugePageDisabling {
    case .none: 0
    case .completely: 1
    case .exceptAdvised: 1 | Self.exceptAdvised
    }
  }
}
