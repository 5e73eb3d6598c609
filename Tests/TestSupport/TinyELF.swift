// Owns the smallest AArch64 executable that a test needs: words at an address, and a data segment and symbols if wanted.
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
  /// The size of the data segment in memory in bytes. There is none if this is 0 and `data` is empty.
  public var dataSize: UInt64 = 0
  /// A text segment of this size in memory, zeroes behind the words.
  public var textSize: UInt64 = 0
  /// The text segment begins with the file's headers, one page below `textAddress`.
  public var coversHeaders = false
  /// ET_DYN instead of ET_EXEC.
  public var isPositionIndependent = false

  /// The symbols of a symbol table; without symbols there is no table.
  public var symbols: [(name: String, address: UInt64, size: UInt64)] = []

  public init(_ words: [UInt32]) { self.words = words }

  public var bytes: [UInt8] {
    let text = words.flatMap { word in withUnsafeBytes(of: word.littleEndian) { Array($0) } }
    let dataOffset = UInt64(0x1000 + (text.count + 0xfff) & ~0xfff)
    let hasData = dataSize > 0 || !data.isEmpty
    let sections = SymbolSections(symbols, at: (dataOffset + UInt64(data.count) + 7) & ~7)
    var file = header(programHeaders: hasData ? 2 : 1, sections: symbols.isEmpty ? nil : sections.headersOffset)
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
    if symbols.isEmpty { return file }
    return file + [UInt8](repeating: 0, count: Int(sections.offset) - file.count) + sections.bytes
  }

  private func header(programHeaders count: UInt16, sections: UInt64?) -> [UInt8] {
    var file: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1] + [UInt8](repeating: 0, count: 9)
    file += Self.little(isPositionIndependent ? 3 : 2 as UInt16) + Self.little(183 as UInt16) + Self.little(1 as UInt32)
    file += Self.little(textAddress) + Self.little(64 as UInt64) + Self.little(sections ?? 0) + Self.little(0 as UInt32)
    for field in [64, 56, count, 64, sections == nil ? 0 : 3, 0] as [UInt16] { file += Self.little(field) }
    return file
  }

  private func programHeader(_ flags: UInt32, offset: UInt64, address: UInt64, size: UInt64, memory: UInt64) -> [UInt8] {
    Self.little(1 as UInt32) + Self.little(flags) + [offset, address, address, size, memory, 0x1000].flatMap { Self.little($0) }
  }

  fileprivate static func little<T: FixedWidthInteger>(_ value: T) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }
}

/// A symbol table, its names, and the section headers that lead to them: null, SHT_SYMTAB, SHT_STRTAB.
private struct SymbolSections {
  let offset: UInt64
  let headersOffset: UInt64
  let bytes: [UInt8]

  init(_ symbols: [(name: String, address: UInt64, size: UInt64)], at offset: UInt64) {
    var names: [UInt8] = [0]
    var table = [UInt8](repeating: 0, count: 24)
    for symbol in symbols {
      table += TinyELF.little(UInt32(names.count)) + [0x12, 0] + TinyELF.little(1 as UInt16)
      table += TinyELF.little(symbol.address) + TinyELF.little(symbol.size)
      names += Array(symbol.name.utf8) + [0]
    }
    names += [UInt8](repeating: 0, count: (8 - names.count % 8) % 8)
    let namesOffset = offset + UInt64(table.count)
    self.offset = offset
    headersOffset = namesOffset + UInt64(names.count)
    bytes =
      table + names + [UInt8](repeating: 0, count: 64)
      + Self.header(type: 2, offset, UInt64(table.count), link: 2, entrySize: 24)
      + Self.header(type: 3, namesOffset, UInt64(names.count), link: 0, entrySize: 0)
  }

  private static func header(type: UInt32, _ offset: UInt64, _ size: UInt64, link: UInt32, entrySize: UInt64) -> [UInt8] {
    var header = TinyELF.little(0 as UInt32) + TinyELF.little(type)
    for word in [0, 0, offset, size] as [UInt64] { header += TinyELF.little(word) }
    return header + TinyELF.little(link) + TinyELF.little(0 as UInt32) + TinyELF.little(8 as UInt64) + TinyELF.little(entrySize)
  }
}
