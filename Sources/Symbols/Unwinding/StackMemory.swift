// Owns reads of the guest's memory while a stack is unwound; a page that was read is kept, because frames lie close together.
// It does not know how memory is read: the caller of the unwinder passes a function.

/// Memory for one backtrace.
struct StackMemory {
  private let read: (UInt64, Int) -> [UInt8]?
  private var page: (address: UInt64, bytes: [UInt8])?
  /// The most bytes that are read at once.
  private static let pageSize: UInt64 = 4096

  init(_ read: @escaping (UInt64, Int) -> [UInt8]?) { self.read = read }

  /// A little-endian number of `size` bytes, at most 8; nil if any byte cannot be read.
  mutating func value(_ address: UInt64, size: Int = 8) -> UInt64? {
    let start = address & ~(Self.pageSize - 1)
    let offset = Int(address - start)
    if offset + size > Int(Self.pageSize) { return read(address, size).map { Self.number($0[...]) } }
    if page?.address != start, let bytes = read(start, Int(Self.pageSize)) { page = (start, bytes) }
    if let page, page.address == start { return Self.number(page.bytes[offset..<offset + size]) }
    return read(address, size).map { Self.number($0[...]) }
  }

  /// The instruction at an address.
  mutating func instruction(_ address: UInt64) -> UInt32? {
    address & 3 == 0 ? value(address, size: 4).map { UInt32(truncatingIfNeeded: $0) } : nil
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) } }
}
