// Owns the fault status codes (DFSC and IFSC) as one table of kind and level.
// It does not know which access faulted or who handles it.

/// A fault status code of the long-descriptor format. Arm ARM ESR_EL1, ISS encoding for Data Aborts, DFSC.
@frozen public struct FaultStatus: RawRepresentable, Hashable, Sendable {
  /// The six-bit code as it stands in ESR_EL1.
  public var rawValue: UInt8
  @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue & 0x3f }

  @inlinable public static func addressSize(level: Int) -> Self { level < 0 ? Self(rawValue: 0x29) : Self(rawValue: 0x00 | UInt8(level)) }
  @inlinable public static func translation(level: Int) -> Self { level < 0 ? Self(rawValue: 0x2b) : Self(rawValue: 0x04 | UInt8(level)) }
  @inlinable public static func accessFlag(level: Int) -> Self { Self(rawValue: 0x08 | UInt8(level)) }
  @inlinable public static func permission(level: Int) -> Self { Self(rawValue: 0x0c | UInt8(level)) }
  @inlinable public static func externalAbortOnWalk(level: Int) -> Self {
    level < 0 ? Self(rawValue: 0x13) : Self(rawValue: 0x14 | UInt8(level))
  }
  @inlinable public static var externalAbort: Self { Self(rawValue: 0x10) }
  @inlinable public static var alignment: Self { Self(rawValue: 0x21) }
  @inlinable public static var tlbConflict: Self { Self(rawValue: 0x30) }
  @inlinable public static var unsupportedHardwareUpdate: Self { Self(rawValue: 0x31) }
  @inlinable public static var unsupportedExclusive: Self { Self(rawValue: 0x35) }

  /// The kind of fault that a code names, and its readable name.
  public enum Kind: String, Sendable {
    case addressSize = "address size fault"
    case translation = "translation fault"
    case accessFlag = "access flag fault"
    case permission = "permission fault"
    case externalAbort = "synchronous external abort"
    case externalAbortOnWalk = "synchronous external abort on translation table walk"
    case tagCheck = "synchronous tag check fault"
    case parity = "synchronous parity or ECC error"
    case parityOnWalk = "synchronous parity or ECC error on translation table walk"
    case alignment = "alignment fault"
    case tlbConflict = "TLB conflict abort"
    case unsupportedHardwareUpdate = "unsupported atomic hardware update fault"
    case lockdown = "implementation defined fault (lockdown)"
    case unsupportedExclusive = "implementation defined fault (unsupported exclusive or atomic)"
    case reserved = "reserved"
  }

  public var kind: Kind {
    switch rawValue {
    case 0x00...0x03, 0x29: .addressSize
    case 0x04...0x07, 0x2b: .translation
    case 0x08...0x0b: .accessFlag
    case 0x0c...0x0f: .permission
    case 0x10: .externalAbort
    case 0x11: .tagCheck
    case 0x13...0x17: .externalAbortOnWalk
    case 0x18: .parity
    case 0x1b...0x1f: .parityOnWalk
    case 0x21: .alignment
    case 0x30: .tlbConflict
    case 0x31: .unsupportedHardwareUpdate
    case 0x34: .lockdown
    case 0x35: .unsupportedExclusive
    default: .reserved
    }
  }

  /// The translation table level (-1 to 3) that the code names, or nil for faults that have none.
  public var level: Int? {
    switch rawValue {
    case 0x00...0x0f: Int(rawValue & 3)
    case 0x14...0x17, 0x1c...0x1f: Int(rawValue & 3)
    case 0x13, 0x1b, 0x29, 0x2b: -1
    default: nil
    }
  }
}

extension FaultStatus: CustomStringConvertible {
  public var description: String { kind.rawValue + (level.map { ", level \($0)" } ?? "") }
}
