// Owns Advanced SIMD on floating-point lanes against results of qemu-aarch64, and where that departs from the Arm ARM.
// It does not know encodings: the words are the fixtures'.
import Architecture
import TestSupport
import Testing

@testable import Machine

/// 128 bits of a register.
private struct Value: Equatable, CustomStringConvertible {
  let low: UInt64
  let high: UInt64

  init(_ low: UInt64, _ high: UInt64) {
    self.low = low
    self.high = high
  }
  init(_ digits: Substring) {
    low = UInt64(digits.suffix(16), radix: 16)!
    high = UInt64("0" + digits.dropLast(16), radix: 16)!
  }
  var description: String { "\(String(high, radix: 16)):\(String(low, radix: 16))" }
}

/// One instruction on V0, V1 and V2, of which V0 is the destination.
private struct Row {
  let word: UInt32
  let control: UInt64
  let status: UInt64
  let operands: [Value]
  let result: Value
  let statusAfter: UInt64

  init(_ line: Substring) {
    let fields = line.split(separator: "\t")
    word = UInt32(fields[0], radix: 16)!
    control = UInt64(fields[1], radix: 16)!
    status = UInt64(fields[2], radix: 16)!
    operands = fields[3...5].map(Value.init)
    result = Value(fields[6])
    statusAfter = UInt64(fields[7], radix: 16)!
  }
}

struct SIMDFloatTests {
  private func execute(_ machine: BareMachine, _ word: UInt32, control: UInt64, status: UInt64, _ operands: [Value]) -> (
    result: Value, status: UInt64
  ) {
    let taken = machine.exception(of: word, x0: 0) { processor in
      processor.write(.FPCR, control)
      processor.write(.FPSR, status)
      for (number, value) in operands.enumerated() { processor.setVector(number, low: value.low, high: value.high) }
    }
    #expect(taken?.esr == 0x5600_0000, "\(String(word, radix: 16)) takes an exception")
    let vector = machine[0].vector(0)
    return (Value(vector.low, vector.high), machine[0].read(.FPSR)!)
  }

  @Test(arguments: [
    ("threeSame", 2000), ("threeSameExtra", 700), ("twoRegister", 3000), ("fixedPoint", 800), ("acrossLanes", 500), ("byElement", 700),
  ])
  func resultsAreQEMUs(file: String, count: Int) throws {
    let rows = try fixture("simd/float_\(file).tsv").split(separator: "\n").dropFirst().map(Row.init)
    #expect(rows.count >= count)
    let machine = try BareMachine()
    var wrong = 0
    for row in rows {
      let got = execute(machine, row.word, control: row.control, status: row.status, row.operands)
      if got.result == row.result && got.status == row.statusAfter { continue }
      wrong += 1
      if wrong <= 10 {
        Issue.record(
          "\(String(row.word, radix: 16)) of \(row.operands): \(got.result), FPSR \(String(got.status, radix: 16)), not \(row.result)")
      }
    }
    #expect(wrong == 0)
  }

  /// FCVTZS (vector, fixed-point), C7.2: V[d, 16] = result clears the rest of the register. QEMU 7.2 leaves the sign in bits 31:16.
  @Test func scalarHalfFixedPointClearsTheRest() throws {
    let machine = try BareMachine()
    let minusOne = Value(0xbc00, 0)
    // fcvtzs h0, h1, #8
    let got = execute(machine, 0x5f18_fc20, control: 0, status: 0, [Value(~0, ~0), minusOne])
    #expect(got.result == Value(0xff00, 0) && got.status == 0)
  }

  /// An instruction of an absent feature is UNDEFINED: EC 0.
  @Test(
    arguments: [
      ("fp16", 0x4e42_1420),  // fadd v0.8h, v1.8h, v2.8h
      ("fp16", 0x0e79_d820),  // scvtf v0.4h, v1.4h
      ("fp16", 0x5e30_d820),  // faddp h0, v1.2h
      ("fp16", 0x4f02_1020),  // fmla v0.8h, v1.8h, v2.h[0]
      ("fcma", 0x6e82_c420),  // fcmla v0.4s, v1.4s, v2.4s, #0
      ("fcma", 0x6f82_1020),  // fcmla v0.4s, v1.4s, v2.s[0], #0
      ("fhm", 0x4e22_ec20),  // fmlal v0.4s, v1.4h, v2.4h
      ("bf16", 0x6e42_fc20),  // bfdot v0.4s, v1.8h, v2.8h
      ("bf16", 0x0ea1_6820),  // bfcvtn v0.4h, v1.4s
      ("frintts", 0x4e21_e820),  // frint32z v0.4s, v1.4s
    ] as [(String, UInt32)])
  func absentFeatures(name: String, word: UInt32) throws {
    let feature = try #require(ProcessorFeatures.switches.first { $0.name == name }).keyPath
    for present in [true, false] {
      var features = ProcessorFeatures()
      features[keyPath: feature] = present
      let taken = try BareMachine(features: features).exception(of: word, x0: 0)
      #expect(taken?.esr == (present ? 0x5600_0000 : 0x0200_0000))
    }
  }
}
