// Owns the size and the offset of a load or store, read from its word. Arm ARM: C4.1.94.
// It does not know what is loaded.

/// The address of a load or store relative to Rn, and the largest number of bytes that it moves.
struct EncodedAccess {
  let word: UInt32
  init(_ word: UInt32) { self.word = word }

  private func field(_ high: UInt32, _ low: UInt32) -> UInt64 { UInt64(word >> low) & (1 << UInt64(high - low + 1) - 1) }
  private func signed(_ high: UInt32, _ low: UInt32) -> UInt64 {
    let width = UInt64(high - low + 1)
    return UInt64(bitPattern: Int64(bitPattern: field(high, low) << (64 - width)) >> Int64(64 - width))
  }
  private var isVector: Bool { field(26, 26) == 1 }
  private var isPair: Bool { field(29, 27) == 0b101 }

  /// log2 of one register's bytes. For SIMD&FP, opc<1> is the third bit of the size.
  private var scale: UInt64 {
    if isPair { return isVector ? 2 + field(31, 30) : 2 + field(31, 31) }
    return isVector && field(29, 27) == 0b111 ? field(23, 23) << 2 | field(31, 30) : field(31, 30)
  }

  /// The bytes that are accessed, or an upper bound: a power of two.
  var size: Int {
    if isVector && field(29, 27) == 0b001 { return 64 }  // structures
    if field(29, 24) == 0b001000 { return 16 }  // exclusives, CAS, CASP
    return 1 << Int(scale + (isPair ? 1 : 0))
  }

  /// Whether the word is LDXR, LDXP, STXR, STXP or an ordered form. The encodings of CASP lie between those.
  var isExclusive: Bool { field(29, 23) == 0b0010000 && !(field(31, 31) == 0 && field(21, 21) == 1) }
  var isLoadExclusive: Bool { isExclusive && field(22, 22) == 1 }

  var immediate9: UInt64 { signed(20, 12) }
  var immediate7: UInt64 { signed(21, 15) << scale }
  var immediate12: UInt64 { field(21, 10) << scale }

  /// The value of Rm after its extension, shifted by the access's size if S is set. Arm ARM: ExtendReg.
  func registerOffset(_ m: UInt64) -> UInt64 {
    let extended =
      switch field(15, 13) {
      case 0b010: m & 0xffff_ffff
      case 0b110: UInt64(bitPattern: Int64(Int32(truncatingIfNeeded: m)))
      default: m
      }
    return extended << (field(12, 12) == 1 ? scale : 0)
  }
}
