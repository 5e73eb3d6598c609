// Owns the random choices of tests: the same seed gives the same choices on every host.
// It does not know what is chosen.
import Architecture

/// The kernel model's own generator, with what tests ask of one.
public struct SeededRandom: RandomNumberGenerator, Sendable {
  private var generator: SplitMix64
  public init(seed: UInt64) { generator = SplitMix64(seed: seed) }
  public mutating func next() -> UInt64 { generator.next() }
  /// 0 to `bound` - 1. The bias of the remainder does not matter here.
  public mutating func below(_ bound: UInt64) -> UInt64 { next() % bound }
  public mutating func chance(_ one: UInt64, in many: UInt64) -> Bool { below(many) < one }
}
