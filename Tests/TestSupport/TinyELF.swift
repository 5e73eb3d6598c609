// Owns the smallest AArch64 executable that a test needs: words at an address, and a data segment where one is wanted.
// It does not know what the words do.

/// An ELF64 executable made of literal words.
public struct TinyELF: Sendable {
  /// p_flags.
  public static let execute: UInt32 = 1
  public static let write: UInt32 = 2
  public static let read: UInt32 = 4

  public var words: [UInt32]
  /// Page-aligned; the first word is the entry point.
  public var textAddress: UInt64 = 0x40_0000
  public var textFlags = TinyELF.read | TinyELF.execute
  public var data: [UInt8] = []
  /// Page-aligned.
  public var dataAddress: UInt64 = 0x50_0000
  public var dataFlags = TinyELF.read | TinyELF.write
  /// Bytes of the data segment in memory; no data segment where it is 0 and `data` is empty.
  public var dataSize: UInt64 = 0
  /// A text segment of this size in memory, zeroes behind the words.
  public var textSize: UInt64 = 0
  /// The text segment begins with the file's headers, one page below `textAddress`.
  public var coversHeaders = false
  /// ET_DYN instead of ET_EXEC.
  public var isPositionIndependent = false

  public init(_ words: [UInt32]) { self.words = words }

  public var bytes: [UInt8] {
    let text = words.flatMap { word in withUnsafeBytes(of: word.littleEndian) { Array($0) } }
    let dataOffset = UInt64(0x1000 + (text.count + 0xfff) & ~0xfff)
    let hasData = dataSize > 0 || !data.isEmpty
    var file = header(programHeaders: hasData ? 2 : 1)
    let lead: UInt64 = coversHeaders ? 0x1000 : 0
    file += programHeader(
      textFlags, offset: 0x1000 - lead, address: textAddress - lead, size: UInt64(text.count) + lead,
      memory: max(UInt64(text.count), textSize) + lead)
    if hasData {
      file += programHeader(
        dataFlags, offset: dataOffset, address: dataAddress, size: UInt64(data.count), memory: max(UInt64(data.count), dataSize))
    }
    file += [UInt8](repeating: 0, count: 0x1000 - file.count) + text
    file += [UInt8](repeating: 0, count: Int(dataOffset) - file.count) + data
    return file
  }

  private func header(programHeaders count: UInt16) -> [UInt8] {
    var file: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1] + [UInt8](repeating: 0, count: 9)
    file += Self.little(isPositionIndependent ? 3 : 2 as UInt16) + Self.little(183 as UInt16) + Self.little(1 as UInt32)
    file += Self.little(textAddress) + Self.little(64 as UInt64) + Self.little(0 as UInt64) + Self.little(0 as UInt32)
    for field in [64, 56, count, 0, 0, 0] as [UInt16] { file += Self.little(field) }
    return file
  }

  private func programHeader(_ flags: UInt32, offset: UInt64, address: UInt64, size: UInt64, memory: UInt64) -> [UInt8] {
    Self.little(1 as UInt32) + Self.little(flags) + [offset, address, address, size, memory, 0x1000].flatMap { Self.little($0) }
  }

  private static func little<T: FixedWidthInteger>(_ value: T) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }
}
