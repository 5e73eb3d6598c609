// Owns the names that Linux logs for exception classes and for fault status codes. It does not know what they mean. Linux:
// arch/arm64/kernel/traps.c, arch/arm64/mm/fault.c.
import Architecture

public enum LinuxNames {
  /// The name of the class of an ESR.
  public static func exceptionClass(_ esr: UInt64) -> String { classes[esr >> 26 & 63] ?? "UNRECOGNIZED EC" }

  private static let classes: [UInt64: String] = [
    0x00: "Unknown/Uncategorized", 0x01: "WFI/WFE", 0x03: "CP15 MCR/MRC", 0x04: "CP15 MCRR/MRRC", 0x05: "CP14 MCR/MRC",
    0x06: "CP14 LDC/STC",
    0x07: "ASIMD", 0x08: "CP10 MRC/VMRS", 0x09: "PAC", 0x0c: "CP14 MCRR/MRRC", 0x0d: "BTI", 0x0e: "PSTATE.IL", 0x11: "SVC (AArch32)",
    0x12: "HVC (AArch32)", 0x13: "SMC (AArch32)", 0x15: "SVC (AArch64)", 0x16: "HVC (AArch64)", 0x17: "SMC (AArch64)",
    0x18: "MSR/MRS (AArch64)", 0x19: "SVE", 0x1a: "ERET/ERETAA/ERETAB", 0x1c: "FPAC", 0x1d: "SME", 0x1f: "EL3 IMP DEF",
    0x20: "IABT (lower EL)", 0x21: "IABT (current EL)", 0x22: "PC Alignment", 0x24: "DABT (lower EL)", 0x25: "DABT (current EL)",
    0x26: "SP Alignment", 0x27: "MOPS", 0x28: "FP (AArch32)", 0x2c: "FP (AArch64)", 0x2d: "Guarded Control Stack", 0x2f: "SError",
    0x30: "Breakpoint (lower EL)", 0x31: "Breakpoint (current EL)", 0x32: "Software Step (lower EL)", 0x33: "Software Step (current EL)",
    0x34: "Watchpoint (lower EL)", 0x35: "Watchpoint (current EL)", 0x38: "BKPT (AArch32)", 0x3a: "Vector catch (AArch32)",
    0x3c: "BRK (AArch64)",
  ]

  /// The name of a fault status code, as in `level 2 translation fault`.
  public static func fault(_ status: FaultStatus) -> String {
    let level = "level \(status.level ?? 0)"
    switch status.kind {
    case .addressSize: return status.level == 0 ? "ttbr address size fault" : "\(level) address size fault"
    case .translation, .accessFlag, .permission: return "\(level) \(status.kind.rawValue)"
    case .externalAbort, .tagCheck, .parity, .alignment, .tlbConflict: return status.kind.rawValue
    case .externalAbortOnWalk: return "\(level) (translation table walk)"
    case .parityOnWalk: return "\(level) synchronous parity error (translation table walk)"
    case .unsupportedHardwareUpdate: return "Unsupported atomic hardware update fault"
    case .lockdown: return "implementation fault (lockdown abort)"
    case .unsupportedExclusive: return "implementation fault (unsupported exclusive)"
    case .reserved:
      return status.rawValue == 0x3d ? "section domain fault" : status.rawValue == 0x3e ? "page domain fault" : "unknown \(status.rawValue)"
    }
  }

  /// What Linux says of an exception from EL0 that is no abort and that it makes a signal. Linux: force_signal_inject(), brk_handler(),
  /// do_sp_pc_abort(), bad_el0_sync().
  public static func other(_ esr: UInt64) -> String {
    switch ExceptionClass(rawValue: UInt8(esr >> 26 & 63)) {
    case .pcAlignment, .spAlignment: "SP/PC alignment exception"
    case .BRK64: "User debug trap"
    case .unknown, .trappedSystemRegister, .branchTarget, .pointerAuthentication: "undefined instruction"
    default: "Bad EL0 synchronous exception"
    }
  }
}
