// Owns Advanced SIMD three same on single and double precision as the host computes it, all lanes at once.
// It does not know half precision or FPCR. If the host's result may be wrong it answers false, and has written nothing.
import Decoding

extension Context {
  /// Computes on the host, if FPCR and FPSR allow that (`computesOnHost`). False means that the architecture's functions must
  /// decide.
  @inline(__always)
  func hostThreeSame<V: HostVector>(_ v: V.Type, _ operation: ThreeSameFloat, _ op: Op, m: Vector) -> Bool {
    let d = V(readVector(op.d)), n = V(readVector(op.n)), m = V(m)
    switch operation {
    case .fadd: return sum(op, n + m)
    case .fsub: return sum(op, n - m)
    case .fabd: return sum(op, (n - m).magnitude)
    // On the host infinity times zero gives a NaN, so that the result is rejected.
    case .fmul, .fmulx:
      let product = n * m
      return accept(op, product, where: product.areOrdinary .| (product.areZero .& (n.areZero .| m.areZero)))
    case .fdiv:
      let quotient = n / m
      return accept(op, quotient, where: quotient.areOrdinary .| (quotient.areZero .& n.areZero))
    case .fmla: return fused(op, d, n, m)
    case .fmls: return fused(op, d, n.negated, m)
    case .fmax, .fmaxnm: return extremum(op, n, m, n .> m)
    case .fmin, .fminnm: return extremum(op, n, m, n .< m)
    case .fcmeq: return comparison(op, n, m, n .== m)
    case .fcmge: return comparison(op, n, m, n .>= m)
    case .fcmgt: return comparison(op, n, m, n .> m)
    case .facge: return comparison(op, n, m, n.magnitude .>= m.magnitude)
    case .facgt: return comparison(op, n, m, n.magnitude .> m.magnitude)
    case .faddp, .fmaxp, .fmaxnmp, .fminp, .fminnmp:
      let (even, odd) = V.pairs(n, m, half: op.lanes == Lanes.half.rawValue)
      if operation == .faddp { return sum(op, even + odd) }
      return extremum(op, even, odd, operation == .fmaxp || operation == .fmaxnmp ? even .> odd : even .< odd)
    case .frecps:
      let step = V(repeating: 2).adding(n.negated, times: m)
      return accept(op, step, where: step.areOrdinary)
    case .frsqrts:
      let step = V(repeating: 3).adding(n.negated, times: m) * V(repeating: 0.5)
      return accept(op, step, where: step.areOrdinary)
    case .fmlal, .fmlal2, .fmlsl, .fmlsl2: return false
    }
  }

  /// A sum that is zero is exact.
  @inline(__always)
  private func sum<V: HostVector>(_ op: Op, _ result: V) -> Bool { accept(op, result, where: result.areOrdinary .| result.areZero) }

  /// A product with a factor of zero is exact, and so is a sum that is zero then.
  @inline(__always)
  private func fused<V: HostVector>(_ op: Op, _ d: V, _ n: V, _ m: V) -> Bool {
    let result = d.adding(n, times: m)
    return accept(op, result, where: result.areOrdinary .| (result.areZero .& (n.areZero .| m.areZero)))
  }

  /// The greater or the lesser lanes. A lane is valid if its numbers differ, or are equal and not zero; a NaN fails each
  /// comparison.
  @inline(__always)
  private func extremum<V: HostVector>(_ op: Op, _ n: V, _ m: V, _ takesFirst: V.Lanes) -> Bool {
    accept(op, m.replacing(with: n, where: takesFirst), where: (n .< m) .| (n .> m) .| ((n .== m) .& .!n.areZero))
  }

  @inline(__always)
  private func comparison<V: HostVector>(_ op: Op, _ n: V, _ m: V, _ holds: V.Lanes) -> Bool {
    accept(op, V.self, holds: holds, where: n.areNumbers .& m.areNumbers)
  }
}
