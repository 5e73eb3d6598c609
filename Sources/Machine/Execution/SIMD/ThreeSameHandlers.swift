// Owns the handler of Advanced SIMD three same on integers, and of its elementwise operations by element size.
// It does not know what an operation does to a lane beyond one operator: that is in Semantics.
import Decoding

@c func h_threeSame(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  if Context(c).trapsVectors { return h_general(c, p, fa, fb) }
  Context(c).threeSame(p.op, p.op.operation(ThreeSame.self), Context(c).readVector(p.op.m))
  go(c, next(p), fa, fb)
}

extension Context {
  /// `m` is the second operand: a register, or copies of one of its elements.
  @inline(never)
  func threeSame(_ op: Op, _ operation: ThreeSame, _ m: Vector) {
    let mask = op.laneMask(op.log2Size)
    let d = readVector(op.d) & mask, n = readVector(op.n) & mask, m = m & mask
    var saturated = false
    let result: Vector =
      switch op.log2Size {
      case 0: combine(operation, d, n, m, full: op.isFull, UInt8.self, &saturated)
      case 1: combine(operation, d, n, m, full: op.isFull, UInt16.self, &saturated)
      case 2: combine(operation, d, n, m, full: op.isFull, UInt32.self, &saturated)
      default: combine(operation, d, n, m, full: op.isFull, UInt64.self, &saturated)
      }
    recordSaturation(saturated)
    writeVector(op.d, result & mask)
  }
}

/// Advanced SIMD three same on lanes of `T`. Unused lanes are zero.
private func combine<T: Lane>(
  _ operation: ThreeSame, _ d: Vector, _ n: Vector, _ m: Vector, full: Bool, _ type: T.Type, _ saturated: inout Bool
) -> Vector {
  typealias S = T.Signed
  switch operation {
  case .shadd: return .map(n, m, S.self) { halvingAdd($0, $1) }
  case .uhadd: return .map(n, m, T.self) { halvingAdd($0, $1) }
  case .srhadd: return .map(n, m, S.self) { roundingHalvingAdd($0, $1) }
  case .urhadd: return .map(n, m, T.self) { roundingHalvingAdd($0, $1) }
  case .shsub: return .map(n, m, S.self) { halvingSubtract($0, $1) }
  case .uhsub: return .map(n, m, T.self) { halvingSubtract($0, $1) }
  case .sqadd: return .map(n, m, S.self) { saturatingAdd($0, $1, &saturated) }
  case .uqadd: return .map(n, m, T.self) { saturatingAdd($0, $1, &saturated) }
  case .sqsub: return .map(n, m, S.self) { saturatingSubtract($0, $1, &saturated) }
  case .uqsub: return .map(n, m, T.self) { saturatingSubtract($0, $1, &saturated) }
  case .cmgt: return .map(n, m, S.self) { laneMask($0 > $1) }
  case .cmhi: return .map(n, m, T.self) { laneMask($0 > $1) }
  case .cmge: return .map(n, m, S.self) { laneMask($0 >= $1) }
  case .cmhs: return .map(n, m, T.self) { laneMask($0 >= $1) }
  case .cmtst: return .map(n, m, T.self) { laneMask($0 & $1 != 0) }
  case .cmeq: return .map(n, m, T.self) { laneMask($0 == $1) }
  case .sshl: return .map(n, m, S.self) { shiftLeft($0, bySigned: Int8(truncatingIfNeeded: $1), rounds: false) }
  case .ushl: return .map(n, m, T.self) { shiftLeft($0, bySigned: Int8(truncatingIfNeeded: $1), rounds: false) }
  case .srshl: return .map(n, m, S.self) { shiftLeft($0, bySigned: Int8(truncatingIfNeeded: $1), rounds: true) }
  case .urshl: return .map(n, m, T.self) { shiftLeft($0, bySigned: Int8(truncatingIfNeeded: $1), rounds: true) }
  case .sqshl: return .map(n, m, S.self) { saturatingShiftLeft($0, bySigned: Int8(truncatingIfNeeded: $1), rounds: false, &saturated) }
  case .uqshl: return .map(n, m, T.self) { saturatingShiftLeft($0, bySigned: Int8(truncatingIfNeeded: $1), rounds: false, &saturated) }
  case .sqrshl: return .map(n, m, S.self) { saturatingShiftLeft($0, bySigned: Int8(truncatingIfNeeded: $1), rounds: true, &saturated) }
  case .uqrshl: return .map(n, m, T.self) { saturatingShiftLeft($0, bySigned: Int8(truncatingIfNeeded: $1), rounds: true, &saturated) }
  case .smax: return .map(n, m, S.self) { max($0, $1) }
  case .umax: return .map(n, m, T.self) { max($0, $1) }
  case .smin: return .map(n, m, S.self) { min($0, $1) }
  case .umin: return .map(n, m, T.self) { min($0, $1) }
  case .sabd: return .map(n, m, S.self) { absoluteDifference($0, $1) }
  case .uabd: return .map(n, m, T.self) { absoluteDifference($0, $1) }
  case .saba: return .map(n, m, d, S.self) { $2 &+ absoluteDifference($0, $1) }
  case .uaba: return .map(n, m, d, T.self) { $2 &+ absoluteDifference($0, $1) }
  case .add: return .map(n, m, T.self) { $0 &+ $1 }
  case .sub: return .map(n, m, T.self) { $0 &- $1 }
  case .mul: return .map(n, m, T.self) { $0 &* $1 }
  case .mla: return .map(n, m, d, T.self) { $2 &+ $0 &* $1 }
  case .mls: return .map(n, m, d, T.self) { $2 &- $0 &* $1 }
  case .pmul: return .map(n, m, UInt8.self) { polynomialMultiply($0, $1) }
  case .smaxp: return pairs(n, m, full, S.self) { max($0, $1) }
  case .umaxp: return pairs(n, m, full, T.self) { max($0, $1) }
  case .sminp: return pairs(n, m, full, S.self) { min($0, $1) }
  case .uminp: return pairs(n, m, full, T.self) { min($0, $1) }
  case .addp: return pairs(n, m, full, T.self) { $0 &+ $1 }
  case .sqdmulh: return .map(n, m, S.self) { doublingMultiplyHigh(0, $0, $1, rounds: false, &saturated) }
  case .sqrdmulh: return .map(n, m, S.self) { doublingMultiplyHigh(0, $0, $1, rounds: true, &saturated) }
  }
}

/// Neighbouring lanes of n, then of m, combined: the pairwise operations.
@inline(__always)
private func pairs<T: Lane>(_ n: Vector, _ m: Vector, _ full: Bool, _ type: T.Type, _ body: (T, T) -> T) -> Vector {
  let (first, second) = full ? (n, m) : (Vector(n.low, m.low), .zero)
  return .map(unzip(first, second, odd: 0, T.self), unzip(first, second, odd: 1, T.self), T.self, body)
}
