// Owns personality, and what its bits change in uname and in the protection of mappings. It does not know the layout that a new program
// gets. Linux: include/uapi/linux/personality.h, arch/arm64/kernel/sys.c, kernel/sys.c override_release().
import LinuxMM

/// The bits of a personality that have an effect.
enum Personality {
  static let linux32: UInt32 = 0x8
  static let uname26: UInt32 = 0x2_0000
  static let compatibleLayout: UInt32 = 0x20_0000
  static let readImpliesExec: UInt32 = 0x40_0000
}

extension ProcessCalls {
  /// Returns the old value; 0xffffffff only asks for it. EINVAL for a 32-bit personality, because no processor here runs AArch32.
  func personality(_ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let (old, new) = (currentTask.personality, a.unsigned(0))
    if new & 0xff == Personality.linux32 { throw .EINVAL }
    if new != ~0 { currentTask.personality = new }
    return .done(UInt64(old))
  }

  /// The release as uname gives it: 2.6.60 and more for programs that cannot read a larger one. Linux: override_release().
  var release: String {
    let release = configuration.profile.release
    if currentTask.personality & Personality.uname26 == 0 { return release }
    let numbers = release.prefix { $0.isNumber || $0 == "." }
    let minor = numbers.split(separator: ".").dropFirst().first.flatMap { Int($0) } ?? 0
    return "2.6.\(minor + 60)\(release[numbers.endIndex...])"
  }
}

extension MemoryCalls {
  /// PROT_* as the running task's personality extends them.
  func extended(_ protection: UInt64) -> UInt64 {
    protection & 1 != 0 && tasks.currentTask.personality & Personality.readImpliesExec != 0 ? protection | 4 : protection
  }
}
