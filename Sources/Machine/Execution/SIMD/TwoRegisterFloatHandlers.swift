// Owns the handler of Advanced SIMD two-register miscellaneous on floating-point numbers, fixed-point conversions included.
// It does not know the arithmetic: see Semantics/FloatingPoint.
import Decoding

@c func h_twoRegisterFloat(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  if Context(c).trapsVectors { return h_general(c, p, fa, fb) }
  Context(c).twoRegisterFloat(p.op)
  go(c, next(p), fa, fb)
}

extension Context {
  @inline(never)
  func twoRegisterFloat(_ op: Op) {
    let operation = TwoRegisterFloat(rawValue: op.s).unsafelyUnwrapped
    switch operation {
    case .fcvtl: lengthen(op)
    case .fcvtn, .fcvtxn, .bfcvtn: narrow(operation, op)
    default:
      switch op.log2Size {
      case 1: twoRegister(HalfPrecision.self, operation, op)
      case 2:
        if changeSigns(operation, op, signs: SIMD4<Float>.signs) { return }
        if computesOnHost && op.simdImmediate == 0 && hostTwoRegister(SIMD4<Float>.self, operation, op) { return }
        twoRegister(SinglePrecision.self, operation, op)
      default:
        if changeSigns(operation, op, signs: SIMD2<Double>.signs) { return }
        if computesOnHost && op.simdImmediate == 0 && hostTwoRegister(SIMD2<Double>.self, operation, op) { return }
        twoRegister(DoublePrecision.self, operation, op)
      }
    }
  }

  @inline(never)
  private func twoRegister<F: FloatFormat>(_ f: F.Type, _ operation: TwoRegisterFloat, _ op: Op) where F.Bits: BitwiseCopyable {
    let n = readVector(op.n)
    let fractionBits = op.simdImmediate
    floatLanes(op, count: op.laneCount) { i, e in floatResult(f, operation, n.lane(i), fractionBits: fractionBits, &e) }
  }
}

/// The rounding mode in the operation's name; FPCR's if the name has none.
@inline(__always)
private func rounding(_ operation: TwoRegisterFloat, _ control: FloatControl) -> RoundingMode {
  switch operation {
  case .frintn, .fcvtns, .fcvtnu: .tiesToEven
  case .frinta, .fcvtas, .fcvtau: .tiesToAway
  case .frintp, .fcvtps, .fcvtpu: .plusInfinity
  case .frintm, .fcvtms, .fcvtmu: .minusInfinity
  case .frintz, .fcvtzs, .fcvtzu, .frint32z, .frint64z: .zero
  default: control.rounding
  }
}

@inline(__always)
private func floatResult<F: FloatFormat>(
  _ f: F.Type, _ operation: TwoRegisterFloat, _ n: F.Bits, fractionBits: Int, _ e: inout FloatEnvironment
) -> F.Bits where F.Bits: BitwiseCopyable {
  let rounding = rounding(operation, e.control)
  switch operation {
  case .fabs: return fpAbs(f, n)
  case .fneg: return fpNeg(f, n)
  case .fsqrt: return fpSqrt(f, n, &e)
  case .frintn, .frinta, .frintp, .frintm, .frintz, .frinti: return fpRoundInt(f, n, rounding: rounding, exact: false, &e)
  case .frintx: return fpRoundInt(f, n, rounding: rounding, exact: true, &e)
  case .frint32z, .frint32x: return fpRoundIntN(f, n, rounding: rounding, size: 32, &e)
  case .frint64z, .frint64x: return fpRoundIntN(f, n, rounding: rounding, size: 64, &e)
  case .fcvtns, .fcvtas, .fcvtps, .fcvtms, .fcvtzs:
    return toFixed(f, n, fractionBits: fractionBits, unsigned: false, rounding, &e)
  case .fcvtnu, .fcvtau, .fcvtpu, .fcvtmu, .fcvtzu:
    return toFixed(f, n, fractionBits: fractionBits, unsigned: true, rounding, &e)
  case .scvtf, .ucvtf:
    return fixedToFP(
      f, UInt64(n), width: F.Bits.bitWidth, fractionBits: fractionBits, unsigned: operation == .ucvtf, rounding: rounding, &e)
  case .urecpe: return F.Bits(truncatingIfNeeded: unsignedRecipEstimate(UInt32(truncatingIfNeeded: n)))
  case .ursqrte: return F.Bits(truncatingIfNeeded: unsignedRSqrtEstimate(UInt32(truncatingIfNeeded: n)))
  case .frecpe: return fpRecipEstimate(f, n, &e)
  case .frsqrte: return fpRSqrtEstimate(f, n, &e)
  case .frecpx: return fpRecpX(f, n, &e)
  case .fcmgtZero: return F.mask(fpCompareGT(f, n, 0, &e))
  case .fcmgeZero: return F.mask(fpCompareGE(f, n, 0, &e))
  case .fcmeqZero: return F.mask(fpCompareEQ(f, n, 0, &e))
  case .fcmleZero: return F.mask(fpCompareGE(f, 0, n, &e))
  case .fcmltZero: return F.mask(fpCompareGT(f, 0, n, &e))
  case .fcvtn, .fcvtl, .fcvtxn, .bfcvtn: preconditionFailure("conversions between formats have functions of their own")
  }
}

/// To an integer as wide as the format.
@inline(__always)
private func toFixed<F: FloatFormat>(
  _ f: F.Type, _ n: F.Bits, fractionBits: Int, unsigned: Bool, _ rounding: RoundingMode, _ e: inout FloatEnvironment
) -> F.Bits {
  F.Bits(
    truncatingIfNeeded: fpToFixed(
      f, n, fractionBits: fractionBits, unsigned: unsigned, rounding: rounding, toBits: F.Bits.bitWidth, &e))
}
