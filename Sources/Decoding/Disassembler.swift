// Owns the text of an instruction word for people.
// It decides nothing: what executes comes from `Decoder`.

public enum Disassembler {
  /// The instruction as assembly text, or `.inst 0x...` where nobody knows it.
  public static func describe(_ word: UInt32, at pc: UInt64) -> String {
    if let capstone = try? CapstoneDecoder(), let answer = capstone.describe(word, at: pc) {
      return answer.operands.isEmpty ? answer.mnemonic : answer.mnemonic + " " + answer.operands
    }
    let digits = String(word, radix: 16)
    return ".inst 0x" + String(repeating: "0", count: 8 - digits.count) + digits
  }
}
