// Owns the handler of Advanced SIMD three same on floating-point numbers.
// It does not know the arithmetic: see Semantics/FloatingPoint.
import Decoding

@c @inline(never) func h_threeSameFloat(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  if Context(c).trapsVectors { return h_general(c, p, fa, fb) }
  let context = Context(c)
  context.threeSameFloat(ThreeSameFloat(rawValue: p.op.s).unsafelyUnwrapped, p.op, m: context.readVector(p.op.m))
  go(c, next(p), fa, fb)
}

extension Context {
  /// Performs the operation on Vd, Vn and `m`, which is Vm or copies of one of its elements.
  @inline(never)
  func threeSameFloat(_ operation: ThreeSameFloat, _ op: Op, m: Vector) {
    switch operation {
    case .fmlal: multiplyHalves(op, m, upper: false, subtracts: false)
    case .fmlal2: multiplyHalves(op, m, upper: true, subtracts: false)
    case .fmlsl: multiplyHalves(op, m, upper: false, subtracts: true)
    case .fmlsl2: multiplyHalves(op, m, upper: true, subtracts: true)
    default:
      switch op.log2Size {
      case 1: threeSame(HalfPrecision.self, operation, op, m)
      case 2:
        if computesOnHost && hostThreeSame(SIMD4<Float>.self, operation, op, m: m) { return }
        threeSame(SinglePrecision.self, operation, op, m)
      default:
        if computesOnHost && hostThreeSame(SIMD2<Double>.self, operation, op, m: m) { return }
        threeSame(DoublePrecision.self, operation, op, m)
      }
    }
  }

  @inline(never)
  private func threeSame<F: FloatFormat>(_ f: F.Type, _ operation: ThreeSameFloat, _ op: Op, _ m: Vector)
  where F.Bits: BitwiseCopyable {
    let d = readVector(op.d)
    let pairs = LanePairs(n: readVector(op.n), m: m, count: op.laneCount, arePairwise: operation.isPairwise)
    floatLanes(op, count: op.laneCount) { i, e in
      let (n, m) = pairs.operands(i, F.Bits.self)
      return floatResult(f, operation, d.lane(i), n, m, &e)
    }
  }

  /// FEAT_FHM: FMLAL and FMLSL take the halves of the lower half of the sources, FMLAL2 and FMLSL2 those of the upper.
  @inline(never)
  private func multiplyHalves(_ op: Op, _ m: Vector, upper: Bool, subtracts: Bool) {
    let d = readVector(op.d), n = readVector(op.n)
    let first = upper ? op.laneCount : 0
    floatLanes(op, count: op.laneCount) { i, e in
      let factor: UInt16 = n.lane(first &+ i)
      return fpMulAddH(d.lane(i), subtracts ? fpNeg(HalfPrecision.self, factor) : factor, m.lane(first &+ i), &e)
    }
  }
}

extension ThreeSameFloat {
  @inline(__always) fileprivate var isPairwise: Bool {
    switch self {
    case .faddp, .fmaxp, .fminp, .fmaxnmp, .fminnmp: true
    default: false
    }
  }
}

@inline(__always)
private func floatResult<F: FloatFormat>(
  _ f: F.Type, _ operation: ThreeSameFloat, _ d: F.Bits, _ n: F.Bits, _ m: F.Bits, _ e: inout FloatEnvironment
) -> F.Bits where F.Bits: BitwiseCopyable {
  switch operation {
  case .fadd, .faddp: fpAdd(f, n, m, &e)
  case .fsub: fpSub(f, n, m, &e)
  case .fabd: fpAbs(f, fpSub(f, n, m, &e))
  case .fmul: fpMul(f, n, m, &e)
  case .fmulx: fpMulX(f, n, m, &e)
  case .fdiv: fpDiv(f, n, m, &e)
  case .fmla: fpMulAdd(f, d, n, m, &e)
  case .fmls: fpMulAdd(f, d, fpNeg(f, n), m, &e)
  case .fmax, .fmaxp: fpMax(f, n, m, &e)
  case .fmin, .fminp: fpMin(f, n, m, &e)
  case .fmaxnm, .fmaxnmp: fpMaxNum(f, n, m, &e)
  case .fminnm, .fminnmp: fpMinNum(f, n, m, &e)
  case .frecps: fpRecipStepFused(f, n, m, &e)
  case .frsqrts: fpRSqrtStepFused(f, n, m, &e)
  case .fcmeq: F.mask(fpCompareEQ(f, n, m, &e))
  case .fcmge: F.mask(fpCompareGE(f, n, m, &e))
  case .fcmgt: F.mask(fpCompareGT(f, n, m, &e))
  case .facge: F.mask(fpCompareGE(f, fpAbs(f, n), fpAbs(f, m), &e))
  case .facgt: F.mask(fpCompareGT(f, fpAbs(f, n), fpAbs(f, m), &e))
  case .fmlal, .fmlal2, .fmlsl, .fmlsl2: preconditionFailure("widening operations have a function of their own")
  }
}
