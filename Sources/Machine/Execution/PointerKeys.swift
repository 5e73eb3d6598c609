// Owns the five pointer authentication keys as system registers, and the control bits that enable their use.
// It does not know what is done with a key. Arm ARM D23, APIAKeyLo_EL1 to APGAKeyHi_EL1; SCTLR_EL1.EnIA to EnDB.
import Architecture
import Decoding

/// The keys of one PE, in the order of `PointerKey`, then the generic key.
struct PointerKeys {
  var keys = (PointerKeyValue(), PointerKeyValue(), PointerKeyValue(), PointerKeyValue(), PointerKeyValue())

  subscript(key: PointerKey) -> PointerKeyValue {
    switch key {
    case .ia: keys.0
    case .ib: keys.1
    case .da: keys.2
    case .db: keys.3
    }
  }
  var generic: PointerKeyValue { keys.4 }

  /// Where a register's 64 bits are kept; nil if it is not a key register.
  private static func place(_ register: SystemRegister) -> WritableKeyPath<PointerKeys, UInt64>? {
    switch register {
    case .APIAKeyLo_EL1: \.keys.0.low
    case .APIAKeyHi_EL1: \.keys.0.high
    case .APIBKeyLo_EL1: \.keys.1.low
    case .APIBKeyHi_EL1: \.keys.1.high
    case .APDAKeyLo_EL1: \.keys.2.low
    case .APDAKeyHi_EL1: \.keys.2.high
    case .APDBKeyLo_EL1: \.keys.3.low
    case .APDBKeyHi_EL1: \.keys.3.high
    case .APGAKeyLo_EL1: \.keys.4.low
    case .APGAKeyHi_EL1: \.keys.4.high
    default: nil
    }
  }

  /// A register's value; nil if it is not a key register.
  func read(_ register: SystemRegister) -> UInt64? { Self.place(register).map { self[keyPath: $0] } }
  /// Writes a register; false if it is not a key register.
  mutating func write(_ register: SystemRegister, _ value: UInt64) -> Bool {
    guard let place = Self.place(register) else { return false }
    self[keyPath: place] = value
    return true
  }
}

extension SystemControl {
  /// Whether EnIA, EnIB, EnDA or EnDB enables a key. If not, the instructions of that key leave pointers as they are.
  func uses(_ key: PointerKey) -> Bool {
    let bit: UInt64 =
      switch key {
      case .ia: 31
      case .ib: 30
      case .da: 27
      case .db: 13
      }
    return rawValue &>> bit & 1 != 0
  }
}
