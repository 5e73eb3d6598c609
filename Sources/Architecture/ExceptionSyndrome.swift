// Owns ESR_EL1: its fields, its exception classes, and the one encoder from a fault to a syndrome.
// It does not know when an exception is taken.

/// Exception classes, EC of ESR_ELx: every number that the Arm ARM allocates. Some are never seen in ESR_EL1, because their exceptions
/// are taken to EL2 or EL3 only. Arm ARM: ESR_EL1, ESR_EL2, ESR_EL3.
@frozen public enum ExceptionClass: UInt8, Sendable, CaseIterable {
  case unknown = 0x00
  case trappedWFx = 0x01
  case trappedMCR15 = 0x03, trappedMCRR15 = 0x04, trappedMCR14 = 0x05
  case trappedLDC = 0x06
  case trappedFP = 0x07
  case trappedVMRS = 0x08
  case trappedPointerAuthentication = 0x09
  case trappedLS64 = 0x0a
  case trappedMRRC14 = 0x0c
  case branchTarget = 0x0d
  case illegalState = 0x0e
  case SVC32 = 0x11, HVC32 = 0x12, SMC32 = 0x13
  case trappedSystemRegister128 = 0x14
  case SVC64 = 0x15, HVC64 = 0x16, SMC64 = 0x17
  case trappedSystemRegister = 0x18
  case trappedSVE = 0x19
  case trappedERET = 0x1a
  case trappedTSTART = 0x1b
  case pointerAuthentication = 0x1c
  case trappedSME = 0x1d
  case granuleProtection = 0x1e
  case implementationDefined = 0x1f
  case instructionAbortLower = 0x20, instructionAbortSame = 0x21
  case pcAlignment = 0x22
  case dataAbortLower = 0x24, dataAbortSame = 0x25
  case spAlignment = 0x26
  case memoryOperation = 0x27
  case trappedFloatingPoint32 = 0x28, trappedFloatingPoint64 = 0x2c
  case guardedControlStack = 0x2d
  case serror = 0x2f
  case breakpointLower = 0x30, breakpointSame = 0x31
  case softwareStepLower = 0x32, softwareStepSame = 0x33
  case watchpointLower = 0x34, watchpointSame = 0x35
  case BKPT32 = 0x38
  case vectorCatch32 = 0x3a
  case BRK64 = 0x3c
  case performanceMonitors = 0x3d

  /// The name as the Arm ARM writes it, shortened to what fits a line.
  public var name: String {
    switch self {
    case .unknown: "Unknown reason"
    case .trappedWFx: "Trapped WFI or WFE"
    case .trappedMCR15: "Trapped MCR or MRC of coprocessor 15 in AArch32"
    case .trappedMCRR15: "Trapped MCRR or MRRC of coprocessor 15 in AArch32"
    case .trappedMCR14: "Trapped MCR or MRC of coprocessor 14 in AArch32"
    case .trappedLDC: "Trapped LDC or STC in AArch32"
    case .trappedFP: "Trapped SVE, Advanced SIMD or floating point access"
    case .trappedVMRS: "Trapped VMRS of an ID register in AArch32"
    case .trappedPointerAuthentication: "Trapped pointer authentication instruction"
    case .trappedLS64: "Trapped LD64B or ST64B*"
    case .trappedMRRC14: "Trapped MRRC of coprocessor 14 in AArch32"
    case .branchTarget: "Branch Target Exception"
    case .illegalState: "Illegal Execution state"
    case .SVC32: "SVC in AArch32"
    case .HVC32: "HVC in AArch32"
    case .SMC32: "SMC in AArch32"
    case .trappedSystemRegister128: "Trapped MSRR, MRRS or 128-bit System instruction"
    case .SVC64: "SVC in AArch64"
    case .HVC64: "HVC in AArch64"
    case .SMC64: "SMC in AArch64"
    case .trappedSystemRegister: "Trapped MSR, MRS or System instruction"
    case .trappedSVE: "Trapped SVE access"
    case .trappedERET: "Trapped ERET, ERETAA or ERETAB"
    case .trappedTSTART: "Trapped TSTART"
    case .pointerAuthentication: "Pointer authentication failure"
    case .trappedSME: "Trapped SME access"
    case .granuleProtection: "Granule Protection Check exception"
    case .implementationDefined: "Implementation defined exception to EL3"
    case .instructionAbortLower: "Instruction Abort from a lower Exception level"
    case .instructionAbortSame: "Instruction Abort from the current Exception level"
    case .pcAlignment: "PC alignment fault"
    case .dataAbortLower: "Data Abort from a lower Exception level"
    case .dataAbortSame: "Data Abort from the current Exception level"
    case .spAlignment: "SP alignment fault"
    case .memoryOperation: "Memory Operation Exception"
    case .trappedFloatingPoint32: "Trapped floating-point exception in AArch32"
    case .trappedFloatingPoint64: "Trapped floating-point exception in AArch64"
    case .guardedControlStack: "Guarded Control Stack exception"
    case .serror: "SError"
    case .breakpointLower: "Breakpoint from a lower Exception level"
    case .breakpointSame: "Breakpoint from the current Exception level"
    case .softwareStepLower: "Software Step from a lower Exception level"
    case .softwareStepSame: "Software Step from the current Exception level"
    case .watchpointLower: "Watchpoint from a lower Exception level"
    case .watchpointSame: "Watchpoint from the current Exception level"
    case .BKPT32: "BKPT in AArch32"
    case .vectorCatch32: "Vector Catch from AArch32"
    case .BRK64: "BRK in AArch64"
    case .performanceMonitors: "PMU exception"
    }
  }
}

/// A value of ESR_EL1.
@frozen public struct ExceptionSyndrome: RawRepresentable, Hashable, Sendable {
  public var rawValue: UInt64
  @inlinable public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// EC, IL and ISS put together. IL is 1 for every A64 instruction and for all aborts.
  @inlinable public init(_ exceptionClass: ExceptionClass, iss: UInt32 = 0) {
    rawValue = UInt64(exceptionClass.rawValue) << 26 | 1 << 25 | UInt64(iss & 0x1ff_ffff)
  }

  /// EC, bits 31:26, as a number, because a value may hold a class that has no name here.
  @inlinable public var classCode: UInt8 { UInt8(truncatingIfNeeded: rawValue >> 26) & 0x3f }
  @inlinable public var exceptionClass: ExceptionClass? { ExceptionClass(rawValue: classCode) }
  /// IL, bit 25.
  @inlinable public var is32BitInstruction: Bool { rawValue & 1 << 25 != 0 }
  /// ISS, bits 24:0.
  @inlinable public var iss: UInt32 { UInt32(truncatingIfNeeded: rawValue) & 0x1ff_ffff }
  /// ISS2, bits 55:32.
  @inlinable public var iss2: UInt32 { UInt32(truncatingIfNeeded: rawValue >> 32) & 0xff_ffff }

  // Fields of the ISS of aborts.
  /// DFSC or IFSC, bits 5:0.
  @inlinable public var faultStatus: FaultStatus { FaultStatus(rawValue: UInt8(truncatingIfNeeded: rawValue)) }
  /// WnR, bit 6.
  @inlinable public var isWrite: Bool { rawValue & 1 << 6 != 0 }
  /// S1PTW, bit 7.
  @inlinable public var isStage2OnWalk: Bool { rawValue & 1 << 7 != 0 }
  /// CM, bit 8.
  @inlinable public var isCacheMaintenance: Bool { rawValue & 1 << 8 != 0 }
  /// FnV, bit 10.
  @inlinable public var isFaultAddressInvalid: Bool { rawValue & 1 << 10 != 0 }

  @inlinable public var isDataAbort: Bool { classCode & 0x3e == 0x24 }
  @inlinable public var isInstructionAbort: Bool { classCode & 0x3e == 0x20 }

  /// The syndrome of a memory fault taken to EL1. ISV is 0 there, so bits 23:14 stay 0.
  /// Arm ARM: AArch64.FaultSyndrome; ISS encodings for Data Aborts and Instruction Aborts.
  @inlinable public init(fault: FaultRecord, fromLowerEL: Bool) {
    if fault.kind == .instructionFetch {
      self.init(fromLowerEL ? .instructionAbortLower : .instructionAbortSame, iss: UInt32(fault.status.rawValue))
    } else {
      var iss = UInt32(fault.status.rawValue)
      if fault.isWrite { iss |= 1 << 6 }
      if fault.kind.isCacheMaintenance || fault.kind == .addressTranslation { iss |= 1 << 8 }
      self.init(fromLowerEL ? .dataAbortLower : .dataAbortSame, iss: iss)
    }
  }
}

extension ExceptionSyndrome: CustomStringConvertible {
  public var description: String { hexadecimal(rawValue) }
}
