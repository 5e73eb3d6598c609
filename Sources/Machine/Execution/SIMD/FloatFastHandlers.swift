// Owns the handlers of single- and double-precision instructions that compute on the host.
// They do not handle other rounding modes, NaNs or denormals: those go to the handler of the class (FloatHandlers.swift).
import Decoding

private typealias S = SinglePrecision
private typealias D = DoublePrecision

// MARK: Two sources

@c func h_fadd_d(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { twoSource(D.self, c, p, fa, fb) { hostAdd(D.self, $0, $1) } }
@c func h_fadd_s(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { twoSource(S.self, c, p, fa, fb) { hostAdd(S.self, $0, $1) } }
@c func h_fsub_d(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { twoSource(D.self, c, p, fa, fb) { hostSub(D.self, $0, $1) } }
@c func h_fsub_s(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { twoSource(S.self, c, p, fa, fb) { hostSub(S.self, $0, $1) } }
@c func h_fmul_d(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { twoSource(D.self, c, p, fa, fb) { hostMul(D.self, $0, $1) } }
@c func h_fmul_s(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { twoSource(S.self, c, p, fa, fb) { hostMul(S.self, $0, $1) } }
@c func h_fnmul_d(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  twoSource(D.self, c, p, fa, fb) { hostMul(D.self, fpNeg(D.self, $0), $1) }
}
@c func h_fnmul_s(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  twoSource(S.self, c, p, fa, fb) { hostMul(S.self, fpNeg(S.self, $0), $1) }
}
@c func h_fdiv_d(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { twoSource(D.self, c, p, fa, fb) { hostDiv(D.self, $0, $1) } }
@c func h_fdiv_s(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { twoSource(S.self, c, p, fa, fb) { hostDiv(S.self, $0, $1) } }
/// FMAX and FMAXNM, which differ in NaNs only.
@c func h_fmax_d(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { twoSource(D.self, c, p, fa, fb) { hostMax(D.self, $0, $1) } }
@c func h_fmax_s(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { twoSource(S.self, c, p, fa, fb) { hostMax(S.self, $0, $1) } }
/// FMIN and FMINNM.
@c func h_fmin_d(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { twoSource(D.self, c, p, fa, fb) { hostMin(D.self, $0, $1) } }
@c func h_fmin_s(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { twoSource(S.self, c, p, fa, fb) { hostMin(S.self, $0, $1) } }

// MARK: Three sources

@c func h_fmadd_d(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  threeSource(D.self, c, p, fa, fb) { hostMulAdd(D.self, $0, $1, $2) }
}
@c func h_fmadd_s(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  threeSource(S.self, c, p, fa, fb) { hostMulAdd(S.self, $0, $1, $2) }
}
@c func h_fmsub_d(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  threeSource(D.self, c, p, fa, fb) { hostMulAdd(D.self, $0, fpNeg(D.self, $1), $2) }
}
@c func h_fmsub_s(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  threeSource(S.self, c, p, fa, fb) { hostMulAdd(S.self, $0, fpNeg(S.self, $1), $2) }
}
@c func h_fnmadd_d(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  threeSource(D.self, c, p, fa, fb) { hostMulAdd(D.self, fpNeg(D.self, $0), fpNeg(D.self, $1), $2) }
}
@c func h_fnmadd_s(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  threeSource(S.self, c, p, fa, fb) { hostMulAdd(S.self, fpNeg(S.self, $0), fpNeg(S.self, $1), $2) }
}
@c func h_fnmsub_d(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  threeSource(D.self, c, p, fa, fb) { hostMulAdd(D.self, fpNeg(D.self, $0), $1, $2) }
}
@c func h_fnmsub_s(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  threeSource(S.self, c, p, fa, fb) { hostMulAdd(S.self, fpNeg(S.self, $0), $1, $2) }
}

// MARK: One source

@c func h_fabs_d(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { bitwise(D.self, c, p, fa, fb) { fpAbs(D.self, $0) } }
@c func h_fabs_s(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { bitwise(S.self, c, p, fa, fb) { fpAbs(S.self, $0) } }
@c func h_fneg_d(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { bitwise(D.self, c, p, fa, fb) { fpNeg(D.self, $0) } }
@c func h_fneg_s(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { bitwise(S.self, c, p, fa, fb) { fpNeg(S.self, $0) } }
@c func h_fsqrt_d(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { oneSource(D.self, D.self, c, p, fa, fb) { hostSqrt(D.self, $0) } }
@c func h_fsqrt_s(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { oneSource(S.self, S.self, c, p, fa, fb) { hostSqrt(S.self, $0) } }
@c func h_fcvt_ds(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  oneSource(S.self, D.self, c, p, fa, fb) { hostConvert(S.self, D.self, $0) }
}
@c func h_fcvt_sd(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  oneSource(D.self, S.self, c, p, fa, fb) { hostConvert(D.self, S.self, $0) }
}

// MARK: Comparison and selection

/// FCMP and FCMPE, which differ in NaNs only.
@c func h_fcmp_d(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { compare(D.self, c, p, fa, fb, Context(c).float(D.self, p.op.m)) }
@c func h_fcmp_s(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { compare(S.self, c, p, fa, fb, Context(c).float(S.self, p.op.m)) }
@c func h_fcmpZero_d(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { compare(D.self, c, p, fa, fb, 0) }
@c func h_fcmpZero_s(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { compare(S.self, c, p, fa, fb, 0) }

@c func h_fcsel_d(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { select(DoublePrecision.self, c, p, fa, fb) }
@c func h_fcsel_s(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { select(SinglePrecision.self, c, p, fa, fb) }
@c func h_fcsel_h(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { select(HalfPrecision.self, c, p, fa, fb) }

// MARK: General registers

@c func h_scvtf_dx(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { fromGeneral(D.self, c, p, fa, fb, Int64(bitPattern: x(c, p.op.n))) }
@c func h_scvtf_dw(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  fromGeneral(D.self, c, p, fa, fb, Int64(Int32(bitPattern: w(c, p.op.n))))
}
@c func h_scvtf_sx(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { fromGeneral(S.self, c, p, fa, fb, Int64(bitPattern: x(c, p.op.n))) }
@c func h_scvtf_sw(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  fromGeneral(S.self, c, p, fa, fb, Int64(Int32(bitPattern: w(c, p.op.n))))
}
@c func h_ucvtf_dw(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { fromGeneral(D.self, c, p, fa, fb, Int64(w(c, p.op.n))) }
@c func h_ucvtf_sw(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { fromGeneral(S.self, c, p, fa, fb, Int64(w(c, p.op.n))) }
@c func h_fcvtzs_xd(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { toGeneral(D.self, Int64.self, c, p, fa, fb) }
@c func h_fcvtzs_wd(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { toGeneral(D.self, Int32.self, c, p, fa, fb) }
@c func h_fcvtzs_xs(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { toGeneral(S.self, Int64.self, c, p, fa, fb) }
@c func h_fcvtzs_ws(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { toGeneral(S.self, Int32.self, c, p, fa, fb) }

// MARK: Shapes

@inline(__always)
private func twoSource<F: HostedFormat>(
  _ f: F.Type, _ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64, _ compute: (F.Bits, F.Bits) -> F.Bits?
) {
  let context = Context(c)
  if context.computesOnHost, let result = compute(context.float(f, p.op.n), context.float(f, p.op.m)) {
    context.setFloat(f, p.op.d, result)
    return go(c, next(p), fa, fb)
  }
  h_floatTwoSource(c, p, fa, fb)
}

@inline(__always)
private func threeSource<F: HostedFormat>(
  _ f: F.Type, _ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64, _ compute: (F.Bits, F.Bits, F.Bits) -> F.Bits?
) {
  let context = Context(c)
  if context.computesOnHost,
    let result = compute(context.float(f, p.op.a), context.float(f, p.op.n), context.float(f, p.op.m))
  {
    context.setFloat(f, p.op.d, result)
    return go(c, next(p), fa, fb)
  }
  h_floatThreeSource(c, p, fa, fb)
}

@inline(__always)
private func oneSource<From: HostedFormat, To: HostedFormat>(
  _ from: From.Type, _ to: To.Type, _ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64, _ compute: (From.Bits) -> To.Bits?
) {
  let context = Context(c)
  if context.computesOnHost, let result = compute(context.float(from, p.op.n)) {
    context.setFloat(to, p.op.d, result)
    return go(c, next(p), fa, fb)
  }
  h_floatOneSource(c, p, fa, fb)
}

/// Operations that read nothing of the environment.
@inline(__always)
private func bitwise<F: HostedFormat>(
  _ f: F.Type, _ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64, _ compute: (F.Bits) -> F.Bits
) {
  if Context(c).trapsVectors { return h_general(c, p, fa, fb) }
  Context(c).setFloat(f, p.op.d, compute(Context(c).float(f, p.op.n)))
  go(c, next(p), fa, fb)
}

@inline(__always)
private func compare<F: HostedFormat>(_ f: F.Type, _ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64, _ b: F.Bits) {
  if Context(c).comparesOnHost, let flags = hostCompare(f, Context(c).float(f, p.op.n), b) {
    setFlagKind(c, FlagKind.nzcv)
    return go(c, next(p), flags, 0)
  }
  h_floatCompare(c, p, fa, fb)
}

/// The condition's truth table is the immediate.
@inline(__always)
private func select<F: FloatFormat>(_ f: F.Type, _ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  if Context(c).trapsVectors { return h_general(c, p, fa, fb) }
  let n = Context(c).float(f, p.op.n)
  let m = Context(c).float(f, p.op.m)
  Context(c).setFloat(f, p.op.d, holds(immediate32(p.op), nzcv(c, fa, fb)) ? n : m)
  go(c, next(p), fa, fb)
}

@inline(__always)
private func fromGeneral<F: HostedFormat>(_ f: F.Type, _ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64, _ value: Int64) {
  if Context(c).computesOnHost {
    Context(c).setFloat(f, p.op.d, hostFromInteger(f, value))
    return go(c, next(p), fa, fb)
  }
  h_generalToFloat(c, p, fa, fb)
}

@inline(__always)
private func toGeneral<F: HostedFormat, Integer: FixedWidthInteger & SignedInteger>(
  _ f: F.Type, _ integer: Integer.Type, _ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64
) {
  if Context(c).computesOnHost, let value = hostToInteger(f, Context(c).float(f, p.op.n), integer) {
    return result(c, p, fa, fb, UInt64(truncatingIfNeeded: Integer.Magnitude(truncatingIfNeeded: value)))
  }
  h_floatToGeneral(c, p, fa, fb)
}
