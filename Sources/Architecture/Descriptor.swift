// Owns the fields of a VMSAv8-64 stage 1 descriptor as hardware reads them.
// It does not know software's bits, nor how a walk reaches a descriptor.

/// A stage 1 translation table descriptor. Arm ARM D8.3.
@frozen public struct Descriptor: RawRepresentable, Hashable, Sendable {
  public var rawValue: UInt64
  @inlinable public init(rawValue: UInt64) { self.rawValue = rawValue }
  @inlinable public init(_ rawValue: UInt64) { self.rawValue = rawValue }

  @inlinable public var isValid: Bool { rawValue & 1 != 0 }
  /// Bits 1:0 are 0b11: the descriptor is a table above level 3 and a page at level 3.
  @inlinable public var isTableOrPage: Bool { rawValue & 3 == 3 }
  /// Bits 1:0 are 0b01: the descriptor is a block, at the levels that have blocks.
  @inlinable public var isBlock: Bool { rawValue & 3 == 1 }

  /// AttrIndx, bits 4:2: the MAIR_EL1 slot.
  @inlinable public var attributeIndex: UInt64 { rawValue &>> 2 & 7 }
  /// AP[1], bit 6: EL0 may access the page.
  @inlinable public var isUserAccessible: Bool { rawValue & Bits.user != 0 }
  /// AP[2], bit 7: writes are refused.
  @inlinable public var isReadOnly: Bool { rawValue & Bits.readOnly != 0 }
  /// SH, bits 9:8.
  @inlinable public var shareability: UInt64 { rawValue &>> 8 & 3 }
  /// AF, bit 10.
  @inlinable public var accessFlag: Bool { rawValue & Bits.accessFlag != 0 }
  /// nG, bit 11.
  @inlinable public var isNonGlobal: Bool { rawValue & Bits.nonGlobal != 0 }
  /// GP, bit 50: guarded page.
  @inlinable public var isGuarded: Bool { rawValue & Bits.guarded != 0 }
  /// DBM, bit 51: hardware may clear AP[2] on a write.
  @inlinable public var isDirtyBitModifier: Bool { rawValue & Bits.dirtyBitModifier != 0 }
  /// Contiguous, bit 52.
  @inlinable public var isContiguous: Bool { rawValue & Bits.contiguous != 0 }
  /// PXN, bit 53.
  @inlinable public var isPrivilegedExecuteNever: Bool { rawValue & Bits.privilegedExecuteNever != 0 }
  /// UXN, bit 54.
  @inlinable public var isUserExecuteNever: Bool { rawValue & Bits.userExecuteNever != 0 }

  /// nT, bit 16 of a block under FEAT_BBM: not to be cached. Arm ARM D8.16.
  @inlinable public var isNotTranslated: Bool { rawValue & 1 &<< 16 != 0 }

  // Table descriptors only.
  /// PXNTable, bit 59.
  @inlinable public var privilegedExecuteNeverBelow: Bool { rawValue & 1 &<< 59 != 0 }
  /// UXNTable, bit 60.
  @inlinable public var userExecuteNeverBelow: Bool { rawValue & 1 &<< 60 != 0 }
  /// APTable[0], bit 61: no EL0 access below.
  @inlinable public var noUserAccessBelow: Bool { rawValue & 1 &<< 61 != 0 }
  /// APTable[1], bit 62: no writes below.
  @inlinable public var readOnlyBelow: Bool { rawValue & 1 &<< 62 != 0 }

  /// The bits by name.
  public enum Bits {
    @inlinable public static var valid: UInt64 { 1 }
    @inlinable public static var user: UInt64 { 1 &<< 6 }
    @inlinable public static var readOnly: UInt64 { 1 &<< 7 }
    @inlinable public static var accessFlag: UInt64 { 1 &<< 10 }
    @inlinable public static var nonGlobal: UInt64 { 1 &<< 11 }
    @inlinable public static var guarded: UInt64 { 1 &<< 50 }
    @inlinable public static var dirtyBitModifier: UInt64 { 1 &<< 51 }
    @inlinable public static var contiguous: UInt64 { 1 &<< 52 }
    @inlinable public static var privilegedExecuteNever: UInt64 { 1 &<< 53 }
    @inlinable public static var userExecuteNever: UInt64 { 1 &<< 54 }
  }
}

extension Descriptor: CustomStringConvertible {
  public var description: String { hexadecimal(rawValue) }
}
