// Owns the fast handlers of pairs, SIMD&FP registers and literals.
// They do not translate, fault or check alignment: everything odd misses (see Misses.swift).

// MARK: Pairs, [n, #imm]: d and s are the registers

@c func h_ldp_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  loadPair(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), writeback: false, as: UInt64.self)
}
@c func h_ldp_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  loadPair(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), writeback: false, as: UInt32.self)
}
@c func h_stp_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  storePair(
    c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), writeback: false, UInt64(truncatingIfNeeded: x(c, p.op.d)),
    UInt64(truncatingIfNeeded: x(c, p.op.s)))
}
@c func h_stp_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  storePair(
    c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), writeback: false, UInt32(truncatingIfNeeded: x(c, p.op.d)),
    UInt32(truncatingIfNeeded: x(c, p.op.s)))
}

// MARK: Pairs, [n, #imm]!: d and s are the registers

@c func h_ldp_xPre(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  loadPair(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), writeback: true, as: UInt64.self)
}
@c func h_ldp_wPre(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  loadPair(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), writeback: true, as: UInt32.self)
}
@c func h_stp_xPre(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  storePair(
    c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), writeback: true, UInt64(truncatingIfNeeded: x(c, p.op.d)),
    UInt64(truncatingIfNeeded: x(c, p.op.s)))
}
@c func h_stp_wPre(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  storePair(
    c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), writeback: true, UInt32(truncatingIfNeeded: x(c, p.op.d)),
    UInt32(truncatingIfNeeded: x(c, p.op.s)))
}

// MARK: Pairs, [n], #imm: d and s are the registers

@c func h_ldp_xPost(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  loadPair(c, p, fa, fb, x(c, p.op.n), writeback: true, as: UInt64.self)
}
@c func h_ldp_wPost(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  loadPair(c, p, fa, fb, x(c, p.op.n), writeback: true, as: UInt32.self)
}
@c func h_stp_xPost(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  storePair(c, p, fa, fb, x(c, p.op.n), writeback: true, UInt64(truncatingIfNeeded: x(c, p.op.d)), UInt64(truncatingIfNeeded: x(c, p.op.s)))
}
@c func h_stp_wPost(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  storePair(c, p, fa, fb, x(c, p.op.n), writeback: true, UInt32(truncatingIfNeeded: x(c, p.op.d)), UInt32(truncatingIfNeeded: x(c, p.op.s)))
}

// MARK: SIMD&FP registers, [n, #imm] and [n, m, extend #s]: the rest of the register is cleared

@c func h_ldr_s(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  loadVector(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), as: UInt32.self)
}
@c func h_str_s(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  storeVector(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), as: UInt32.self)
}
@c func h_ldr_d(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  loadVector(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), as: UInt64.self)
}
@c func h_str_d(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  storeVector(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), as: UInt64.self)
}
@c func h_ldr_q(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  loadVector(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), as: (UInt64, UInt64).self)
}
@c func h_str_q(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  storeVector(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), as: (UInt64, UInt64).self)
}
@c func h_ldr_sReg(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { loadVector(c, p, fa, fb, registerAddress(c, p.op), as: UInt32.self) }
@c func h_str_sReg(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { storeVector(c, p, fa, fb, registerAddress(c, p.op), as: UInt32.self) }
@c func h_ldr_dReg(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { loadVector(c, p, fa, fb, registerAddress(c, p.op), as: UInt64.self) }
@c func h_str_dReg(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { storeVector(c, p, fa, fb, registerAddress(c, p.op), as: UInt64.self) }
@c func h_ldr_qReg(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  loadVector(c, p, fa, fb, registerAddress(c, p.op), as: (UInt64, UInt64).self)
}
@c func h_str_qReg(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  storeVector(c, p, fa, fb, registerAddress(c, p.op), as: (UInt64, UInt64).self)
}

// MARK: Shapes

/// Where n is the stack pointer and misaligned, the tag is spoilt.
@inline(__always) private func stackGuard(_ c: Raw, _ p: Raw) -> UInt64 { p.op.n == 33 ? x(c, 33) & 15 : 0 }
/// The same, and where FP and SIMD are trapped.
@inline(__always) private func vectorGuard(_ c: Raw, _ p: Raw) -> UInt64 { stackGuard(c, p) | Context(c)[Slot.vectorTrap] }

@inline(__always)
private func loadPair<T: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
  _ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64, _ va: UInt64, writeback: Bool, as type: T.Type
) {
  let size = UInt64(MemoryLayout<T>.size)
  let host = readHost(c, va, size &* 2, guard: stackGuard(c, p))
  if _slowPath(host == 0) { return missRead(c, p, fa, fb, va, size &* 2) }
  let base = x(c, p.op.n) &+ immediate(p.op)
  let first = at(host).loadUnaligned(as: T.self)
  let second = at(host &+ size).loadUnaligned(as: T.self)
  setX(c, p.op.d, UInt64(truncatingIfNeeded: first))
  setX(c, p.op.s, UInt64(truncatingIfNeeded: second))
  if writeback { setX(c, p.op.n, base) }
  go(c, next(p), fa, fb)
}

@inline(__always)
private func storePair<T: BitwiseCopyable>(
  _ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64, _ va: UInt64, writeback: Bool, _ first: T, _ second: T
) {
  let size = UInt64(MemoryLayout<T>.size)
  let host = writeHost(c, va, size &* 2, guard: stackGuard(c, p))
  if _slowPath(host == 0) { return missWrite(c, p, fa, fb, va, size &* 2) }
  at(host).storeBytes(of: first, as: T.self)
  at(host &+ size).storeBytes(of: second, as: T.self)
  if writeback { setX(c, p.op.n, x(c, p.op.n) &+ immediate(p.op)) }
  go(c, next(p), fa, fb)
}

@inline(__always)
private func loadVector<T: BitwiseCopyable>(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64, _ va: UInt64, as type: T.Type) {
  let size = UInt64(MemoryLayout<T>.size)
  let host = readHost(c, va, size, guard: vectorGuard(c, p))
  if _slowPath(host == 0) { return missVectorRead(c, p, fa, fb, va, size) }
  let value = at(host).loadUnaligned(as: T.self)
  let register = Context(c).vector(p.op.d)
  if MemoryLayout<T>.size < 16 { register.storeBytes(of: (0, 0), as: (UInt64, UInt64).self) }
  register.storeBytes(of: value, as: T.self)
  go(c, next(p), fa, fb)
}

@inline(__always)
private func storeVector<T: BitwiseCopyable>(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64, _ va: UInt64, as type: T.Type) {
  let size = UInt64(MemoryLayout<T>.size)
  let host = writeHost(c, va, size, guard: vectorGuard(c, p))
  if _slowPath(host == 0) { return missVectorWrite(c, p, fa, fb, va, size) }
  at(host).storeBytes(of: Context(c).vector(p.op.d).load(as: T.self), as: T.self)
  go(c, next(p), fa, fb)
}
