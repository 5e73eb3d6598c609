// Owns the loop over floating-point lanes, each through the architecture's functions.
// It does not know any operation.

extension FloatFormat where Bits: BitwiseCopyable {
  /// A comparison's result: all ones or all zeros.
  @inline(__always) static func mask(_ holds: Bool) -> Bits { holds ? ~0 : 0 }
}

extension Context {
  /// Writes `count` results from lane 0 up, clears the rest of Vd, and stores the flags that the results raised.
  @inline(__always)
  func floatLanes<Bits: FixedWidthInteger & BitwiseCopyable>(
    _ op: Op, count: Int, _ body: (Int, inout FloatEnvironment) -> Bits
  ) {
    var environment = floatEnvironment
    var result = Vector.zero
    for i in 0..<count { result.setLane(i, body(i, &environment)) }
    finish(environment)
    writeVector(op.d, result)
  }
}

/// The pairs of lanes that an operation on two vectors uses: lanes of equal number, or neighbours in Vm:Vn for pairwise operations.
struct LanePairs {
  let n: Vector
  let m: Vector
  let count: Int
  let arePairwise: Bool

  @inline(__always) func operands<Bits: BitwiseCopyable>(_ i: Int, _ bits: Bits.Type) -> (Bits, Bits) {
    if !arePairwise { return (n.lane(i), m.lane(i)) }
    let isLower = 2 &* i < count
    let source = isLower ? n : m
    let first = isLower ? 2 &* i : 2 &* i &- count
    return (source.lane(first), source.lane(first &+ 1))
  }
}
