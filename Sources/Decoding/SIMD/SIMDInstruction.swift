// Owns the decoded SIMD and FP data-processing instruction: its class, which contains the operation, and its operands.
// It does not know the word that it came from, or what executing it does.

/// A data-processing instruction on SIMD&FP registers. Arm ARM C4.1.97, C7.2.
@frozen public struct SIMDInstruction: Hashable, Sendable {
  public var operation: SIMDOperation
  public var operands: SIMDOperands
  public init(_ operation: SIMDOperation, _ operands: SIMDOperands) {
    self.operation = operation
    self.operands = operands
  }
}

/// The operands that all encoding classes share. A field that an operation does not use is 0. Register numbers are 0 to 31. The
/// operation determines whether they name SIMD&FP registers or general ones, where 31 is XZR.
@frozen public struct SIMDOperands: Hashable, Sendable {
  public var d: UInt8
  public var n: UInt8
  public var m: UInt8
  public var a: UInt8
  public var arrangement: Arrangement
  /// A lane index, shift amount, rotation, table length or NZCV, depending on the operation.
  public var immediate: UInt16
  public init(d: UInt8, n: UInt8 = 0, m: UInt8 = 0, a: UInt8 = 0, _ arrangement: Arrangement, immediate: UInt16 = 0) {
    self.d = d
    self.n = n
    self.m = m
    self.a = a
    self.arrangement = arrangement
    self.immediate = immediate
  }
}

/// The lanes that an operation works on. For an operation that widens or narrows, `log2Size` is that of the narrower side, and
/// `lanes` is `full` for the forms whose mnemonic ends in 2.
@frozen public struct Arrangement: Hashable, Sendable {
  /// log2 of the bytes of a lane: 0 (B) to 3 (D), 4 (Q) for PMULL's result-sized operations.
  public var log2Size: UInt8
  public var lanes: Lanes
  @inlinable public init(log2Size: UInt8, _ lanes: Lanes) {
    self.log2Size = log2Size
    self.lanes = lanes
  }
  /// How many lanes there are.
  @inlinable public var count: Int {
    switch lanes {
    case .scalar: 1
    case .half: 8 >> Int(log2Size)
    case .full: 16 >> Int(log2Size)
    }
  }
}

/// How much of a register takes part.
@frozen public enum Lanes: UInt8, Hashable, Sendable {
  /// One lane: the scalar forms.
  case scalar
  /// The lower 64 bits.
  case half
  /// All 128 bits.
  case full
}

/// The operation, by encoding class of C4.1.97.
@frozen public enum SIMDOperation: Hashable, Sendable {
  /// Advanced SIMD three same, vector and scalar, on integers.
  case threeSame(ThreeSame)
  /// The same on floating-point numbers, half precision included.
  case threeSameFloat(ThreeSameFloat)
  /// Advanced SIMD three same (extra): dot products, complex numbers, matrices, rounding doubling accumulation.
  case threeSameExtra(ThreeSameExtra)
  /// Advanced SIMD three different, vector and scalar.
  case threeDifferent(ThreeDifferent)
  /// Advanced SIMD two-register miscellaneous, vector and scalar, on integers.
  case twoRegister(TwoRegister)
  /// The same on floating-point numbers, half precision included; also fixed-point conversions (shift by immediate's SCVTF, UCVTF,
  /// FCVTZS, FCVTZU), whose `immediate` is the number of fraction bits.
  case twoRegisterFloat(TwoRegisterFloat)
  /// Advanced SIMD across lanes.
  case acrossLanes(AcrossLanes)
  /// Advanced SIMD scalar pairwise.
  case pairwise(ScalarPairwise)
  /// Advanced SIMD shift by immediate, vector and scalar: `immediate` is the amount.
  case shift(ShiftByImmediate)
  /// Advanced SIMD vector x indexed element, and scalar x indexed element, on integers: `immediate` is the index into Vm.
  case byElement(ByElement)
  /// The same on floating-point numbers.
  case byElementFloat(ByElementFloat)
  /// TBL and TBX: `immediate` is the number of table registers, 1 to 4.
  case tableLookup(extends: Bool)
  /// UZP1, UZP2, TRN1, TRN2, ZIP1, ZIP2.
  case permute(Permute)
  /// EXT: `immediate` is the first byte taken.
  case extract
  /// AES, SHA-1, SHA-256, SHA-512, SHA-3, SM3, SM4.
  case crypto(Crypto)
  /// Floating-point data-processing (1 source). `arrangement.log2Size` is the source's.
  case floatOneSource(FloatOneSource)
  case floatTwoSource(FloatTwoSource)
  case floatThreeSource(FloatThreeSource)
  /// FCMP, FCMPE; the comparison is with zero if `zero`.
  case floatCompare(signals: Bool, zero: Bool)
  /// FCCMP, FCCMPE: compare if the condition `a` holds, and otherwise set NZCV to `immediate`.
  case floatConditionalCompare(signals: Bool)
  /// FCSEL: the condition is `a`.
  case floatSelect
  /// Conversions between floating-point numbers and integers or fixed-point numbers in general registers. `immediate` is the number
  /// of fraction bits, 0 for integers.
  case floatToGeneral(FloatToGeneral, Width)
  case generalToFloat(unsigned: Bool, Width)
  /// FJCVTZS.
  case floatToJavaScript
}
