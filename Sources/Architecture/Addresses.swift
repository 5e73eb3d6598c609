// Owns the two kinds of address and the translation granules.
// It does not know how one address is translated into the other.

/// A 64-bit virtual address as an instruction forms it, including the tag byte, before any check.
@frozen public struct VirtualAddress: RawRepresentable, Hashable, Comparable, Sendable {
  public var rawValue: UInt64
  @inlinable public init(rawValue: UInt64) { self.rawValue = rawValue }
  @inlinable public init(_ rawValue: UInt64) { self.rawValue = rawValue }

  /// The address with its top byte replaced by copies of bit 55, as software that ignores tags sees it.
  @inlinable public var untagged: VirtualAddress {
    VirtualAddress(UInt64(bitPattern: Int64(bitPattern: rawValue &<< 8) &>> 8))
  }
  /// Bit 55 chooses the translation table base: false is TTBR0_EL1, true is TTBR1_EL1. Arm ARM D8.2.
  @inlinable public var selectsTTBR1: Bool { rawValue & (1 &<< 55) != 0 }

  @inlinable public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
  @inlinable public static func + (a: Self, b: UInt64) -> Self { Self(a.rawValue &+ b) }
  @inlinable public static func - (a: Self, b: UInt64) -> Self { Self(a.rawValue &- b) }
  @inlinable public static func - (a: Self, b: Self) -> UInt64 { a.rawValue &- b.rawValue }
}

/// A physical address in the machine's one physical address space.
@frozen public struct PhysicalAddress: RawRepresentable, Hashable, Comparable, Sendable {
  public var rawValue: UInt64
  @inlinable public init(rawValue: UInt64) { self.rawValue = rawValue }
  @inlinable public init(_ rawValue: UInt64) { self.rawValue = rawValue }

  @inlinable public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
  @inlinable public static func + (a: Self, b: UInt64) -> Self { Self(a.rawValue &+ b) }
  @inlinable public static func - (a: Self, b: Self) -> UInt64 { a.rawValue &- b.rawValue }
}

extension VirtualAddress: CustomStringConvertible {
  public var description: String { hexadecimal(rawValue) }
}
extension PhysicalAddress: CustomStringConvertible {
  public var description: String { hexadecimal(rawValue) }
}

/// A translation granule: the size of a page and of a translation table. Arm ARM D8.2.
@frozen public enum Granule: UInt8, Hashable, Sendable, CaseIterable {
  case size4K = 12, size16K = 14, size64K = 16

  /// log2 of the page size in bytes.
  @inlinable public var shift: UInt64 { UInt64(rawValue) }
  /// The page size in bytes.
  @inlinable public var bytes: UInt64 { 1 &<< shift }
  /// Address bits resolved by one full table: log2 of its number of descriptors.
  @inlinable public var bitsPerLevel: UInt64 { shift &- 3 }
  /// The lowest address bit that a descriptor at `level` (-1 to 3) resolves.
  @inlinable public func shift(level: Int) -> UInt64 { shift &+ bitsPerLevel &* UInt64(3 &- level) }
}
