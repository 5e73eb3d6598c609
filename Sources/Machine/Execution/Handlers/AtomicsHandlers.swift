// Owns the fast handlers of FEAT_LSE: read-modify-write, swap and compare-and-swap, for aligned addresses within one page.
// They do not know barriers: one PE runs at a time, so a plain read and a plain write are atomic and ordered.
import Decoding

@c func h_ldadd_b(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { readModifyWrite(c, p, fa, fb, .add, as: UInt8.self) }
@c func h_ldadd_h(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { readModifyWrite(c, p, fa, fb, .add, as: UInt16.self) }
@c func h_ldadd_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { readModifyWrite(c, p, fa, fb, .add, as: UInt32.self) }
@c func h_ldadd_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { readModifyWrite(c, p, fa, fb, .add, as: UInt64.self) }
@c func h_ldclr_b(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { readModifyWrite(c, p, fa, fb, .clr, as: UInt8.self) }
@c func h_ldclr_h(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { readModifyWrite(c, p, fa, fb, .clr, as: UInt16.self) }
@c func h_ldclr_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { readModifyWrite(c, p, fa, fb, .clr, as: UInt32.self) }
@c func h_ldclr_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { readModifyWrite(c, p, fa, fb, .clr, as: UInt64.self) }
@c func h_ldeor_b(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { readModifyWrite(c, p, fa, fb, .eor, as: UInt8.self) }
@c func h_ldeor_h(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { readModifyWrite(c, p, fa, fb, .eor, as: UInt16.self) }
@c func h_ldeor_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { readModifyWrite(c, p, fa, fb, .eor, as: UInt32.self) }
@c func h_ldeor_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { readModifyWrite(c, p, fa, fb, .eor, as: UInt64.self) }
@c func h_ldset_b(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { readModifyWrite(c, p, fa, fb, .set, as: UInt8.self) }
@c func h_ldset_h(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { readModifyWrite(c, p, fa, fb, .set, as: UInt16.self) }
@c func h_ldset_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { readModifyWrite(c, p, fa, fb, .set, as: UInt32.self) }
@c func h_ldset_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { readModifyWrite(c, p, fa, fb, .set, as: UInt64.self) }
@c func h_ldsmax_b(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { readModifyWrite(c, p, fa, fb, .smax, as: UInt8.self) }
@c func h_ldsmax_h(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { readModifyWrite(c, p, fa, fb, .smax, as: UInt16.self) }
@c func h_ldsmax_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { readModifyWrite(c, p, fa, fb, .smax, as: UInt32.self) }
@c func h_ldsmax_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { readModifyWrite(c, p, fa, fb, .smax, as: UInt64.self) }
@c func h_ldsmin_b(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { readModifyWrite(c, p, fa, fb, .smin, as: UInt8.self) }
@c func h_ldsmin_h(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { readModifyWrite(c, p, fa, fb, .smin, as: UInt16.self) }
@c func h_ldsmin_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { readModifyWrite(c, p, fa, fb, .smin, as: UInt32.self) }
@c func h_ldsmin_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { readModifyWrite(c, p, fa, fb, .smin, as: UInt64.self) }
@c func h_ldumax_b(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { readModifyWrite(c, p, fa, fb, .umax, as: UInt8.self) }
@c func h_ldumax_h(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { readModifyWrite(c, p, fa, fb, .umax, as: UInt16.self) }
@c func h_ldumax_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { readModifyWrite(c, p, fa, fb, .umax, as: UInt32.self) }
@c func h_ldumax_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { readModifyWrite(c, p, fa, fb, .umax, as: UInt64.self) }
@c func h_ldumin_b(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { readModifyWrite(c, p, fa, fb, .umin, as: UInt8.self) }
@c func h_ldumin_h(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { readModifyWrite(c, p, fa, fb, .umin, as: UInt16.self) }
@c func h_ldumin_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { readModifyWrite(c, p, fa, fb, .umin, as: UInt32.self) }
@c func h_ldumin_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { readModifyWrite(c, p, fa, fb, .umin, as: UInt64.self) }
@c func h_swp_b(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { readModifyWrite(c, p, fa, fb, .swap, as: UInt8.self) }
@c func h_swp_h(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { readModifyWrite(c, p, fa, fb, .swap, as: UInt16.self) }
@c func h_swp_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { readModifyWrite(c, p, fa, fb, .swap, as: UInt32.self) }
@c func h_swp_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { readModifyWrite(c, p, fa, fb, .swap, as: UInt64.self) }
@c func h_cas_b(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { compareAndSwap(c, p, fa, fb, as: UInt8.self) }
@c func h_cas_h(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { compareAndSwap(c, p, fa, fb, as: UInt16.self) }
@c func h_cas_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { compareAndSwap(c, p, fa, fb, as: UInt32.self) }
@c func h_cas_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { compareAndSwap(c, p, fa, fb, as: UInt64.self) }

/// d receives the old value; m is the operand, n the address.
@inline(__always)
private func readModifyWrite<T: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
  _ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64, _ operation: AtomicOperation, as type: T.Type
) {
  let va = x(c, p.op.n)
  guard let host = atomicHost(c, p, va, UInt64(MemoryLayout<T>.size)) else {
    return missAtomic(c, p, fa, fb, va, UInt64(MemoryLayout<T>.size))
  }
  let old = at(host).load(as: T.self)
  let operand = T(truncatingIfNeeded: x(c, p.op.m))
  at(host).storeBytes(of: atomicResult(operation, old, operand), as: T.self)
  setX(c, p.op.d, UInt64(truncatingIfNeeded: old))
  go(c, next(p), fa, fb)
}

/// m is compared and receives the old value; s is stored if equal, n the address.
@inline(__always)
private func compareAndSwap<T: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
  _ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64, as type: T.Type
) {
  let va = x(c, p.op.n)
  guard let host = atomicHost(c, p, va, UInt64(MemoryLayout<T>.size)) else {
    return missAtomic(c, p, fa, fb, va, UInt64(MemoryLayout<T>.size))
  }
  let old = at(host).load(as: T.self)
  if old == T(truncatingIfNeeded: x(c, p.op.m)) { at(host).storeBytes(of: T(truncatingIfNeeded: x(c, p.op.s)), as: T.self) }
  setX(c, p.op.d, UInt64(truncatingIfNeeded: old))
  go(c, next(p), fa, fb)
}
