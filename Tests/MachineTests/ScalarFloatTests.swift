// Owns scalar floating-point instructions, run: the vectors of the operations, compares, selections, moves, FPCR and FPSR.
// It does not know which handler runs; each vector runs where the host computes, if it can, and where it cannot.
import Architecture
import TestSupport
import Testing

@testable import Machine

struct ScalarFloatTests {
  private static var features: ProcessorFeatures {
    var features = ProcessorFeatures()
    features.fp16 = true
    features.bf16 = true
    features.jscvt = true
    features.frintts = true
    return features
  }

  private struct Form {
    let word: UInt32
    /// V3, X9 or NZCV.
    let result: Substring
  }

  /// The second run has FPSR.IXC set before, as the host handlers want it.
  @Test(arguments: [0, 0x10] as [UInt64]) func resultsAreQEMUs(statusBefore: UInt64) throws {
    var forms: [String: Form] = [:]
    for line in try fixture("float/words.tsv").split(separator: "\n").dropFirst() {
      let columns = line.split(separator: "\t")
      forms[String(columns[0])] = Form(word: UInt32(columns[1], radix: 16)!, result: columns[2])
    }
    let machine = try BareMachine(features: Self.features)
    var count = 0
    var wrong = 0
    for file in ["arithmetic", "conversions"] {
      for row in try fixture("float/\(file).tsv").split(separator: "\n").dropFirst().map(FloatVector.init) {
        guard let form = forms[row.name.joined(separator: "_")] else { continue }
        count += 1
        let got = run(form, row, statusBefore, on: machine)
        let status = UInt64(row.status) | statusBefore
        if got.result == row.result && got.status == status && (form.result != "NZCV" || got.nzcv == row.nzcv) { continue }
        wrong += 1
        if wrong <= 10 { Issue.record("\(row): got \(got)") }
      }
    }
    #expect(wrong == 0)
    #expect(count > 15000)
  }

  private func run(
    _ form: Form, _ row: FloatVector, _ status: UInt64, on machine: BareMachine
  ) -> (result: UInt64, status: UInt64, nzcv: UInt64) {
    let processor = machine[0]
    machine.load([form.word])
    processor.pc = BareMachine.code
    for (n, value) in [row.a, row.b, row.c, 0].enumerated() { processor.setVector(n, low: value, high: ~0) }
    processor[x: 9] = row.a
    processor.write(.FPCR, UInt64(row.control.bits))
    processor.write(.FPSR, status)
    machine.run(count: 1)
    let v3 = processor.vector(3)
    // A result in a SIMD&FP register clears the rest of it; so does none at all, in high here.
    if form.result == "V3" && v3.high != 0 { return (~0, 0, 0) }
    let result = form.result == "X9" ? processor[x: 9] : form.result == "V3" ? v3.low : 0
    return (result, processor.read(.FPSR)!, processor.pstate.rawValue >> 28 & 15)
  }

  /// Words that ask nothing of FPCR, and their results in D0, X0 or NZCV.
  @Test func movesAndSelections() throws {
    let rows: [(word: UInt32, d0: UInt64, x0: UInt64, nzcv: UInt64)] = [
      (0x1e60_c020, 0x4000_0000_0000_0000, 0, 6),  // fabs d0, d1
      (0x1e61_4020, 0x4000_0000_0000_0000, 0, 6),  // fneg d0, d1
      (0x1e60_4020, 0xc000_0000_0000_0000, 0, 6),  // fmov d0, d1
      (0x1e20_4020, 0, 0, 6),  // fmov s0, s1
      (0x1ee0_4040, 0x4567, 0, 6),  // fmov h0, h2
      (0x1ee0_c040, 0x4567, 0, 6),  // fabs h0, h2
      (0x1ee1_4040, 0xc567, 0, 6),  // fneg h0, h2
      (0x1e6e_1000, 0x3ff0_0000_0000_0000, 0, 6),  // fmov d0, #1.0
      (0x1e2e_1000, 0x3f80_0000, 0, 6),  // fmov s0, #1.0
      (0x1ee0_1000, 0x4000, 0, 6),  // fmov h0, #2.0
      (0x9e67_0020, 0x0123_4567_89ab_cdef, 0, 6),  // fmov d0, x1
      (0x1e27_0020, 0x89ab_cdef, 0, 6),  // fmov s0, w1
      (0x1ee7_0020, 0xcdef, 0, 6),  // fmov h0, w1
      (0x9ee7_0020, 0xcdef, 0, 6),  // fmov h0, x1
      (0x9e66_0020, ~0, 0xc000_0000_0000_0000, 6),  // fmov x0, d1
      (0x1e26_0040, ~0, 0x4567, 6),  // fmov w0, s2
      (0x1ee6_0040, ~0, 0x4567, 6),  // fmov w0, h2
      (0x1e62_0c20, 0xc000_0000_0000_0000, 0, 6),  // fcsel d0, d1, d2, eq
      (0x1e62_1c20, 0x4567, 0, 6),  // fcsel d0, d1, d2, ne
      (0x1ee2_1c20, 0x4567, 0, 6),  // fcsel h0, h1, h2, ne
      (0x1e62_2020, ~0, 0, 8),  // fcmp d1, d2
      (0x1e60_2028, ~0, 0, 8),  // fcmp d1, #0.0
      (0x1e60_2058, ~0, 0, 2),  // fcmpe d2, #0.0
      (0x1e62_0423, ~0, 0, 8),  // fccmp d1, d2, #3, eq
      (0x1e62_1429, ~0, 0, 9),  // fccmp d1, d2, #9, ne
      (0x1e62_143f, ~0, 0, 15),  // fccmpe d1, d2, #15, ne
    ]
    for row in rows {
      let machine = try BareMachine(features: Self.features)
      let processor = machine[0]
      machine.load([row.word])
      processor.setVector(0, low: ~0, high: ~0)
      processor.setVector(1, low: 0xc000_0000_0000_0000, high: ~0)
      processor.setVector(2, low: 0x4567, high: ~0)
      processor[x: 0] = 0
      processor[x: 1] = 0x0123_4567_89ab_cdef
      processor.pstate = ProcessorState(rawValue: 6 << 28)
      machine.run(count: 1)
      let v0 = processor.vector(0)
      let name = "\(String(row.word, radix: 16))"
      #expect(v0.low == row.d0 && v0.high == (row.d0 == ~0 ? ~0 : 0), "\(name)")
      #expect(processor[x: 0] == row.x0, "\(name)")
      #expect(processor.pstate.rawValue >> 28 == row.nzcv, "\(name)")
      #expect(processor.read(.FPSR) == 0, "\(name)")
    }
  }

  /// FPCR and FPSR keep the fields that exist. Arm ARM D19.
  @Test func registerFields() throws {
    for (halfPrecision, expected) in [(true, 0x07ff_0000), (false, 0x07f7_0000)] as [(Bool, UInt64)] {
      var features = Self.features
      features.fp16 = halfPrecision
      let machine = try BareMachine(features: features)
      // msr fpcr, x0; msr fpsr, x0; mrs x1, fpcr; mrs x2, fpsr
      machine.load([0xd51b_4400, 0xd51b_4420, 0xd53b_4401, 0xd53b_4422])
      machine[0][x: 0] = ~0
      machine.run(count: 4)
      #expect(machine[0][x: 1] == expected)
      #expect(machine[0][x: 2] == 0xf800_009f)
    }
  }

  /// A rounding mode written by MSR holds for the next instruction, and so does its end.
  @Test func roundingModeChanges() throws {
    let machine = try BareMachine()
    // fdiv d0, d1, d2; msr fpcr, x0; fdiv d3, d1, d2; msr fpcr, xzr; fdiv d4, d1, d2
    machine.load([0x1e62_1820, 0xd51b_4400, 0x1e62_1823, 0xd51b_441f, 0x1e62_1824])
    machine[0].setVector(1, low: 0x3ff0_0000_0000_0000, high: 0)
    machine[0].setVector(2, low: 0x4008_0000_0000_0000, high: 0)
    machine[0][x: 0] = 1 << 22
    machine.run(count: 5)
    #expect(machine[0].vector(0).low == 0x3fd5_5555_5555_5555)
    #expect(machine[0].vector(3).low == 0x3fd5_5555_5555_5556)
    #expect(machine[0].vector(4).low == 0x3fd5_5555_5555_5555)
  }
}
