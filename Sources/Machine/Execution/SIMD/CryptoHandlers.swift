// Owns the handler of the cryptographic instructions.
// It does not know the algorithms: they are pure functions in Semantics/Crypto.
import Decoding

@c func h_crypto(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  if Context(c).trapsVectors { return h_general(c, p, fa, fb) }
  Context(c).crypto(p.op)
  go(c, next(p), fa, fb)
}

extension Context {
  @inline(never)
  func crypto(_ op: Op) {
    let d = readVector(op.d), n = readVector(op.n), m = readVector(op.m)
    writeVector(op.d, result(Crypto(rawValue: op.s).unsafelyUnwrapped, op, d, n, m))
  }

  @inline(__always)
  private func result(_ operation: Crypto, _ op: Op, _ d: Vector, _ n: Vector, _ m: Vector) -> Vector {
    switch operation {
    case .aese: return aesSubstituteAndShift(d ^ n)
    case .aesd: return aesInverseSubstituteAndShift(d ^ n)
    case .aesmc: return aesMixColumns(n)
    case .aesimc: return aesInverseMixColumns(n)
    case .sha1c: return sha1Rounds(.choose, d, n.lane(0), m)
    case .sha1p: return sha1Rounds(.parity, d, n.lane(0), m)
    case .sha1m: return sha1Rounds(.majority, d, n.lane(0), m)
    case .sha1su0: return sha1Schedule0(d, n, m)
    case .sha1h: return Vector(UInt64(rotateLeft(n.lane(0), 30)), 0)
    case .sha1su1: return sha1Schedule1(d, n)
    case .sha256h: return sha256Rounds(d, n, m, firstHalf: true)
    case .sha256h2: return sha256Rounds(n, d, m, firstHalf: false)
    case .sha256su0: return sha256Schedule0(d, n)
    case .sha256su1: return sha256Schedule1(d, n, m)
    case .sha512h: return sha512Rounds1(d, n, m)
    case .sha512h2: return sha512Rounds2(d, n, m)
    case .sha512su0: return sha512Schedule0(d, n)
    case .sha512su1: return sha512Schedule1(d, n, m)
    case .eor3: return n ^ m ^ readVector(op.a)
    case .bcax:
      let a = readVector(op.a)
      return Vector(n.low ^ (m.low & ~a.low), n.high ^ (m.high & ~a.high))
    case .rax1: return Vector(n.low ^ rotateRight(m.low, 63), n.high ^ rotateRight(m.high, 63))
    case .xar:
      let amount = UInt64(op.simdImmediate)
      return Vector(rotateRight(n.low ^ m.low, amount), rotateRight(n.high ^ m.high, amount))
    case .sm3ss1: return sm3SharedSum(n, m, readVector(op.a))
    case .sm3tt1a: return sm3Round1(d, n, m.lane(op.simdImmediate & 3), early: true)
    case .sm3tt1b: return sm3Round1(d, n, m.lane(op.simdImmediate & 3), early: false)
    case .sm3tt2a: return sm3Round2(d, n, m.lane(op.simdImmediate & 3), early: true)
    case .sm3tt2b: return sm3Round2(d, n, m.lane(op.simdImmediate & 3), early: false)
    case .sm3partw1: return sm3Schedule1(d, n, m)
    case .sm3partw2: return sm3Schedule2(d, n, m)
    case .sm4e: return sm4Rounds(d, keys: n)
    case .sm4ekey: return sm4KeySchedule(n, constants: m)
    }
  }
}

extension Vector {
  @inline(__always) static func ^ (a: Vector, b: Vector) -> Vector { Vector(a.low ^ b.low, a.high ^ b.high) }
}
