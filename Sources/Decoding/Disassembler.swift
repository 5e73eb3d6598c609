// Owns the text of a word for people: Capstone's, or our own for what Capstone does not know.
// Nothing executes from it, and it does not know symbols.
import Architecture

/// Writes A64 words as assembler text. Not thread-safe: it owns Capstone handles.
public final class Disassembler {
  private let decoder: Decoder

  /// Throws `CapstoneError` where the linked library cannot decode AArch64.
  public init() throws { decoder = try Decoder() }

  /// One line of assembler text for `word` at `pc`, for example `ldadd x1, x2, [x0]`; branch targets are absolute.
  /// `.inst 0x...` where the word is not allocated, or is known by its feature only, which a comment then names.
  public func text(_ word: UInt32, at pc: UInt64 = 0) -> String {
    let instruction = decoder.decode(word)
    // Capstone 4 and 5 name different hints and PSTATE fields, and what is a register to one has a name in the other: these are
    // always ours, so that both print the same.
    switch instruction {
    case .hint, .barrier, .writeProcessorState, .waitWithTimeout, .flagManipulation: break
    default:
      if decoder.source(word) == .capstone, let answer = decoder.capstone.describe(word, at: pc) {
        return answer.operandText.isEmpty ? answer.mnemonic : "\(answer.mnemonic) \(answer.operandText)"
      }
    }
    if let form = AssemblerForm(instruction, at: pc) { return form.text }
    // Permanently undefined, by name.
    if word >> 16 == 0 { return "udf #\(word)" }
    let line = ".inst \(hexadecimal(word, digits: 8))"
    return UnsupportedInstructions.row(of: word).map { "\(line) // \($0.name)" } ?? line
  }
}
