// Owns the handlers of scalar floating-point instructions, one for each encoding class, for every precision and environment.
// They do not compute on the host: the handlers that do (FloatFastHandlers.swift) hand over to these, and stay leaves because
// these are not inlined.
import Architecture
import Decoding

@c @inline(never) func h_floatOneSource(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  if Context(c).trapsVectors { return h_general(c, p, fa, fb) }
  Context(c).floatOneSource(p.op)
  go(c, next(p), fa, fb)
}

@c @inline(never) func h_floatTwoSource(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  if Context(c).trapsVectors { return h_general(c, p, fa, fb) }
  Context(c).floatTwoSource(p.op)
  go(c, next(p), fa, fb)
}

@c @inline(never) func h_floatThreeSource(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  if Context(c).trapsVectors { return h_general(c, p, fa, fb) }
  Context(c).floatThreeSource(p.op)
  go(c, next(p), fa, fb)
}

@c @inline(never) func h_floatCompare(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  if Context(c).trapsVectors { return h_general(c, p, fa, fb) }
  let flags = Context(c).floatCompare(p.op)
  setFlagKind(c, FlagKind.nzcv)
  go(c, next(p), flags, 0)
}

/// The condition is in `a`; the immediate holds the NZCV for a condition that fails.
@c func h_floatConditionalCompare(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  if Context(c).trapsVectors { return h_general(c, p, fa, fb) }
  let holds = Condition(rawValue: p.op.a).unsafelyUnwrapped.holds(nzcv: nzcv(c, fa, fb))
  let flags = holds ? Context(c).floatCompare(p.op) : UInt64(p.op.simdImmediate)
  setFlagKind(c, FlagKind.nzcv)
  go(c, next(p), flags, 0)
}

@c @inline(never) func h_floatToGeneral(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  if Context(c).trapsVectors { return h_general(c, p, fa, fb) }
  setX(c, p.op.d, Context(c).floatToGeneral(p.op))
  go(c, next(p), fa, fb)
}

@c @inline(never) func h_generalToFloat(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  if Context(c).trapsVectors { return h_general(c, p, fa, fb) }
  Context(c).generalToFloat(p.op)
  go(c, next(p), fa, fb)
}

@c func h_fjcvtzs(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  if Context(c).trapsVectors { return h_general(c, p, fa, fb) }
  let flags = Context(c).floatToJavaScript(p.op)
  setFlagKind(c, FlagKind.nzcv)
  go(c, next(p), flags, 0)
}

/// The bits of `s` beside the operation's number, in the classes that have such bits.
enum FloatCode {
  /// The general register is an X register.
  @inline(__always) static var isWide: UInt8 { 0x80 }
  /// A comparison that signals quiet NaNs too, and one with zero.
  @inline(__always) static var signals: UInt8 { 1 }
  @inline(__always) static var zero: UInt8 { 2 }
}

extension Context {
  @inline(never)
  func floatOneSource(_ op: Op) {
    switch op.log2Size {
    case 1: floatOneSource(HalfPrecision.self, op)
    case 2: floatOneSource(SinglePrecision.self, op)
    default: floatOneSource(DoublePrecision.self, op)
    }
  }

  @inline(__always)
  private func floatOneSource<F: FloatFormat>(_ f: F.Type, _ op: Op) {
    var e = floatEnvironment
    let a = float(f, op.n)
    let mode = e.control.rounding
    switch FloatOneSource(rawValue: op.s).unsafelyUnwrapped {
    case .fabs: setFloat(f, op.d, fpAbs(f, a))
    case .fneg: setFloat(f, op.d, fpNeg(f, a))
    case .fsqrt: setFloat(f, op.d, fpSqrt(f, a, &e))
    case .frintn: setFloat(f, op.d, fpRoundInt(f, a, rounding: .tiesToEven, exact: false, &e))
    case .frintp: setFloat(f, op.d, fpRoundInt(f, a, rounding: .plusInfinity, exact: false, &e))
    case .frintm: setFloat(f, op.d, fpRoundInt(f, a, rounding: .minusInfinity, exact: false, &e))
    case .frintz: setFloat(f, op.d, fpRoundInt(f, a, rounding: .zero, exact: false, &e))
    case .frinta: setFloat(f, op.d, fpRoundInt(f, a, rounding: .tiesToAway, exact: false, &e))
    case .frintx: setFloat(f, op.d, fpRoundInt(f, a, rounding: mode, exact: true, &e))
    case .frinti: setFloat(f, op.d, fpRoundInt(f, a, rounding: mode, exact: false, &e))
    case .frint32z: setFloat(f, op.d, fpRoundIntN(f, a, rounding: .zero, size: 32, &e))
    case .frint32x: setFloat(f, op.d, fpRoundIntN(f, a, rounding: mode, size: 32, &e))
    case .frint64z: setFloat(f, op.d, fpRoundIntN(f, a, rounding: .zero, size: 64, &e))
    case .frint64x: setFloat(f, op.d, fpRoundIntN(f, a, rounding: mode, size: 64, &e))
    case .fcvtToHalf: setFloat(HalfPrecision.self, op.d, fpConvert(f, HalfPrecision.self, a, mode, &e))
    case .fcvtToSingle: setFloat(SinglePrecision.self, op.d, fpConvert(f, SinglePrecision.self, a, mode, &e))
    case .fcvtToDouble: setFloat(DoublePrecision.self, op.d, fpConvert(f, DoublePrecision.self, a, mode, &e))
    case .bfcvt: setFloat(BFloat16.self, op.d, fpConvert(f, BFloat16.self, a, mode, &e))
    }
    finish(e)
  }

  @inline(never)
  func floatTwoSource(_ op: Op) {
    switch op.log2Size {
    case 1: floatTwoSource(HalfPrecision.self, op)
    case 2: floatTwoSource(SinglePrecision.self, op)
    default: floatTwoSource(DoublePrecision.self, op)
    }
  }

  @inline(__always)
  private func floatTwoSource<F: FloatFormat>(_ f: F.Type, _ op: Op) {
    var e = floatEnvironment
    let a = float(f, op.n)
    let b = float(f, op.m)
    let result: F.Bits =
      switch FloatTwoSource(rawValue: op.s).unsafelyUnwrapped {
      case .fmul: fpMul(f, a, b, &e)
      case .fdiv: fpDiv(f, a, b, &e)
      case .fadd: fpAdd(f, a, b, &e)
      case .fsub: fpSub(f, a, b, &e)
      case .fmax: fpMax(f, a, b, &e)
      case .fmin: fpMin(f, a, b, &e)
      case .fmaxnm: fpMaxNum(f, a, b, &e)
      case .fminnm: fpMinNum(f, a, b, &e)
      case .fnmul: fpNeg(f, fpMul(f, a, b, &e))
      }
    setFloat(f, op.d, result)
    finish(e)
  }

  @inline(never)
  func floatThreeSource(_ op: Op) {
    switch op.log2Size {
    case 1: floatThreeSource(HalfPrecision.self, op)
    case 2: floatThreeSource(SinglePrecision.self, op)
    default: floatThreeSource(DoublePrecision.self, op)
    }
  }

  @inline(__always)
  private func floatThreeSource<F: FloatFormat>(_ f: F.Type, _ op: Op) {
    var e = floatEnvironment
    let operation = FloatThreeSource(rawValue: op.s).unsafelyUnwrapped
    let addend = float(f, op.a)
    let a = float(f, op.n)
    let negatesAddend = operation == .fnmadd || operation == .fnmsub
    let negatesProduct = operation == .fmsub || operation == .fnmadd
    let result = fpMulAdd(f, negatesAddend ? fpNeg(f, addend) : addend, negatesProduct ? fpNeg(f, a) : a, float(f, op.m), &e)
    setFloat(f, op.d, result)
    finish(e)
  }

  /// NZCV in bits 3:0.
  @inline(never)
  func floatCompare(_ op: Op) -> UInt64 {
    switch op.log2Size {
    case 1: floatCompare(HalfPrecision.self, op)
    case 2: floatCompare(SinglePrecision.self, op)
    default: floatCompare(DoublePrecision.self, op)
    }
  }

  @inline(__always)
  private func floatCompare<F: FloatFormat>(_ f: F.Type, _ op: Op) -> UInt64 {
    var e = floatEnvironment
    let b = op.s & FloatCode.zero != 0 ? 0 : float(f, op.m)
    let flags = fpCompare(f, float(f, op.n), b, signalNaNs: op.s & FloatCode.signals != 0, &e)
    finish(e)
    return flags
  }

  @inline(never)
  func floatToGeneral(_ op: Op) -> UInt64 {
    switch op.log2Size {
    case 1: floatToGeneral(HalfPrecision.self, op)
    case 2: floatToGeneral(SinglePrecision.self, op)
    default: floatToGeneral(DoublePrecision.self, op)
    }
  }

  @inline(__always)
  private func floatToGeneral<F: FloatFormat>(_ f: F.Type, _ op: Op) -> UInt64 {
    var e = floatEnvironment
    let rounding: RoundingMode
    let unsigned: Bool
    switch FloatToGeneral(rawValue: op.s & ~FloatCode.isWide).unsafelyUnwrapped {
    case .fcvtns: (rounding, unsigned) = (.tiesToEven, false)
    case .fcvtnu: (rounding, unsigned) = (.tiesToEven, true)
    case .fcvtps: (rounding, unsigned) = (.plusInfinity, false)
    case .fcvtpu: (rounding, unsigned) = (.plusInfinity, true)
    case .fcvtms: (rounding, unsigned) = (.minusInfinity, false)
    case .fcvtmu: (rounding, unsigned) = (.minusInfinity, true)
    case .fcvtzs: (rounding, unsigned) = (.zero, false)
    case .fcvtzu: (rounding, unsigned) = (.zero, true)
    case .fcvtas: (rounding, unsigned) = (.tiesToAway, false)
    case .fcvtau: (rounding, unsigned) = (.tiesToAway, true)
    }
    let result = fpToFixed(
      f, float(f, op.n), fractionBits: op.simdImmediate, unsigned: unsigned, rounding: rounding,
      toBits: op.s & FloatCode.isWide != 0 ? 64 : 32, &e)
    finish(e)
    return result
  }

  /// NZCV in bits 3:0.
  @inline(never)
  func floatToJavaScript(_ op: Op) -> UInt64 {
    var e = floatEnvironment
    let (result, isExact) = fpToFixedJS(float(DoublePrecision.self, op.n), &e)
    finish(e)
    setW(c, op.d, result)
    return isExact ? 0b0100 : 0
  }

  @inline(never)
  func generalToFloat(_ op: Op) {
    switch op.log2Size {
    case 1: generalToFloat(HalfPrecision.self, op)
    case 2: generalToFloat(SinglePrecision.self, op)
    default: generalToFloat(DoublePrecision.self, op)
    }
  }

  @inline(__always)
  private func generalToFloat<F: FloatFormat>(_ f: F.Type, _ op: Op) {
    var e = floatEnvironment
    let result = fixedToFP(
      f, x(c, op.n), width: op.s & FloatCode.isWide != 0 ? 64 : 32, fractionBits: op.simdImmediate,
      unsigned: op.s & ~FloatCode.isWide != 0, rounding: e.control.rounding, &e)
    setFloat(f, op.d, result)
    finish(e)
  }
}
