// Owns tests of the floating-point operations against results of qemu-aarch64, and of the cases where QEMU departs from the Arm
// ARM.
// It does not know instructions or registers.
import TestSupport
import Testing

@testable import Machine

private typealias H = HalfPrecision
private typealias S = SinglePrecision
private typealias D = DoublePrecision

struct FloatingPointTests {
  @Test(arguments: ["arithmetic", "conversions"]) func resultsAreQEMUs(file: String) throws {
    let rows = try fixture("float/\(file).tsv").split(separator: "\n").dropFirst().map(FloatVector.init)
    #expect(rows.count > 7000)
    var wrong = 0
    for row in rows {
      let got = row.computed()
      if got.result == row.result && got.status == row.status && got.nzcv == row.nzcv { continue }
      wrong += 1
      if wrong <= 10 { Issue.record("\(row): got \(got)") }
    }
    #expect(wrong == 0)
  }

  /// Arm ARM: FPToFixedJS. A positive denormal that FPCR.FZ flushes is not exact; QEMU 7.2 sets Z.
  @Test func javaScriptConversionOfAFlushedDenormal() {
    var e = FloatEnvironment(control: FloatControl(bits: 0x0100_0000), status: 0)
    let (result, isExact) = fpToFixedJS(1, &e)
    #expect(result == 0 && !isExact && e.status == 0x80)
  }

  /// Arm ARM C2.2.3, table of modified immediate constants for floating point.
  @Test func modifiedImmediateConstants() {
    #expect(fpExpandImmediate(D.self, 0x70) == 0x3ff0_0000_0000_0000)
    #expect(fpExpandImmediate(D.self, 0x00) == 0x4000_0000_0000_0000)
    #expect(fpExpandImmediate(D.self, 0xff) == 0xbfff_0000_0000_0000)
    #expect(fpExpandImmediate(S.self, 0x70) == 0x3f80_0000)
    #expect(fpExpandImmediate(S.self, 0xc0) == 0xbe00_0000)
    #expect(fpExpandImmediate(H.self, 0x3f) == 0x4fc0)
  }

  /// Host arithmetic gives the same results as the pure functions, or declines. The cases that it accepts raise no flag.
  @Test func hostArithmetic() {
    var random = SeededRandom(seed: 3)
    var taken = 0
    for _ in 0..<20000 {
      let a = interestingDouble(&random), b = interestingDouble(&random), c = interestingDouble(&random)
      var e = FloatEnvironment(control: FloatControl(bits: 0), status: 0x10)
      let rows: [(UInt64?, UInt64)] = [
        (hostAdd(D.self, a, b), fpAdd(D.self, a, b, &e)), (hostSub(D.self, a, b), fpSub(D.self, a, b, &e)),
        (hostMul(D.self, a, b), fpMul(D.self, a, b, &e)), (hostDiv(D.self, a, b), fpDiv(D.self, a, b, &e)),
        (hostSqrt(D.self, a), fpSqrt(D.self, a, &e)),
        (HostProcessor.fuses ? hostMulAdd(D.self, c, a, b) : nil, fpMulAdd(D.self, c, a, b, &e)),
        (hostMax(D.self, a, b), fpMax(D.self, a, b, &e)), (hostMin(D.self, a, b), fpMin(D.self, a, b, &e)),
        (hostCompare(D.self, a, b), fpCompare(D.self, a, b, signalNaNs: false, &e)),
        (
          hostConvert(D.self, S.self, a).map(UInt64.init), UInt64(fpConvert(D.self, S.self, a, .tiesToEven, &e))
        ),
        (
          hostToInteger(D.self, a, Int64.self).map(UInt64.init(bitPattern:)),
          fpToFixed(D.self, a, fractionBits: 0, unsigned: false, rounding: .zero, toBits: 64, &e)
        ),
      ]
      for (row, (host, expected)) in rows.enumerated() {
        guard let host else { continue }
        taken += 1
        if host != expected { Issue.record("row \(row) of \(a), \(b), \(c): host \(host), not \(expected)") }
      }
      if !rows.contains(where: { $0.0 == nil }) { #expect(e.status == 0x10) }
    }
    #expect(taken > 50000)
  }

  /// Zeros, NaNs, infinities, extremes, and numbers with exponents near each other.
  private func interestingDouble(_ random: inout SeededRandom) -> UInt64 {
    let bits = random.next()
    let sign = bits & 1 << 63
    switch bits & 15 {
    case 0: return sign
    case 1: return sign | 0x7ff0_0000_0000_0000
    case 2: return sign | 0x7ff0_0000_0000_0000 | random.next() >> 12
    case 3: return sign | random.next() >> 12
    case 4: return sign | 0x0010_0000_0000_0000
    case 5: return sign | 0x7fef_ffff_ffff_ffff
    case 6: return random.next()
    default: return sign | (1000 + random.next() % 48) << 52 | random.next() >> 12
    }
  }
}

/// A row of a file of vectors. A name is an operation, followed by its operands' kinds: h, s, d; w and x are general registers.
struct FloatVector: CustomStringConvertible {
  let description: String
  let name: [Substring]
  let a: UInt64, b: UInt64, c: UInt64
  let control: FloatControl
  let result: UInt64, status: UInt32, nzcv: UInt64

  init(_ line: Substring) {
    description = String(line)
    let columns = line.split(separator: "\t")
    name = columns[0].split(separator: "_")
    let numbers = columns.dropFirst().map { UInt64($0, radix: 16)! }
    (a, b, c) = (numbers[0], numbers[1], numbers[2])
    control = FloatControl(bits: UInt32(numbers[3]))
    (result, status, nzcv) = (numbers[4], UInt32(numbers[5]), numbers[6])
  }

  func computed() -> (result: UInt64, status: UInt32, nzcv: UInt64) {
    var e = FloatEnvironment(control: control, status: 0)
    var nzcv: UInt64 = 0
    let result: UInt64 =
      switch name.count > 1 ? name[1] : "" {
      case "h": compute(H.self, &e, &nzcv)
      case "s": compute(S.self, &e, &nzcv)
      case "d": compute(D.self, &e, &nzcv)
      default: computeUnique(&e, &nzcv)
      }
    return (result, e.status, nzcv)
  }

  private func compute<F: FloatFormat>(_ f: F.Type, _ e: inout FloatEnvironment, _ nzcv: inout UInt64) -> UInt64 {
    let operation = String(name[0])
    if operation == "fcvt" { return convert(f, to: name[2], &e) }
    if operation.hasPrefix("fcvt") { return toInteger(f, operation, &e) }
    let isUnsigned = operation.hasPrefix("u")
    if operation.hasSuffix("cvtf") {
      return UInt64(
        fixedToFP(
          f, a, width: width, fractionBits: fractionBits, unsigned: isUnsigned, rounding: control.rounding, &e))
    }
    if operation.hasPrefix("fcmp") {
      nzcv = fpCompare(f, F.Bits(a), F.Bits(b), signalNaNs: operation == "fcmpe", &e)
      return 0
    }
    return UInt64(arithmetic(f, operation, F.Bits(a), F.Bits(b), F.Bits(c), &e))
  }

  private func arithmetic<F: FloatFormat>(
    _ f: F.Type, _ operation: String, _ a: F.Bits, _ b: F.Bits, _ c: F.Bits, _ e: inout FloatEnvironment
  ) -> F.Bits {
    switch operation {
    case "fadd": fpAdd(f, a, b, &e)
    case "fsub": fpSub(f, a, b, &e)
    case "fmul": fpMul(f, a, b, &e)
    case "fmulx": fpMulX(f, a, b, &e)
    case "fnmul": fpNeg(f, fpMul(f, a, b, &e))
    case "fdiv": fpDiv(f, a, b, &e)
    case "fabd": fpAbs(f, fpSub(f, a, b, &e))
    case "fsqrt": fpSqrt(f, a, &e)
    case "fmax": fpMax(f, a, b, &e)
    case "fmin": fpMin(f, a, b, &e)
    case "fmaxnm": fpMaxNum(f, a, b, &e)
    case "fminnm": fpMinNum(f, a, b, &e)
    case "fmadd": fpMulAdd(f, c, a, b, &e)
    case "fmsub": fpMulAdd(f, c, fpNeg(f, a), b, &e)
    case "fnmsub": fpMulAdd(f, fpNeg(f, c), a, b, &e)
    case "frecps": fpRecipStepFused(f, a, b, &e)
    case "frsqrts": fpRSqrtStepFused(f, a, b, &e)
    case "frecpe": fpRecipEstimate(f, a, &e)
    case "frsqrte": fpRSqrtEstimate(f, a, &e)
    case "frecpx": fpRecpX(f, a, &e)
    case "fcmeq": fpCompareEQ(f, a, b, &e) ? ~0 : 0
    case "fcmge": fpCompareGE(f, a, b, &e) ? ~0 : 0
    case "fcmgt": fpCompareGT(f, a, b, &e) ? ~0 : 0
    case "frintx": fpRoundInt(f, a, rounding: control.rounding, exact: true, &e)
    case "frinti": fpRoundInt(f, a, rounding: control.rounding, exact: false, &e)
    case "frint32x": fpRoundIntN(f, a, rounding: control.rounding, size: 32, &e)
    case "frint64x": fpRoundIntN(f, a, rounding: control.rounding, size: 64, &e)
    case "frint32z": fpRoundIntN(f, a, rounding: .zero, size: 32, &e)
    case "frint64z": fpRoundIntN(f, a, rounding: .zero, size: 64, &e)
    default: fpRoundInt(f, a, rounding: Self.rounding(operation.last!), exact: false, &e)
    }
  }

  private func toInteger<F: FloatFormat>(_ f: F.Type, _ operation: String, _ e: inout FloatEnvironment) -> UInt64 {
    fpToFixed(
      f, F.Bits(a), fractionBits: fractionBits, unsigned: operation.last == "u",
      rounding: Self.rounding(operation.dropLast().last!), toBits: width, &e)
  }

  private func convert<F: FloatFormat>(_ f: F.Type, to: Substring, _ e: inout FloatEnvironment) -> UInt64 {
    switch to {
    case "h": UInt64(fpConvert(f, H.self, F.Bits(a), control.rounding, &e))
    case "s": UInt64(fpConvert(f, S.self, F.Bits(a), control.rounding, &e))
    default: fpConvert(f, D.self, F.Bits(a), control.rounding, &e)
    }
  }

  /// Operations that have one format.
  private func computeUnique(_ e: inout FloatEnvironment, _ nzcv: inout UInt64) -> UInt64 {
    switch name[0] {
    case "fcvtxn": return UInt64(fpConvert(D.self, S.self, a, .odd, &e))
    case "bfcvt": return UInt64(fpConvert(S.self, BFloat16.self, UInt32(a), control.rounding, &e))
    case "fjcvtzs":
      let (result, isExact) = fpToFixedJS(a, &e)
      nzcv = isExact ? 4 : 0
      return UInt64(result)
    case "urecpe": return UInt64(unsignedRecipEstimate(UInt32(truncatingIfNeeded: a)))
    case "ursqrte": return UInt64(unsignedRSqrtEstimate(UInt32(truncatingIfNeeded: a)))
    case "fmlal": return UInt64(fpMulAddH(UInt32(c), UInt16(a), UInt16(b), &e))
    case "bfmlalb": return UInt64(bfMulAdd(UInt32(c), UInt16(a), UInt16(b), &e))
    case "bfdot":
      return UInt64(bfDotAdd(UInt32(c), UInt16(a & 0xffff), UInt16(a >> 16), UInt16(b & 0xffff), UInt16(b >> 16)))
    default: preconditionFailure("an operation that the tests do not know: \(name[0])")
    }
  }

  private var width: Int { name[2] == "x" ? 64 : name[2] == "w" ? 32 : 16 }
  private var fractionBits: Int { name.count > 3 ? Int(name[3])! : 0 }

  /// The letter that mnemonics use.
  private static func rounding(_ letter: Character) -> RoundingMode {
    switch letter {
    case "n": .tiesToEven
    case "p": .plusInfinity
    case "m": .minusInfinity
    case "z": .zero
    default: .tiesToAway
    }
  }
}
