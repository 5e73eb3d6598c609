// Owns the integer SIMD instructions by example: every operation on every size, and every form of structure load and store.
// It does not know what they compute: inputs and results are in Tests/Fixtures/simd, recorded by `make vectors` from qemu-aarch64.
import TestSupport
import Testing

@testable import Machine

struct SIMDVectorTests {
  private static let classes = [
    "three_same", "three_same_extra", "three_different", "two_register", "across_lanes", "shift", "by_element", "permute", "move",
  ]

  /// The rows of a table without its header, by column.
  private static func rows(_ name: String) throws -> [[Substring]] {
    try fixture("simd/\(name).tsv").split(separator: "\n").dropFirst().map { $0.split(separator: "\t") }
  }
  /// 128 bits, the lower half first, from 32 digits, the highest first.
  private static func halves(_ digits: Substring) throws -> [UInt64] {
    [try #require(UInt64(digits.suffix(16), radix: 16)), try #require(UInt64(digits.prefix(16), radix: 16))]
  }

  /// The instruction runs on V0, V1 and V2, all other registers zero; V0 and FPSR are what it leaves.
  @Test(arguments: classes) func resultsAreQEMUs(name: String) throws {
    let machine = try BareMachine()
    let rows = try Self.rows(name)
    #expect(rows.count >= 30)
    for row in rows {
      let word = try #require(UInt32(row[0], radix: 16))
      let inputs = try row[2..<5].map(Self.halves)
      let exception = machine.exception(of: word, x0: 0) { processor in
        for i in 0..<32 { processor.setVector(i, low: 0, high: 0) }
        for (i, input) in inputs.enumerated() { processor.setVector(i, low: input[0], high: input[1]) }
        processor.el1[.FPSR] = 0
      }
      #expect(exception?.esr == 0x5600_0000, "\(row[1])")
      let result = machine[0].vector(0)
      #expect([result.low, result.high] == (try Self.halves(row[5])), "\(row[1])")
      #expect(machine[0].el1[.FPSR] == UInt64(row[6], radix: 16), "\(row[1])")
    }
  }

  /// 64 bytes 0 to 63 lie at X0, byte i of Vr is 0x80 + 16 r + i for r from 0 to 3, X1 is 24. A load leaves V0 to V3, a store
  /// memory, as the digits say, the lowest byte first. The same with the fast table and through the general executor.
  @Test(arguments: [true, false]) func structures(fastTable: Bool) throws {
    let machine = try BareMachine(fastTable: fastTable)
    let rows = try Self.rows("structures")
    #expect(rows.count >= 300)
    for row in rows {
      let word = try #require(UInt32(row[0], radix: 16))
      let isLoad = word >> 22 & 1 == 1
      for i in 0..<UInt64(8) { machine.put(BareMachine.dataPA + i * 8, 0x0706_0504_0302_0100 + 0x0808_0808_0808_0808 &* i) }
      let exception = machine.exception(of: word, x0: BareMachine.data) { processor in
        processor[x: 1] = 24
        for r in 0..<4 {
          let low: UInt64 = 0x8786_8584_8382_8180 + 0x1010_1010_1010_1010 * UInt64(r)
          processor.setVector(r, low: low, high: low + 0x0808_0808_0808_0808)
        }
      }
      #expect(exception?.esr == 0x5600_0000, "\(row[1])")
      #expect(machine[0][x: 0] - BareMachine.data == UInt64(row[2]), "\(row[1])")
      let words =
        isLoad
        ? (0..<4).flatMap { [machine[0].vector($0).low, machine[0].vector($0).high] }
        : (0..<8).map { machine.get(BareMachine.dataPA + $0 * 8) }
      let digits = words.map { word in
        let text = String(word.byteSwapped, radix: 16)
        return String(repeating: "0", count: 16 - text.count) + text
      }
      #expect(digits.joined() == row[3], "\(row[1])")
    }
  }
}
