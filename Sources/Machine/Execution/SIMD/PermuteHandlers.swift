// Owns the handlers of Advanced SIMD table lookup, permute and extract.
// It does not know where lanes go: that is in Semantics.
import Decoding

/// TBL and TBX: `s` is 1 for TBX.
@c func h_tableLookup(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  if Context(c).trapsVectors { return h_general(c, p, fa, fb) }
  Context(c).tableLookup(p.op)
  go(c, next(p), fa, fb)
}

@c func h_permute(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  if Context(c).trapsVectors { return h_general(c, p, fa, fb) }
  Context(c).permute(p.op)
  go(c, next(p), fa, fb)
}

/// EXT.
@c func h_extract(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  if Context(c).trapsVectors { return h_general(c, p, fa, fb) }
  let n = Context(c).readVector(p.op.n), m = Context(c).readVector(p.op.m)
  Context(c).writeVector(p.op, extractBytes(n, m, first: p.op.simdImmediate, full: p.op.isFull))
  go(c, next(p), fa, fb)
}

extension Context {
  @inline(never)
  fileprivate func tableLookup(_ op: Op) {
    let indices = readVector(op.m).lanes(UInt8.self)
    var result = op.s == 1 ? readVector(op.d).lanes(UInt8.self) : SIMD16(repeating: 0)
    for i in 0..<16 {
      let index = Int(indices[i])
      // Table registers are consecutive, modulo 32.
      if index < op.simdImmediate &* 16 {
        result[i] = vector((op.n &+ UInt8(truncatingIfNeeded: index &>> 4)) & 31).load(fromByteOffset: index & 15, as: UInt8.self)
      }
    }
    writeVector(op, Vector(lanes: result))
  }

  @inline(never)
  fileprivate func permute(_ op: Op) {
    let n = readVector(op.n), m = readVector(op.m)
    let operation = op.operation(Permute.self)
    let result: Vector =
      switch op.log2Size {
      case 0: arrange(operation, n, m, full: op.isFull, UInt8.self)
      case 1: arrange(operation, n, m, full: op.isFull, UInt16.self)
      case 2: arrange(operation, n, m, full: op.isFull, UInt32.self)
      default: arrange(operation, n, m, full: op.isFull, UInt64.self)
      }
    writeVector(op, result)
  }
}

/// For half registers only the lower half of the result is used.
private func arrange<T: Lane>(_ operation: Permute, _ n: Vector, _ m: Vector, full: Bool, _ type: T.Type) -> Vector {
  switch operation {
  case .uzp1: return full ? unzip(n, m, odd: 0, T.self) : unzip(Vector(n.low, m.low), .zero, odd: 0, T.self)
  case .uzp2: return full ? unzip(n, m, odd: 1, T.self) : unzip(Vector(n.low, m.low), .zero, odd: 1, T.self)
  case .trn1: return transpose(n, m, odd: 0, T.self)
  case .trn2: return transpose(n, m, odd: 1, T.self)
  case .zip1: return interleave(n.low, m.low, T.self)
  case .zip2: return full ? interleave(n.high, m.high, T.self) : Vector(interleave(n.low, m.low, T.self).high, 0)
  }
}
