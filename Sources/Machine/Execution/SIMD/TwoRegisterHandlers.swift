// Owns the handler of Advanced SIMD two-register miscellaneous on integers, by element size.
// It does not know what an operation does to a lane beyond one operator: that is in Semantics.
import Decoding

@c func h_twoRegister(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  if Context(c).trapsVectors { return h_general(c, p, fa, fb) }
  Context(c).twoRegister(p.op)
  go(c, next(p), fa, fb)
}

extension Context {
  @inline(never)
  fileprivate func twoRegister(_ op: Op) {
    let operation = op.operation(TwoRegister.self)
    var saturated = false
    let result: Vector
    switch operation {
    case .xtn, .sqxtn, .uqxtn, .sqxtun, .shll:
      // The wide side is a whole register, or one wide lane.
      let n = op.isScalar ? readVector(op.n) & op.laneMask(op.log2Size &+ 1) : readVector(op.n)
      let d = readVector(op.d)
      switch op.log2Size {
      case 0: result = resize(operation, d, n, upper: op.isFull, UInt8.self, &saturated)
      case 1: result = resize(operation, d, n, upper: op.isFull, UInt16.self, &saturated)
      default: result = resize(operation, d, n, upper: op.isFull, UInt32.self, &saturated)
      }
    default:
      let mask = op.laneMask(op.log2Size)
      let d = readVector(op.d) & mask, n = readVector(op.n) & mask
      switch op.log2Size {
      case 0: result = addPairs(operation, d, n, UInt8.self) ?? transform(operation, d, n, UInt8.self, &saturated)
      case 1: result = addPairs(operation, d, n, UInt16.self) ?? transform(operation, d, n, UInt16.self, &saturated)
      case 2: result = addPairs(operation, d, n, UInt32.self) ?? transform(operation, d, n, UInt32.self, &saturated)
      default: result = transform(operation, d, n, UInt64.self, &saturated)
      }
      writeVector(op.d, result & mask)
      return recordSaturation(saturated)
    }
    recordSaturation(saturated)
    writeVector(op.d, result)
  }
}

/// The operations whose lanes keep their width. Unused lanes are zero.
private func transform<T: Lane>(_ operation: TwoRegister, _ d: Vector, _ n: Vector, _ type: T.Type, _ saturated: inout Bool) -> Vector {
  typealias S = T.Signed
  switch operation {
  case .rev64: return reverse(n, inGroupsOf: 8, T.self)
  case .rev32: return reverse(n, inGroupsOf: 4, T.self)
  case .rev16: return reverse(n, inGroupsOf: 2, T.self)
  case .suqadd: return .map(d, n, T.self) { T(truncatingIfNeeded: saturatingAddUnsigned(S(truncatingIfNeeded: $0), $1, &saturated)) }
  case .usqadd: return .map(d, n, T.self) { saturatingAddSigned($0, S(truncatingIfNeeded: $1), &saturated) }
  case .cls: return .map(n, S.self) { leadingSignBits($0) }
  case .clz: return .map(n, T.self) { T(truncatingIfNeeded: $0.leadingZeroBitCount) }
  case .cnt: return .map(n, UInt8.self) { UInt8(truncatingIfNeeded: $0.nonzeroBitCount) }
  case .not: return .map(n, T.self) { ~$0 }
  case .rbit: return .map(n, UInt8.self) { reverseByteBits($0) }
  case .sqabs: return .map(n, S.self) { $0 < 0 ? saturatingNegate($0, &saturated) : $0 }
  case .sqneg: return .map(n, S.self) { saturatingNegate($0, &saturated) }
  case .abs: return .map(n, S.self) { $0 < 0 ? 0 &- $0 : $0 }
  case .neg: return .map(n, T.self) { 0 &- $0 }
  case .cmgtZero: return .map(n, S.self) { laneMask($0 > 0) }
  case .cmgeZero: return .map(n, S.self) { laneMask($0 >= 0) }
  case .cmeqZero: return .map(n, S.self) { laneMask($0 == 0) }
  case .cmleZero: return .map(n, S.self) { laneMask($0 <= 0) }
  case .cmltZero: return .map(n, S.self) { laneMask($0 < 0) }
  case .saddlp, .uaddlp, .sadalp, .uadalp, .xtn, .sqxtn, .uqxtn, .sqxtun, .shll:
    preconditionFailure("lanes of another width")
  }
}

/// SADDLP, UADDLP, SADALP and UADALP, from lanes of `T`; nil for other operations.
private func addPairs<T: NarrowLane>(_ operation: TwoRegister, _ d: Vector, _ n: Vector, _ type: T.Type) -> Vector? {
  switch operation {
  case .saddlp: addLong(.zero, n, T.Signed.self)
  case .uaddlp: addLong(.zero, n, T.self)
  case .sadalp: addLong(d, n, T.Signed.self)
  case .uadalp: addLong(d, n, T.self)
  default: nil
  }
}

@inline(__always)
private func addLong<N: NarrowLane>(_ d: Vector, _ n: Vector, _ type: N.Type) -> Vector {
  .widenPairs(d, n) { (w: N.Wide, x: N, y: N) in w &+ N.Wide(truncatingIfNeeded: x) &+ N.Wide(truncatingIfNeeded: y) }
}

/// XTN, SQXTN, UQXTN and SQXTUN to lanes of `T`, or SHLL from them.
private func resize<T: NarrowLane>(
  _ operation: TwoRegister, _ d: Vector, _ n: Vector, upper: Bool, _ type: T.Type, _ saturated: inout Bool
) -> Vector {
  typealias S = T.Signed
  let half: UInt64
  switch operation {
  case .xtn: half = Vector.narrow(n) { (x: T.Wide) in T(truncatingIfNeeded: x) }
  case .sqxtn: half = Vector.narrow(n) { (x: S.Wide) in saturate(x, to: S.self, &saturated) }
  case .uqxtn: half = Vector.narrow(n) { (x: T.Wide) in saturate(x, to: T.self, &saturated) }
  case .sqxtun: half = Vector.narrow(n) { (x: S.Wide) in saturate(x, to: T.self, &saturated) }
  default:
    let bits = T.Wide(truncatingIfNeeded: T.bitWidth)
    let a = n.half(upper: upper)
    return .widen(d, a, a) { (_: T.Wide, x: T, _: T) in T.Wide(truncatingIfNeeded: x) &<< bits }
  }
  return Vector(narrowed: half, into: d, upper: upper)
}
