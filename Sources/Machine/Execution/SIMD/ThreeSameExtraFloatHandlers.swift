// Owns the handler of the floating-point part of Advanced SIMD three same (extra): complex numbers and BFloat16.
// It does not know the arithmetic: see Semantics/FloatingPoint.
import Decoding

@c func h_threeSameExtraFloat(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  if Context(c).trapsVectors { return h_general(c, p, fa, fb) }
  let context = Context(c)
  context.threeSameExtraFloat(
    p.op.operation(ThreeSameExtra.self), p.op, m: context.readVector(p.op.m), rotation: p.op.simdImmediate)
  go(c, next(p), fa, fb)
}

extension ThreeSameExtra {
  var isFloat: Bool {
    switch self {
    case .sqrdmlah, .sqrdmlsh, .sdot, .udot, .usdot, .smmla, .ummla, .usmmla: false
    case .fcmla, .fcadd, .bfdot, .bfmmla, .bfmlalb, .bfmlalt: true
    }
  }
}

extension Context {
  /// Performs the operation on Vd, Vn and `m`, which is Vm or copies of one of its elements. `rotation` is in quarter turns.
  @inline(never)
  func threeSameExtraFloat(_ operation: ThreeSameExtra, _ op: Op, m: Vector, rotation: Int) {
    switch operation {
    case .fcmla, .fcadd:
      let adds = operation == .fcadd
      switch op.log2Size {
      case 1: complex(HalfPrecision.self, op, m, rotation, adds: adds)
      case 2: complex(SinglePrecision.self, op, m, rotation, adds: adds)
      default: complex(DoublePrecision.self, op, m, rotation, adds: adds)
      }
    case .bfdot: bfloatDot(op, m)
    case .bfmmla: bfloatMatrix(op, m)
    case .bfmlalb: bfloatMultiplyAdd(op, m, odd: 0)
    case .bfmlalt: bfloatMultiplyAdd(op, m, odd: 1)
    case .sqrdmlah, .sqrdmlsh, .sdot, .udot, .usdot, .smmla, .ummla, .usmmla: preconditionFailure("integers have a handler of their own")
    }
  }

  /// FCMLA and FCADD. Even lanes are real parts, odd lanes imaginary ones. An odd number of quarter turns exchanges the parts of
  /// `m`, and FCMLA then takes the imaginary part of Vn.
  @inline(never)
  private func complex<F: FloatFormat>(_ f: F.Type, _ op: Op, _ m: Vector, _ rotation: Int, adds: Bool)
  where F.Bits: BitwiseCopyable {
    let d = readVector(op.d), n = readVector(op.n)
    let exchange = rotation & 1
    floatLanes(op, count: op.laneCount) { i, e in
      let isImaginary = i & 1 != 0
      let isNegative = rotation == 2 || (rotation == 1 && !isImaginary) || (rotation == 3 && isImaginary)
      let element: F.Bits = m.lane(i ^ exchange)
      let signed = isNegative ? fpNeg(f, element) : element
      if adds { return fpAdd(f, n.lane(i), signed, &e) }
      return fpMulAdd(f, d.lane(i), n.lane((i & ~1) | exchange), signed, &e)
    }
  }

  /// These operations use neither FPCR nor FPSR.
  @inline(never)
  private func bfloatDot(_ op: Op, _ m: Vector) {
    let d = readVector(op.d), n = readVector(op.n)
    floatLanes(op, count: op.laneCount) { i, _ in
      bfDotAdd(d.lane(i), n.lane(2 &* i), n.lane(2 &* i &+ 1), m.lane(2 &* i), m.lane(2 &* i &+ 1))
    }
  }

  /// BFMMLA: Vd is 2 x 2 by rows, Vn 2 x 4 by rows, `m` 4 x 2 by columns. It uses neither FPCR nor FPSR.
  @inline(never)
  private func bfloatMatrix(_ op: Op, _ m: Vector) {
    let d = readVector(op.d), n = readVector(op.n)
    floatLanes(op, count: 4) { i, _ in
      let row = i &>> 1 &* 4, column = (i & 1) &* 4
      let sum: UInt32 = bfDotAdd(d.lane(i), n.lane(row), n.lane(row &+ 1), m.lane(column), m.lane(column &+ 1))
      return bfDotAdd(sum, n.lane(row &+ 2), n.lane(row &+ 3), m.lane(column &+ 2), m.lane(column &+ 3))
    }
  }

  @inline(never)
  private func bfloatMultiplyAdd(_ op: Op, _ m: Vector, odd: Int) {
    let d = readVector(op.d), n = readVector(op.n)
    floatLanes(op, count: 4) { i, e in bfMulAdd(d.lane(i), n.lane(2 &* i &+ odd), m.lane(2 &* i &+ odd), &e) }
  }
}
