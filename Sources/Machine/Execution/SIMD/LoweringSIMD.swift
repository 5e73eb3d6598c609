// Owns the packing of SIMD and FP data-processing instructions into ops, and which handler runs each class.
// It does not know what the operations compute.
import Decoding

extension Lowering {
  /// Packs an instruction: `s` holds the operation's number within its class, and the other operands are where the extension of
  /// `Op` below reads them.
  func simd(_ i: SIMDInstruction) -> Op {
    if let (handler, code) = Self.integerHandler(i.operation) { return Self.pack(i.frequentHandler ?? handler, code, i.operands) }
    if let op = scalarFloat(i) { return op }
    let (handler, code) = Self.simdHandler(i.operation)
    return Self.pack(i.hostHandler ?? i.hostScalarHandler ?? handler, code, i.operands)
  }

  static func pack(_ handler: Handler, _ code: UInt8, _ o: SIMDOperands) -> Op {
    let packed =
      Int32(o.arrangement.log2Size) | Int32(o.arrangement.lanes.rawValue) << 3 | Int32(o.a) << 5 | Int32(o.immediate) << 10
    return Op(handler, d: o.d, n: o.n, m: o.m, s: code, imm: packed)
  }

  private static func simdHandler(_ operation: SIMDOperation) -> (Handler, UInt8) {
    switch operation {
    case .crypto(let o): (h_crypto, o.rawValue)
    case .threeSameFloat(let o): (h_threeSameFloat, o.rawValue)
    case .threeSameExtra(let o) where o.isFloat: (h_threeSameExtraFloat, o.rawValue)
    case .twoRegisterFloat(let o): (h_twoRegisterFloat, o.rawValue)
    case .acrossLanes(let o) where o.isFloat: (h_acrossLanesFloat, o.rawValue)
    case .pairwise(let o) where o != .addp: (h_pairwiseFloat, o.rawValue)
    case .byElementFloat(let o): (h_byElementFloat, o.rawValue)
    default: preconditionFailure("the operation's handler is chosen elsewhere")
    }
  }
}

/// The operands of a SIMD and FP op beside its registers.
extension Op {
  @inline(__always) var log2Size: UInt8 { UInt8(truncatingIfNeeded: imm & 7) }
  /// The raw value of `Lanes`.
  @inline(__always) var lanes: UInt8 { UInt8(truncatingIfNeeded: imm &>> 3 & 3) }
  @inline(__always) var isScalar: Bool { lanes == Lanes.scalar.rawValue }
  @inline(__always) var isFull: Bool { lanes == Lanes.full.rawValue }
  @inline(__always) var a: UInt8 { UInt8(truncatingIfNeeded: imm &>> 5 & 31) }
  /// 16 bits.
  @inline(__always) var simdImmediate: Int { Int(imm &>> 10 & 0xffff) }
  /// The operation within its class. The cases are numbered from 0, so the raw value has the same bits as the case.
  /// `init(rawValue:)` would be a call into another module.
  @inline(__always) func operation<T: RawRepresentable>(_ type: T.Type) -> T where T.RawValue == UInt8 { unsafeBitCast(s, to: T.self) }
  /// The number of lanes of 2^log2Size bytes that take part.
  @inline(__always) var laneCount: Int {
    isScalar ? 1 : (isFull ? 16 : 8) &>> Int(log2Size)
  }
}
