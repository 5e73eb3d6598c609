// Owns the fast handlers of pairs of general registers.
// They do not translate, fault or check alignment: every special case misses (see Misses.swift).

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

// MARK: Shapes

@inline(__always)
private func loadPair<T: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
  _ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64, _ va: UInt64, writeback: Bool, as type: T.Type
) {
  let size = UInt64(MemoryLayout<T>.size)
  guard let host = readHost(c, va, size &* 2, guard: stackGuard(c, p)) else { return missRead(c, p, fa, fb, va, size &* 2) }
  let base = x(c, p.op.n) &+ immediate(p.op)
  let first = at(host).loadUnaligned(as: T.self)
  let second = at(host &+ size).loadUnaligned(as: T.self)
  // The first register is written last, so that its value stays if both are the same (CONSTRAINED UNPREDICTABLE, as in QEMU).
  setX(c, p.op.s, UInt64(truncatingIfNeeded: second))
  setX(c, p.op.d, UInt64(truncatingIfNeeded: first))
  if writeback { setX(c, p.op.n, base) }
  go(c, next(p), fa, fb)
}

@inline(__always)
private func storePair<T: BitwiseCopyable>(
  _ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64, _ va: UInt64, writeback: Bool, _ first: T, _ second: T
) {
  let size = UInt64(MemoryLayout<T>.size)
  guard let host = writeHost(c, va, size &* 2, guard: stackGuard(c, p)) else { return missWrite(c, p, fa, fb, va, size &* 2) }
  at(host).storeBytes(of: first, as: T.self)
  at(host &+ size).storeBytes(of: second, as: T.self)
  if writeback { setX(c, p.op.n, x(c, p.op.n) &+ immediate(p.op)) }
  go(c, next(p), fa, fb)
}
