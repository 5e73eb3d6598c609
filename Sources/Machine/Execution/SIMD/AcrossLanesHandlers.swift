// Owns the handlers of Advanced SIMD across lanes and scalar pairwise on integers, by element size.
// It does not know floating point.
import Decoding

@c func h_acrossLanes(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  if Context(c).trapsVectors { return h_general(c, p, fa, fb) }
  Context(c).acrossLanes(p.op)
  go(c, next(p), fa, fb)
}

/// ADDP (scalar).
@c func h_addPair(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  if Context(c).trapsVectors { return h_general(c, p, fa, fb) }
  let n = Context(c).readVector(p.op.n)
  Context(c).writeVector(p.op.d, Vector(n.low &+ n.high, 0))
  go(c, next(p), fa, fb)
}

extension Context {
  @inline(never)
  fileprivate func acrossLanes(_ op: Op) {
    let operation = op.operation(AcrossLanes.self)
    let n = readVector(op.n)
    let result: UInt64 =
      switch op.log2Size {
      case 0: across(operation, n, full: op.isFull, UInt8.self)
      case 1: across(operation, n, full: op.isFull, UInt16.self)
      default: across(operation, n, full: op.isFull, UInt32.self)
      }
    writeVector(op.d, Vector(result, 0))
  }
}

private func across<T: NarrowLane>(_ operation: AcrossLanes, _ n: Vector, full: Bool, _ type: T.Type) -> UInt64 {
  typealias S = T.Signed
  // Unused lanes hold 0 for a sum, and copies of other lanes for a minimum or maximum.
  let summed = Vector(n.low, full ? n.high : 0)
  let compared = Vector(n.low, full ? n.high : n.low)
  let first = n.lanes(T.self)[0]
  switch operation {
  case .saddlv:
    return bits(Vector.reduce(summed, S.self, 0) { (sum: S.Wide, x: S) in sum &+ S.Wide(truncatingIfNeeded: x) }, T.bitWidth &* 2)
  case .uaddlv:
    return bits(Vector.reduce(summed, T.self, 0) { (sum: T.Wide, x: T) in sum &+ T.Wide(truncatingIfNeeded: x) }, T.bitWidth &* 2)
  case .addv: return bits(Vector.reduce(summed, T.self, 0) { (sum: T, x: T) in sum &+ x }, T.bitWidth)
  case .smaxv: return bits(Vector.reduce(compared, S.self, S(truncatingIfNeeded: first)) { max($0, $1) }, T.bitWidth)
  case .umaxv: return bits(Vector.reduce(compared, T.self, first) { max($0, $1) }, T.bitWidth)
  case .sminv: return bits(Vector.reduce(compared, S.self, S(truncatingIfNeeded: first)) { min($0, $1) }, T.bitWidth)
  case .uminv: return bits(Vector.reduce(compared, T.self, first) { min($0, $1) }, T.bitWidth)
  case .fmaxnmv, .fmaxv, .fminnmv, .fminv: preconditionFailure("a floating-point operation")
  }
}

/// The lower `count` bits of a number.
@inline(__always)
private func bits<T: FixedWidthInteger>(_ value: T, _ count: Int) -> UInt64 {
  UInt64(truncatingIfNeeded: value) & (~0 &>> (64 &- UInt64(truncatingIfNeeded: count)))
}
