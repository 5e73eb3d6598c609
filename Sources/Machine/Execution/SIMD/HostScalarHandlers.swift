// Owns the handlers of the most frequent Advanced SIMD operations whose result is one number: by element, and sums of a pair.
// They do not know special values, modes or traps: if the host's result may be wrong, the handler of the class runs.
import Decoding

@c func h_fmulElement_s(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  byElement(c, p, fa, fb, SinglePrecision.self) { _, n, m in hostMul(SinglePrecision.self, n, m) }
}
@c func h_fmulElement_d(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  byElement(c, p, fa, fb, DoublePrecision.self) { _, n, m in hostMul(DoublePrecision.self, n, m) }
}
@c func h_fmlaElement_s(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  byElement(c, p, fa, fb, SinglePrecision.self) { d, n, m in hostMulAdd(SinglePrecision.self, d, n, m) }
}
@c func h_fmlaElement_d(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  byElement(c, p, fa, fb, DoublePrecision.self) { d, n, m in hostMulAdd(DoublePrecision.self, d, n, m) }
}
@c func h_faddPair_s(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { addPair(c, p, fa, fb, SinglePrecision.self) }
@c func h_faddPair_d(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { addPair(c, p, fa, fb, DoublePrecision.self) }

@inline(__always)
private func lane<F: HostedFormat>(_ c: Raw, _ f: F.Type, _ n: UInt8, _ i: Int) -> F.Bits {
  Context(c).vector(n).load(fromByteOffset: i &* MemoryLayout<F.Bits>.size, as: F.Bits.self)
}

@inline(__always)
private func byElement<F: HostedFormat>(
  _ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64, _ f: F.Type, _ compute: (_ d: F.Bits, _ n: F.Bits, _ m: F.Bits) -> F.Bits?
) {
  let context = Context(c)
  guard context.computesOnHost,
    let result = compute(context.float(f, p.op.d), context.float(f, p.op.n), lane(c, f, p.op.m, p.op.simdImmediate))
  else { return h_byElementFloat(c, p, fa, fb) }
  context.setFloat(f, p.op.d, result)
  go(c, next(p), fa, fb)
}

@inline(__always)
private func addPair<F: HostedFormat>(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64, _ f: F.Type) {
  let context = Context(c)
  guard context.computesOnHost, let result = hostAdd(f, lane(c, f, p.op.n, 0), lane(c, f, p.op.n, 1)) else {
    return h_pairwiseFloat(c, p, fa, fb)
  }
  context.setFloat(f, p.op.d, result)
  go(c, next(p), fa, fb)
}

extension SIMDInstruction {
  /// The handler above for the instruction, if it has one.
  var hostScalarHandler: Handler? {
    let arrangement = operands.arrangement
    guard arrangement.lanes == .scalar, arrangement.log2Size >= 2 else { return nil }
    let double = arrangement.log2Size == 3
    switch operation {
    case .byElementFloat(.fmul): return double ? h_fmulElement_d : h_fmulElement_s
    case .byElementFloat(.fmla) where HostProcessor.fuses: return double ? h_fmlaElement_d : h_fmlaElement_s
    case .pairwise(.faddp): return double ? h_faddPair_d : h_faddPair_s
    default: return nil
    }
  }
}
