// Owns the steps of SHA-1, SHA-256 and SHA-512 as pure functions on vectors.
// It does not know messages or instructions. FIPS 180-4; Arm ARM: SHA256hash and the operations of C7.2 SHA1C to SHA512SU1.

@inline(__always) private func choose<T: FixedWidthInteger>(_ x: T, _ y: T, _ z: T) -> T { (y ^ z) & x ^ z }
@inline(__always) private func majority<T: FixedWidthInteger>(_ x: T, _ y: T, _ z: T) -> T { x & y | (x | y) & z }

/// Lanes 0 to 3 as words.
@inline(__always) func words(_ v: Vector) -> (UInt32, UInt32, UInt32, UInt32) {
  (v.lane(0), v.lane(1), v.lane(2), v.lane(3))
}
@inline(__always) func vector(_ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: UInt32) -> Vector {
  Vector(UInt64(a) | UInt64(b) &<< 32, UInt64(c) | UInt64(d) &<< 32)
}

/// Four rounds of SHA-1 with choose (C), parity (P) or majority (M).
@inline(__always)
func sha1Rounds(_ operation: SHA1Function, _ state: Vector, _ e: UInt32, _ schedule: Vector) -> Vector {
  var (a, b, c, d) = words(state)
  var e = e
  for round in 0..<4 {
    let f =
      switch operation {
      case .choose: choose(b, c, d)
      case .parity: b ^ c ^ d
      case .majority: majority(b, c, d)
      }
    let next = e &+ rotateLeft(a, 5) &+ f &+ schedule.lane(round, as: UInt32.self)
    (a, b, c, d, e) = (next, a, rotateLeft(b, 30), c, d)
  }
  return vector(a, b, c, d)
}
enum SHA1Function { case choose, parity, majority }

@inline(__always) func sha1Schedule0(_ d: Vector, _ n: Vector, _ m: Vector) -> Vector {
  Vector(d.high ^ d.low ^ m.low, n.low ^ d.high ^ m.high)
}
@inline(__always) func sha1Schedule1(_ d: Vector, _ n: Vector) -> Vector {
  let (d0, d1, d2, d3) = words(d), (_, n1, n2, n3) = words(n)
  let first = d0 ^ n1
  return vector(rotateLeft(first, 1), rotateLeft(d1 ^ n2, 1), rotateLeft(d2 ^ n3, 1), rotateLeft(d3, 1) ^ rotateLeft(first, 2))
}

/// Four rounds of SHA-256: the half of the state that the instruction writes. `x` is A to D, `y` is E to H.
@inline(__always) func sha256Rounds(_ x: Vector, _ y: Vector, _ schedule: Vector, firstHalf: Bool) -> Vector {
  @inline(__always) func r(_ v: UInt32, _ by: UInt32) -> UInt32 { rotateLeft(v, 32 &- by) }
  var (a, b, c, d) = words(x)
  var (e, f, g, h) = words(y)
  for round in 0..<4 {
    let t = h &+ (r(e, 6) ^ r(e, 11) ^ r(e, 25)) &+ choose(e, f, g) &+ schedule.lane(round, as: UInt32.self)
    let next = t &+ (r(a, 2) ^ r(a, 13) ^ r(a, 22)) &+ majority(a, b, c)
    (a, b, c, d, e, f, g, h) = (next, a, b, c, d &+ t, e, f, g)
  }
  return firstHalf ? vector(a, b, c, d) : vector(e, f, g, h)
}

@inline(__always) func sha256Schedule0(_ d: Vector, _ n: Vector) -> Vector {
  @inline(__always) func s(_ v: UInt32) -> UInt32 { rotateLeft(v, 25) ^ rotateLeft(v, 14) ^ v &>> 3 }
  let (d0, d1, d2, d3) = words(d)
  return vector(d0 &+ s(d1), d1 &+ s(d2), d2 &+ s(d3), d3 &+ s(n.lane(0)))
}
@inline(__always) func sha256Schedule1(_ d: Vector, _ n: Vector, _ m: Vector) -> Vector {
  @inline(__always) func s(_ v: UInt32) -> UInt32 { rotateLeft(v, 15) ^ rotateLeft(v, 13) ^ v &>> 10 }
  let (d0, d1, d2, d3) = words(d), (_, n1, n2, n3) = words(n), (m0, _, m2, m3) = words(m)
  let r0 = d0 &+ n1 &+ s(m2), r1 = d1 &+ n2 &+ s(m3)
  return vector(r0, r1, d2 &+ n3 &+ s(r0), d3 &+ m0 &+ s(r1))
}

// MARK: SHA-512

@inline(__always) func sha512Rounds1(_ d: Vector, _ x: Vector, _ y: Vector) -> Vector {
  @inline(__always) func s(_ v: UInt64) -> UInt64 { rotateRight(v, 14) ^ rotateRight(v, 18) ^ rotateRight(v, 41) }
  let high = choose(y.high, x.low, x.high) &+ s(y.high) &+ d.high
  let middle = high &+ y.low
  return Vector(choose(middle, y.high, x.low) &+ s(middle) &+ d.low, high)
}
@inline(__always) func sha512Rounds2(_ d: Vector, _ x: Vector, _ y: Vector) -> Vector {
  @inline(__always) func s(_ v: UInt64) -> UInt64 { rotateRight(v, 28) ^ rotateRight(v, 34) ^ rotateRight(v, 39) }
  let high = majority(x.low, y.high, y.low) &+ s(y.low) &+ d.high
  return Vector(majority(high, y.low, y.high) &+ s(high) &+ d.low, high)
}
@inline(__always) func sha512Schedule0(_ d: Vector, _ n: Vector) -> Vector {
  @inline(__always) func s(_ v: UInt64) -> UInt64 { rotateRight(v, 1) ^ rotateRight(v, 8) ^ v &>> 7 }
  return Vector(d.low &+ s(d.high), d.high &+ s(n.low))
}
@inline(__always) func sha512Schedule1(_ d: Vector, _ n: Vector, _ m: Vector) -> Vector {
  @inline(__always) func s(_ v: UInt64) -> UInt64 { rotateRight(v, 19) ^ rotateRight(v, 61) ^ v &>> 6 }
  return Vector(d.low &+ s(n.low) &+ m.low, d.high &+ s(n.high) &+ m.high)
}
