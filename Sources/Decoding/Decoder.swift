// Owns the order in which a word is read: Capstone recognises it, or else the list of what Capstone does not know;
// then the encoding gives the operands. It caches nothing: the machine memoises.
import Architecture

/// Decodes A64 instruction words. Not thread-safe: it owns one Capstone handle.
public final class Decoder {
  let capstone: CapstoneDecoder

  public init() throws { capstone = try CapstoneDecoder() }

  /// Who recognised a word.
  public enum Source: String, Sendable { case capstone, extensionDecoder, nobody }

  /// Who recognises the word, whether or not it can be executed.
  public func source(_ word: UInt32) -> Source {
    if capstone.recognises(word) { return .capstone }
    return ExtensionDecoder.recognises(word) && Encoding.decode(word) != .undefined ? .extensionDecoder : .nobody
  }

  /// The instruction that `word` encodes, whatever the processor: the machine refuses what its features lack.
  /// `.undefined` where the word is not allocated or its family is not supported.
  public func decode(_ word: UInt32) -> Instruction {
    if capstone.recognises(word) || ExtensionDecoder.recognises(word) { return Encoding.decode(word) }
    return .undefined
  }
}
