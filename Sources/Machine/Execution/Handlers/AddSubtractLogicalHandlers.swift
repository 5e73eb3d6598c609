// Owns the handlers of add, subtract, compare and logical instructions: immediate, plain, shifted and extended register.
// They do not know encodings: Lowering chooses the handler of a word.
import Decoding

// MARK: Add and subtract

@c func h_addImm_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { result(c, p, fa, fb, x(c, p.op.n) &+ immediate(p.op)) }
@c func h_addImm_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { result32(c, p, fa, fb, w(c, p.op.n) &+ immediate32(p.op)) }
@c func h_add_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { result(c, p, fa, fb, x(c, p.op.n) &+ x(c, p.op.m)) }
@c func h_add_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { result32(c, p, fa, fb, w(c, p.op.n) &+ w(c, p.op.m)) }
@c func h_addLsl_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  result(c, p, fa, fb, x(c, p.op.n) &+ (x(c, p.op.m) &<< UInt64(p.op.s)))
}
@c func h_addShifted_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { result(c, p, fa, fb, x(c, p.op.n) &+ shifted(c, p.op, 64)) }
@c func h_addShifted_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  result32(c, p, fa, fb, w(c, p.op.n) &+ UInt32(truncatingIfNeeded: shifted(c, p.op, 32)))
}
@c func h_addExtended_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { result(c, p, fa, fb, x(c, p.op.n) &+ extended(c, p.op)) }
@c func h_addExtended_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  result32(c, p, fa, fb, w(c, p.op.n) &+ UInt32(truncatingIfNeeded: extended(c, p.op)))
}
@c func h_sub_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { result(c, p, fa, fb, x(c, p.op.n) &- x(c, p.op.m)) }
@c func h_sub_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { result32(c, p, fa, fb, w(c, p.op.n) &- w(c, p.op.m)) }
@c func h_subLsl_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  result(c, p, fa, fb, x(c, p.op.n) &- (x(c, p.op.m) &<< UInt64(p.op.s)))
}
@c func h_subShifted_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { result(c, p, fa, fb, x(c, p.op.n) &- shifted(c, p.op, 64)) }
@c func h_subShifted_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  result32(c, p, fa, fb, w(c, p.op.n) &- UInt32(truncatingIfNeeded: shifted(c, p.op, 32)))
}
@c func h_subExtended_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { result(c, p, fa, fb, x(c, p.op.n) &- extended(c, p.op)) }
@c func h_subExtended_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  result32(c, p, fa, fb, w(c, p.op.n) &- UInt32(truncatingIfNeeded: extended(c, p.op)))
}

// MARK: Add and subtract with flags

@c func h_addsImm_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { addWithFlags(c, p, x(c, p.op.n), immediate(p.op)) }
@c func h_addsImm_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { addWithFlags32(c, p, w(c, p.op.n), immediate32(p.op)) }
@c func h_adds_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { addWithFlags(c, p, x(c, p.op.n), x(c, p.op.m)) }
@c func h_adds_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { addWithFlags32(c, p, w(c, p.op.n), w(c, p.op.m)) }
@c func h_addsShifted_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { addWithFlags(c, p, x(c, p.op.n), shifted(c, p.op, 64)) }
@c func h_addsShifted_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  addWithFlags32(c, p, w(c, p.op.n), UInt32(truncatingIfNeeded: shifted(c, p.op, 32)))
}
@c func h_addsExtended_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { addWithFlags(c, p, x(c, p.op.n), extended(c, p.op)) }
@c func h_addsExtended_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  addWithFlags32(c, p, w(c, p.op.n), UInt32(truncatingIfNeeded: extended(c, p.op)))
}
@c func h_subsImm_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { subtractWithFlags(c, p, x(c, p.op.n), immediate(p.op)) }
@c func h_subsImm_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { subtractWithFlags32(c, p, w(c, p.op.n), immediate32(p.op)) }
@c func h_subs_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { subtractWithFlags(c, p, x(c, p.op.n), x(c, p.op.m)) }
@c func h_subs_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { subtractWithFlags32(c, p, w(c, p.op.n), w(c, p.op.m)) }
@c func h_subsShifted_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { subtractWithFlags(c, p, x(c, p.op.n), shifted(c, p.op, 64)) }
@c func h_subsShifted_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  subtractWithFlags32(c, p, w(c, p.op.n), UInt32(truncatingIfNeeded: shifted(c, p.op, 32)))
}
@c func h_subsExtended_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { subtractWithFlags(c, p, x(c, p.op.n), extended(c, p.op)) }
@c func h_subsExtended_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  subtractWithFlags32(c, p, w(c, p.op.n), UInt32(truncatingIfNeeded: extended(c, p.op)))
}

// MARK: Logical: the inverted forms take the inverted operand

@c func h_and_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { result(c, p, fa, fb, x(c, p.op.n) & x(c, p.op.m)) }
@c func h_and_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { result32(c, p, fa, fb, w(c, p.op.n) & w(c, p.op.m)) }
@c func h_andShifted_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { result(c, p, fa, fb, x(c, p.op.n) & shifted(c, p.op, 64)) }
@c func h_andShifted_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  result32(c, p, fa, fb, w(c, p.op.n) & UInt32(truncatingIfNeeded: shifted(c, p.op, 32)))
}
@c func h_orr_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { result(c, p, fa, fb, x(c, p.op.n) | x(c, p.op.m)) }
@c func h_orr_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { result32(c, p, fa, fb, w(c, p.op.n) | w(c, p.op.m)) }
@c func h_orrShifted_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { result(c, p, fa, fb, x(c, p.op.n) | shifted(c, p.op, 64)) }
@c func h_orrShifted_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  result32(c, p, fa, fb, w(c, p.op.n) | UInt32(truncatingIfNeeded: shifted(c, p.op, 32)))
}
@c func h_eor_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { result(c, p, fa, fb, x(c, p.op.n) ^ x(c, p.op.m)) }
@c func h_eor_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { result32(c, p, fa, fb, w(c, p.op.n) ^ w(c, p.op.m)) }
@c func h_eorShifted_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { result(c, p, fa, fb, x(c, p.op.n) ^ shifted(c, p.op, 64)) }
@c func h_eorShifted_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  result32(c, p, fa, fb, w(c, p.op.n) ^ UInt32(truncatingIfNeeded: shifted(c, p.op, 32)))
}
@c func h_bic_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { result(c, p, fa, fb, x(c, p.op.n) & ~x(c, p.op.m)) }
@c func h_bic_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { result32(c, p, fa, fb, w(c, p.op.n) & ~w(c, p.op.m)) }
@c func h_bicShifted_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { result(c, p, fa, fb, x(c, p.op.n) & ~shifted(c, p.op, 64)) }
@c func h_bicShifted_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  result32(c, p, fa, fb, w(c, p.op.n) & ~UInt32(truncatingIfNeeded: shifted(c, p.op, 32)))
}
@c func h_orn_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { result(c, p, fa, fb, x(c, p.op.n) | ~x(c, p.op.m)) }
@c func h_orn_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { result32(c, p, fa, fb, w(c, p.op.n) | ~w(c, p.op.m)) }
@c func h_ornShifted_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { result(c, p, fa, fb, x(c, p.op.n) | ~shifted(c, p.op, 64)) }
@c func h_ornShifted_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  result32(c, p, fa, fb, w(c, p.op.n) | ~UInt32(truncatingIfNeeded: shifted(c, p.op, 32)))
}
@c func h_eon_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { result(c, p, fa, fb, x(c, p.op.n) ^ ~x(c, p.op.m)) }
@c func h_eon_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { result32(c, p, fa, fb, w(c, p.op.n) ^ ~w(c, p.op.m)) }
@c func h_eonShifted_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { result(c, p, fa, fb, x(c, p.op.n) ^ ~shifted(c, p.op, 64)) }
@c func h_eonShifted_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  result32(c, p, fa, fb, w(c, p.op.n) ^ ~UInt32(truncatingIfNeeded: shifted(c, p.op, 32)))
}
@c func h_andImm_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { result(c, p, fa, fb, x(c, p.op.n) & literal(p)) }
@c func h_andImm_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { result32(c, p, fa, fb, w(c, p.op.n) & immediate32(p.op)) }
@c func h_orrImm_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { result(c, p, fa, fb, x(c, p.op.n) | literal(p)) }
@c func h_orrImm_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { result32(c, p, fa, fb, w(c, p.op.n) | immediate32(p.op)) }
@c func h_eorImm_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { result(c, p, fa, fb, x(c, p.op.n) ^ literal(p)) }
@c func h_eorImm_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { result32(c, p, fa, fb, w(c, p.op.n) ^ immediate32(p.op)) }

// MARK: Logical with flags: N and Z of the result, C = V = 0, which is `add` of the result and 0

@c func h_ands_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { addWithFlags(c, p, x(c, p.op.n) & x(c, p.op.m), 0) }
@c func h_ands_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { addWithFlags32(c, p, w(c, p.op.n) & w(c, p.op.m), 0) }
@c func h_andsShifted_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { addWithFlags(c, p, x(c, p.op.n) & shifted(c, p.op, 64), 0) }
@c func h_andsShifted_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  addWithFlags32(c, p, w(c, p.op.n) & UInt32(truncatingIfNeeded: shifted(c, p.op, 32)), 0)
}
@c func h_bics_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { addWithFlags(c, p, x(c, p.op.n) & ~x(c, p.op.m), 0) }
@c func h_bics_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { addWithFlags32(c, p, w(c, p.op.n) & ~w(c, p.op.m), 0) }
@c func h_bicsShifted_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { addWithFlags(c, p, x(c, p.op.n) & ~shifted(c, p.op, 64), 0) }
@c func h_bicsShifted_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  addWithFlags32(c, p, w(c, p.op.n) & ~UInt32(truncatingIfNeeded: shifted(c, p.op, 32)), 0)
}
@c func h_andsImm_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { addWithFlags(c, p, x(c, p.op.n) & literal(p), 0) }
@c func h_andsImm_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { addWithFlags32(c, p, w(c, p.op.n) & immediate32(p.op), 0) }

// MARK: Operands

/// The register operand m shifted by amount s (bits 5:0) and type s (bits 7:6).
@inline(__always)
private func shifted(_ c: Raw, _ op: Op, _ bits: UInt64) -> UInt64 {
  shift(x(c, op.m), unsafeBitCast(op.s &>> 6, to: ShiftType.self), by: UInt64(op.s & 63), bits: bits)
}
/// The register operand m extended by type s (bits 5:3), then shifted left by s (bits 2:0).
@inline(__always)
private func extended(_ c: Raw, _ op: Op) -> UInt64 {
  extend(x(c, op.m), unsafeBitCast(op.s &>> 3, to: Extend.self), shift: UInt64(op.s & 7))
}
