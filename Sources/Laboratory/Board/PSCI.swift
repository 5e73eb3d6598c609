// Owns the power state of processors, as firmware would keep it: which processors are on, and the calls that change it.
// It does not know how processors run. Arm, Power State Coordination Interface, DEN 0022.
import Machine

/// PSCI function identifiers and results.
enum PSCI {
  static let version: UInt32 = 0x8400_0000
  static let cpuSuspend32: UInt32 = 0x8400_0001
  static let cpuSuspend64: UInt32 = 0xc400_0001
  static let cpuOff: UInt32 = 0x8400_0002
  static let cpuOn32: UInt32 = 0x8400_0003
  static let cpuOn64: UInt32 = 0xc400_0003
  static let affinityInfo32: UInt32 = 0x8400_0004
  static let affinityInfo64: UInt32 = 0xc400_0004
  static let migrateInfoType: UInt32 = 0x8400_0006
  static let systemOff: UInt32 = 0x8400_0008
  static let systemReset: UInt32 = 0x8400_0009
  static let features: UInt32 = 0x8400_000a

  static let success: Int64 = 0
  static let notSupported: Int64 = -1
  static let invalidParameters: Int64 = -2
  static let alreadyOn: Int64 = -4

  /// The calls that PSCI_FEATURES reports.
  static let known: Set<UInt32> = [
    version, cpuSuspend32, cpuSuspend64, cpuOff, cpuOn32, cpuOn64, affinityInfo32, affinityInfo64, migrateInfoType, systemOff,
    systemReset, features,
  ]
}

/// What a call asks the board to do.
enum PowerRequest: Equatable {
  /// The answer is in X0, and the processor goes on.
  case none
  /// The calling processor waits for an interrupt.
  case suspend
  /// The calling processor switches off.
  case off
  case systemOff
  case systemReset
}

struct PowerControl {
  /// Which processors are on, by number.
  private(set) var isOn: [Bool]

  init(processors: Int) { isOn = (0..<processors).map { $0 == 0 } }

  mutating func turnOff(_ number: Int) { isOn[number] = false }

  /// Serves the call in W0 and X1 to X3 of a processor, and puts the answer into X0.
  mutating func call(_ caller: Processor, _ processors: [Processor]) -> PowerRequest {
    let function = UInt32(truncatingIfNeeded: caller[x: 0])
    // In the 32-bit calling convention the arguments have 32 bits.
    let width: UInt64 = function & 0x4000_0000 != 0 ? ~0 : 0xffff_ffff
    let (first, second, third) = (caller[x: 1] & width, caller[x: 2] & width, caller[x: 3] & width)
    var request = PowerRequest.none
    let result: Int64
    switch function {
    case PSCI.version: result = 0x1_0001
    case PSCI.cpuOn32, PSCI.cpuOn64:
      if let number = Self.number(first, processors) {
        result = isOn[number] ? PSCI.alreadyOn : PSCI.success
        if !isOn[number] {
          isOn[number] = true
          processors[number].reset(entry: second, x0: third)
        }
      } else {
        result = PSCI.invalidParameters
      }
    case PSCI.affinityInfo32, PSCI.affinityInfo64:
      result = Self.number(first, processors).map { second != 0 ? PSCI.invalidParameters : isOn[$0] ? 0 : 1 } ?? PSCI.invalidParameters
    case PSCI.migrateInfoType: result = 2  // no trusted OS that would have to move
    case PSCI.features: result = PSCI.known.contains(UInt32(truncatingIfNeeded: first)) ? PSCI.success : PSCI.notSupported
    case PSCI.cpuSuspend32, PSCI.cpuSuspend64: (result, request) = (PSCI.success, .suspend)
    case PSCI.cpuOff: (result, request) = (PSCI.success, .off)
    case PSCI.systemOff: (result, request) = (PSCI.success, .systemOff)
    case PSCI.systemReset: (result, request) = (PSCI.success, .systemReset)
    default: result = PSCI.notSupported
    }
    caller[x: 0] = UInt64(bitPattern: result)
    return request
  }

  /// The processor with this affinity, which is MPIDR_EL1 without its flags.
  private static func number(_ affinity: UInt64, _ processors: [Processor]) -> Int? {
    processors.first { ($0.read(.MPIDR_EL1) ?? 0) & 0xff_00ff_ffff == affinity }?.number
  }
}
