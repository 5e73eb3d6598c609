// Owns where a stage 1 descriptor keeps its address, by granule and address size, and at which levels there are blocks.
// It does not know who asks, nor whether a processor has the format. Arm ARM D8.3.1.

/// The layout of the descriptors of one half of an address space.
@frozen public struct DescriptorFormat: Hashable, Sendable {
  public var granule: Granule
  /// Addresses have 52 bits: with FEAT_LPA and the 64 KiB granule, or with TCR_EL1.DS (FEAT_LPA2) and a smaller one. False means 48
  /// bits.
  public var hasWideAddresses: Bool

  @inlinable public init(_ granule: Granule = .size4K, hasWideAddresses: Bool = false) {
    self.granule = granule
    self.hasWideAddresses = hasWideAddresses
  }

  /// TCR_EL1.DS is in effect: the shareability of a page comes from TCR_EL1, and the descriptor's SH bits hold address bits.
  @inlinable public var hasWideSmallGranule: Bool { hasWideAddresses && granule != .size64K }

  /// The bits of a descriptor that stand at the same place in the output address.
  public var outputMask: UInt64 {
    (hasWideSmallGranule ? 0x0003_ffff_ffff_ffff : 0x0000_ffff_ffff_ffff) & ~(granule.bytes &- 1)
  }
  /// The bits of a descriptor that stand `highShift` places higher in the output address: with the 64 KiB granule, bits 15:12 hold
  /// address bits 51:48; under DS, bits 9:8 hold address bits 51:50. Arm ARM: AArch64.LeafBase.
  public var highMask: UInt64 { !hasWideAddresses ? 0 : granule == .size64K ? 0xf000 : 0x300 }
  public var highShift: UInt64 { granule == .size64K ? 36 : 42 }

  /// Bit n is set where level n has block descriptors. Arm ARM: AArch64.BlockDescSupported.
  public var blockLevels: UInt8 {
    switch granule {
    case .size4K: hasWideAddresses ? 0b111 : 0b110
    case .size16K, .size64K: hasWideAddresses ? 0b110 : 0b100
    }
  }
  public func hasBlocks(_ level: Int) -> Bool { level >= 0 && blockLevels &>> UInt8(truncatingIfNeeded: level) & 1 != 0 }

  /// The levels at which a walk can find a descriptor.
  public var levels: ClosedRange<Int> {
    switch granule {
    case .size4K: (hasWideAddresses ? -1 : 0)...3
    case .size16K: 0...3
    case .size64K: 1...3
    }
  }

  /// The physical address that a descriptor holds. A block's address keeps whatever bits the descriptor has below the block's size.
  public func output(_ descriptor: UInt64) -> UInt64 { descriptor & outputMask | (descriptor & highMask) &<< highShift }

  /// How many adjacent descriptors the Contiguous bit joins; nil where the bit is RES0. Arm ARM: AArch64.ContiguousBit,
  /// ContiguousSize.
  public func contiguousCount(level: Int) -> UInt64? {
    switch (granule, level) {
    case (.size4K, 1...3): 16
    case (.size16K, 2): 32
    case (.size16K, 3): 128
    case (.size64K, 2...3): 32
    default: nil
    }
  }
}
