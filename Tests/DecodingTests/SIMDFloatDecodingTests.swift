// Owns the comparison of Advanced SIMD's floating-point encodings with LLVM: which words are instructions, and how they are written.
// It does not know what they compute.
import TestSupport
import Testing

@testable import Decoding

struct SIMDFloatDecodingTests {
  @Test func sameTextAsLLVM() throws {
    let decoder = try Decoder()
    var wrong: [String] = []
    let rows = try fixture("simd/float_text.tsv").split(separator: "\n").dropFirst()
    #expect(rows.count > 1500)
    for row in rows {
      let fields = row.split(separator: "\t")
      let word = UInt32(fields[0], radix: 16)!
      let instruction = decoder.decode(word)
      let text = instruction == .undefined ? "-" : AssemblerForm(instruction, at: 0)?.text ?? "no text"
      if Self.decimal(text) != Self.decimal(fields[1]) { wrong.append("\(fields[0]) \(text) / \(fields[1])") }
    }
    #expect(wrong.isEmpty, "\(wrong.count) differ: \(wrong.prefix(20).joined(separator: "\n"))")
  }

  /// Older versions of LLVM write numbers of fraction bits in decimal.
  private static func decimal(_ text: some StringProtocol) -> String {
    String(text).replacing(/#0x([0-9a-f]+)/) { "#\(Int($0.1, radix: 16)!)" }
  }
}
