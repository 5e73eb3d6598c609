// Owns the fused handlers: SUBS (CMP) and the B.cond after it as one op, which retires two instructions.
// They do not know when to fuse. The compare still leaves its operands as flags, and the next slot keeps the branch's own op for a
// jump there.

// MARK: SUBS (immediate in m and s), 64 bits

@c func h_subsImm_x_eq(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { fused(c, p, x(c, p.op.n), fusedImmediate(p)) { $0 == $1 } }
@c func h_subsImm_x_ne(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { fused(c, p, x(c, p.op.n), fusedImmediate(p)) { $0 != $1 } }
@c func h_subsImm_x_cs(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { fused(c, p, x(c, p.op.n), fusedImmediate(p)) { $0 >= $1 } }
@c func h_subsImm_x_cc(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { fused(c, p, x(c, p.op.n), fusedImmediate(p)) { $0 < $1 } }
@c func h_subsImm_x_hi(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { fused(c, p, x(c, p.op.n), fusedImmediate(p)) { $0 > $1 } }
@c func h_subsImm_x_ls(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { fused(c, p, x(c, p.op.n), fusedImmediate(p)) { $0 <= $1 } }
@c func h_subsImm_x_ge(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  fused(c, p, x(c, p.op.n), fusedImmediate(p)) { Int64(bitPattern: $0) >= Int64(bitPattern: $1) }
}
@c func h_subsImm_x_lt(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  fused(c, p, x(c, p.op.n), fusedImmediate(p)) { Int64(bitPattern: $0) < Int64(bitPattern: $1) }
}
@c func h_subsImm_x_gt(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  fused(c, p, x(c, p.op.n), fusedImmediate(p)) { Int64(bitPattern: $0) > Int64(bitPattern: $1) }
}
@c func h_subsImm_x_le(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  fused(c, p, x(c, p.op.n), fusedImmediate(p)) { Int64(bitPattern: $0) <= Int64(bitPattern: $1) }
}

// MARK: SUBS (immediate in m and s), 32 bits

@c func h_subsImm_w_eq(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  fused32(c, p, w(c, p.op.n), UInt32(truncatingIfNeeded: fusedImmediate(p))) { $0 == $1 }
}
@c func h_subsImm_w_ne(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  fused32(c, p, w(c, p.op.n), UInt32(truncatingIfNeeded: fusedImmediate(p))) { $0 != $1 }
}
@c func h_subsImm_w_cs(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  fused32(c, p, w(c, p.op.n), UInt32(truncatingIfNeeded: fusedImmediate(p))) { $0 >= $1 }
}
@c func h_subsImm_w_cc(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  fused32(c, p, w(c, p.op.n), UInt32(truncatingIfNeeded: fusedImmediate(p))) { $0 < $1 }
}
@c func h_subsImm_w_hi(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  fused32(c, p, w(c, p.op.n), UInt32(truncatingIfNeeded: fusedImmediate(p))) { $0 > $1 }
}
@c func h_subsImm_w_ls(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  fused32(c, p, w(c, p.op.n), UInt32(truncatingIfNeeded: fusedImmediate(p))) { $0 <= $1 }
}
@c func h_subsImm_w_ge(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  fused32(c, p, w(c, p.op.n), UInt32(truncatingIfNeeded: fusedImmediate(p))) { Int32(bitPattern: $0) >= Int32(bitPattern: $1) }
}
@c func h_subsImm_w_lt(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  fused32(c, p, w(c, p.op.n), UInt32(truncatingIfNeeded: fusedImmediate(p))) { Int32(bitPattern: $0) < Int32(bitPattern: $1) }
}
@c func h_subsImm_w_gt(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  fused32(c, p, w(c, p.op.n), UInt32(truncatingIfNeeded: fusedImmediate(p))) { Int32(bitPattern: $0) > Int32(bitPattern: $1) }
}
@c func h_subsImm_w_le(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  fused32(c, p, w(c, p.op.n), UInt32(truncatingIfNeeded: fusedImmediate(p))) { Int32(bitPattern: $0) <= Int32(bitPattern: $1) }
}

// MARK: SUBS (register), 64 bits

@c func h_subs_x_eq(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { fused(c, p, x(c, p.op.n), x(c, p.op.m)) { $0 == $1 } }
@c func h_subs_x_ne(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { fused(c, p, x(c, p.op.n), x(c, p.op.m)) { $0 != $1 } }
@c func h_subs_x_cs(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { fused(c, p, x(c, p.op.n), x(c, p.op.m)) { $0 >= $1 } }
@c func h_subs_x_cc(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { fused(c, p, x(c, p.op.n), x(c, p.op.m)) { $0 < $1 } }
@c func h_subs_x_hi(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { fused(c, p, x(c, p.op.n), x(c, p.op.m)) { $0 > $1 } }
@c func h_subs_x_ls(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { fused(c, p, x(c, p.op.n), x(c, p.op.m)) { $0 <= $1 } }
@c func h_subs_x_ge(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  fused(c, p, x(c, p.op.n), x(c, p.op.m)) { Int64(bitPattern: $0) >= Int64(bitPattern: $1) }
}
@c func h_subs_x_lt(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  fused(c, p, x(c, p.op.n), x(c, p.op.m)) { Int64(bitPattern: $0) < Int64(bitPattern: $1) }
}
@c func h_subs_x_gt(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  fused(c, p, x(c, p.op.n), x(c, p.op.m)) { Int64(bitPattern: $0) > Int64(bitPattern: $1) }
}
@c func h_subs_x_le(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  fused(c, p, x(c, p.op.n), x(c, p.op.m)) { Int64(bitPattern: $0) <= Int64(bitPattern: $1) }
}

// MARK: SUBS (register), 32 bits

@c func h_subs_w_eq(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { fused32(c, p, w(c, p.op.n), w(c, p.op.m)) { $0 == $1 } }
@c func h_subs_w_ne(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { fused32(c, p, w(c, p.op.n), w(c, p.op.m)) { $0 != $1 } }
@c func h_subs_w_cs(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { fused32(c, p, w(c, p.op.n), w(c, p.op.m)) { $0 >= $1 } }
@c func h_subs_w_cc(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { fused32(c, p, w(c, p.op.n), w(c, p.op.m)) { $0 < $1 } }
@c func h_subs_w_hi(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { fused32(c, p, w(c, p.op.n), w(c, p.op.m)) { $0 > $1 } }
@c func h_subs_w_ls(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { fused32(c, p, w(c, p.op.n), w(c, p.op.m)) { $0 <= $1 } }
@c func h_subs_w_ge(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  fused32(c, p, w(c, p.op.n), w(c, p.op.m)) { Int32(bitPattern: $0) >= Int32(bitPattern: $1) }
}
@c func h_subs_w_lt(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  fused32(c, p, w(c, p.op.n), w(c, p.op.m)) { Int32(bitPattern: $0) < Int32(bitPattern: $1) }
}
@c func h_subs_w_gt(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  fused32(c, p, w(c, p.op.n), w(c, p.op.m)) { Int32(bitPattern: $0) > Int32(bitPattern: $1) }
}
@c func h_subs_w_le(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  fused32(c, p, w(c, p.op.n), w(c, p.op.m)) { Int32(bitPattern: $0) <= Int32(bitPattern: $1) }
}

// MARK: Shapes: imm is the distance from this op to the target's in bytes

@inline(__always) private func fusedImmediate(_ p: Raw) -> UInt64 { UInt64(p.op.m) | UInt64(p.op.s) &<< 8 }

@inline(__always)
private func fused(_ c: Raw, _ p: Raw, _ a: UInt64, _ b: UInt64, _ taken: (UInt64, UInt64) -> Bool) {
  setX(c, p.op.d, a &- b)
  setFlagKind(c, FlagKind.subtract)
  if taken(a, b) { return branch(c, done: p + 32, to: p + Int(p.op.imm), a, b) }
  go(c, p + 32, a, b)
}
@inline(__always)
private func fused32(_ c: Raw, _ p: Raw, _ a: UInt32, _ b: UInt32, _ taken: (UInt32, UInt32) -> Bool) {
  setW(c, p.op.d, a &- b)
  setFlagKind(c, FlagKind.subtract)
  if taken(a, b) { return branch(c, done: p + 32, to: p + Int(p.op.imm), UInt64(a) &<< 32, UInt64(b) &<< 32) }
  go(c, p + 32, UInt64(a) &<< 32, UInt64(b) &<< 32)
}

/// The fused handlers by form and condition (`Condition` raw value); nil where a condition is not fused.
enum FusedHandlers {
  static func find(immediate: Bool, is64: Bool, condition: UInt8) -> Handler? {
    switch (immediate, is64) {
    case (true, true):
      switch condition {
      case 0: h_subsImm_x_eq
      case 1: h_subsImm_x_ne
      case 2: h_subsImm_x_cs
      case 3: h_subsImm_x_cc
      case 8: h_subsImm_x_hi
      case 9: h_subsImm_x_ls
      case 10: h_subsImm_x_ge
      case 11: h_subsImm_x_lt
      case 12: h_subsImm_x_gt
      case 13: h_subsImm_x_le
      default: nil
      }
    case (true, false):
      switch condition {
      case 0: h_subsImm_w_eq
      case 1: h_subsImm_w_ne
      case 2: h_subsImm_w_cs
      case 3: h_subsImm_w_cc
      case 8: h_subsImm_w_hi
      case 9: h_subsImm_w_ls
      case 10: h_subsImm_w_ge
      case 11: h_subsImm_w_lt
      case 12: h_subsImm_w_gt
      case 13: h_subsImm_w_le
      default: nil
      }
    case (false, true):
      switch condition {
      case 0: h_subs_x_eq
      case 1: h_subs_x_ne
      case 2: h_subs_x_cs
      case 3: h_subs_x_cc
      case 8: h_subs_x_hi
      case 9: h_subs_x_ls
      case 10: h_subs_x_ge
      case 11: h_subs_x_lt
      case 12: h_subs_x_gt
      case 13: h_subs_x_le
      default: nil
      }
    case (false, false):
      switch condition {
      case 0: h_subs_w_eq
      case 1: h_subs_w_ne
      case 2: h_subs_w_cs
      case 3: h_subs_w_cc
      case 8: h_subs_w_hi
      case 9: h_subs_w_ls
      case 10: h_subs_w_ge
      case 11: h_subs_w_lt
      case 12: h_subs_w_gt
      case 13: h_subs_w_le
      default: nil
      }
    }
  }
}
