// Owns the order in which decoders are asked: Capstone first, then what Capstone does not know.
// It does not know how either reads a word, and caches nothing: the machine memoises.
import Architecture

/// Decodes A64 instruction words. Not thread-safe: it owns one Capstone handle.
public final class Decoder {
  public init() throws {}

  /// The instruction that `word` encodes, whatever the processor: the machine refuses what its features lack.
  public func decode(_ word: UInt32) -> Instruction { .undefined }
}
