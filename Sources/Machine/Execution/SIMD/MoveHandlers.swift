// Owns the handlers of the moves of SIMD&FP registers: immediates, elements, DUP, INS and the bitwise operations.
// They do not know arithmetic on elements. Arm ARM C7.2.
import Decoding

/// MOVI, MVNI, ORR, BIC (vector, immediate), FMOV (immediate): `imm` is the literal, `s` the operation, and 4 for a whole register.
@c func h_vectorImmediate(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  if Context(c).trapsVectors { return h_general(c, p, fa, fb) }
  let old = Context(c).readVector(p.op.d)
  let value = applyImmediate(p.op.s & 3, old, Vector(repeating: literal(p)))
  Context(c).writeVector(p.op.d, p.op.s & 4 != 0 ? value : Vector(value.low, 0))
  go(c, next(p), fa, fb)
}

/// `operation` is the raw value of `VectorImmediate`.
@inline(__always)
func applyImmediate(_ operation: UInt8, _ old: Vector, _ immediate: Vector) -> Vector {
  switch operation {
  case VectorImmediate.or.rawValue: Vector(lanes: old.halves | immediate.halves)
  case VectorImmediate.bitClear.rawValue: Vector(lanes: old.halves & ~immediate.halves)
  default: immediate
  }
}

// MARK: One element: `s` is log2 of its size, `imm` its index

/// FMOV from a general register, except to an upper half, which is INS.
@c func h_moveFromGeneral(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  if Context(c).trapsVectors { return h_general(c, p, fa, fb) }
  Context(c).writeVector(p.op.d, Vector(x(c, p.op.n) & elementMask(p.op.s), 0))
  go(c, next(p), fa, fb)
}
/// DUP (element, scalar) and FMOV (register).
@c func h_elementToScalar(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  if Context(c).trapsVectors { return h_general(c, p, fa, fb) }
  Context(c).writeVector(p.op.d, Vector(Context(c).element(p.op.n, p.op.s, p.op.imm), 0))
  go(c, next(p), fa, fb)
}
/// UMOV, and FMOV to a general register.
@c func h_umov(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  if Context(c).trapsVectors { return h_general(c, p, fa, fb) }
  setX(c, p.op.d, Context(c).element(p.op.n, p.op.s, p.op.imm))
  go(c, next(p), fa, fb)
}
@c func h_smov_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  if Context(c).trapsVectors { return h_general(c, p, fa, fb) }
  setX(c, p.op.d, Context(c).signedElement(p.op.n, p.op.s, p.op.imm))
  go(c, next(p), fa, fb)
}
@c func h_smov_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  if Context(c).trapsVectors { return h_general(c, p, fa, fb) }
  setW(c, p.op.d, UInt32(truncatingIfNeeded: Context(c).signedElement(p.op.n, p.op.s, p.op.imm)))
  go(c, next(p), fa, fb)
}
/// INS (element): the source's index is in `m`.
@c func h_insertElement(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  if Context(c).trapsVectors { return h_general(c, p, fa, fb) }
  Context(c).setElement(p.op.d, p.op.s, p.op.imm, Context(c).element(p.op.n, p.op.s, Int32(p.op.m)))
  go(c, next(p), fa, fb)
}
@c func h_insertGeneral(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  if Context(c).trapsVectors { return h_general(c, p, fa, fb) }
  Context(c).setElement(p.op.d, p.op.s, p.op.imm, x(c, p.op.n))
  go(c, next(p), fa, fb)
}

// MARK: DUP: `m` is 1 for a whole register

@c func h_duplicateElement(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  if Context(c).trapsVectors { return h_general(c, p, fa, fb) }
  Context(c).duplicate(p.op, Context(c).element(p.op.n, p.op.s, p.op.imm))
  go(c, next(p), fa, fb)
}
@c func h_duplicateGeneral(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  if Context(c).trapsVectors { return h_general(c, p, fa, fb) }
  Context(c).duplicate(p.op, x(c, p.op.n) & elementMask(p.op.s))
  go(c, next(p), fa, fb)
}

// MARK: Bitwise operations: `s` is 1 for a whole register

@c func h_vectorAnd(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { bitwise(c, p, fa, fb) { _, n, m in n & m } }
@c func h_vectorBic(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { bitwise(c, p, fa, fb) { _, n, m in n & ~m } }
@c func h_vectorOrr(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { bitwise(c, p, fa, fb) { _, n, m in n | m } }
@c func h_vectorOrn(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { bitwise(c, p, fa, fb) { _, n, m in n | ~m } }
@c func h_vectorEor(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { bitwise(c, p, fa, fb) { _, n, m in n ^ m } }
@c func h_vectorBsl(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { bitwise(c, p, fa, fb) { d, n, m in (n & d) | (m & ~d) } }
@c func h_vectorBit(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { bitwise(c, p, fa, fb) { d, n, m in (n & m) | (d & ~m) } }
@c func h_vectorBif(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { bitwise(c, p, fa, fb) { d, n, m in (n & ~m) | (d & m) } }

// MARK: Shapes

@inline(__always)
private func bitwise(
  _ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64, _ body: (SIMD2<UInt64>, SIMD2<UInt64>, SIMD2<UInt64>) -> SIMD2<UInt64>
) {
  let context = Context(c)
  if context.trapsVectors { return h_general(c, p, fa, fb) }
  let value = Vector(lanes: body(context.readVector(p.op.d).halves, context.readVector(p.op.n).halves, context.readVector(p.op.m).halves))
  context.writeVector(p.op.d, p.op.s != 0 ? value : Vector(value.low, 0))
  go(c, next(p), fa, fb)
}

/// The bits of an element.
@inline(__always) private func elementMask(_ log2Size: UInt8) -> UInt64 { ~0 &>> (64 &- (8 &<< UInt64(log2Size))) }

extension Context {
  /// Element `index` of V`n`, zero-extended. An element lies inside one half.
  @inline(__always)
  fileprivate func element(_ n: UInt8, _ log2Size: UInt8, _ index: Int32) -> UInt64 {
    let offset = Int(index) &<< Int(log2Size)
    let half = vector(n).load(fromByteOffset: offset & 8, as: UInt64.self)
    return half &>> (UInt64(truncatingIfNeeded: offset & 7) &* 8) & elementMask(log2Size)
  }
  @inline(__always)
  fileprivate func signedElement(_ n: UInt8, _ log2Size: UInt8, _ index: Int32) -> UInt64 {
    let shift = Int64(64) &- (8 &<< Int64(log2Size))
    return UInt64(bitPattern: (Int64(bitPattern: element(n, log2Size, index)) &<< shift) &>> shift)
  }
  @inline(__always)
  fileprivate func setElement(_ d: UInt8, _ log2Size: UInt8, _ index: Int32, _ value: UInt64) {
    let address = vector(d) + Int(index) &<< Int(log2Size)
    switch log2Size {
    case 0: address.storeBytes(of: UInt8(truncatingIfNeeded: value), as: UInt8.self)
    case 1: address.storeBytes(of: UInt16(truncatingIfNeeded: value), as: UInt16.self)
    case 2: address.storeBytes(of: UInt32(truncatingIfNeeded: value), as: UInt32.self)
    default: address.storeBytes(of: value, as: UInt64.self)
    }
  }
  /// Repeats a zero-extended element.
  @inline(__always)
  fileprivate func duplicate(_ op: Op, _ value: UInt64) {
    // 1, 0x1_0000_0001, 0x1_0001_0001_0001 or 0x101_0101_...: all ones divided by the mask of an element.
    let ones: UInt64 =
      switch op.s {
      case 0: 0x0101_0101_0101_0101
      case 1: 0x0001_0001_0001_0001
      case 2: 0x0000_0001_0000_0001
      default: 1
      }
    let half = value &* ones
    writeVector(op.d, Vector(half, op.m != 0 ? half : 0))
  }
}
