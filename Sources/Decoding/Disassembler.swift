// Owns the text of a word for people: Capstone's, or our own for words that Capstone does not know.
// Nothing executes from the text, and it does not know symbols.
import Architecture

/// Writes A64 words as assembler text. Not thread-safe: it owns Capstone handles.
public final class Disassembler {
  private let decoder: Decoder

  /// The version of the Capstone that is linked, as in `4.0.2`.
  public static var capstoneVersion: String { CapstoneDecoder.versionText }

  /// Opens Capstone. It throws `CapstoneError` if the linked library cannot decode AArch64.
  public init() throws { decoder = try Decoder() }

  /// One line of assembler text for `word` at the virtual address `pc`, for example `ldadd x1, x2, [x0]`; branch targets are
  /// absolute. The text is `.inst 0x...` if the word is not allocated, or if only its feature is known, which a comment then names.
  public func text(_ word: UInt32, at pc: UInt64 = 0) -> String {
    let instruction = decoder.decode(word)
    // Capstone 4 and 5 have names for different hints, PSTATE fields and system registers. The text of these instructions is always
    // our own, so that both versions print the same.
    switch instruction {
    case .hint, .barrier, .writeProcessorState, .waitWithTimeout, .flagManipulation: break
    default:
      if decoder.source(word) == .capstone, let answer = decoder.capstone.describe(word, at: pc) {
        let text = answer.operandText.isEmpty ? answer.mnemonic : "\(answer.mnemonic) \(answer.operandText)"
        return UnmodelledExtensions.name(of: word).map { "\(text) // \($0), which is not modelled" } ?? text
      }
    }
    if let form = AssemblerForm(instruction, at: pc) { return form.text }
    // UDF is permanently undefined and has a name of its own.
    if word >> 16 == 0 { return "udf #\(word)" }
    let line = ".inst \(hexadecimal(word, digits: 8))"
    return (UnsupportedInstructions.row(of: word)?.name ?? UnmodelledExtensions.comment(on: word)).map { "\(line) // \($0)" } ?? line
  }
}
