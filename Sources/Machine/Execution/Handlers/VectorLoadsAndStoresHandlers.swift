// Owns the fast handlers of loads and stores of SIMD&FP registers, single and in pairs.
// They do not translate, fault or check alignment: every special case misses (see Misses.swift).

// MARK: [n, #imm]

@c func h_ldr_b(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  loadVector(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), as: UInt8.self)
}
@c func h_str_b(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  storeVector(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), as: UInt8.self)
}
@c func h_ldr_h(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  loadVector(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), as: UInt16.self)
}
@c func h_str_h(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  storeVector(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), as: UInt16.self)
}
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
  loadVector(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), as: Vector.self)
}
@c func h_str_q(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  storeVector(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), as: Vector.self)
}

// MARK: [sp, #imm]

@c func h_ldr_bSp(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  loadVector(c, p, fa, fb, stackPointer(c) &+ immediate(p.op), guard: stackGuard(c), as: UInt8.self)
}
@c func h_str_bSp(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  storeVector(c, p, fa, fb, stackPointer(c) &+ immediate(p.op), guard: stackGuard(c), as: UInt8.self)
}
@c func h_ldr_hSp(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  loadVector(c, p, fa, fb, stackPointer(c) &+ immediate(p.op), guard: stackGuard(c), as: UInt16.self)
}
@c func h_str_hSp(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  storeVector(c, p, fa, fb, stackPointer(c) &+ immediate(p.op), guard: stackGuard(c), as: UInt16.self)
}
@c func h_ldr_sSp(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  loadVector(c, p, fa, fb, stackPointer(c) &+ immediate(p.op), guard: stackGuard(c), as: UInt32.self)
}
@c func h_str_sSp(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  storeVector(c, p, fa, fb, stackPointer(c) &+ immediate(p.op), guard: stackGuard(c), as: UInt32.self)
}
@c func h_ldr_dSp(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  loadVector(c, p, fa, fb, stackPointer(c) &+ immediate(p.op), guard: stackGuard(c), as: UInt64.self)
}
@c func h_str_dSp(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  storeVector(c, p, fa, fb, stackPointer(c) &+ immediate(p.op), guard: stackGuard(c), as: UInt64.self)
}
@c func h_ldr_qSp(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  loadVector(c, p, fa, fb, stackPointer(c) &+ immediate(p.op), guard: stackGuard(c), as: Vector.self)
}
@c func h_str_qSp(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  storeVector(c, p, fa, fb, stackPointer(c) &+ immediate(p.op), guard: stackGuard(c), as: Vector.self)
}

// MARK: [n, m, extend #s]

@c func h_ldr_bReg(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { loadVector(c, p, fa, fb, registerAddress(c, p.op), as: UInt8.self) }
@c func h_str_bReg(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { storeVector(c, p, fa, fb, registerAddress(c, p.op), as: UInt8.self) }
@c func h_ldr_hReg(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { loadVector(c, p, fa, fb, registerAddress(c, p.op), as: UInt16.self) }
@c func h_str_hReg(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { storeVector(c, p, fa, fb, registerAddress(c, p.op), as: UInt16.self) }
@c func h_ldr_sReg(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { loadVector(c, p, fa, fb, registerAddress(c, p.op), as: UInt32.self) }
@c func h_str_sReg(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { storeVector(c, p, fa, fb, registerAddress(c, p.op), as: UInt32.self) }
@c func h_ldr_dReg(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { loadVector(c, p, fa, fb, registerAddress(c, p.op), as: UInt64.self) }
@c func h_str_dReg(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { storeVector(c, p, fa, fb, registerAddress(c, p.op), as: UInt64.self) }
@c func h_ldr_qReg(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { loadVector(c, p, fa, fb, registerAddress(c, p.op), as: Vector.self) }
@c func h_str_qReg(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { storeVector(c, p, fa, fb, registerAddress(c, p.op), as: Vector.self) }

// MARK: [n, #imm]!

@c func h_ldr_bPre(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  loadVectorIndexed(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), as: UInt8.self)
}
@c func h_str_bPre(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  storeVectorIndexed(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), as: UInt8.self)
}
@c func h_ldr_hPre(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  loadVectorIndexed(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), as: UInt16.self)
}
@c func h_str_hPre(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  storeVectorIndexed(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), as: UInt16.self)
}
@c func h_ldr_sPre(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  loadVectorIndexed(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), as: UInt32.self)
}
@c func h_str_sPre(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  storeVectorIndexed(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), as: UInt32.self)
}
@c func h_ldr_dPre(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  loadVectorIndexed(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), as: UInt64.self)
}
@c func h_str_dPre(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  storeVectorIndexed(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), as: UInt64.self)
}
@c func h_ldr_qPre(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  loadVectorIndexed(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), as: Vector.self)
}
@c func h_str_qPre(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  storeVectorIndexed(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), as: Vector.self)
}

// MARK: [n], #imm

@c func h_ldr_bPost(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { loadVectorIndexed(c, p, fa, fb, x(c, p.op.n), as: UInt8.self) }
@c func h_str_bPost(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { storeVectorIndexed(c, p, fa, fb, x(c, p.op.n), as: UInt8.self) }
@c func h_ldr_hPost(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { loadVectorIndexed(c, p, fa, fb, x(c, p.op.n), as: UInt16.self) }
@c func h_str_hPost(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { storeVectorIndexed(c, p, fa, fb, x(c, p.op.n), as: UInt16.self) }
@c func h_ldr_sPost(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { loadVectorIndexed(c, p, fa, fb, x(c, p.op.n), as: UInt32.self) }
@c func h_str_sPost(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { storeVectorIndexed(c, p, fa, fb, x(c, p.op.n), as: UInt32.self) }
@c func h_ldr_dPost(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { loadVectorIndexed(c, p, fa, fb, x(c, p.op.n), as: UInt64.self) }
@c func h_str_dPost(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { storeVectorIndexed(c, p, fa, fb, x(c, p.op.n), as: UInt64.self) }
@c func h_ldr_qPost(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { loadVectorIndexed(c, p, fa, fb, x(c, p.op.n), as: Vector.self) }
@c func h_str_qPost(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { storeVectorIndexed(c, p, fa, fb, x(c, p.op.n), as: Vector.self) }

// MARK: Pairs, [n, #imm]: d and s are the registers

@c func h_ldp_s(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  loadVectorPair(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), writeback: false, as: UInt32.self)
}
@c func h_stp_s(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  storeVectorPair(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), writeback: false, as: UInt32.self)
}
@c func h_ldp_d(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  loadVectorPair(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), writeback: false, as: UInt64.self)
}
@c func h_stp_d(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  storeVectorPair(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), writeback: false, as: UInt64.self)
}
@c func h_ldp_q(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  loadVectorPair(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), writeback: false, as: Vector.self)
}
@c func h_stp_q(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  storeVectorPair(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), writeback: false, as: Vector.self)
}

// MARK: Pairs, [n, #imm]!

@c func h_ldp_sPre(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  loadVectorPair(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), writeback: true, as: UInt32.self)
}
@c func h_stp_sPre(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  storeVectorPair(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), writeback: true, as: UInt32.self)
}
@c func h_ldp_dPre(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  loadVectorPair(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), writeback: true, as: UInt64.self)
}
@c func h_stp_dPre(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  storeVectorPair(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), writeback: true, as: UInt64.self)
}
@c func h_ldp_qPre(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  loadVectorPair(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), writeback: true, as: Vector.self)
}
@c func h_stp_qPre(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  storeVectorPair(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), writeback: true, as: Vector.self)
}

// MARK: Pairs, [n], #imm

@c func h_ldp_sPost(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  loadVectorPair(c, p, fa, fb, x(c, p.op.n), writeback: true, as: UInt32.self)
}
@c func h_stp_sPost(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  storeVectorPair(c, p, fa, fb, x(c, p.op.n), writeback: true, as: UInt32.self)
}
@c func h_ldp_dPost(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  loadVectorPair(c, p, fa, fb, x(c, p.op.n), writeback: true, as: UInt64.self)
}
@c func h_stp_dPost(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  storeVectorPair(c, p, fa, fb, x(c, p.op.n), writeback: true, as: UInt64.self)
}
@c func h_ldp_qPost(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  loadVectorPair(c, p, fa, fb, x(c, p.op.n), writeback: true, as: Vector.self)
}
@c func h_stp_qPost(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  storeVectorPair(c, p, fa, fb, x(c, p.op.n), writeback: true, as: Vector.self)
}

// MARK: Shapes

/// Writes V`d`, and clears the bits above the value.
@inline(__always)
private func setVector<T: BitwiseCopyable>(_ c: Raw, _ d: UInt8, _ value: T) {
  let register = Context(c).vector(d)
  if MemoryLayout<T>.size < 16 {
    // The register is written in halves, so that a later load of 64 bits finds its bytes in one store.
    register.storeBytes(of: 0, as: UInt64.self)
    register.storeBytes(of: 0, toByteOffset: 8, as: UInt64.self)
  }
  register.storeBytes(of: value, as: T.self)
}

@inline(__always)
private func loadVector<T: BitwiseCopyable>(
  _ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64, _ va: UInt64, guard spoil: UInt64 = 0, as type: T.Type
) {
  let size = UInt64(MemoryLayout<T>.size)
  guard let host = readHost(c, va, size, guard: spoil | Context(c)[Slot.vectorTrap]) else { return missVectorRead(c, p, fa, fb, va, size) }
  setVector(c, p.op.d, at(host).loadUnaligned(as: T.self))
  go(c, next(p), fa, fb)
}

@inline(__always)
private func storeVector<T: BitwiseCopyable>(
  _ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64, _ va: UInt64, guard spoil: UInt64 = 0, as type: T.Type
) {
  let size = UInt64(MemoryLayout<T>.size)
  guard let host = writeHost(c, va, size, guard: spoil | Context(c)[Slot.vectorTrap]) else {
    return missVectorWrite(c, p, fa, fb, va, size)
  }
  at(host).storeBytes(of: Context(c).vector(p.op.d).load(as: T.self), as: T.self)
  go(c, next(p), fa, fb)
}

@inline(__always)
private func loadVectorIndexed<T: BitwiseCopyable>(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64, _ va: UInt64, as type: T.Type) {
  let size = UInt64(MemoryLayout<T>.size)
  guard let host = readHost(c, va, size, guard: vectorGuard(c, p)) else { return missVectorRead(c, p, fa, fb, va, size) }
  setVector(c, p.op.d, at(host).loadUnaligned(as: T.self))
  setX(c, p.op.n, x(c, p.op.n) &+ immediate(p.op))
  go(c, next(p), fa, fb)
}

@inline(__always)
private func storeVectorIndexed<T: BitwiseCopyable>(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64, _ va: UInt64, as type: T.Type) {
  let size = UInt64(MemoryLayout<T>.size)
  guard let host = writeHost(c, va, size, guard: vectorGuard(c, p)) else { return missVectorWrite(c, p, fa, fb, va, size) }
  at(host).storeBytes(of: Context(c).vector(p.op.d).load(as: T.self), as: T.self)
  setX(c, p.op.n, x(c, p.op.n) &+ immediate(p.op))
  go(c, next(p), fa, fb)
}

@inline(__always)
private func loadVectorPair<T: BitwiseCopyable>(
  _ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64, _ va: UInt64, writeback: Bool, as type: T.Type
) {
  let size = UInt64(MemoryLayout<T>.size)
  guard let host = readHost(c, va, size &* 2, guard: vectorGuard(c, p)) else { return missVectorRead(c, p, fa, fb, va, size &* 2) }
  let first = at(host).loadUnaligned(as: T.self)
  let second = at(host &+ size).loadUnaligned(as: T.self)
  setVector(c, p.op.d, first)
  setVector(c, p.op.s, second)
  if writeback { setX(c, p.op.n, x(c, p.op.n) &+ immediate(p.op)) }
  go(c, next(p), fa, fb)
}

@inline(__always)
private func storeVectorPair<T: BitwiseCopyable>(
  _ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64, _ va: UInt64, writeback: Bool, as type: T.Type
) {
  let size = UInt64(MemoryLayout<T>.size)
  guard let host = writeHost(c, va, size &* 2, guard: vectorGuard(c, p)) else { return missVectorWrite(c, p, fa, fb, va, size &* 2) }
  at(host).storeBytes(of: Context(c).vector(p.op.d).load(as: T.self), as: T.self)
  at(host &+ size).storeBytes(of: Context(c).vector(p.op.s).load(as: T.self), as: T.self)
  if writeback { setX(c, p.op.n, x(c, p.op.n) &+ immediate(p.op)) }
  go(c, next(p), fa, fb)
}
