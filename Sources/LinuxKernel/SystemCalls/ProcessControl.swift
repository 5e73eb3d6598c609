// Owns prctl: which options there are, and the arguments that each must leave zero.
// It does not know what an option does. Linux: kernel/sys.c.
import Architecture
import LinuxMM

extension Kernel {
  private enum Option {
    static let PAC_RESET_KEYS: Int32 = 54, PAC_SET_ENABLED_KEYS: Int32 = 60, PAC_GET_ENABLED_KEYS: Int32 = 61
  }

  /// An option that is not here is EINVAL, as one that a kernel does not have.
  func prctl(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    switch a.int(0) {
    case Option.PAC_RESET_KEYS:
      if a[2] != 0 || a[3] != 0 || a[4] != 0 { throw .EINVAL }
      try resetPointerKeys(el1, a[1])
    case Option.PAC_SET_ENABLED_KEYS:
      if a[3] != 0 || a[4] != 0 { throw .EINVAL }
      try setEnabledPointerKeys(el1, a[1], a[2])
    case Option.PAC_GET_ENABLED_KEYS:
      if a[1] != 0 || a[2] != 0 || a[3] != 0 || a[4] != 0 { throw .EINVAL }
      return .done(try enabledPointerKeys())
    default: throw .EINVAL
    }
    return .done(0)
  }
}
