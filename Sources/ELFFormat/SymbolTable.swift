// Owns names of addresses: the file's symbols, sorted, for people who debug.
// It does not know relocation: addresses are the file's own. A damaged table is an empty one: nothing depends on it.

/// Functions and objects of a file by address.
public struct SymbolTable: Sendable {
  public struct Symbol: Hashable, Sendable {
    public let name: String
    public let address: UInt64
    public let size: UInt64
  }
  /// In address order.
  public let symbols: [Symbol]

  init(_ reader: ByteReader) {
    symbols = ((try? Self.read(reader)) ?? []).sorted { ($0.address, $0.name) < ($1.address, $1.name) }
  }

  /// The address of a name.
  public func address(of name: String) -> UInt64? { symbols.first { $0.name == name }?.address }

  /// The nearest symbol at or below an address that covers it (a symbol without size covers what follows it).
  public func nearest(_ address: UInt64) -> (symbol: Symbol, offset: UInt64)? {
    var low = 0
    var high = symbols.count
    while low < high {
      let middle = (low + high) / 2
      if symbols[middle].address <= address { low = middle + 1 } else { high = middle }
    }
    guard low > 0 else { return nil }
    let symbol = symbols[low - 1]
    let offset = address - symbol.address
    return symbol.size == 0 || offset < symbol.size ? (symbol, offset) : nil
  }

  private static func read(_ reader: ByteReader) throws(ELFError) -> [Symbol] {
    let sectionOffset = try reader.word64(40, "e_shoff")
    let count = Int(try reader.word16(60, "e_shnum"))
    guard try reader.word16(58, "e_shentsize") == 64, sectionOffset != 0 else { return [] }
    try reader.range(sectionOffset, UInt64(count) * 64, "section headers")
    for index in 0..<count {
      let header = Int(sectionOffset) + index * 64
      if try reader.word32(header + 4, "sh_type") != 2 { continue }
      let offset = try reader.word64(header + 24, "sh_offset")
      let size = try reader.word64(header + 32, "sh_size")
      let link = Int(try reader.word32(header + 40, "sh_link"))
      try reader.range(offset, size, "symbol table")
      guard link < count else { return [] }
      let strings = Int(sectionOffset) + link * 64
      let stringOffset = try reader.word64(strings + 24, "sh_offset")
      let stringSize = try reader.word64(strings + 32, "sh_size")
      try reader.range(stringOffset, stringSize, "string table")
      return try symbols(reader, Int(offset), Int(size / 24), Int(stringOffset), Int(stringSize))
    }
    return []
  }

  private static func symbols(
    _ reader: ByteReader, _ table: Int, _ count: Int, _ strings: Int, _ stringSize: Int
  ) throws(ELFError) -> [Symbol] {
    var result: [Symbol] = []
    for index in 0..<count {
      let at = table + index * 24
      let nameOffset = Int(try reader.word32(at, "st_name"))
      let info = reader.bytes[at + 4] & 15
      let section = try reader.word16(at + 6, "st_shndx")
      // Notype, object and function symbols that are defined; not the mapping symbols $x and $d.
      guard info <= 2, section != 0, nameOffset > 0, nameOffset < stringSize else { continue }
      let end = reader.bytes[(strings + nameOffset)..<(strings + stringSize)].firstIndex(of: 0) ?? strings + stringSize
      let name = String(decoding: reader.bytes[(strings + nameOffset)..<end], as: UTF8.self)
      if name.hasPrefix("$") { continue }
      result.append(
        Symbol(name: name, address: try reader.word64(at + 8, "st_value"), size: try reader.word64(at + 16, "st_size")))
    }
    return result
  }
}
