// Owns the order in which a word is read: Capstone recognises it, or else the list of what Capstone does not know;
// then the encoding gives the operands. It caches nothing: the machine memoises.
import Architecture

/// Decodes A64 instruction words. Not thread-safe: it owns one Capstone handle.
public final class Decoder {
  let capstone: CapstoneDecoder

  /// Throws `CapstoneError` where the linked library cannot decode AArch64.
  public init() throws { capstone = try CapstoneDecoder() }

  /// Who recognised a word.
  public enum Source: String, Sendable { case capstone, extensionDecoder, nobody }

  /// Who recognises the word, whether or not it can be executed.
  public func source(_ word: UInt32) -> Source { read(word).source }

  /// Whether the word is an instruction, supported here or not, as far as the linked Capstone and this module know.
  /// True with `.undefined` from `decode` means "allocated but not supported"; `Disassembler` names it.
  public func isAllocated(_ word: UInt32) -> Bool {
    read(word).source != .nobody || UnsupportedInstructions.row(of: word) != nil
  }

  /// The instruction that `word` encodes, whatever the processor: the machine refuses what its features lack.
  /// `.undefined` where the word is not allocated or its family is not supported.
  public func decode(_ word: UInt32) -> Instruction { read(word).instruction }

  private func read(_ word: UInt32) -> (source: Source, instruction: Instruction) {
    let instruction = Encoding.decode(word)
    if capstone.recognises(word) {
      return instruction == .undefined && Self.isVague(word) ? (.nobody, .undefined) : (.capstone, instruction)
    }
    // The list's rows cover whole classes, so a word of it counts only where the encoding is allocated too.
    return ExtensionDecoder.recognises(word) && instruction != .undefined ? (.extensionDecoder, instruction) : (.nobody, .undefined)
  }

  /// Capstone accepts every system word with op0 = 0 as a MSR or MRS of some S0_... register; only hints, barriers and PSTATE
  /// fields are allocated there (C4.1.94), and the encoding tables have all of them.
  ///
  /// UDF (C6.2.393) is what reserved space below 0x1_0000 is called: version 5 knows the name, version 4 does not.
  private static func isVague(_ word: UInt32) -> Bool { word & 0xffd8_0000 == 0xd500_0000 || word >> 16 == 0 }
}
