// Owns the shape of a golden row and the short register names that the tables use.
// It does not know any instruction.
import Decoding
import Testing

/// A word, what an assembler calls it, and what it must decode to.
struct GoldenRow: CustomTestStringConvertible, Sendable {
  let word: UInt32
  let text: String
  let expected: Instruction
  init(_ word: UInt32, _ text: String, _ expected: Instruction) {
    self.word = word
    self.text = text
    self.expected = expected
  }
  var testDescription: String { "\(hex(word)) \(text)" }
}

func r(_ number: UInt8) -> Register { Register(number) }
func v(_ number: UInt8) -> VectorRegister { VectorRegister(number) }

/// Eight hexadecimal digits.
func hex(_ word: UInt32) -> String {
  let digits = String(word, radix: 16)
  return String(repeating: "0", count: 8 - digits.count) + digits
}
