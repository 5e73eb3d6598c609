// Owns a set of instruction words written as the Arm ARM draws an encoding: 32 places of 0, 1 or a letter.
// It does not know what the words do, or what the letters stand for.

/// An encoding as mask and value over the word.
public struct EncodingPattern: Hashable, Sendable, ExpressibleByStringLiteral {
  /// The bits that are the same in every word of the encoding.
  public let mask: UInt32
  /// The values of the fixed bits; the other bits are 0 here.
  public let value: UInt32

  public init(mask: UInt32, value: UInt32) {
    precondition(value & ~mask == 0)
    self.mask = mask
    self.value = value
  }

  /// Makes a pattern from a drawing, bit 31 first. A letter is a bit that may be 0 or 1, spaces do not count, and places left out
  /// at the end count as letters.
  public init(_ text: String) {
    self.init(mask: Self.places(in: text) { $0 == "0" || $0 == "1" }, value: Self.places(in: text) { $0 == "1" })
  }

  public init(stringLiteral text: String) { self.init(text) }

  @inline(__always) public func matches(_ word: UInt32) -> Bool { word & mask == value }

  /// The word of this encoding whose free bits are those of `bits`.
  public func word(_ bits: UInt32) -> UInt32 { bits & ~mask | value }

  /// Whether some word belongs to both encodings.
  func overlaps(_ other: EncodingPattern) -> Bool { (value ^ other.value) & mask & other.mask == 0 }

  /// The bits of the word at the places of the drawing `text` whose characters satisfy `isWanted`.
  static func places(in text: String, where isWanted: (Character) -> Bool) -> UInt32 {
    var bits: UInt32 = 0
    var place: UInt32 = 32
    for character in text where character != " " {
      precondition(place > 0 && (character == "0" || character == "1" || character.isLetter), "'\(text)' is no encoding")
      place -= 1
      if isWanted(character) { bits |= 1 << place }
    }
    return bits
  }
}
