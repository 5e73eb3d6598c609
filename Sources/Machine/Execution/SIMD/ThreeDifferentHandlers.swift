// Owns the handler of Advanced SIMD three different: lanes that get wider or narrower, by element size.
// It does not know what an operation does to a lane beyond one operator: that is in Semantics.
import Decoding

@c func h_threeDifferent(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  if Context(c).trapsVectors { return h_general(c, p, fa, fb) }
  Context(c).threeDifferent(p.op, p.op.operation(ThreeDifferent.self), Context(c).readVector(p.op.m))
  go(c, next(p), fa, fb)
}

extension Context {
  /// `m` is the second operand: a register, or copies of one of its elements.
  @inline(never)
  func threeDifferent(_ op: Op, _ operation: ThreeDifferent, _ m: Vector) {
    var d = readVector(op.d), n = readVector(op.n), m = m
    let wideMask = op.isScalar ? op.laneMask(op.log2Size &+ 1) : SIMD2(repeating: ~0)
    if op.isScalar {
      let mask = op.laneMask(op.log2Size)
      d = d & wideMask
      n = n & mask
      m = m & mask
    }
    var saturated = false
    let result: Vector =
      switch op.log2Size {
      case 0: combine(operation, d, n, m, upper: op.isFull, UInt8.self, &saturated)
      case 1: combine(operation, d, n, m, upper: op.isFull, UInt16.self, &saturated)
      case 2: combine(operation, d, n, m, upper: op.isFull, UInt32.self, &saturated)
      default: polynomialMultiplyLong(n.half(upper: op.isFull), m.half(upper: op.isFull))
      }
    recordSaturation(saturated)
    writeVector(op.d, result & wideMask)
  }
}

extension Vector {
  /// Places a narrowed result in the lower half and clears the upper one, or places it in the upper half.
  @inline(__always) init(narrowed half: UInt64, into d: Vector, upper: Bool) {
    self = upper ? Vector(d.low, half) : Vector(half, 0)
  }
}

/// Advanced SIMD three different where the narrower side has lanes of `T`, from the upper half of a register or the lower.
private func combine<T: NarrowLane>(
  _ operation: ThreeDifferent, _ d: Vector, _ n: Vector, _ m: Vector, upper: Bool, _ type: T.Type, _ saturated: inout Bool
) -> Vector {
  typealias S = T.Signed
  let a = n.half(upper: upper), b = m.half(upper: upper)
  switch operation {
  case .saddl: return long(d, a, b, S.self) { $1 &+ $2 }
  case .uaddl: return long(d, a, b, T.self) { $1 &+ $2 }
  case .ssubl: return long(d, a, b, S.self) { $1 &- $2 }
  case .usubl: return long(d, a, b, T.self) { $1 &- $2 }
  case .saddw: return long(n, b, b, S.self) { w, x, _ in w &+ x }
  case .uaddw: return long(n, b, b, T.self) { w, x, _ in w &+ x }
  case .ssubw: return long(n, b, b, S.self) { w, x, _ in w &- x }
  case .usubw: return long(n, b, b, T.self) { w, x, _ in w &- x }
  case .sabal: return long(d, a, b, S.self) { $0 &+ absoluteDifference($1, $2) }
  case .uabal: return long(d, a, b, T.self) { $0 &+ absoluteDifference($1, $2) }
  case .sabdl: return long(d, a, b, S.self) { absoluteDifference($1, $2) }
  case .uabdl: return long(d, a, b, T.self) { absoluteDifference($1, $2) }
  case .smlal: return long(d, a, b, S.self) { $0 &+ $1 &* $2 }
  case .umlal: return long(d, a, b, T.self) { $0 &+ $1 &* $2 }
  case .smlsl: return long(d, a, b, S.self) { $0 &- $1 &* $2 }
  case .umlsl: return long(d, a, b, T.self) { $0 &- $1 &* $2 }
  case .smull: return long(d, a, b, S.self) { $1 &* $2 }
  case .umull: return long(d, a, b, T.self) { $1 &* $2 }
  case .sqdmull: return long(d, a, b, S.self) { doubledProduct($1, $2, &saturated) }
  case .sqdmlal: return long(d, a, b, S.self) { saturatingAdd($0, doubledProduct($1, $2, &saturated), &saturated) }
  case .sqdmlsl: return long(d, a, b, S.self) { saturatingSubtract($0, doubledProduct($1, $2, &saturated), &saturated) }
  case .pmull: return long(d, a, b, UInt8.self) { polynomialMultiply($1, $2) }
  case .addhn: return highNarrow(d, n, m, upper, T.self, rounds: false) { $0 &+ $1 }
  case .raddhn: return highNarrow(d, n, m, upper, T.self, rounds: true) { $0 &+ $1 }
  case .subhn: return highNarrow(d, n, m, upper, T.self, rounds: false) { $0 &- $1 }
  case .rsubhn: return highNarrow(d, n, m, upper, T.self, rounds: true) { $0 &- $1 }
  }
}

/// Wide lanes from themselves and two halves of narrow lanes, which are widened first.
@inline(__always)
private func long<N: NarrowLane>(
  _ d: Vector, _ a: UInt64, _ b: UInt64, _ type: N.Type, _ body: (N.Wide, N.Wide, N.Wide) -> N.Wide
) -> Vector {
  .widen(d, a, b) { (w: N.Wide, x: N, y: N) in body(w, N.Wide(truncatingIfNeeded: x), N.Wide(truncatingIfNeeded: y)) }
}

/// The upper halves of wide lanes.
@inline(__always)
private func highNarrow<N: NarrowLane>(
  _ d: Vector, _ n: Vector, _ m: Vector, _ upper: Bool, _ type: N.Type, rounds: Bool, _ body: (N.Wide, N.Wide) -> N.Wide
) -> Vector {
  let bits = N.Wide(truncatingIfNeeded: N.bitWidth)
  let rounding: N.Wide = rounds ? 1 &<< (bits &- 1) : 0
  let half = Vector.narrow(n, m) { (x: N.Wide, y: N.Wide) in N(truncatingIfNeeded: (body(x, y) &+ rounding) &>> bits) }
  return Vector(narrowed: half, into: d, upper: upper)
}
