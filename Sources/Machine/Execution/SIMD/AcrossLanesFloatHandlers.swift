// Owns the handlers of floating-point Advanced SIMD across lanes and scalar pairwise.
// It does not know the arithmetic: see Semantics/FloatingPoint.
import Decoding

@c func h_acrossLanesFloat(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  if Context(c).trapsVectors { return h_general(c, p, fa, fb) }
  Context(c).acrossLanesFloat(p.op)
  go(c, next(p), fa, fb)
}

@c @inline(never) func h_pairwiseFloat(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  if Context(c).trapsVectors { return h_general(c, p, fa, fb) }
  let context = Context(c)
  let n = context.readVector(p.op.n)
  let pairwise = ScalarPairwise(rawValue: p.op.s).unsafelyUnwrapped.vectorOperation
  context.threeSameFloat(pairwise, p.op, m: n)
  go(c, next(p), fa, fb)
}

extension AcrossLanes {
  var isFloat: Bool {
    switch self {
    case .saddlv, .uaddlv, .smaxv, .umaxv, .sminv, .uminv, .addv: false
    case .fmaxnmv, .fmaxv, .fminnmv, .fminv: true
    }
  }
}

extension ScalarPairwise {
  /// The vector operation whose first lane is the result of the scalar one.
  @inline(__always) fileprivate var vectorOperation: ThreeSameFloat {
    switch self {
    case .faddp: .faddp
    case .fmaxp: .fmaxp
    case .fminp: .fminp
    case .fmaxnmp: .fmaxnmp
    case .fminnmp: .fminnmp
    case .addp: preconditionFailure("integers have a handler of their own")
    }
  }
}

extension Context {
  @inline(never)
  func acrossLanesFloat(_ op: Op) {
    let operation = op.operation(AcrossLanes.self)
    if op.log2Size == 1 { reduce(HalfPrecision.self, operation, op) } else { reduce(SinglePrecision.self, operation, op) }
  }

  /// Reduces a vector by halves, so that neighbouring lanes meet first. Arm ARM: Reduce.
  @inline(never)
  private func reduce<F: FloatFormat>(_ f: F.Type, _ operation: AcrossLanes, _ op: Op) where F.Bits: BitwiseCopyable {
    var lanes = readVector(op.n)
    floatLanes(op, count: 1) { _, e in
      var count = op.laneCount
      while count > 1 {
        count = count &>> 1
        for i in 0..<count {
          let (a, b): (F.Bits, F.Bits) = (lanes.lane(2 &* i), lanes.lane(2 &* i &+ 1))
          lanes.setLane(i, extremum(f, operation, a, b, &e))
        }
      }
      return lanes.lane(0) as F.Bits
    }
  }
}

@inline(__always)
private func extremum<F: FloatFormat>(
  _ f: F.Type, _ operation: AcrossLanes, _ a: F.Bits, _ b: F.Bits, _ e: inout FloatEnvironment
) -> F.Bits {
  switch operation {
  case .fmaxv: fpMax(f, a, b, &e)
  case .fminv: fpMin(f, a, b, &e)
  case .fmaxnmv: fpMaxNum(f, a, b, &e)
  case .fminnmv: fpMinNum(f, a, b, &e)
  case .saddlv, .uaddlv, .smaxv, .umaxv, .sminv, .uminv, .addv: preconditionFailure("integers have a handler of their own")
  }
}
