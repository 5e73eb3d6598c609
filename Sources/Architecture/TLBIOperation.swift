// Owns the TLB maintenance operations of the EL1&0 regime: their names, encodings, reach and the fields of their operand.
// It does not know what a TLB holds.

/// A TLBI of the EL1&0 regime. Arm ARM C5.5. Forms without a suffix reach this PE, `IS` forms the inner and `OS` forms the outer
/// shareable domain; in this machine all PEs are in both domains. `R` forms take a range (FEAT_TLBIRANGE).
@frozen public enum TLBIOperation: UInt8, Sendable, CaseIterable {
  case VMALLE1, VAE1, ASIDE1, VAAE1, VALE1, VAALE1, RVAE1, RVAAE1, RVALE1, RVAALE1
  case VMALLE1IS, VAE1IS, ASIDE1IS, VAAE1IS, VALE1IS, VAALE1IS, RVAE1IS, RVAAE1IS, RVALE1IS, RVAALE1IS
  case VMALLE1OS, VAE1OS, ASIDE1OS, VAAE1OS, VALE1OS, VAALE1OS, RVAE1OS, RVAAE1OS, RVALE1OS, RVAALE1OS

  /// Which entries an operation removes.
  @frozen public enum Scope: Sendable, Equatable {
    case everything
    /// The non-global entries of an ASID.
    case asid
    /// The entries that translate one address, or one address of a range: those of an ASID and the global ones, or with `anyASID`
    /// those of every ASID.
    case address(anyASID: Bool, isRange: Bool)
  }

  /// Whether every PE in the shareable domain is reached.
  @inlinable public var isBroadcast: Bool { rawValue >= Self.VMALLE1IS.rawValue }
  @inlinable public var isOuterShareable: Bool { rawValue >= Self.VMALLE1OS.rawValue }
  /// The same operation in the form that reaches this PE only.
  public var local: TLBIOperation { TLBIOperation(rawValue: rawValue % 10)! }
  @inlinable public var isRange: Bool { rawValue % 10 >= Self.RVAE1.rawValue }
  /// Whether only last-level entries are removed, so that table descriptors in a walk cache may stay.
  public var isLastLevelOnly: Bool { [.VALE1, .VAALE1, .RVALE1, .RVAALE1].contains(local) }

  public var scope: Scope {
    switch local {
    case .VMALLE1: .everything
    case .ASIDE1: .asid
    case .VAE1, .VALE1: .address(anyASID: false, isRange: false)
    case .VAAE1, .VAALE1: .address(anyASID: true, isRange: false)
    case .RVAE1, .RVALE1: .address(anyASID: false, isRange: true)
    default: .address(anyASID: true, isRange: true)
    }
  }

  /// The encodings as SYS instructions: op0 1, op1 0, CRn 8. Arm ARM C5.5.
  public static let encodings: [(register: SystemRegister, operation: TLBIOperation)] = [
    (SystemRegister(1, 0, 8, 7, 0), .VMALLE1), (SystemRegister(1, 0, 8, 3, 0), .VMALLE1IS), (SystemRegister(1, 0, 8, 1, 0), .VMALLE1OS),
    (SystemRegister(1, 0, 8, 7, 1), .VAE1), (SystemRegister(1, 0, 8, 3, 1), .VAE1IS), (SystemRegister(1, 0, 8, 1, 1), .VAE1OS),
    (SystemRegister(1, 0, 8, 7, 2), .ASIDE1), (SystemRegister(1, 0, 8, 3, 2), .ASIDE1IS), (SystemRegister(1, 0, 8, 1, 2), .ASIDE1OS),
    (SystemRegister(1, 0, 8, 7, 3), .VAAE1), (SystemRegister(1, 0, 8, 3, 3), .VAAE1IS), (SystemRegister(1, 0, 8, 1, 3), .VAAE1OS),
    (SystemRegister(1, 0, 8, 7, 5), .VALE1), (SystemRegister(1, 0, 8, 3, 5), .VALE1IS), (SystemRegister(1, 0, 8, 1, 5), .VALE1OS),
    (SystemRegister(1, 0, 8, 7, 7), .VAALE1), (SystemRegister(1, 0, 8, 3, 7), .VAALE1IS), (SystemRegister(1, 0, 8, 1, 7), .VAALE1OS),
    (SystemRegister(1, 0, 8, 6, 1), .RVAE1), (SystemRegister(1, 0, 8, 2, 1), .RVAE1IS), (SystemRegister(1, 0, 8, 5, 1), .RVAE1OS),
    (SystemRegister(1, 0, 8, 6, 3), .RVAAE1), (SystemRegister(1, 0, 8, 2, 3), .RVAAE1IS), (SystemRegister(1, 0, 8, 5, 3), .RVAAE1OS),
    (SystemRegister(1, 0, 8, 6, 5), .RVALE1), (SystemRegister(1, 0, 8, 2, 5), .RVALE1IS), (SystemRegister(1, 0, 8, 5, 5), .RVALE1OS),
    (SystemRegister(1, 0, 8, 6, 7), .RVAALE1), (SystemRegister(1, 0, 8, 2, 7), .RVAALE1IS), (SystemRegister(1, 0, 8, 5, 7), .RVAALE1OS),
  ]
}

extension ProcessorFeatures {
  /// Whether the processor has the operation. If it does not, the instruction is UNDEFINED.
  public func has(_ operation: TLBIOperation) -> Bool {
    switch tlbMaintenance {
    case .base: !operation.isOuterShareable && !operation.isRange
    case .outerShareable: !operation.isRange
    case .range: true
    }
  }
}

/// The register operand of a TLBI by address. Arm ARM C5.5, TLBI VAE1 and TLBI RVAE1.
@frozen public struct TLBIOperand: RawRepresentable, Hashable, Sendable {
  public var rawValue: UInt64
  @inlinable public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// ASID, bits 63:48.
  @inlinable public var asid: UInt16 { UInt16(truncatingIfNeeded: rawValue &>> 48) }
  /// The virtual address from VA[55:12] in bits 43:0, with bit 55 copied to the bits above.
  @inlinable public var page: UInt64 { UInt64(bitPattern: Int64(bitPattern: rawValue &<< 20) &>> 20) &<< 12 }
  /// TTL, bits 47:44 (FEAT_TTL): the granule and level of the changed entry; nil if the field gives no hint. Level 0 of the 4 KiB
  /// granule and level 1 of the 16 KiB granule are hints only with FEAT_LPA2, level 1 of the 64 KiB granule only with FEAT_LPA.
  public func levelHint(_ features: ProcessorFeatures) -> (granule: Granule, level: Int)? {
    switch rawValue &>> 44 & 15 {
    case 4: features.lpa2 ? (.size4K, 0) : nil
    case 5: (.size4K, 1)
    case 6: (.size4K, 2)
    case 7: (.size4K, 3)
    case 9: features.lpa2 ? (.size16K, 1) : nil
    case 10: (.size16K, 2)
    case 11: (.size16K, 3)
    case 13: features.lpa ? (.size64K, 1) : nil
    case 14: (.size64K, 2)
    case 15: (.size64K, 3)
    default: nil
    }
  }

  // Fields of the range forms.
  /// TG, bits 47:46; nil is the reserved value.
  public var granule: Granule? { [nil, .size4K, .size16K, .size64K][Int(rawValue &>> 46 & 3)] }
  /// TTL, bits 38:37: the level of all entries in the range; nil is any.
  public var rangeLevel: Int? { rawValue &>> 37 & 3 == 0 ? nil : Int(rawValue &>> 37 & 3) }
  /// The virtual address in BaseADDR, bits 36:0, which counts pages, or 64 KiB units under TCR_EL1.DS. Its highest bit is copied to
  /// the bits above.
  public func rangeStart(has52BitSmallGranule: Bool) -> UInt64 {
    let base = UInt64(bitPattern: Int64(bitPattern: rawValue &<< 27) &>> 27)
    return base &<< (has52BitSmallGranule ? 16 : granule?.shift ?? 12)
  }
  /// The size of the range in bytes: (NUM + 1) x 2^(5 x SCALE + 1) pages, from bits 43:39 and 45:44.
  public var rangeSize: UInt64 {
    ((rawValue &>> 39 & 31) &+ 1) &<< (5 &* (rawValue &>> 44 & 3) &+ 1 &+ (granule?.shift ?? 12))
  }
}
