// Owns the syndromes of the exception classes other than aborts: a constructor for each class, and the fields of its ISS.
// It does not know when such an exception is taken. Arm ARM: ESR_EL1, ISS encodings.

extension ExceptionSyndrome {
  /// CV = 1, COND = 0b1110: what a trapped A64 instruction reports as its condition.
  private static var always: UInt32 { 1 << 24 | 0xe << 20 }
  /// DFSC and IFSC of a debug exception.
  private static var debugStatus: UInt32 { 0x22 }

  /// EC 0x01. TI tells the four instructions apart; RN and RV name the timeout register of WFET and WFIT.
  public static func trappedWait(isWFE: Bool, timeout t: UInt8?) -> Self {
    let register = t.map { UInt32($0 & 31) << 5 | 1 << 2 | 2 } ?? 0
    return Self(.trappedWFx, iss: always | register | (isWFE ? 1 : 0))
  }
  /// EC 0x07, for a trap by CPACR_EL1.FPEN.
  public static var trappedVector: Self { Self(.trappedFP, iss: always) }
  /// EC 0x0d, for a branch target exception; the ISS holds PSTATE.BTYPE.
  public static func branchTarget(type: UInt64) -> Self { Self(.branchTarget, iss: UInt32(type & 3)) }
  /// EC 0x1c, FEAT_FPAC. Bit 1 of the key is set for a data key, bit 0 for a B key.
  public static func pointerAuthentication(key: UInt8) -> Self { Self(.pointerAuthentication, iss: UInt32(key & 3)) }

  /// EC 0x18, for MRS, MSR (register and immediate) and SYS. `t` is the number in the register field, 31 if the instruction has
  /// none.
  public static func trapped(_ register: SystemRegister, t: UInt8, isRead: Bool) -> Self {
    let name = UInt32(register.op0) << 20 | UInt32(register.op2) << 17 | UInt32(register.op1) << 14 | UInt32(register.crn) << 10
    return Self(.trappedSystemRegister, iss: name | UInt32(t & 31) << 5 | UInt32(register.crm) << 1 | (isRead ? 1 : 0))
  }
  /// The register that EC 0x18 names.
  public var trappedRegister: SystemRegister {
    func field(_ low: UInt32, _ mask: UInt32) -> UInt16 { UInt16(truncatingIfNeeded: iss >> low & mask) }
    return SystemRegister(field(20, 3), field(14, 7), field(10, 15), field(1, 15), field(17, 7))
  }
  /// Rt of EC 0x18, bits 9:5.
  public var trappedTarget: UInt8 { UInt8(truncatingIfNeeded: iss >> 5) & 31 }
  /// Whether EC 0x18 reports a read, bit 0.
  public var isTrappedRead: Bool { iss & 1 != 0 }

  /// EC 0x30 and 0x31, for a breakpoint.
  public static func breakpoint(fromLowerEL: Bool) -> Self { Self(fromLowerEL ? .breakpointLower : .breakpointSame, iss: debugStatus) }

  /// EC 0x32 and 0x33, for a software step. `stepped` says whether the stepped instruction was a Load-Exclusive; nil means that no
  /// instruction was stepped.
  public static func softwareStep(stepped isExclusive: Bool?, fromLowerEL: Bool) -> Self {
    let valid: UInt32 = isExclusive == nil ? 0 : 1 << 24
    return Self(
      fromLowerEL ? .softwareStepLower : .softwareStepSame, iss: debugStatus | valid | (isExclusive == true ? 1 << 6 : 0))
  }
  /// The `stepped` argument that a software step syndrome was made from: ISV (bit 24) and EX (bit 6).
  public var steppedExclusive: Bool? { iss & 1 << 24 == 0 ? nil : iss & 1 << 6 != 0 }

  /// EC 0x34 and 0x35, for a watchpoint, with CM and WnR as in the syndrome of an abort.
  public static func watchpoint(isWrite: Bool, isCacheMaintenance: Bool, fromLowerEL: Bool) -> Self {
    Self(
      fromLowerEL ? .watchpointLower : .watchpointSame,
      iss: debugStatus | (isWrite ? 1 << 6 : 0) | (isCacheMaintenance ? 1 << 8 : 0))
  }
}
