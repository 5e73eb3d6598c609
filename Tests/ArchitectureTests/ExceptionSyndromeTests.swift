// Owns tests of ESR_EL1: values from the manual and from real kernels' logs, and encoding and decoding of every fault.
// It does not know when an exception is taken.
import Architecture
import Testing

struct ExceptionSyndromeTests {
  private func syndrome(_ status: FaultStatus, _ kind: AccessKind, isWrite: Bool, lower: Bool) -> ExceptionSyndrome {
    ExceptionSyndrome(fault: FaultRecord(status: status, kind: kind, isWrite: isWrite, address: VirtualAddress(0x1234)), fromLowerEL: lower)
  }

  @Test func valuesAsLogsShowThem() {
    let rows: [(UInt64, FaultStatus, AccessKind, Bool, Bool)] = [
      (0x9200_0007, .translation(level: 3), .read, false, true), (0x9200_0047, .translation(level: 3), .write, true, true),
      (0x9200_004f, .permission(level: 3), .write, true, true), (0x9200_000f, .permission(level: 3), .atomic, false, true),
      (0x9600_0004, .translation(level: 0), .read, false, false), (0x9600_0045, .translation(level: 1), .write, true, false),
      (0x8200_0006, .translation(level: 2), .instructionFetch, false, true),
      (0x8600_000f, .permission(level: 3), .instructionFetch, false, false),
      (0x9200_0147, .translation(level: 3), .cacheMaintenance, true, true), (0x9200_0021, .alignment, .read, false, true),
      (0x9200_0010, .externalAbort, .read, false, true), (0x9600_0061, .alignment, .write, true, false),
    ]
    for (value, status, kind, isWrite, lower) in rows {
      #expect(syndrome(status, kind, isWrite: isWrite, lower: lower).rawValue == value, "\(String(value, radix: 16))")
    }
  }

  /// Encodes every status and level, every kind of access, read or write, from either level, and reads all fields back.
  @Test func thereAndBack() {
    for row in FaultStatusTests.rows {
      for kind in AccessKind.allCases {
        for isWrite in [false, true] {
          for lower in [false, true] {
            let value = ExceptionSyndrome(rawValue: syndrome(row.status, kind, isWrite: isWrite, lower: lower).rawValue)
            let isFetch = kind == .instructionFetch
            #expect(value.faultStatus == row.status)
            #expect(value.faultStatus.level == row.level)
            #expect(value.isInstructionAbort == isFetch)
            #expect(value.isDataAbort == !isFetch)
            #expect(
              value.exceptionClass
                == (isFetch ? (lower ? .instructionAbortLower : .instructionAbortSame) : (lower ? .dataAbortLower : .dataAbortSame)))
            #expect(value.isWrite == (isWrite && !isFetch))
            #expect(value.isCacheMaintenance == [.cacheMaintenance, .cacheInvalidation, .addressTranslation].contains(kind))
            #expect(value.is32BitInstruction)
            #expect(!value.isStage2OnWalk && !value.isFaultAddressInvalid)
            #expect(value.iss2 == 0)
            // Only DFSC, WnR and CM are set: ISV and its fields stay 0 at EL1.
            #expect(value.iss & ~0x17f == 0)
          }
        }
      }
    }
  }

  /// Literal values of the classes that are not aborts.
  @Test func otherClasses() {
    let rows: [(ExceptionSyndrome, UInt64)] = [
      (.trappedWait(isWFE: false, timeout: nil), 0x07e0_0000), (.trappedWait(isWFE: true, timeout: nil), 0x07e0_0001),
      (.trappedWait(isWFE: false, timeout: 5), 0x07e0_00a6), (.trappedWait(isWFE: true, timeout: 31), 0x07e0_03e7),
      (.trappedVector, 0x1fe0_0000),
      (.branchTarget(type: 1), 0x3600_0001), (.branchTarget(type: 3), 0x3600_0003),
      (.breakpoint(fromLowerEL: true), 0xc200_0022), (.breakpoint(fromLowerEL: false), 0xc600_0022),
      (.softwareStep(stepped: nil, fromLowerEL: true), 0xca00_0022), (.softwareStep(stepped: false, fromLowerEL: true), 0xcb00_0022),
      (.softwareStep(stepped: true, fromLowerEL: false), 0xcf00_0062),
      (.watchpoint(isWrite: false, isCacheMaintenance: false, fromLowerEL: true), 0xd200_0022),
      (.watchpoint(isWrite: true, isCacheMaintenance: false, fromLowerEL: false), 0xd600_0062),
      (.watchpoint(isWrite: true, isCacheMaintenance: true, fromLowerEL: false), 0xd600_0162),
      (.trapped(.CTR_EL0, t: 1, isRead: true), 0x6232_c021), (.trapped(.DAIF, t: 31, isRead: false), 0x6232_d3e4),
      (ExceptionSyndrome(.serror, iss: 0x123), 0xbe00_0123),
    ]
    for (syndrome, value) in rows { #expect(syndrome.rawValue == value) }
  }

  /// Every register, target and direction of EC 0x18; every step and watchpoint.
  @Test func otherClassesThereAndBack() {
    for raw in UInt16.min...UInt16.max {
      let register = SystemRegister(rawValue: raw)
      let syndrome = ExceptionSyndrome.trapped(register, t: UInt8(raw % 32), isRead: raw % 3 == 0)
      if syndrome.trappedRegister != register || syndrome.trappedTarget != UInt8(raw % 32) || syndrome.isTrappedRead != (raw % 3 == 0)
        || syndrome.exceptionClass != .trappedSystemRegister || syndrome.iss >> 22 != 0
      {
        Issue.record("\(register)")
      }
    }
    for lower in [true, false] {
      for stepped in [nil, false, true] as [Bool?] {
        let syndrome = ExceptionSyndrome.softwareStep(stepped: stepped, fromLowerEL: lower)
        #expect(syndrome.steppedExclusive == stepped)
        #expect(syndrome.exceptionClass == (lower ? .softwareStepLower : .softwareStepSame))
      }
      for (isWrite, isCacheMaintenance) in [(false, false), (true, false), (true, true)] {
        let syndrome = ExceptionSyndrome.watchpoint(isWrite: isWrite, isCacheMaintenance: isCacheMaintenance, fromLowerEL: lower)
        #expect(syndrome.isWrite == isWrite && syndrome.isCacheMaintenance == isCacheMaintenance)
        #expect(syndrome.exceptionClass == (lower ? .watchpointLower : .watchpointSame))
      }
    }
  }

  /// EC by number. Arm ARM: ESR_EL1.
  @Test func exceptionClassesByNumber() {
    let rows: [(UInt8, ExceptionClass)] = [
      (0b000000, .unknown), (0b000001, .trappedWFx), (0b000011, .trappedMCR15), (0b000100, .trappedMCRR15), (0b000101, .trappedMCR14),
      (0b000110, .trappedLDC), (0b000111, .trappedFP), (0b001000, .trappedVMRS), (0b001001, .trappedPointerAuthentication),
      (0b001010, .trappedLS64), (0b001100, .trappedMRRC14), (0b001101, .branchTarget), (0b010010, .HVC32), (0b010011, .SMC32),
      (0b010100, .trappedSystemRegister128), (0b011010, .trappedERET), (0b011011, .trappedTSTART), (0b011110, .granuleProtection),
      (0b011111, .implementationDefined), (0b111010, .vectorCatch32), (0b111101, .performanceMonitors),
      (0b001110, .illegalState), (0b010001, .SVC32), (0b010101, .SVC64), (0b010110, .HVC64), (0b010111, .SMC64),
      (0b011000, .trappedSystemRegister), (0b011001, .trappedSVE), (0b011100, .pointerAuthentication), (0b011101, .trappedSME),
      (0b100000, .instructionAbortLower), (0b100001, .instructionAbortSame), (0b100010, .pcAlignment), (0b100100, .dataAbortLower),
      (0b100101, .dataAbortSame), (0b100110, .spAlignment), (0b100111, .memoryOperation), (0b101000, .trappedFloatingPoint32),
      (0b101100, .trappedFloatingPoint64), (0b101101, .guardedControlStack), (0b101111, .serror), (0b110000, .breakpointLower),
      (0b110001, .breakpointSame), (0b110010, .softwareStepLower), (0b110011, .softwareStepSame), (0b110100, .watchpointLower),
      (0b110101, .watchpointSame), (0b111000, .BKPT32), (0b111100, .BRK64),
    ]
    #expect(Set(rows.map(\.1)) == Set(ExceptionClass.allCases))
    for (code, name) in rows {
      #expect(name.rawValue == code)
      let value = ExceptionSyndrome(name, iss: 0x1ff_ffff)
      #expect(value.rawValue == UInt64(code) << 26 | 0x3ff_ffff)
      #expect(value.exceptionClass == name)
      #expect(value.iss == 0x1ff_ffff)
    }
    #expect(Set(ExceptionClass.allCases.map(\.name)).count == ExceptionClass.allCases.count)
  }

  /// Any 64-bit value is accepted: with a class without a name, with ISS2, with bits beyond.
  @Test func foreignValues() {
    let value = ExceptionSyndrome(rawValue: 0xff12_3456_fc00_0000)
    #expect(value.classCode == 0x3f)
    #expect(value.exceptionClass == nil)
    #expect(value.iss2 == 0x12_3456)
    #expect(!value.is32BitInstruction)
    #expect(ExceptionSyndrome(rawValue: 0x9200_0487).isFaultAddressInvalid)
    #expect(ExceptionSyndrome(rawValue: 0x9200_0087).isStage2OnWalk)
    // An ISS of more than 25 bits does not reach IL or EC.
    #expect(ExceptionSyndrome(.SVC64, iss: .max).rawValue == 0x57ff_ffff)
  }
}
