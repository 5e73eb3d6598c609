// Owns the handler of Advanced SIMD three same (extra) on integers: rounding doubling accumulation, dot products, matrices.
// It does not know what an operation does to a lane: that is in Semantics.
import Decoding

@c func h_threeSameExtra(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  if Context(c).trapsVectors { return h_general(c, p, fa, fb) }
  let operation = p.op.operation(ThreeSameExtra.self)
  Context(c).threeSameExtra(p.op, operation, Context(c).readVector(p.op.n), Context(c).readVector(p.op.m))
  go(c, next(p), fa, fb)
}

extension Context {
  /// `m` is the second operand: a register, or copies of one of its elements.
  @inline(never)
  func threeSameExtra(_ op: Op, _ operation: ThreeSameExtra, _ n: Vector, _ m: Vector) {
    let mask = op.laneMask(op.log2Size)
    let d = readVector(op.d) & mask, n = n & mask, m = m & mask
    var saturated = false
    let result: Vector
    switch operation {
    case .sqrdmlah: result = roundingAccumulate(op.log2Size, d, n, m, subtracts: false, &saturated)
    case .sqrdmlsh: result = roundingAccumulate(op.log2Size, d, n, m, subtracts: true, &saturated)
    case .sdot: result = dotProduct(d, n, m, Int8.self, Int8.self)
    case .udot: result = dotProduct(d, n, m, UInt8.self, UInt8.self)
    case .usdot: result = dotProduct(d, n, m, UInt8.self, Int8.self)
    case .smmla: result = matrixMultiply(d, n, m, Int8.self, Int8.self)
    case .ummla: result = matrixMultiply(d, n, m, UInt8.self, UInt8.self)
    case .usmmla: result = matrixMultiply(d, n, m, UInt8.self, Int8.self)
    case .fcmla, .fcadd, .bfdot, .bfmmla, .bfmlalb, .bfmlalt: preconditionFailure("a floating-point operation")
    }
    recordSaturation(saturated)
    writeVector(op.d, result & mask)
  }
}

/// SQRDMLAH and SQRDMLSH on halfwords or words.
private func roundingAccumulate(
  _ log2Size: UInt8, _ d: Vector, _ n: Vector, _ m: Vector, subtracts: Bool, _ saturated: inout Bool
) -> Vector {
  log2Size == 1
    ? .map(n, m, d, Int16.self) { doublingMultiplyHigh($2, $0, $1, subtracts: subtracts, rounds: true, &saturated) }
    : .map(n, m, d, Int32.self) { doublingMultiplyHigh($2, $0, $1, subtracts: subtracts, rounds: true, &saturated) }
}
