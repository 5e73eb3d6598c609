// Owns the handlers of those integer operations on whole registers that string routines and sums use most, each a leaf of a few
// host instructions. They do not know the other sizes and operations: the handlers of the classes run those.
import Decoding

@c func h_cmeq_16b(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { lanes(c, p, fa, fb, UInt8.self) { laneMask($0 == $1) } }
@c func h_cmhs_16b(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { lanes(c, p, fa, fb, UInt8.self) { laneMask($0 >= $1) } }
@c func h_cmhi_16b(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { lanes(c, p, fa, fb, UInt8.self) { laneMask($0 > $1) } }
@c func h_umin_16b(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { lanes(c, p, fa, fb, UInt8.self) { min($0, $1) } }
@c func h_umax_16b(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { lanes(c, p, fa, fb, UInt8.self) { max($0, $1) } }
@c func h_add_16b(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { lanes(c, p, fa, fb, UInt8.self) { $0 &+ $1 } }
@c func h_add_8h(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { lanes(c, p, fa, fb, UInt16.self) { $0 &+ $1 } }
@c func h_add_4s(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { lanes(c, p, fa, fb, UInt32.self) { $0 &+ $1 } }
@c func h_add_2d(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { lanes(c, p, fa, fb, UInt64.self) { $0 &+ $1 } }
@c func h_sub_4s(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { lanes(c, p, fa, fb, UInt32.self) { $0 &- $1 } }
@c func h_mul_4s(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { lanes(c, p, fa, fb, UInt32.self) { $0 &* $1 } }
@c func h_cmeqZero_16b(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  result(c, p, fa, fb, .map(Context(c).readVector(p.op.n), UInt8.self) { laneMask($0 == 0) })
}

// MARK: Neighbouring bytes: UMAXP, UMINP, ADDP

@c func h_umaxp_16b(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { pairs(c, p, fa, fb) { max($0, $1) } }
@c func h_uminp_16b(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { pairs(c, p, fa, fb) { min($0, $1) } }
@c func h_addp_16b(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { pairs(c, p, fa, fb) { $0 &+ $1 } }

/// SHRN to the lower half.
@c func h_shrn_8b(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  let amount = UInt16(truncatingIfNeeded: p.op.simdImmediate)
  let half = Vector.narrow(Context(c).readVector(p.op.n)) { (x: UInt16) in UInt8(truncatingIfNeeded: x &>> amount) }
  result(c, p, fa, fb, Vector(half, 0))
}

// MARK: Shapes

@inline(__always)
private func lanes<T: Lane>(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64, _ type: T.Type, _ body: (T, T) -> T) {
  result(c, p, fa, fb, .map(Context(c).readVector(p.op.n), Context(c).readVector(p.op.m), T.self, body))
}

/// Neighbouring bytes of n, then of m, combined.
@inline(__always)
private func pairs(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64, _ body: (UInt8, UInt8) -> UInt8) {
  let n = Context(c).readVector(p.op.n), m = Context(c).readVector(p.op.m)
  result(c, p, fa, fb, .map(unzip(n, m, odd: 0, UInt8.self), unzip(n, m, odd: 1, UInt8.self), UInt8.self, body))
}

@inline(__always)
private func result(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64, _ value: Vector) {
  if Context(c).trapsVectors { return h_general(c, p, fa, fb) }
  Context(c).writeVector(p.op.d, value)
  go(c, next(p), fa, fb)
}

extension SIMDInstruction {
  /// The handler of this very operation and size, if it has one.
  var frequentHandler: Handler? {
    if operation == .shift(.shrn) { return operands.arrangement == Arrangement(log2Size: 0, .half) ? h_shrn_8b : nil }
    guard operands.arrangement.lanes == .full else { return nil }
    switch (operation, operands.arrangement.log2Size) {
    case (.threeSame(.cmeq), 0): return h_cmeq_16b
    case (.threeSame(.cmhs), 0): return h_cmhs_16b
    case (.threeSame(.cmhi), 0): return h_cmhi_16b
    case (.threeSame(.umin), 0): return h_umin_16b
    case (.threeSame(.umax), 0): return h_umax_16b
    case (.threeSame(.add), 0): return h_add_16b
    case (.threeSame(.add), 1): return h_add_8h
    case (.threeSame(.add), 2): return h_add_4s
    case (.threeSame(.add), 3): return h_add_2d
    case (.threeSame(.sub), 2): return h_sub_4s
    case (.threeSame(.mul), 2): return h_mul_4s
    case (.threeSame(.umaxp), 0): return h_umaxp_16b
    case (.threeSame(.uminp), 0): return h_uminp_16b
    case (.threeSame(.addp), 0): return h_addp_16b
    case (.twoRegister(.cmeqZero), 0): return h_cmeqZero_16b
    default: return nil
    }
  }
}
