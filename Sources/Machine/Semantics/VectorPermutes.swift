// Owns the pure functions that move lanes between places: unzip, transpose, zip, reverse, extract; and dot products of bytes.
// It does not know registers.

/// The lanes of n and then m with an even index, or an odd one. UZP1, UZP2.
@inline(__always)
func unzip<T: Lane>(_ n: Vector, _ m: Vector, odd: Int, _ type: T.Type) -> Vector {
  let x = n.lanes(T.self), y = m.lanes(T.self)
  let half = T.Lanes.scalarCount / 2
  return .generate { (i: Int) -> T in i < half ? x[2 &* i &+ odd] : y[2 &* (i &- half) &+ odd] }
}

/// Lanes of n and m in turn, those with an even index or an odd one. TRN1, TRN2.
@inline(__always)
func transpose<T: Lane>(_ n: Vector, _ m: Vector, odd: Int, _ type: T.Type) -> Vector {
  let x = n.lanes(T.self), y = m.lanes(T.self)
  return .generate { (i: Int) -> T in i & 1 == 0 ? x[i &+ odd] : y[i &- 1 &+ odd] }
}

/// Lanes of two halves in turn. ZIP1, ZIP2.
@inline(__always)
func interleave<T: Lane>(_ n: UInt64, _ m: UInt64, _ type: T.Type) -> Vector {
  let x = Vector(n, 0).lanes(T.self), y = Vector(m, 0).lanes(T.self)
  return .generate { (i: Int) -> T in i & 1 == 0 ? x[i &>> 1] : y[i &>> 1] }
}

/// REV64, REV32, REV16: lanes reversed in each group of `bytes`.
@inline(__always)
func reverse<T: Lane>(_ n: Vector, inGroupsOf bytes: Int, _ type: T.Type) -> Vector {
  let x = n.lanes(T.self)
  let last = max(bytes / MemoryLayout<T>.size, 1) &- 1
  return .generate { (i: Int) -> T in x[i ^ last] }
}

/// EXT: the bytes of m:n from `first` on, of half registers or whole ones.
@inline(__always)
func extractBytes(_ n: Vector, _ m: Vector, first: Int, full: Bool) -> Vector {
  let amount = UInt64(truncatingIfNeeded: first & 7) &* 8
  if !full { return Vector(funnel(n.low, m.low, amount), 0) }
  return first < 8
    ? Vector(funnel(n.low, n.high, amount), funnel(n.high, m.low, amount))
    : Vector(funnel(n.high, m.low, amount), funnel(m.low, m.high, amount))
}

/// The lower half of high:low shifted right by less than 64.
@inline(__always)
private func funnel(_ low: UInt64, _ high: UInt64, _ amount: UInt64) -> UInt64 {
  // In two steps: a shift by 64 would be one by 0.
  low &>> amount | (high &<< 1) &<< (63 &- amount)
}

/// SDOT, UDOT, USDOT: to each word, the sum of four products of bytes.
@inline(__always)
func dotProduct<A: Lane, B: Lane>(_ d: Vector, _ n: Vector, _ m: Vector, _ first: A.Type, _ second: B.Type) -> Vector {
  let x = n.lanes(A.self), y = m.lanes(B.self)
  return .map(d, .generate { dotOfBytes(x, 4 &* $0, y, 4 &* $0, count: 4) }, Int32.self) { $0 &+ $1 }
}

/// SMMLA, UMMLA, USMMLA: a 2 x 8 matrix of bytes by an 8 x 2 one, added to a 2 x 2 matrix of words.
@inline(__always)
func matrixMultiply<A: Lane, B: Lane>(_ d: Vector, _ n: Vector, _ m: Vector, _ first: A.Type, _ second: B.Type) -> Vector {
  let x = n.lanes(A.self), y = m.lanes(B.self)
  return .map(d, .generate { dotOfBytes(x, 8 &* ($0 &>> 1), y, 8 &* ($0 & 1), count: 8) }, Int32.self) { $0 &+ $1 }
}

@inline(__always)
private func dotOfBytes<A: SIMD, B: SIMD>(_ x: A, _ i: Int, _ y: B, _ j: Int, count: Int) -> Int32
where A.Scalar: FixedWidthInteger, B.Scalar: FixedWidthInteger {
  var sum: Int32 = 0
  var k = 0
  while k < count {
    sum &+= Int32(truncatingIfNeeded: x[i &+ k]) &* Int32(truncatingIfNeeded: y[j &+ k])
    k &+= 1
  }
  return sum
}
