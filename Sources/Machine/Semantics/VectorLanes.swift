// Owns integer types as lanes of vectors and the loops over lanes: over one, two or three vectors, widening and narrowing.
// It does not know any operation or register. The loops have constant trip counts on SIMD types, so that they become host vector code.

/// An integer type of vector lanes.
protocol Lane: FixedWidthInteger, SIMDScalar, BitwiseCopyable, Codable {
  /// 128 bits of lanes.
  associatedtype Lanes: SIMD & BitwiseCopyable where Lanes.Scalar == Self
  associatedtype Signed: Lane
  associatedtype Unsigned: Lane
}

/// A lane that another of twice its width exists for.
protocol NarrowLane: Lane where Signed: NarrowLane, Unsigned: NarrowLane {
  /// 64 bits of lanes.
  associatedtype HalfLanes: SIMD & BitwiseCopyable where HalfLanes.Scalar == Self
  associatedtype Wide: Lane
}

extension UInt8: NarrowLane {
  typealias Lanes = SIMD16<UInt8>
  typealias HalfLanes = SIMD8<UInt8>
  typealias Signed = Int8
  typealias Unsigned = UInt8
  typealias Wide = UInt16
}
extension UInt16: NarrowLane {
  typealias Lanes = SIMD8<UInt16>
  typealias HalfLanes = SIMD4<UInt16>
  typealias Signed = Int16
  typealias Unsigned = UInt16
  typealias Wide = UInt32
}
extension UInt32: NarrowLane {
  typealias Lanes = SIMD4<UInt32>
  typealias HalfLanes = SIMD2<UInt32>
  typealias Signed = Int32
  typealias Unsigned = UInt32
  typealias Wide = UInt64
}
extension UInt64: Lane {
  typealias Lanes = SIMD2<UInt64>
  typealias Signed = Int64
  typealias Unsigned = UInt64
}
extension Int8: NarrowLane {
  typealias Lanes = SIMD16<Int8>
  typealias HalfLanes = SIMD8<Int8>
  typealias Signed = Int8
  typealias Unsigned = UInt8
  typealias Wide = Int16
}
extension Int16: NarrowLane {
  typealias Lanes = SIMD8<Int16>
  typealias HalfLanes = SIMD4<Int16>
  typealias Signed = Int16
  typealias Unsigned = UInt16
  typealias Wide = Int32
}
extension Int32: NarrowLane {
  typealias Lanes = SIMD4<Int32>
  typealias HalfLanes = SIMD2<Int32>
  typealias Signed = Int32
  typealias Unsigned = UInt32
  typealias Wide = Int64
}
extension Int64: Lane {
  typealias Lanes = SIMD2<Int64>
  typealias Signed = Int64
  typealias Unsigned = UInt64
}

extension Vector {
  /// The vector as lanes of `T`.
  @inline(__always) func lanes<T: Lane>(_ type: T.Type = T.self) -> T.Lanes { unsafeBitCast(halves, to: T.Lanes.self) }
  /// All lanes `value`.
  @inline(__always) init<T: Lane>(repeating value: T) { self.init(lanes: T.Lanes(repeating: value)) }
  /// The upper 64 bits where `upper`, else the lower ones.
  @inline(__always) func half(upper: Bool) -> UInt64 { upper ? high : low }

  /// Lane `i` is `body(i)`.
  @inline(__always)
  static func generate<T: Lane>(_ type: T.Type = T.self, _ body: (Int) -> T) -> Vector {
    var result = T.Lanes()
    var i = 0
    while i < T.Lanes.scalarCount {
      result[i] = body(i)
      i &+= 1
    }
    return Vector(lanes: result)
  }
  @inline(__always)
  static func map<T: Lane>(_ a: Vector, _ type: T.Type = T.self, _ body: (T) -> T) -> Vector {
    let x = a.lanes(T.self)
    return generate { body(x[$0]) }
  }
  @inline(__always)
  static func map<T: Lane>(_ a: Vector, _ b: Vector, _ type: T.Type = T.self, _ body: (T, T) -> T) -> Vector {
    let x = a.lanes(T.self), y = b.lanes(T.self)
    return generate { body(x[$0], y[$0]) }
  }
  @inline(__always)
  static func map<T: Lane>(_ a: Vector, _ b: Vector, _ d: Vector, _ type: T.Type = T.self, _ body: (T, T, T) -> T) -> Vector {
    let x = a.lanes(T.self), y = b.lanes(T.self), z = d.lanes(T.self)
    return generate { body(x[$0], y[$0], z[$0]) }
  }

  /// Wide lanes from themselves and two halves of narrow lanes.
  @inline(__always)
  static func widen<N: NarrowLane, W: Lane>(_ d: Vector, _ a: UInt64, _ b: UInt64, _ body: (W, N, N) -> W) -> Vector {
    let w = d.lanes(W.self), x = unsafeBitCast(a, to: N.HalfLanes.self), y = unsafeBitCast(b, to: N.HalfLanes.self)
    return generate { body(w[$0], x[$0], y[$0]) }
  }
  /// Half a vector of narrow lanes from the lanes of a wide one.
  @inline(__always)
  static func narrow<W: Lane, N: NarrowLane>(_ a: Vector, _ body: (W) -> N) -> UInt64 { narrow(a, a) { (x: W, _: W) in body(x) } }
  /// The same from the lanes of two wide ones.
  @inline(__always)
  static func narrow<W: Lane, N: NarrowLane>(_ a: Vector, _ b: Vector, _ body: (W, W) -> N) -> UInt64 {
    let x = a.lanes(W.self), y = b.lanes(W.self)
    var result = N.HalfLanes()
    var i = 0
    while i < W.Lanes.scalarCount {
      result[i] = body(x[i], y[i])
      i &+= 1
    }
    return unsafeBitCast(result, to: UInt64.self)
  }
  /// Wide lanes from themselves and neighbouring pairs of narrow lanes.
  @inline(__always)
  static func widenPairs<N: NarrowLane, W: Lane>(_ d: Vector, _ a: Vector, _ body: (W, N, N) -> W) -> Vector {
    let w = d.lanes(W.self), x = a.lanes(N.self)
    return generate { body(w[$0], x[2 &* $0], x[2 &* $0 &+ 1]) }
  }
  /// The lanes of a vector combined into one, from the first up.
  @inline(__always)
  static func reduce<T: Lane, R>(_ a: Vector, _ type: T.Type = T.self, _ start: R, _ body: (R, T) -> R) -> R {
    let x = a.lanes(T.self)
    var result = start
    var i = 0
    while i < T.Lanes.scalarCount {
      result = body(result, x[i])
      i &+= 1
    }
    return result
  }
}
