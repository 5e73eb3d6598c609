// Owns the fast handlers of loads and stores: one probe of the fast table, the access, and on a miss the slow path.
// They do not translate, fault or check alignment: every special case misses (see Misses.swift).
import Decoding

// MARK: [n, #imm]

@c func h_ldrb_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  load(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), guard: 0, as: UInt8.self) { UInt64($0) }
}
@c func h_ldrh_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  load(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), guard: 0, as: UInt16.self) { UInt64($0) }
}
@c func h_ldr_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  load(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), guard: 0, as: UInt32.self) { UInt64($0) }
}
@c func h_ldr_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  load(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), guard: 0, as: UInt64.self) { $0 }
}
@c func h_ldrsb_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  load(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), guard: 0, as: Int8.self) { UInt64(bitPattern: Int64($0)) }
}
@c func h_ldrsh_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  load(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), guard: 0, as: Int16.self) { UInt64(bitPattern: Int64($0)) }
}
@c func h_ldrsw_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  load(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), guard: 0, as: Int32.self) { UInt64(bitPattern: Int64($0)) }
}
@c func h_ldrsb_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  load(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), guard: 0, as: Int8.self) { UInt64(UInt32(bitPattern: Int32($0))) }
}
@c func h_ldrsh_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  load(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), guard: 0, as: Int16.self) { UInt64(UInt32(bitPattern: Int32($0))) }
}
@c func h_strb_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  store(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), guard: 0, UInt8(truncatingIfNeeded: x(c, p.op.d)))
}
@c func h_strh_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  store(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), guard: 0, UInt16(truncatingIfNeeded: x(c, p.op.d)))
}
@c func h_str_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  store(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), guard: 0, UInt32(truncatingIfNeeded: x(c, p.op.d)))
}
@c func h_str_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  store(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), guard: 0, x(c, p.op.d))
}

// MARK: [n, #imm]!

@c func h_ldrb_wPre(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  loadIndexed(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), as: UInt8.self) { UInt64($0) }
}
@c func h_ldrh_wPre(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  loadIndexed(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), as: UInt16.self) { UInt64($0) }
}
@c func h_ldr_wPre(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  loadIndexed(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), as: UInt32.self) { UInt64($0) }
}
@c func h_ldr_xPre(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  loadIndexed(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), as: UInt64.self) { $0 }
}
@c func h_ldrsb_xPre(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  loadIndexed(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), as: Int8.self) { UInt64(bitPattern: Int64($0)) }
}
@c func h_ldrsh_xPre(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  loadIndexed(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), as: Int16.self) { UInt64(bitPattern: Int64($0)) }
}
@c func h_ldrsw_xPre(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  loadIndexed(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), as: Int32.self) { UInt64(bitPattern: Int64($0)) }
}
@c func h_ldrsb_wPre(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  loadIndexed(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), as: Int8.self) { UInt64(UInt32(bitPattern: Int32($0))) }
}
@c func h_ldrsh_wPre(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  loadIndexed(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), as: Int16.self) { UInt64(UInt32(bitPattern: Int32($0))) }
}
@c func h_strb_wPre(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  storeIndexed(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), UInt8(truncatingIfNeeded: x(c, p.op.d)))
}
@c func h_strh_wPre(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  storeIndexed(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), UInt16(truncatingIfNeeded: x(c, p.op.d)))
}
@c func h_str_wPre(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  storeIndexed(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), UInt32(truncatingIfNeeded: x(c, p.op.d)))
}
@c func h_str_xPre(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  storeIndexed(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op), x(c, p.op.d))
}

// MARK: [n], #imm

@c func h_ldrb_wPost(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  loadIndexed(c, p, fa, fb, x(c, p.op.n), as: UInt8.self) { UInt64($0) }
}
@c func h_ldrh_wPost(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  loadIndexed(c, p, fa, fb, x(c, p.op.n), as: UInt16.self) { UInt64($0) }
}
@c func h_ldr_wPost(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  loadIndexed(c, p, fa, fb, x(c, p.op.n), as: UInt32.self) { UInt64($0) }
}
@c func h_ldr_xPost(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { loadIndexed(c, p, fa, fb, x(c, p.op.n), as: UInt64.self) { $0 } }
@c func h_ldrsb_xPost(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  loadIndexed(c, p, fa, fb, x(c, p.op.n), as: Int8.self) { UInt64(bitPattern: Int64($0)) }
}
@c func h_ldrsh_xPost(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  loadIndexed(c, p, fa, fb, x(c, p.op.n), as: Int16.self) { UInt64(bitPattern: Int64($0)) }
}
@c func h_ldrsw_xPost(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  loadIndexed(c, p, fa, fb, x(c, p.op.n), as: Int32.self) { UInt64(bitPattern: Int64($0)) }
}
@c func h_ldrsb_wPost(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  loadIndexed(c, p, fa, fb, x(c, p.op.n), as: Int8.self) { UInt64(UInt32(bitPattern: Int32($0))) }
}
@c func h_ldrsh_wPost(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  loadIndexed(c, p, fa, fb, x(c, p.op.n), as: Int16.self) { UInt64(UInt32(bitPattern: Int32($0))) }
}
@c func h_strb_wPost(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  storeIndexed(c, p, fa, fb, x(c, p.op.n), UInt8(truncatingIfNeeded: x(c, p.op.d)))
}
@c func h_strh_wPost(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  storeIndexed(c, p, fa, fb, x(c, p.op.n), UInt16(truncatingIfNeeded: x(c, p.op.d)))
}
@c func h_str_wPost(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  storeIndexed(c, p, fa, fb, x(c, p.op.n), UInt32(truncatingIfNeeded: x(c, p.op.d)))
}
@c func h_str_xPost(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { storeIndexed(c, p, fa, fb, x(c, p.op.n), x(c, p.op.d)) }

// MARK: [n, m, extend #s]

@c func h_ldrb_wReg(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  load(c, p, fa, fb, registerAddress(c, p.op), guard: 0, as: UInt8.self) { UInt64($0) }
}
@c func h_ldrh_wReg(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  load(c, p, fa, fb, registerAddress(c, p.op), guard: 0, as: UInt16.self) { UInt64($0) }
}
@c func h_ldr_wReg(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  load(c, p, fa, fb, registerAddress(c, p.op), guard: 0, as: UInt32.self) { UInt64($0) }
}
@c func h_ldr_xReg(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  load(c, p, fa, fb, registerAddress(c, p.op), guard: 0, as: UInt64.self) { $0 }
}
@c func h_ldrsb_xReg(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  load(c, p, fa, fb, registerAddress(c, p.op), guard: 0, as: Int8.self) { UInt64(bitPattern: Int64($0)) }
}
@c func h_ldrsh_xReg(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  load(c, p, fa, fb, registerAddress(c, p.op), guard: 0, as: Int16.self) { UInt64(bitPattern: Int64($0)) }
}
@c func h_ldrsw_xReg(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  load(c, p, fa, fb, registerAddress(c, p.op), guard: 0, as: Int32.self) { UInt64(bitPattern: Int64($0)) }
}
@c func h_ldrsb_wReg(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  load(c, p, fa, fb, registerAddress(c, p.op), guard: 0, as: Int8.self) { UInt64(UInt32(bitPattern: Int32($0))) }
}
@c func h_ldrsh_wReg(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  load(c, p, fa, fb, registerAddress(c, p.op), guard: 0, as: Int16.self) { UInt64(UInt32(bitPattern: Int32($0))) }
}
@c func h_strb_wReg(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  store(c, p, fa, fb, registerAddress(c, p.op), guard: 0, UInt8(truncatingIfNeeded: x(c, p.op.d)))
}
@c func h_strh_wReg(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  store(c, p, fa, fb, registerAddress(c, p.op), guard: 0, UInt16(truncatingIfNeeded: x(c, p.op.d)))
}
@c func h_str_wReg(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  store(c, p, fa, fb, registerAddress(c, p.op), guard: 0, UInt32(truncatingIfNeeded: x(c, p.op.d)))
}
@c func h_str_xReg(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { store(c, p, fa, fb, registerAddress(c, p.op), guard: 0, x(c, p.op.d)) }

// MARK: [sp, #imm]: a misaligned SP spoils the tag

@c func h_ldr_wSp(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  load(c, p, fa, fb, stackPointer(c) &+ immediate(p.op), guard: stackGuard(c), as: UInt32.self) { UInt64($0) }
}
@c func h_ldr_xSp(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  load(c, p, fa, fb, stackPointer(c) &+ immediate(p.op), guard: stackGuard(c), as: UInt64.self) { $0 }
}
@c func h_str_wSp(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  store(c, p, fa, fb, stackPointer(c) &+ immediate(p.op), guard: stackGuard(c), UInt32(truncatingIfNeeded: x(c, p.op.d)))
}
@c func h_str_xSp(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  store(c, p, fa, fb, stackPointer(c) &+ immediate(p.op), guard: stackGuard(c), x(c, p.op.d))
}

// MARK: Shapes

/// [n, m, extend #shift]: s holds the extend (bits 5:3) and the shift (bits 2:0).
@inline(__always)
func registerAddress(_ c: Raw, _ op: Op) -> UInt64 {
  x(c, op.n) &+ extend(x(c, op.m), unsafeBitCast(op.s &>> 3, to: Extend.self), shift: UInt64(op.s & 7))
}

@inline(__always)
private func load<T: BitwiseCopyable>(
  _ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64, _ va: UInt64, guard spoil: UInt64, as type: T.Type, _ extended: (T) -> UInt64
) {
  guard let host = readHost(c, va, UInt64(MemoryLayout<T>.size), guard: spoil) else {
    return missRead(c, p, fa, fb, va, UInt64(MemoryLayout<T>.size))
  }
  setX(c, p.op.d, extended(at(host).loadUnaligned(as: T.self)))
  go(c, next(p), fa, fb)
}

@inline(__always)
private func loadIndexed<T: BitwiseCopyable>(
  _ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64, _ va: UInt64, as type: T.Type, _ extended: (T) -> UInt64
) {
  guard let host = readHost(c, va, UInt64(MemoryLayout<T>.size), guard: 0) else {
    return missRead(c, p, fa, fb, va, UInt64(MemoryLayout<T>.size))
  }
  let base = x(c, p.op.n) &+ immediate(p.op)
  setX(c, p.op.d, extended(at(host).loadUnaligned(as: T.self)))
  setX(c, p.op.n, base)
  go(c, next(p), fa, fb)
}

@inline(__always)
private func store<T: BitwiseCopyable>(
  _ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64, _ va: UInt64, guard spoil: UInt64, _ value: T
) {
  guard let host = writeHost(c, va, UInt64(MemoryLayout<T>.size), guard: spoil) else {
    return missWrite(c, p, fa, fb, va, UInt64(MemoryLayout<T>.size))
  }
  at(host).storeBytes(of: value, as: T.self)
  go(c, next(p), fa, fb)
}

@inline(__always)
private func storeIndexed<T: BitwiseCopyable>(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64, _ va: UInt64, _ value: T) {
  guard let host = writeHost(c, va, UInt64(MemoryLayout<T>.size), guard: 0) else {
    return missWrite(c, p, fa, fb, va, UInt64(MemoryLayout<T>.size))
  }
  at(host).storeBytes(of: value, as: T.self)
  setX(c, p.op.n, x(c, p.op.n) &+ immediate(p.op))
  go(c, next(p), fa, fb)
}
