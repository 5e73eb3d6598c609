// Owns the substitution boxes of AES and SM4, made from the fields that define them.
// It does not know the ciphers' rounds.

/// A table of 256 bytes that lives as long as the process.
struct SubstitutionBox {
  private let bytes: UnsafePointer<UInt8>

  /// Makes the box that maps each byte `x` to `value(x)`.
  init(_ value: (UInt8) -> UInt8) {
    let table = UnsafeMutablePointer<UInt8>.allocate(capacity: 256)
    for x in 0..<256 { table[x] = value(UInt8(x)) }
    bytes = UnsafePointer(table)
  }
  @inline(__always) subscript(x: UInt8) -> UInt8 { bytes[Int(x)] }

  /// Applies the box to each byte of a word.
  @inline(__always) func word(_ x: UInt32) -> UInt32 {
    UInt32(self[UInt8(truncatingIfNeeded: x)]) | UInt32(self[UInt8(truncatingIfNeeded: x &>> 8)]) &<< 8
      | UInt32(self[UInt8(truncatingIfNeeded: x &>> 16)]) &<< 16 | UInt32(self[UInt8(truncatingIfNeeded: x &>> 24)]) &<< 24
  }
  /// Applies the box to each byte of a vector.
  @inline(__always) func vector(_ v: Vector) -> Vector {
    var result = v
    for i in 0..<16 { result.setLane(i, self[v.lane(i)]) }
    return result
  }
}

/// The boxes that the crypto instructions read. They do not change after they were made.
struct SubstitutionBoxes: @unchecked Sendable {
  let aes: SubstitutionBox
  let aesInverse: SubstitutionBox
  let sm4: SubstitutionBox

  static let shared = SubstitutionBoxes()

  private init() {
    // The box is the inverse in the field of 0x11b, followed by an affine map. FIPS 197, 5.1.1.
    let forward = SubstitutionBox { x in
      let b = Self.inverse(x, polynomial: 0x11b)
      return b ^ rotate(b, 1) ^ rotate(b, 2) ^ rotate(b, 3) ^ rotate(b, 4) ^ 0x63
    }
    aes = forward
    aesInverse = SubstitutionBox { y in UInt8((0..<256).first { forward[UInt8($0)] == y }!) }
    // The box is an affine map, the inverse in the field of 0x1f5, and the same affine map again. GB/T 32907.
    sm4 = SubstitutionBox { x in Self.affineSM4(Self.inverse(Self.affineSM4(x), polynomial: 0x1f5)) }
  }

  private static func affineSM4(_ x: UInt8) -> UInt8 {
    (0..<8).reduce(0xd3) { $0 ^ UInt8(truncatingIfNeeded: (rotate(0xa7, $1) & x).nonzeroBitCount & 1) &<< UInt8($1) }
  }

  /// The multiplicative inverse of `x` in GF(2^8), 0 for 0.
  private static func inverse(_ x: UInt8, polynomial: Int) -> UInt8 {
    (1..<256).first { multiply(Int(x), $0, polynomial) == 1 }.map { UInt8($0) } ?? 0
  }
  private static func multiply(_ a: Int, _ b: Int, _ polynomial: Int) -> Int {
    (0..<8).reversed().reduce(0) { result, bit in
      let doubled = result << 1
      return (doubled > 255 ? doubled ^ polynomial : doubled) ^ (b >> bit & 1 != 0 ? a : 0)
    }
  }
}

@inline(__always) func rotate(_ x: UInt8, _ left: Int) -> UInt8 {
  x &<< UInt8(left) | x &>> (8 &- UInt8(left))
}
@inline(__always) func rotateLeft(_ x: UInt32, _ by: UInt32) -> UInt32 { x &<< by | x &>> (32 &- by) }
@inline(__always) func rotateRight(_ x: UInt64, _ by: UInt64) -> UInt64 { x &>> by | x &<< (0 &- by) }
