// Owns two-register operations on single and double precision as the host computes them, all lanes at once.
// It does not know half precision, FPCR or fixed-point numbers: the architecture's functions decide those.
import Decoding

extension Context {
  /// FABS and FNEG, which change one bit and read nothing else. False means that the operation is another one.
  @inline(__always)
  func changeSigns(_ operation: TwoRegisterFloat, _ op: Op, signs: SIMD2<UInt64>) -> Bool {
    let n = readVector(op.n).halves, mask = op.laneMask(op.log2Size)
    switch operation {
    case .fabs: writeVector(op.d, Vector(lanes: n & ~signs & mask))
    case .fneg: writeVector(op.d, Vector(lanes: (n ^ signs) & mask))
    default: return false
    }
    return true
  }

  /// Computes on the host, if FPCR and FPSR allow that (`computesOnHost`) and the operation is not on fixed-point numbers. False
  /// means that the architecture's functions must decide.
  @inline(__always)
  func hostTwoRegister<V: HostVector>(_ v: V.Type, _ operation: TwoRegisterFloat, _ op: Op) -> Bool {
    let n = V(readVector(op.n))
    let zero = V(repeating: 0)
    switch operation {
    case .fsqrt:
      let root = n.squareRoot()
      return accept(op, root, where: root.areOrdinary .| n.areZero)
    case .frintn, .frintx, .frinti: return accept(op, n.rounded(.toNearestOrEven), where: n.areNumbers)
    case .frinta: return accept(op, n.rounded(.toNearestOrAwayFromZero), where: n.areNumbers)
    case .frintp: return accept(op, n.rounded(.up), where: n.areNumbers)
    case .frintm: return accept(op, n.rounded(.down), where: n.areNumbers)
    case .frintz: return accept(op, n.rounded(.towardZero), where: n.areNumbers)
    case .fcvtzs: return toSigned(op, n)
    case .fcvtns: return toSigned(op, n.rounded(.toNearestOrEven))
    case .fcvtas: return toSigned(op, n.rounded(.toNearestOrAwayFromZero))
    case .fcvtps: return toSigned(op, n.rounded(.up))
    case .fcvtms: return toSigned(op, n.rounded(.down))
    case .fcvtzu: return toUnsigned(op, n.rounded(.towardZero))
    case .scvtf: return accept(op, V(signed: readVector(op.n)), where: zero .== zero)
    // These integers are not negative as signed numbers either.
    case .ucvtf:
      let result = V(signed: readVector(op.n))
      return accept(op, result, where: result .>= zero)
    case .fcmgtZero: return accept(op, V.self, holds: n .> zero, where: n.areNumbers)
    case .fcmgeZero: return accept(op, V.self, holds: n .>= zero, where: n.areNumbers)
    case .fcmeqZero: return accept(op, V.self, holds: n .== zero, where: n.areNumbers)
    case .fcmleZero: return accept(op, V.self, holds: n .<= zero, where: n.areNumbers)
    case .fcmltZero: return accept(op, V.self, holds: n .< zero, where: n.areNumbers)
    default: return false
    }
  }

  @inline(__always)
  private func toSigned<V: HostVector>(_ op: Op, _ n: V) -> Bool {
    accept(op, n.signed, unless: ~V.bits(n.areInRange), op.laneMask(op.log2Size))
  }

  /// `n` is integral. Half of the unsigned range is also in the signed range.
  @inline(__always)
  private func toUnsigned<V: HostVector>(_ op: Op, _ n: V) -> Bool {
    accept(op, n.signed, unless: ~V.bits(n.areInRange .& (n .>= V(repeating: 0))), op.laneMask(op.log2Size))
  }

  /// FCVTL of single precision, which is exact except for signalling NaNs.
  @inline(__always)
  func hostLengthen(_ op: Op) -> Bool {
    if !computesOnHost { return false }
    let n = SIMD4<Float>(readVector(op.n))
    let wide = SIMD2<Double>(op.isFull ? n.highHalf : n.lowHalf)
    return accept(op, Vector(lanes: wide), unless: ~SIMD2<Double>.bits(wide.areNumbers), SIMD2(repeating: ~0))
  }

  /// FCVTN of double precision.
  @inline(__always)
  func hostNarrow(_ op: Op) -> Bool {
    if !computesOnHost { return false }
    let n = SIMD2<Double>(readVector(op.n))
    let narrow = SIMD2<Float>(n)
    // The results are ordinary as single-precision numbers, or zero because the source is zero.
    let magnitude = SIMD2<Double>(narrow).magnitude
    let areOrdinary =
      (magnitude .>= SIMD2(repeating: 0x1p-125)) .& (magnitude .<= SIMD2(repeating: Double(Float.greatestFiniteMagnitude)))
    let bits = unsafeBitCast(narrow, to: UInt64.self)
    let result = op.isFull ? Vector(readVector(op.d).low, bits) : Vector(bits, 0)
    return accept(op, result, unless: ~SIMD2<Double>.bits(areOrdinary .| n.areZero), SIMD2(repeating: ~0))
  }
}
