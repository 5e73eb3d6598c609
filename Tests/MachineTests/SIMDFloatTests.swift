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
  func vectors(file: String, count: Int) throws {
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
}
