// Owns PSTATE, in the layout of SPSR_EL1, and the condition codes.
// It does not know where either is kept while a program runs.

/// PSTATE as SPSR_EL1 holds it. Arm ARM: SPSR_EL1.
@frozen public struct ProcessorState: RawRepresentable, Hashable, Sendable {
  public var rawValue: UInt64
  @inlinable public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// The PSTATE that a process starts with: EL0 with all interrupts unmasked.
  @inlinable public static var EL0t: Self { Self(rawValue: 0) }
  /// EL1 with SP_EL1 selected and all interrupts masked.
  @inlinable public static var EL1hMasked: Self { Self(rawValue: 0x3c5) }

  /// N, Z, C, V in bits 3:0 (N highest).
  @inlinable public var nzcv: UInt64 {
    get { rawValue &>> 28 & 0xf }
    set { rawValue = rawValue & ~0xf000_0000 | (newValue & 0xf) &<< 28 }
  }
  /// The Exception level, 0 to 3.
  @inlinable public var exceptionLevel: UInt64 {
    get { rawValue &>> 2 & 3 }
    set { rawValue = rawValue & ~0xc | (newValue & 3) &<< 2 }
  }
  /// SP: true selects SP_ELx, false SP_EL0.
  @inlinable public var usesOwnStackPointer: Bool {
    get { rawValue & 1 != 0 }
    set { rawValue = rawValue & ~1 | (newValue ? 1 : 0) }
  }
  /// M[4]: true for AArch32.
  @inlinable public var isAArch32: Bool { rawValue & 0x10 != 0 }
  /// D, A, I, F in bits 3:0 (D highest).
  @inlinable public var daif: UInt64 {
    get { rawValue &>> 6 & 0xf }
    set { rawValue = rawValue & ~0x3c0 | (newValue & 0xf) &<< 6 }
  }
  /// BTYPE, bits 11:10.
  @inlinable public var branchType: UInt64 {
    get { rawValue &>> 10 & 3 }
    set { rawValue = rawValue & ~0xc00 | (newValue & 3) &<< 10 }
  }
  @inlinable public var isIllegal: Bool {
    get { bit(20) }
    set { setBit(20, newValue) }
  }
  @inlinable public var softwareStep: Bool {
    get { bit(21) }
    set { setBit(21, newValue) }
  }
  @inlinable public var pan: Bool {
    get { bit(22) }
    set { setBit(22, newValue) }
  }
  @inlinable public var uao: Bool {
    get { bit(23) }
    set { setBit(23, newValue) }
  }
  @inlinable public var dit: Bool {
    get { bit(24) }
    set { setBit(24, newValue) }
  }
  @inlinable public var ssbs: Bool {
    get { bit(12) }
    set { setBit(12, newValue) }
  }

  @inlinable func bit(_ n: UInt64) -> Bool { rawValue &>> n & 1 != 0 }
  @inlinable mutating func setBit(_ n: UInt64, _ value: Bool) {
    rawValue = rawValue & ~(1 &<< n) | (value ? 1 &<< n : 0)
  }
}

/// A condition code. Arm ARM C1.2.4.
@frozen public enum Condition: UInt8, Hashable, Sendable, CaseIterable {
  case eq, ne, cs, cc, mi, pl, vs, vc, hi, ls, ge, lt, gt, le, al, nv

  /// Bit `nzcv` is set where the condition holds for that value of NZCV, with N in bit 3.
  public var truthTable: UInt16 {
    var table: UInt16 = 0
    for nzcv in 0..<16 where holds(nzcv: UInt64(nzcv)) { table |= 1 << UInt16(nzcv) }
    return table
  }
  /// Arm ARM: ConditionHolds. `nzcv` has N in bit 3.
  public func holds(nzcv: UInt64) -> Bool {
    let n = nzcv & 8 != 0, z = nzcv & 4 != 0, c = nzcv & 2 != 0, v = nzcv & 1 != 0
    let base =
      switch rawValue >> 1 {
      case 0: z
      case 1: c
      case 2: n
      case 3: v
      case 4: c && !z
      case 5: n == v
      case 6: n == v && !z
      default: true
      }
    return rawValue & 1 == 1 && self != .nv ? !base : base
  }
}
