// Owns the single place where debuggers ask for the text of a word.
// It does not know what writes the text.
import Decoding

public enum InstructionText {
  /// The assembler text of `word` at the virtual address `pc`, or a message if the disassembler cannot be opened.
  public static func describe(_ word: UInt32, at pc: UInt64 = 0) -> String {
    (try? Disassembler().text(word, at: pc)) ?? "not decoded"
  }
}
