// Owns FCVTL, FCVTN, FCVTXN and BFCVTN: vectors to lanes of twice or half the width.
// It does not know how a number is converted: see Semantics/FloatingPoint.
import Decoding

extension Context {
  /// FCVTL takes the lower half of Vn, FCVTL2 the upper.
  @inline(never)
  func lengthen(_ op: Op) {
    if op.log2Size == 1 {
      lengthen(HalfPrecision.self, SinglePrecision.self, op)
    } else if !hostLengthen(op) {
      lengthen(SinglePrecision.self, DoublePrecision.self, op)
    }
  }

  @inline(never)
  private func lengthen<From: FloatFormat, To: FloatFormat>(_ from: From.Type, _ to: To.Type, _ op: Op)
  where From.Bits: BitwiseCopyable, To.Bits: BitwiseCopyable {
    let n = readVector(op.n)
    let count = 8 &>> Int(op.log2Size)
    let first = op.isFull ? count : 0
    floatLanes(op, count: count) { i, e in fpConvert(from, to, n.lane(first &+ i), e.control.rounding, &e) }
  }

  /// FCVTXN rounds to odd, so that a later second rounding gives the right result.
  @inline(never)
  func narrow(_ operation: TwoRegisterFloat, _ op: Op) {
    if operation == .bfcvtn {
      narrow(SinglePrecision.self, BFloat16.self, op, rounding: nil)
    } else if op.log2Size == 1 {
      narrow(SinglePrecision.self, HalfPrecision.self, op, rounding: nil)
    } else if operation == .fcvtxn {
      narrow(DoublePrecision.self, SinglePrecision.self, op, rounding: .odd)
    } else if !hostNarrow(op) {
      narrow(DoublePrecision.self, SinglePrecision.self, op, rounding: nil)
    }
  }

  /// The instructions whose names end in 2 write the upper half of Vd and keep the lower. The others clear the upper half.
  @inline(never)
  private func narrow<From: FloatFormat, To: FloatFormat>(_ from: From.Type, _ to: To.Type, _ op: Op, rounding: RoundingMode?)
  where From.Bits: BitwiseCopyable, To.Bits: BitwiseCopyable {
    let n = readVector(op.n)
    var e = floatEnvironment
    let count = op.isScalar ? 1 : 8 &>> Int(op.log2Size)
    let first = op.isFull ? count : 0
    var result = op.isFull ? Vector(readVector(op.d).low, 0) : Vector.zero
    for i in 0..<count {
      let lane: To.Bits = fpConvert(from, to, n.lane(i), rounding ?? e.control.rounding, &e)
      result.setLane(first &+ i, lane)
    }
    finish(e)
    writeVector(op.d, result)
  }
}
