// Owns the handlers of moves, shifts, bitfields, multiplies, divides and conditional instructions.
// They do not know encodings: Lowering chooses the handler of a word.
import Decoding

// MARK: Moves and addresses

@c func h_mov_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { result(c, p, fa, fb, x(c, p.op.m)) }
@c func h_mov_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { result32(c, p, fa, fb, w(c, p.op.m)) }
@c func h_movImm(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { result(c, p, fa, fb, immediate(p.op)) }
@c func h_movLiteral(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { result(c, p, fa, fb, literal(p)) }
@c func h_movk_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  result(c, p, fa, fb, (x(c, p.op.d) & ~(0xffff &<< UInt64(p.op.s))) | UInt64(immediate32(p.op)) &<< UInt64(p.op.s))
}
@c func h_movk_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  result32(c, p, fa, fb, (w(c, p.op.d) & ~(0xffff &<< UInt32(p.op.s))) | immediate32(p.op) &<< UInt32(p.op.s))
}
@c func h_adr(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { result(c, p, fa, fb, Context(c).pc(at: p) &+ immediate(p.op)) }
@c func h_adrp(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { result(c, p, fa, fb, Context(c)[Slot.pageVA] &+ immediate(p.op) &<< 12) }

// MARK: Bitfields: UBFM and SBFM as a left shift by m and a right shift by s of the 64-bit register

@c func h_ubfm(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  result(c, p, fa, fb, (x(c, p.op.n) &<< UInt64(p.op.m)) &>> UInt64(p.op.s))
}
@c func h_lslImm(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { result(c, p, fa, fb, x(c, p.op.n) &<< UInt64(p.op.s)) }
@c func h_lsrImm(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { result(c, p, fa, fb, x(c, p.op.n) &>> UInt64(p.op.s)) }
@c func h_sbfm_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  result(c, p, fa, fb, UInt64(bitPattern: Int64(bitPattern: x(c, p.op.n) &<< UInt64(p.op.m)) &>> Int64(p.op.s)))
}
@c func h_sbfm_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  result32(c, p, fa, fb, UInt32(truncatingIfNeeded: Int64(bitPattern: x(c, p.op.n) &<< UInt64(p.op.m)) &>> Int64(p.op.s)))
}
@c func h_bfm_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  result(
    c, p, fa, fb, bitfieldMove(.bfm, destination: x(c, p.op.d), source: x(c, p.op.n), immr: UInt64(p.op.m), imms: UInt64(p.op.s), bits: 64))
}
@c func h_bfm_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  result(
    c, p, fa, fb, bitfieldMove(.bfm, destination: x(c, p.op.d), source: x(c, p.op.n), immr: UInt64(p.op.m), imms: UInt64(p.op.s), bits: 32))
}
@c func h_extr_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  result(c, p, fa, fb, p.op.s == 0 ? x(c, p.op.m) : x(c, p.op.m) &>> UInt64(p.op.s) | x(c, p.op.n) &<< UInt64(64 &- p.op.s))
}
@c func h_extr_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  result32(c, p, fa, fb, UInt32(truncatingIfNeeded: (UInt64(w(c, p.op.n)) &<< 32 | UInt64(w(c, p.op.m))) &>> UInt64(p.op.s)))
}

// MARK: Shifts by register

@c func h_lslv_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  result(c, p, fa, fb, shift(x(c, p.op.n), .lsl, by: x(c, p.op.m) & 63, bits: 64))
}
@c func h_lslv_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  result(c, p, fa, fb, shift(x(c, p.op.n), .lsl, by: x(c, p.op.m) & 31, bits: 32))
}
@c func h_lsrv_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  result(c, p, fa, fb, shift(x(c, p.op.n), .lsr, by: x(c, p.op.m) & 63, bits: 64))
}
@c func h_lsrv_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  result(c, p, fa, fb, shift(x(c, p.op.n), .lsr, by: x(c, p.op.m) & 31, bits: 32))
}
@c func h_asrv_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  result(c, p, fa, fb, shift(x(c, p.op.n), .asr, by: x(c, p.op.m) & 63, bits: 64))
}
@c func h_asrv_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  result(c, p, fa, fb, shift(x(c, p.op.n), .asr, by: x(c, p.op.m) & 31, bits: 32))
}
@c func h_rorv_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  result(c, p, fa, fb, shift(x(c, p.op.n), .ror, by: x(c, p.op.m) & 63, bits: 64))
}
@c func h_rorv_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  result(c, p, fa, fb, shift(x(c, p.op.n), .ror, by: x(c, p.op.m) & 31, bits: 32))
}

// MARK: Multiply and divide: s is the accumulator

@c func h_madd_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { result(c, p, fa, fb, x(c, p.op.s) &+ x(c, p.op.n) &* x(c, p.op.m)) }
@c func h_madd_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { result32(c, p, fa, fb, w(c, p.op.s) &+ w(c, p.op.n) &* w(c, p.op.m)) }
@c func h_msub_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { result(c, p, fa, fb, x(c, p.op.s) &- x(c, p.op.n) &* x(c, p.op.m)) }
@c func h_msub_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { result32(c, p, fa, fb, w(c, p.op.s) &- w(c, p.op.n) &* w(c, p.op.m)) }
@c func h_umaddl(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  result(c, p, fa, fb, x(c, p.op.s) &+ UInt64(w(c, p.op.n)) &* UInt64(w(c, p.op.m)))
}
@c func h_umsubl(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  result(c, p, fa, fb, x(c, p.op.s) &- UInt64(w(c, p.op.n)) &* UInt64(w(c, p.op.m)))
}
@c func h_smaddl(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { result(c, p, fa, fb, x(c, p.op.s) &+ signedProduct(c, p.op)) }
@c func h_smsubl(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { result(c, p, fa, fb, x(c, p.op.s) &- signedProduct(c, p.op)) }
@c func h_umulh(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  result(c, p, fa, fb, multiplyHigh(x(c, p.op.n), x(c, p.op.m), signed: false))
}
@c func h_smulh(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  result(c, p, fa, fb, multiplyHigh(x(c, p.op.n), x(c, p.op.m), signed: true))
}
@c func h_udiv_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  result(c, p, fa, fb, divide(x(c, p.op.n), x(c, p.op.m), signed: false, bits: 64))
}
@c func h_udiv_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  result(c, p, fa, fb, divide(x(c, p.op.n), x(c, p.op.m), signed: false, bits: 32))
}
@c func h_sdiv_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  result(c, p, fa, fb, divide(x(c, p.op.n), x(c, p.op.m), signed: true, bits: 64))
}
@c func h_sdiv_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  result(c, p, fa, fb, divide(x(c, p.op.n), x(c, p.op.m), signed: true, bits: 32))
}

// MARK: Unary

@c func h_rbit_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { result(c, p, fa, fb, unary(.rbit, x(c, p.op.n), bits: 64)) }
@c func h_rbit_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { result(c, p, fa, fb, unary(.rbit, x(c, p.op.n), bits: 32)) }
@c func h_rev16_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { result(c, p, fa, fb, unary(.rev16, x(c, p.op.n), bits: 64)) }
@c func h_rev16_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { result(c, p, fa, fb, unary(.rev16, x(c, p.op.n), bits: 32)) }
@c func h_rev32_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { result(c, p, fa, fb, unary(.rev32, x(c, p.op.n), bits: 64)) }
@c func h_rev_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { result(c, p, fa, fb, unary(.rev, x(c, p.op.n), bits: 64)) }
@c func h_rev_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { result(c, p, fa, fb, unary(.rev, x(c, p.op.n), bits: 32)) }
@c func h_clz_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { result(c, p, fa, fb, unary(.clz, x(c, p.op.n), bits: 64)) }
@c func h_clz_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { result(c, p, fa, fb, unary(.clz, x(c, p.op.n), bits: 32)) }
@c func h_cls_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { result(c, p, fa, fb, unary(.cls, x(c, p.op.n), bits: 64)) }
@c func h_cls_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { result(c, p, fa, fb, unary(.cls, x(c, p.op.n), bits: 32)) }

// MARK: Conditional: imm is the condition's truth table

@c func h_csel_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  result(c, p, fa, fb, holds(immediate32(p.op), nzcv(c, fa, fb)) ? x(c, p.op.n) : x(c, p.op.m))
}
@c func h_csel_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  result32(c, p, fa, fb, holds(immediate32(p.op), nzcv(c, fa, fb)) ? w(c, p.op.n) : w(c, p.op.m))
}
@c func h_csinc_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  result(c, p, fa, fb, holds(immediate32(p.op), nzcv(c, fa, fb)) ? x(c, p.op.n) : x(c, p.op.m) &+ 1)
}
@c func h_csinc_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  result32(c, p, fa, fb, holds(immediate32(p.op), nzcv(c, fa, fb)) ? w(c, p.op.n) : w(c, p.op.m) &+ 1)
}
@c func h_csinv_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  result(c, p, fa, fb, holds(immediate32(p.op), nzcv(c, fa, fb)) ? x(c, p.op.n) : ~x(c, p.op.m))
}
@c func h_csinv_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  result32(c, p, fa, fb, holds(immediate32(p.op), nzcv(c, fa, fb)) ? w(c, p.op.n) : ~w(c, p.op.m))
}
@c func h_csneg_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  result(c, p, fa, fb, holds(immediate32(p.op), nzcv(c, fa, fb)) ? x(c, p.op.n) : 0 &- x(c, p.op.m))
}
@c func h_csneg_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  result32(c, p, fa, fb, holds(immediate32(p.op), nzcv(c, fa, fb)) ? w(c, p.op.n) : 0 &- w(c, p.op.m))
}

// MARK: Conditional compare: imm is the truth table, s the NZCV otherwise; the immediate form has its operand in m

@c func h_ccmp_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { compare(c, p, fa, fb, x(c, p.op.n), x(c, p.op.m)) }
@c func h_ccmp_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { compare(c, p, fa, fb, x(c, p.op.n) &<< 32, x(c, p.op.m) &<< 32) }
@c func h_ccmpImm_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { compare(c, p, fa, fb, x(c, p.op.n), UInt64(p.op.m)) }
@c func h_ccmpImm_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { compare(c, p, fa, fb, x(c, p.op.n) &<< 32, UInt64(p.op.m) &<< 32) }
@c func h_ccmn_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { compareNegative(c, p, fa, fb, x(c, p.op.n), x(c, p.op.m)) }
@c func h_ccmn_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { compareNegative(c, p, fa, fb, x(c, p.op.n) &<< 32, x(c, p.op.m) &<< 32) }
@c func h_ccmnImm_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { compareNegative(c, p, fa, fb, x(c, p.op.n), UInt64(p.op.m)) }
@c func h_ccmnImm_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  compareNegative(c, p, fa, fb, x(c, p.op.n) &<< 32, UInt64(p.op.m) &<< 32)
}

// MARK: With carry

@c func h_adc_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  result(c, p, fa, fb, addWithCarry(x(c, p.op.n), x(c, p.op.m), carry: nzcv(c, fa, fb) &>> 1 & 1, bits: 64).result)
}
@c func h_adcs_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  carryWithFlags(c, p, addWithCarry(x(c, p.op.n), x(c, p.op.m), carry: nzcv(c, fa, fb) &>> 1 & 1, bits: 64))
}
@c func h_adc_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  result(c, p, fa, fb, addWithCarry(x(c, p.op.n), x(c, p.op.m), carry: nzcv(c, fa, fb) &>> 1 & 1, bits: 32).result)
}
@c func h_adcs_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  carryWithFlags(c, p, addWithCarry(x(c, p.op.n), x(c, p.op.m), carry: nzcv(c, fa, fb) &>> 1 & 1, bits: 32))
}
@c func h_sbc_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  result(c, p, fa, fb, addWithCarry(x(c, p.op.n), ~x(c, p.op.m), carry: nzcv(c, fa, fb) &>> 1 & 1, bits: 64).result)
}
@c func h_sbcs_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  carryWithFlags(c, p, addWithCarry(x(c, p.op.n), ~x(c, p.op.m), carry: nzcv(c, fa, fb) &>> 1 & 1, bits: 64))
}
@c func h_sbc_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  result(c, p, fa, fb, addWithCarry(x(c, p.op.n), ~x(c, p.op.m), carry: nzcv(c, fa, fb) &>> 1 & 1, bits: 32).result)
}
@c func h_sbcs_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  carryWithFlags(c, p, addWithCarry(x(c, p.op.n), ~x(c, p.op.m), carry: nzcv(c, fa, fb) &>> 1 & 1, bits: 32))
}

// MARK: Shapes

@inline(__always)
private func signedProduct(_ c: Raw, _ op: Op) -> UInt64 {
  UInt64(bitPattern: Int64(Int32(bitPattern: w(c, op.n))) &* Int64(Int32(bitPattern: w(c, op.m))))
}
@inline(__always)
private func carryWithFlags(_ c: Raw, _ p: Raw, _ sum: (result: UInt64, nzcv: UInt64)) {
  setX(c, p.op.d, sum.result)
  setFlagKind(c, FlagKind.nzcv)
  go(c, next(p), sum.nzcv, 0)
}
@inline(__always)
private func compare(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64, _ a: UInt64, _ b: UInt64) {
  if holds(immediate32(p.op), nzcv(c, fa, fb)) {
    setFlagKind(c, FlagKind.subtract)
    return go(c, next(p), a, b)
  }
  setFlagKind(c, FlagKind.nzcv)
  go(c, next(p), UInt64(p.op.s), 0)
}
@inline(__always)
private func compareNegative(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64, _ a: UInt64, _ b: UInt64) {
  if holds(immediate32(p.op), nzcv(c, fa, fb)) {
    setFlagKind(c, FlagKind.add)
    return go(c, next(p), a, b)
  }
  setFlagKind(c, FlagKind.nzcv)
  go(c, next(p), UInt64(p.op.s), 0)
}
