// Owns the steps of the SM3 hash and the SM4 cipher as pure functions on vectors.
// It does not know messages, keys or instructions. GB/T 32905 and 32907; Arm ARM C7.2 SM3PARTW1 to SM4EKEY.

@inline(__always) private func parity(_ x: UInt32, _ y: UInt32, _ z: UInt32) -> UInt32 { x ^ y ^ z }

@inline(__always) func sm3SharedSum(_ n: Vector, _ m: Vector, _ a: Vector) -> Vector {
  let sum = rotateLeft(n.lane(3), 12) &+ m.lane(3, as: UInt32.self) &+ a.lane(3, as: UInt32.self)
  return vector(0, 0, 0, rotateLeft(sum, 7))
}

/// SM3TT1A (`early`) and SM3TT1B.
@inline(__always) func sm3Round1(_ d: Vector, _ n: Vector, _ schedule: UInt32, early: Bool) -> Vector {
  let (d0, d1, d2, d3) = words(d)
  let mixed = early ? parity(d1, d2, d3) : d3 & d1 | d3 & d2 | d1 & d2
  let sum = mixed &+ d0 &+ (n.lane(3) ^ rotateLeft(d3, 12)) &+ schedule
  return vector(d1, rotateLeft(d2, 9), d3, sum)
}

/// SM3TT2A (`early`) and SM3TT2B.
@inline(__always) func sm3Round2(_ d: Vector, _ n: Vector, _ schedule: UInt32, early: Bool) -> Vector {
  let (d0, d1, d2, d3) = words(d)
  let mixed = early ? parity(d1, d2, d3) : d3 & d2 | ~d3 & d1
  let sum = mixed &+ d0 &+ n.lane(3, as: UInt32.self) &+ schedule
  return vector(d1, rotateLeft(d2, 19), d3, sum ^ rotateLeft(sum, 9) ^ rotateLeft(sum, 17))
}

@inline(__always) private func permutation1(_ x: UInt32) -> UInt32 { x ^ rotateLeft(x, 15) ^ rotateLeft(x, 23) }

@inline(__always) func sm3Schedule1(_ d: Vector, _ n: Vector, _ m: Vector) -> Vector {
  let (d0, d1, d2, d3) = words(d), (n0, n1, n2, n3) = words(n), (_, m1, m2, m3) = words(m)
  let first = permutation1(d0 ^ n0 ^ rotateLeft(m1, 15))
  return vector(
    first, permutation1(d1 ^ n1 ^ rotateLeft(m2, 15)), permutation1(d2 ^ n2 ^ rotateLeft(m3, 15)),
    permutation1(d3 ^ n3 ^ rotateLeft(first, 15)))
}
@inline(__always) func sm3Schedule2(_ d: Vector, _ n: Vector, _ m: Vector) -> Vector {
  let (d0, d1, d2, d3) = words(d), (n0, n1, n2, n3) = words(n), (m0, m1, m2, m3) = words(m)
  let first = n0 ^ rotateLeft(m0, 7)
  return vector(
    d0 ^ first, d1 ^ n1 ^ rotateLeft(m1, 7), d2 ^ n2 ^ rotateLeft(m2, 7),
    d3 ^ n3 ^ rotateLeft(m3, 7) ^ permutation1(rotateLeft(first, 15)))
}

/// Four rounds of SM4 on `state` with the four round keys in `keys`.
@inline(__always) func sm4Rounds(_ state: Vector, keys: Vector) -> Vector {
  sm4(state, keys) { $0 ^ rotateLeft($0, 2) ^ rotateLeft($0, 10) ^ rotateLeft($0, 18) ^ rotateLeft($0, 24) }
}
/// Four steps of SM4's key schedule.
@inline(__always) func sm4KeySchedule(_ keys: Vector, constants: Vector) -> Vector {
  sm4(keys, constants) { $0 ^ rotateLeft($0, 13) ^ rotateLeft($0, 23) }
}
@inline(__always) private func sm4(_ state: Vector, _ keys: Vector, _ linear: (UInt32) -> UInt32) -> Vector {
  let box = SubstitutionBoxes.shared.sm4
  var (a, b, c, d) = words(state)
  for round in 0..<4 {
    let t = linear(box.word(b ^ c ^ d ^ keys.lane(round, as: UInt32.self)))
    (a, b, c, d) = (b, c, d, a ^ t)
  }
  return vector(a, b, c, d)
}
