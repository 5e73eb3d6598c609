// Owns the one place where debuggers ask for the text of a word.
// It does not know who writes it.
import Decoding

public enum InstructionText {
  /// Assembler text of `word` at `pc`; says so where the disassembler cannot be opened.
  public static func describe(_ word: UInt32, at pc: UInt64 = 0) -> String {
    (try? Disassembler().text(word, at: pc)) ?? "not decoded"
  }
}
