// Owns a set of instruction words written as the Arm ARM draws an encoding: 32 places of 0, 1 or x.
// It does not know what the words do.

/// An encoding as mask and value.
public struct EncodingPattern: Hashable, Sendable, ExpressibleByStringLiteral {
  public let mask: UInt32
  public let value: UInt32

  public init(mask: UInt32, value: UInt32) {
    precondition(value & ~mask == 0)
    self.mask = mask
    self.value = value
  }

  /// Bit 31 first; spaces are for the eye, and places left out at the end are free.
  public init(_ text: String) {
    var mask: UInt32 = 0
    var value: UInt32 = 0
    var place: UInt32 = 32
    for character in text where character != " " {
      precondition(place > 0 && "01x".contains(character), "'\(text)' is no encoding")
      place -= 1
      if character == "x" { continue }
      mask |= 1 << place
      if character == "1" { value |= 1 << place }
    }
    self.init(mask: mask, value: value)
  }

  public init(stringLiteral text: String) { self.init(text) }

  public func matches(_ word: UInt32) -> Bool { word & mask == value }

  /// The word of this encoding that has the free bits of `bits`.
  func word(_ bits: UInt32) -> UInt32 { bits & ~mask | value }
}
