// Owns the random choices of tests: the same seed gives the same choices on every host.
// It does not know what is chosen.

/// SplitMix64 (Steele, Lea, Flood 2014).
public struct SeededRandom: RandomNumberGenerator, Sendable {
  private var word: UInt64
  public init(_ seed: UInt64) { word = seed }
  public init(seed: UInt64) { word = seed }
  public mutating func next() -> UInt64 {
    word &+= 0x9e37_79b9_7f4a_7c15
    var z = word
    z = (z ^ z &>> 30) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ z &>> 27) &* 0x94d0_49bb_1331_11eb
    return z ^ z &>> 31
  }
  /// 0 to `bound` - 1. The bias of the remainder does not matter here.
  public mutating func below(_ bound: UInt64) -> UInt64 { next() % bound }
  public mutating func chance(_ one: UInt64, in many: UInt64) -> Bool { below(many) < one }
}
