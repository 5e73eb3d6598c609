// Owns vectors of floating-point lanes as the host computes with them, and which of the host's results are valid.
// It does not know instructions. HostArithmetic.swift explains why a result is valid.
import CFusedMultiplyAdd

/// 128 bits of single- or double-precision lanes.
protocol HostVector: SIMD, BitwiseCopyable where Scalar: BinaryFloatingPoint {
  /// A sign's bit in each lane.
  static var signs: SIMD2<UInt64> { get }
  /// The sources of a pairwise operation: the even lanes of m:n, and the odd ones. `half`: of the lower halves of both.
  static func pairs(_ n: Self, _ m: Self, half: Bool) -> (even: Self, odd: Self)
  /// self + n x m with one rounding.
  func adding(_ n: Self, times m: Self) -> Self
  /// From signed integers as wide as the lanes.
  init(signed: Vector)
  /// Converts to signed integers by truncation. A number out of range gives any value.
  var signed: Vector { get }
}

extension HostVector {
  typealias Lanes = SIMDMask<MaskStorage>

  @inline(__always) init(_ v: Vector) { self = unsafeBitCast(v.halves, to: Self.self) }
  @inline(__always) var bits: SIMD2<UInt64> { unsafeBitCast(self, to: SIMD2<UInt64>.self) }
  @inline(__always) var magnitude: Self { unsafeBitCast(bits & ~Self.signs, to: Self.self) }
  @inline(__always) var negated: Self { unsafeBitCast(bits ^ Self.signs, to: Self.self) }
  @inline(__always) static func bits(_ lanes: Lanes) -> SIMD2<UInt64> { unsafeBitCast(lanes, to: SIMD2<UInt64>.self) }

  /// Which lanes are normal and do not have the smallest exponent.
  @inline(__always) var areOrdinary: Lanes {
    let magnitude = magnitude
    return (magnitude .>= Self(repeating: Scalar.leastNormalMagnitude * 2))
      .& (magnitude .<= Self(repeating: Scalar.greatestFiniteMagnitude))
  }
  @inline(__always) var areZero: Lanes { self .== Self(repeating: 0) }
  @inline(__always) var areNumbers: Lanes { self .== self }
  /// Which lanes can be truncated to signed integers of the lane's width.
  @inline(__always) var areInRange: Lanes {
    let limit = Scalar(sign: .plus, exponent: Scalar.Exponent(MemoryLayout<Scalar>.size * 8 - 1), significand: 1)
    return magnitude .< Self(repeating: limit)
  }
}

extension SIMD4<Float>: HostVector {
  @inline(__always) static var signs: SIMD2<UInt64> { SIMD2<UInt64>(repeating: 0x8000_0000_8000_0000) }
  @inline(__always) static func pairs(_ n: Self, _ m: Self, half: Bool) -> (even: Self, odd: Self) {
    half
      ? (SIMD4(n[0], m[0], 0, 0), SIMD4(n[1], m[1], 0, 0)) : (SIMD4(n[0], n[2], m[0], m[2]), SIMD4(n[1], n[3], m[1], m[3]))
  }
  @inline(__always) func adding(_ n: Self, times m: Self) -> Self {
    HostProcessor.fuses ? faultline_fused_4s(self, n, m) : addingProduct(n, m)
  }
  @inline(__always) init(signed: Vector) { self.init(unsafeBitCast(signed.halves, to: SIMD4<Int32>.self)) }
  @inline(__always) var signed: Vector {
    let inRange = replacing(with: 0, where: .!areInRange)
    return Vector(lanes: SIMD4<Int32>(Int32(inRange[0]), Int32(inRange[1]), Int32(inRange[2]), Int32(inRange[3])))
  }
}

extension SIMD2<Double>: HostVector {
  @inline(__always) static var signs: SIMD2<UInt64> { SIMD2<UInt64>(repeating: 1 &<< 63) }
  @inline(__always) static func pairs(_ n: Self, _ m: Self, half: Bool) -> (even: Self, odd: Self) {
    (SIMD2(n[0], m[0]), SIMD2(n[1], m[1]))
  }
  @inline(__always) func adding(_ n: Self, times m: Self) -> Self {
    HostProcessor.fuses ? faultline_fused_2d(self, n, m) : addingProduct(n, m)
  }
  @inline(__always) init(signed: Vector) { self.init(unsafeBitCast(signed.halves, to: SIMD2<Int64>.self)) }
  @inline(__always) var signed: Vector {
    let inRange = replacing(with: 0, where: .!areInRange)
    return Vector(lanes: SIMD2<Int64>(Int64(inRange[0]), Int64(inRange[1])))
  }
}

extension Context {
  /// Writes the lanes that take part. If a lane's result is not valid, it writes nothing and returns false.
  @inline(__always)
  func accept<V: HostVector>(_ op: Op, _ result: V, where counts: V.Lanes) -> Bool {
    accept(op, Vector(lanes: result), unless: ~V.bits(counts), op.laneMask(op.log2Size))
  }

  /// A comparison's result: all bits of a lane are set where the comparison holds.
  @inline(__always)
  func accept<V: HostVector>(_ op: Op, _ v: V.Type, holds: V.Lanes, where counts: V.Lanes) -> Bool {
    accept(op, Vector(lanes: V.bits(holds)), unless: ~V.bits(counts), op.laneMask(op.log2Size))
  }

  @inline(__always)
  func accept(_ op: Op, _ result: Vector, unless wrong: SIMD2<UInt64>, _ mask: SIMD2<UInt64>) -> Bool {
    let wrong = wrong & mask
    if _slowPath(wrong[0] | wrong[1] != 0) { return false }
    writeVector(op.d, result & mask)
    return true
  }
}
