// Owns the handler of Advanced SIMD shift by immediate on integers, by element size.
// It does not know what a shift does to a lane: that is in Semantics.
import Decoding

@c func h_shift(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  if Context(c).trapsVectors { return h_general(c, p, fa, fb) }
  Context(c).shift(p.op)
  go(c, next(p), fa, fb)
}

extension Context {
  @inline(never)
  fileprivate func shift(_ op: Op) {
    let operation = op.operation(ShiftByImmediate.self)
    var saturated = false
    let result: Vector
    if operation.changesWidth {
      let n = op.isScalar ? readVector(op.n) & op.laneMask(op.log2Size &+ 1) : readVector(op.n)
      let d = readVector(op.d)
      switch op.log2Size {
      case 0: result = resize(operation, d, n, op.simdImmediate, upper: op.isFull, UInt8.self, &saturated)
      case 1: result = resize(operation, d, n, op.simdImmediate, upper: op.isFull, UInt16.self, &saturated)
      default: result = resize(operation, d, n, op.simdImmediate, upper: op.isFull, UInt32.self, &saturated)
      }
      writeVector(op.d, result)
    } else {
      let mask = op.laneMask(op.log2Size)
      let d = readVector(op.d) & mask, n = readVector(op.n) & mask
      switch op.log2Size {
      case 0: result = transform(operation, d, n, op.simdImmediate, UInt8.self, &saturated)
      case 1: result = transform(operation, d, n, op.simdImmediate, UInt16.self, &saturated)
      case 2: result = transform(operation, d, n, op.simdImmediate, UInt32.self, &saturated)
      default: result = transform(operation, d, n, op.simdImmediate, UInt64.self, &saturated)
      }
      writeVector(op.d, result & mask)
    }
    recordSaturation(saturated)
  }
}

extension ShiftByImmediate {
  @inline(__always) fileprivate var changesWidth: Bool { rawValue >= ShiftByImmediate.shrn.rawValue }
}

/// The shifts whose lanes keep their width. Unused lanes are zero.
private func transform<T: Lane>(
  _ operation: ShiftByImmediate, _ d: Vector, _ n: Vector, _ amount: Int, _ type: T.Type, _ saturated: inout Bool
) -> Vector {
  typealias S = T.Signed
  switch operation {
  case .sshr: return .map(n, S.self) { shiftRight($0, amount, rounds: false) }
  case .ushr: return .map(n, T.self) { shiftRight($0, amount, rounds: false) }
  case .ssra: return .map(n, d, S.self) { $1 &+ shiftRight($0, amount, rounds: false) }
  case .usra: return .map(n, d, T.self) { $1 &+ shiftRight($0, amount, rounds: false) }
  case .srshr: return .map(n, S.self) { shiftRight($0, amount, rounds: true) }
  case .urshr: return .map(n, T.self) { shiftRight($0, amount, rounds: true) }
  case .srsra: return .map(n, d, S.self) { $1 &+ shiftRight($0, amount, rounds: true) }
  case .ursra: return .map(n, d, T.self) { $1 &+ shiftRight($0, amount, rounds: true) }
  case .sri: return .map(n, d, T.self) { shiftRightInsert($1, $0, amount) }
  case .shl: return .map(n, T.self) { $0 &<< T(truncatingIfNeeded: amount) }
  case .sli: return .map(n, d, T.self) { shiftLeftInsert($1, $0, amount) }
  case .sqshl: return .map(n, S.self) { saturatingShiftLeft($0, amount, &saturated) }
  case .uqshl: return .map(n, T.self) { saturatingShiftLeft($0, amount, &saturated) }
  case .sqshlu: return .map(n, T.self) { saturatingShiftLeftUnsigned(S(truncatingIfNeeded: $0), amount, &saturated) }
  case .shrn, .rshrn, .sqshrn, .sqrshrn, .uqshrn, .uqrshrn, .sqshrun, .sqrshrun, .sshll, .ushll:
    preconditionFailure("lanes of another width")
  }
}

/// The shifts that narrow to lanes of `T` or widen from them.
private func resize<T: NarrowLane>(
  _ operation: ShiftByImmediate, _ d: Vector, _ n: Vector, _ amount: Int, upper: Bool, _ type: T.Type, _ saturated: inout Bool
) -> Vector {
  typealias S = T.Signed
  let half: UInt64
  switch operation {
  case .shrn: half = Vector.narrow(n) { (x: T.Wide) in T(truncatingIfNeeded: shiftRight(x, amount, rounds: false)) }
  case .rshrn: half = Vector.narrow(n) { (x: T.Wide) in T(truncatingIfNeeded: shiftRight(x, amount, rounds: true)) }
  case .sqshrn: half = Vector.narrow(n) { (x: S.Wide) in saturate(shiftRight(x, amount, rounds: false), to: S.self, &saturated) }
  case .sqrshrn: half = Vector.narrow(n) { (x: S.Wide) in saturate(shiftRight(x, amount, rounds: true), to: S.self, &saturated) }
  case .uqshrn: half = Vector.narrow(n) { (x: T.Wide) in saturate(shiftRight(x, amount, rounds: false), to: T.self, &saturated) }
  case .uqrshrn: half = Vector.narrow(n) { (x: T.Wide) in saturate(shiftRight(x, amount, rounds: true), to: T.self, &saturated) }
  case .sqshrun: half = Vector.narrow(n) { (x: S.Wide) in saturate(shiftRight(x, amount, rounds: false), to: T.self, &saturated) }
  case .sqrshrun: half = Vector.narrow(n) { (x: S.Wide) in saturate(shiftRight(x, amount, rounds: true), to: T.self, &saturated) }
  case .sshll: return widen(n.half(upper: upper), amount, S.self)
  default: return widen(n.half(upper: upper), amount, T.self)
  }
  return Vector(narrowed: half, into: d, upper: upper)
}

@inline(__always)
private func widen<N: NarrowLane>(_ half: UInt64, _ amount: Int, _ type: N.Type) -> Vector {
  .widen(.zero, half, half) { (_: N.Wide, x: N, _: N) in N.Wide(truncatingIfNeeded: x) &<< N.Wide(truncatingIfNeeded: amount) }
}
