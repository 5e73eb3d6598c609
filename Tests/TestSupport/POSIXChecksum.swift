// Owns the checksum that the cksum command prints. It does not know what is summed.

/// POSIX cksum: a CRC of 32 bits over the bytes and then their number, least significant byte first, without leading zeroes.
public enum POSIXChecksum {
  public static func of(_ bytes: [UInt8]) -> UInt32 {
    var sum: UInt32 = 0
    for byte in bytes { add(byte, to: &sum) }
    var count = bytes.count
    while count > 0 {
      add(UInt8(count & 0xff), to: &sum)
      count >>= 8
    }
    return ~sum
  }

  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index) << 24) { sum, _ in sum & 0x8000_0000 != 0 ? sum << 1 ^ 0x04c1_1db7 : sum << 1 }
  }
  private static func add(_ byte: UInt8, to sum: inout UInt32) {
    sum = sum << 8 ^ table[Int(UInt8(truncatingIfNeeded: sum >> 24) ^ byte)]
  }
}
