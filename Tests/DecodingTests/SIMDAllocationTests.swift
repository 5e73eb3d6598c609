// Owns which words of Advanced SIMD are instructions: every combination of sizes, opcodes, Q and U in each encoding class.
// It does not know what they are: the verdicts in Tests/Fixtures/simd/allocation.tsv are llvm-objdump's, recorded by `make vectors`.
import TestSupport
import Testing

@testable import Decoding

struct SIMDAllocationTests {
  @Test func sameVerdictsAsLLVM() throws {
    let decoder = try Decoder()
    let rows = try fixture("simd/allocation.tsv").split(separator: "\n").dropFirst()
    #expect(rows.count == 28)
    for row in rows {
      let fields = row.split(separator: "\t")
      let words = Self.words(fields[1])
      let digits = try fields[2].map { try #require($0.hexDigitValue) }
      #expect(digits.count * 4 == words.count)
      let wrong = words.indices.filter { i in
        (decoder.decode(words[i]) != .undefined) != (digits[i / 4] >> (3 - i % 4) & 1 == 1)
      }
      #expect(wrong.isEmpty, "\(fields[0]): \(wrong.prefix(8).map { hex(words[$0]) })")
    }
  }

  /// The words of a pattern whose x are 0 or 1, in order.
  private static func words(_ pattern: Substring) -> [UInt32] {
    pattern.reduce([0]) { words, digit in
      let shifted = words.map { $0 << 1 }
      return digit == "x" ? shifted.flatMap { [$0, $0 | 1] } : digit == "1" ? shifted.map { $0 | 1 } : shifted
    }
  }
}
