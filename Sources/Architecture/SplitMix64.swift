// Owns the one source of randomness of a run: a number generator that a seed determines.
// It does not know what the numbers are for.

/// A small generator with a published definition: SplitMix64 (Steele, Lea, Flood 2014).
@frozen public struct SplitMix64: Sendable {
  @usableFromInline var word: UInt64
  @inlinable public init(seed: UInt64) { word = seed }
  /// 64 random bits.
  @inlinable public mutating func next() -> UInt64 {
    word &+= 0x9e37_79b9_7f4a_7c15
    var z = word
    z = (z ^ z &>> 30) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ z &>> 27) &* 0x94d0_49bb_1331_11eb
    return z ^ z &>> 31
  }
  /// `count` random bytes: eight from each number, the lowest first.
  public mutating func bytes(_ count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count { withUnsafeBytes(of: next().littleEndian) { bytes += $0.prefix(count - bytes.count) } }
    return bytes
  }
}
