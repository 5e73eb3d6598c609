// Owns the handlers of the most frequent operations on whole registers of single- or double-precision lanes, all lanes at once on
// the host. They do not know special values, modes or traps: if the host's result may be wrong, the handler of the class runs.
import CFusedMultiplyAdd
import Decoding

// MARK: Three same

@c func h_fadd_4s(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { threeSame(c, p, fa, fb) { _, n, m in n + m as SIMD4<Float> } }
@c func h_fadd_2d(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { threeSame(c, p, fa, fb) { _, n, m in n + m as SIMD2<Double> } }
@c func h_fsub_4s(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { threeSame(c, p, fa, fb) { _, n, m in n - m as SIMD4<Float> } }
@c func h_fsub_2d(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { threeSame(c, p, fa, fb) { _, n, m in n - m as SIMD2<Double> } }
@c func h_fmul_4s(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { threeSame(c, p, fa, fb) { _, n, m in n * m as SIMD4<Float> } }
@c func h_fmul_2d(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { threeSame(c, p, fa, fb) { _, n, m in n * m as SIMD2<Double> } }
@c func h_fdiv_4s(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { threeSame(c, p, fa, fb) { _, n, m in n / m as SIMD4<Float> } }
@c func h_fdiv_2d(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { threeSame(c, p, fa, fb) { _, n, m in n / m as SIMD2<Double> } }
@c func h_fmla_4s(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  threeSame(c, p, fa, fb) { d, n, m in faultline_fused_4s(d, n, m) }
}
@c func h_fmla_2d(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  threeSame(c, p, fa, fb) { d, n, m in faultline_fused_2d(d, n, m) }
}
@c func h_fmls_4s(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  threeSame(c, p, fa, fb) { d, n, m in faultline_fused_4s(d, -n, m) }
}
@c func h_fmls_2d(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  threeSame(c, p, fa, fb) { d, n, m in faultline_fused_2d(d, -n, m) }
}

// MARK: By element

@c func h_fmulElement_4s(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  byElement(c, p, fa, fb) { _, n, m in n * m as SIMD4<Float> }
}
@c func h_fmulElement_2d(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  byElement(c, p, fa, fb) { _, n, m in n * m as SIMD2<Double> }
}
@c func h_fmlaElement_4s(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  byElement(c, p, fa, fb) { d, n, m in faultline_fused_4s(d, n, m) }
}
@c func h_fmlaElement_2d(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  byElement(c, p, fa, fb) { d, n, m in faultline_fused_2d(d, n, m) }
}

// MARK: Shapes

/// Whether all lanes are ordinary (see HostVector), in the fewest host instructions.
private protocol FastVector: HostVector { var isOrdinary: Bool { get } }

extension SIMD4<Float>: FastVector {
  @inline(__always) fileprivate var isOrdinary: Bool {
    // As HostedFormat.isOrdinary.
    let magnitudes: SIMD4<UInt32> = unsafeBitCast(self, to: SIMD4<UInt32>.self) &<< 1
    let offset: SIMD4<UInt32> = magnitudes &- SIMD4<UInt32>(repeating: 0x0200_0000)
    return all(offset .< SIMD4<UInt32>(repeating: 0xfd00_0000))
  }
}
extension SIMD2<Double>: FastVector {
  @inline(__always) fileprivate var isOrdinary: Bool {
    DoublePrecision.isOrdinary(self[0].bitPattern) && DoublePrecision.isOrdinary(self[1].bitPattern)
  }
}

@inline(__always)
private func threeSame<V: FastVector>(
  _ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64, _ compute: (_ d: V, _ n: V, _ m: V) -> V
) {
  let context = Context(c)
  if !context.computesOnHost { return h_threeSameFloat(c, p, fa, fb) }
  let d = context.vector(p.op.d)
  let result = compute(
    d.load(as: V.self), context.vector(p.op.n).load(as: V.self), context.vector(p.op.m).load(as: V.self))
  if _slowPath(!result.isOrdinary) { return h_threeSameFloat(c, p, fa, fb) }
  d.storeBytes(of: result, as: V.self)
  go(c, next(p), fa, fb)
}

@inline(__always)
private func byElement<V: FastVector>(
  _ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64, _ compute: (_ d: V, _ n: V, _ m: V) -> V
) where V.Scalar: BitwiseCopyable {
  let context = Context(c)
  if !context.computesOnHost { return h_byElementFloat(c, p, fa, fb) }
  let d = context.vector(p.op.d)
  let element = context.vector(p.op.m).load(
    fromByteOffset: p.op.simdImmediate &* MemoryLayout<V.Scalar>.size, as: V.Scalar.self)
  let result = compute(d.load(as: V.self), context.vector(p.op.n).load(as: V.self), V(repeating: element))
  if _slowPath(!result.isOrdinary) { return h_byElementFloat(c, p, fa, fb) }
  d.storeBytes(of: result, as: V.self)
  go(c, next(p), fa, fb)
}

// MARK: Choice

extension SIMDInstruction {
  /// The handler above for the instruction, if it has one.
  var hostHandler: Handler? {
    let arrangement = operands.arrangement
    guard arrangement.lanes == .full, arrangement.log2Size >= 2 else { return nil }
    let double = arrangement.log2Size == 3
    switch operation {
    case .threeSameFloat(.fadd): return double ? h_fadd_2d : h_fadd_4s
    case .threeSameFloat(.fsub): return double ? h_fsub_2d : h_fsub_4s
    case .threeSameFloat(.fmul): return double ? h_fmul_2d : h_fmul_4s
    case .threeSameFloat(.fdiv): return double ? h_fdiv_2d : h_fdiv_4s
    case .threeSameFloat(.fmla) where HostProcessor.fuses: return double ? h_fmla_2d : h_fmla_4s
    case .threeSameFloat(.fmls) where HostProcessor.fuses: return double ? h_fmls_2d : h_fmls_4s
    case .byElementFloat(.fmul): return double ? h_fmulElement_2d : h_fmulElement_4s
    case .byElementFloat(.fmla) where HostProcessor.fuses: return double ? h_fmlaElement_2d : h_fmlaElement_4s
    default: return nil
    }
  }
}
