// Owns the table of ISS layouts by exception class. Arm ARM: ESR_EL1.
// It does not know how a layout is printed.
import Architecture

enum ESRFields {
  /// The fields of the ISS (bits 24:0) and of ISS2 (bits 55:32) of a syndrome.
  static func layout(_ esr: ExceptionSyndrome) -> [FieldLayout] {
    guard let exceptionClass = esr.exceptionClass else { return [FieldLayout("ISS", 24, 0) { _ in "no class, no meaning" }] }
    switch exceptionClass {
    case .unknown, .illegalState, .pcAlignment, .spAlignment, .trappedSVE, .trappedPointerAuthentication: return []
    case .trappedWFx: return condition + trappedWFx
    case .trappedMCR15, .trappedMCR14, .trappedVMRS: return condition + coprocessorRegister
    case .trappedMCRR15, .trappedMRRC14: return condition + coprocessorPair
    case .trappedLDC: return condition + coprocessorMemory
    case .trappedFP: return condition
    case .trappedLS64: return [FieldLayout("ISS", 24, 0, names: ["ST64BV", "ST64BV0", "LD64B or ST64B"])]
    case .branchTarget: return [FieldLayout("BTYPE", 1, 0) { _ in "PSTATE.BTYPE of the instruction" }]
    case .SVC32, .HVC32, .SVC64, .HVC64, .SMC64, .BRK64, .BKPT32: return [immediate]
    case .SMC32: return condition + monitorCall32
    case .trappedSystemRegister: return systemRegister
    case .trappedSystemRegister128: return systemRegister128
    case .pointerAuthentication: return pointerAuthentication
    case .trappedERET: return trappedERET
    case .trappedTSTART: return [FieldLayout("Rd", 9, 5) { $0 == 31 ? "XZR" : "X\($0)" }]
    case .granuleProtection: return granuleProtection
    case .implementationDefined: return [FieldLayout("ISS", 24, 0) { _ in "implementation defined" }]
    case .trappedSME: return [FieldLayout("SMTC", 2, 0, names: trappedSME)]
    case .instructionAbortLower, .instructionAbortSame: return instructionAbort(esr)
    case .dataAbortLower, .dataAbortSame: return dataAbort(esr)
    case .memoryOperation: return memoryOperation
    case .trappedFloatingPoint32, .trappedFloatingPoint64: return floatingPoint
    case .guardedControlStack: return guardedControlStack
    case .serror: return serror(esr)
    case .breakpointLower, .breakpointSame, .vectorCatch32: return [debugStatus("IFSC")]
    case .softwareStepLower, .softwareStepSame: return softwareStep
    case .watchpointLower, .watchpointSame: return watchpoint
    case .performanceMonitors: return [FieldLayout("SYNC", 0, "asynchronous", "synchronous")]
    }
  }

  private static let immediate = FieldLayout("imm16", 15, 0) { "the instruction's immediate, #\($0)" }

  static let condition: [FieldLayout] = [
    FieldLayout("CV", 24, "COND is not valid", "COND is valid"),
    FieldLayout("COND", 23, 20) { "condition \(Condition(rawValue: UInt8($0))!)" },
  ]

  private static let trappedWFx: [FieldLayout] = [
    FieldLayout("RN", 9, 5) { "X\($0)" },
    FieldLayout("RV", 2, "RN is not valid", "RN is valid"),
    FieldLayout("TI", 1, 0, names: ["WFI", "WFE", "WFIT", "WFET"]),
  ]

  private static let systemRegister: [FieldLayout] = [
    FieldLayout("Op0", 21, 20),
    FieldLayout("Op2", 19, 17),
    FieldLayout("Op1", 16, 14),
    FieldLayout("CRn", 13, 10),
    FieldLayout("Rt", 9, 5) { $0 == 31 ? "XZR" : "X\($0)" },
    FieldLayout("CRm", 4, 1),
    FieldLayout("Direction", 0, "write: MSR or SYS", "read: MRS or SYSL"),
  ]

  private static let monitorCall32: [FieldLayout] = [
    FieldLayout("CCKNOWNPASS", 19, "unconditional, or the condition passed", "the condition may have failed")
  ]

  /// The registers of a pair are Rt and the next one; Rt is even, so bit 5 is not needed.
  private static let systemRegister128: [FieldLayout] = [
    FieldLayout("Op0", 21, 20),
    FieldLayout("Op2", 19, 17),
    FieldLayout("Op1", 16, 14),
    FieldLayout("CRn", 13, 10),
    FieldLayout("Rt", 9, 6) { "the pair from X\($0 * 2) on" },
    FieldLayout("CRm", 4, 1),
    FieldLayout("Direction", 0, "write: MSRR or SYSP", "read: MRRS"),
  ]

  private static let trappedERET: [FieldLayout] = [
    FieldLayout("ERET", 1, "ERET", "ERETAA or ERETAB"),
    FieldLayout("ERETA", 0, "ERETAA, if authenticated", "ERETAB"),
  ]

  private static let granuleProtection: [FieldLayout] = [
    FieldLayout("S2PTW", 21, "not on a stage 2 walk", "on a stage 2 walk"),
    FieldLayout("InD", 20, "a data access", "an instruction access"),
    FieldLayout("GPCSC", 19, 14) { value in
      let kinds: [UInt64: String] = [0: "address size fault", 1: "walk fault", 3: "protection fault", 5: "external abort on a fetch"]
      return kinds[value >> 2].map { "\($0) of the granule protection table, level \(value & 3)" } ?? "reserved"
    },
    FieldLayout("VNCR", 13, "not an access by VNCR_EL2", "an access by VNCR_EL2"),
    FieldLayout("CM", 8, "not cache maintenance", "cache maintenance or address translation"),
    FieldLayout("S1PTW", 7, "not on a stage 1 walk", "on a stage 1 walk"),
    FieldLayout("WnR", 6, "read", "write"),
    FieldLayout("xFSC", 5, 0) { "\(FaultStatus(rawValue: UInt8($0)))" },
  ]

  private static let pointerAuthentication: [FieldLayout] = [
    FieldLayout("key type", 1, "instruction key", "data key"),
    FieldLayout("key", 0, "key A", "key B"),
  ]

  private static let trappedSME = [
    "SME is disabled", "illegal instruction in Streaming SVE mode", "PSTATE.SM is 0", "PSTATE.ZA is 0", "ZT0 is disabled",
  ]

  private static let memoryOperation: [FieldLayout] = [
    FieldLayout("MemInst", 24, "a copy (CPY*)", "a set (SET*)"),
    FieldLayout("isSETG", 23, "not SETG*", "SETG*"),
    FieldLayout("Options", 22, 19),
    FieldLayout("FromEpilogue", 18, "not an epilogue instruction", "an epilogue instruction"),
    FieldLayout("WrongOption", 17, "the algorithm option is right", "the algorithm option is wrong"),
    FieldLayout("OptionA", 16, "PSTATE.C named option B", "PSTATE.C named option A"),
    FieldLayout("destreg", 14, 10) { "X\($0)" },
    FieldLayout("srcreg", 9, 5) { "X\($0)" },
    FieldLayout("sizereg", 4, 0) { "X\($0)" },
  ]

  private static let floatingPoint: [FieldLayout] = [
    FieldLayout("TFV", 23, "the bits below are not valid", "the bits below are valid"),
    FieldLayout("VECITR", 10, 8),
    FieldLayout("IDF", 7, "", "input denormal"),
    FieldLayout("IXF", 4, "", "inexact"),
    FieldLayout("UFF", 3, "", "underflow"),
    FieldLayout("OFF", 2, "", "overflow"),
    FieldLayout("DZF", 1, "", "divide by zero"),
    FieldLayout("IOF", 0, "", "invalid operation"),
  ]

  private static let guardedControlStack: [FieldLayout] = [
    FieldLayout("ExType", 23, 20, names: ["data check", "EXLOCK", "GCSSTR or GCSSTTR"]),
    FieldLayout("Raddr", 14, 10) { "X\($0)" },
    FieldLayout("Rn", 9, 5) { "X\($0)" },
    FieldLayout("IT", 4, 0),
  ]

  private static let softwareStep: [FieldLayout] = [
    FieldLayout("ISV", 24, "EX is not valid", "EX is valid"),
    FieldLayout("EX", 6, "no exclusive load was stepped", "an exclusive load was stepped"),
    debugStatus("IFSC"),
  ]

  private static let watchpoint: [FieldLayout] = [
    FieldLayout("WPT", 23, 18) { "watchpoint \($0)" },
    FieldLayout("WPTV", 17, "WPT is not valid", "WPT is valid"),
    FieldLayout("WPF", 16, "", "the watchpoint may be false"),
    FieldLayout("FnP", 15, "FAR_EL1 is precise", "FAR_EL1 is not precise"),
    FieldLayout("FnV", 10, "FAR_EL1 is valid", "FAR_EL1 is not valid"),
    FieldLayout("CM", 8, "not cache maintenance", "cache maintenance"),
    FieldLayout("WnR", 6, "read", "write"),
    debugStatus("DFSC"),
  ]

  private static func debugStatus(_ name: String) -> FieldLayout {
    FieldLayout(name, 5, 0) { $0 == 0x22 ? "debug exception" : "reserved" }
  }

  /// The fields that all aborts share: bits 12:9 and 7.
  private static func abort(_ esr: ExceptionSyndrome) -> [FieldLayout] {
    let external = esr.faultStatus == .externalAbort
    let onlyExternal = "only external aborts set it"
    return [
      FieldLayout("SET", 12, 11) { value in
        external ? ["recoverable (UER)", "reserved", "uncontainable (UC)", "restartable (UEO)"][Int(value)] : onlyExternal
      },
      FieldLayout("FnV", 10, "FAR_EL1 is valid", "FAR_EL1 is not valid"),
      FieldLayout("EA", 9, 9) { _ in external ? "implementation defined" : onlyExternal },
      FieldLayout("S1PTW", 7, "not a stage 2 fault on a stage 1 walk", "a stage 2 fault on a stage 1 walk"),
    ]
  }

  private static func instructionAbort(_ esr: ExceptionSyndrome) -> [FieldLayout] {
    abort(esr) + [FieldLayout("IFSC", 5, 0) { "\(FaultStatus(rawValue: UInt8($0)))" }]
  }

  private static func dataAbort(_ esr: ExceptionSyndrome) -> [FieldLayout] {
    var fields =
      abort(esr) + [
        FieldLayout("ISV", 24, "bits 23:14 hold no instruction syndrome", "bits 23:14 hold the instruction syndrome"),
        FieldLayout("VNCR", 13, "not an access by VNCR_EL2", "an access by VNCR_EL2"),
        FieldLayout("CM", 8, "not cache maintenance", "cache maintenance or address translation"),
        FieldLayout("WnR", 6, "read", "write"),
        FieldLayout("DFSC", 5, 0) { "\(FaultStatus(rawValue: UInt8($0)))" },
      ]
    if esr.iss & 1 << 24 != 0 { fields += instructionSyndrome }
    if esr.iss2 != 0 { fields += secondSyndrome }
    return fields
  }

  private static let instructionSyndrome: [FieldLayout] = [
    FieldLayout("SAS", 23, 22, names: ["byte", "halfword", "word", "doubleword"]),
    FieldLayout("SSE", 21, "no sign extension", "sign extension"),
    FieldLayout("SRT", 20, 16) { $0 == 31 ? "XZR" : "X\($0)" },
    FieldLayout("SF", 15, "32-bit register", "64-bit register"),
    FieldLayout("AR", 14, "no acquire or release", "acquire or release"),
  ]

  private static let secondSyndrome: [FieldLayout] = [
    FieldLayout("HDBSSF", 43, "", "the dirty state tracking structure faulted"),
    FieldLayout("TnD", 42, "", "a tag access"),
    FieldLayout("TagAccess", 41, "", "NoTagAccess"),
    FieldLayout("GCS", 40, "", "a Guarded Control Stack access"),
    FieldLayout("Overlay", 38, "", "overlay permissions"),
    FieldLayout("DirtyBit", 37, "", "dirty state"),
    FieldLayout("Xs", 36, 32) { "X\($0)" },
  ]

  private static func serror(_ esr: ExceptionSyndrome) -> [FieldLayout] {
    let ids = FieldLayout("IDS", 24, "the architecture's syndrome", "an implementation defined syndrome")
    if esr.iss & 1 << 24 != 0 { return [ids, FieldLayout("ISS", 23, 0) { _ in "implementation defined" }] }
    return [
      ids,
      FieldLayout("IESB", 13, "not synchronised by an implicit error barrier", "synchronised by an implicit error barrier"),
      FieldLayout(
        "AET", 12, 10,
        names: [
          "uncontainable (UC)", "unrecoverable (UEU)", "restartable (UEO)", "recoverable (UER)", "reserved", "reserved", "corrected (CE)",
        ]),
      FieldLayout("EA", 9, 9) { _ in "implementation defined" },
      FieldLayout("DFSC", 5, 0) { $0 == 0x11 ? "asynchronous SError" : $0 == 0 ? "uncategorized" : "reserved" },
    ]
  }
}
