// Owns the handler of Advanced SIMD x indexed element on integers. It copies the element to all lanes of a vector and then works on
// whole vectors. It does not know what the operations compute.
import Decoding

@c func h_byElement(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  if Context(c).trapsVectors { return h_general(c, p, fa, fb) }
  Context(c).byElement(p.op)
  go(c, next(p), fa, fb)
}

extension Context {
  @inline(never)
  fileprivate func byElement(_ op: Op) {
    let m = readVector(op.m)
    // The element of a dot product is four bytes.
    let repeated =
      op.log2Size == 1
      ? Vector(repeating: m.lanes(UInt16.self)[op.simdImmediate & 7]) : Vector(repeating: m.lanes(UInt32.self)[op.simdImmediate & 3])
    switch op.operation(ByElement.self) {
    case .mla: threeSame(op, .mla, repeated)
    case .mls: threeSame(op, .mls, repeated)
    case .mul: threeSame(op, .mul, repeated)
    case .sqdmulh: threeSame(op, .sqdmulh, repeated)
    case .sqrdmulh: threeSame(op, .sqrdmulh, repeated)
    case .smlal: threeDifferent(op, .smlal, repeated)
    case .umlal: threeDifferent(op, .umlal, repeated)
    case .smlsl: threeDifferent(op, .smlsl, repeated)
    case .umlsl: threeDifferent(op, .umlsl, repeated)
    case .smull: threeDifferent(op, .smull, repeated)
    case .umull: threeDifferent(op, .umull, repeated)
    case .sqdmlal: threeDifferent(op, .sqdmlal, repeated)
    case .sqdmlsl: threeDifferent(op, .sqdmlsl, repeated)
    case .sqdmull: threeDifferent(op, .sqdmull, repeated)
    case .sqrdmlah: threeSameExtra(op, .sqrdmlah, readVector(op.n), repeated)
    case .sqrdmlsh: threeSameExtra(op, .sqrdmlsh, readVector(op.n), repeated)
    case .sdot: threeSameExtra(op, .sdot, readVector(op.n), repeated)
    case .udot: threeSameExtra(op, .udot, readVector(op.n), repeated)
    case .usdot: threeSameExtra(op, .usdot, readVector(op.n), repeated)
    case .sudot: threeSameExtra(op, .usdot, repeated, readVector(op.n))
    }
  }
}
