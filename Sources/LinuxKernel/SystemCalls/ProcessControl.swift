// Owns prctl: its options, and the arguments that must be zero for each option. It does not know the effect of an option. Linux:
// kernel/sys.c.
import Architecture
import LinuxMM

extension ProcessCalls {
  private enum Option {
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
    default: throw .EINVAL
    }
    return .done(0)
  }

  /// The bit in PR_SET_THP_DISABLE's flags and in PR_GET_THP_DISABLE's result for areas that madvise excepts.
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
    switch mm.state[currentTask.mm].hugePageDisabling {
    case .none: 0
    case .completely: 1
    case .exceptAdvised: 1 | Self.exceptAdvised
    }
  }
}
