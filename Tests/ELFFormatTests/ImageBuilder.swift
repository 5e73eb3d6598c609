// Owns a small, sound ELF image whose fields a test may change.
// It does not know how the parser reacts.

/// A static AArch64 executable: a header, two PT_LOADs, 64 bytes of code and 32 of data.
struct ImageBuilder {
  /// 64 (header) + 2 x 56 (program headers) = 176, padded to 256; code at 256, data at 320; 352 bytes in all.
  var bytes: [UInt8]
  static let firstHeader = 64
  static let secondHeader = 120

  init() {
    bytes = [UInt8](repeating: 0, count: 352)
    bytes.replaceSubrange(0..<7, with: [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1])
    put16(16, 2)  // ET_EXEC
    put16(18, 183)  // EM_AARCH64
    put32(20, 1)
    put64(24, 0x40_0100)
    put64(32, 64)
    put16(52, 64)
    put16(54, 56)
    put16(56, 2)
    putHeader(Self.firstHeader, type: 1, flags: 5, offset: 256, address: 0x40_0100, fileSize: 64, memorySize: 64)
    putHeader(Self.secondHeader, type: 1, flags: 6, offset: 320, address: 0x41_0140, fileSize: 32, memorySize: 4096)
    for index in 256..<352 { bytes[index] = UInt8(truncatingIfNeeded: index) }
  }

  mutating func putHeader(
    _ at: Int, type: UInt32, flags: UInt32, offset: UInt64, address: UInt64, fileSize: UInt64, memorySize: UInt64, alignment: UInt64 = 4096
  ) {
    put32(at, type)
    put32(at + 4, flags)
    put64(at + 8, offset)
    put64(at + 16, address)
    put64(at + 24, address)
    put64(at + 32, fileSize)
    put64(at + 40, memorySize)
    put64(at + 48, alignment)
  }

  mutating func put16(_ at: Int, _ value: UInt16) { put(at, UInt64(value), 2) }
  mutating func put32(_ at: Int, _ value: UInt32) { put(at, UInt64(value), 4) }
  mutating func put64(_ at: Int, _ value: UInt64) { put(at, value, 8) }
  private mutating func put(_ at: Int, _ value: UInt64, _ count: Int) {
    for index in 0..<count { bytes[at + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * index)) }
  }

  /// The same image with some fields changed.
  static func with(_ change: (inout ImageBuilder) -> Void) -> [UInt8] {
    var image = ImageBuilder()
    change(&image)
    return image.bytes
  }
}
