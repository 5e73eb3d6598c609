// Owns names of addresses: the file's symbols, sorted, for people who debug.
// It does not know relocation: addresses are the file's own. A damaged table counts as empty, because nothing depends on symbols.

/// Functions and objects of a file by address. The table costs at most 24 bytes for each symbol beside the file: it stores a name's
/// place in the file's string table and reads the name when asked, because names may overlap there and together be far larger than
/// the file.
public struct SymbolTable: Sendable {
  public struct Symbol: Hashable, Sendable {
    public let name: String
    public let address: UInt64
    public let size: UInt64
  }

  /// The most symbols that are read.
  public static let limit = 1 << 20
  /// The most bytes of a name; the rest of a longer one is left out.
  public static let longestName = 4096

  private struct Entry {
    let address: UInt64
    let size: UInt64
    /// Where the name begins, from the start of the strings.
    let name: UInt32
  }

  private let bytes: [UInt8]
  /// The string table in the file's bytes.
  private var strings = 0..<0
  /// The entries by address; those of equal address stand as in the file.
  private var entries: [Entry] = []

  /// Reads the symbols of a file from its bytes.
  public init(_ bytes: [UInt8]) {
    self.bytes = bytes
    let reader = ByteReader(bytes)
    guard let (table, strings) = try? Self.find(reader) else { return }
    self.strings = strings
    entries = (try? Self.entries(reader, table, strings)) ?? []
  }

  /// The symbols in the order of their addresses.
  public var symbols: some RandomAccessCollection<Symbol> { entries.lazy.map { symbol($0) } }

  /// The bytes that the table needs beside the file's own.
  var bytesBesideTheFile: Int { entries.capacity * MemoryLayout<Entry>.stride }

  /// The address of a name.
  public func address(of name: String) -> UInt64? {
    let name = Array(name.utf8)
    if name.isEmpty || name.count > Self.longestName { return nil }
    return entries.first { has($0, name) }?.address
  }

  /// The nearest symbol at or below an address that covers it (a symbol without size covers what follows it).
  public func nearest(_ address: UInt64) -> (symbol: Symbol, offset: UInt64)? {
    var low = 0
    var high = entries.count
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].address <= address { low = middle + 1 } else { high = middle }
    }
    guard low > 0 else { return nil }
    let entry = entries[low - 1]
    let offset = address - entry.address
    return entry.size == 0 || offset < entry.size ? (symbol(entry), offset) : nil
  }

  private func symbol(_ entry: Entry) -> Symbol {
    let start = strings.lowerBound + Int(entry.name)
    let name = bytes[start..<min(start + Self.longestName, strings.upperBound)].prefix { $0 != 0 }
    return Symbol(name: String(decoding: name, as: UTF8.self), address: entry.address, size: entry.size)
  }

  /// Whether an entry has a name. The end of the name is compared first, because of names that overlap only one can end there.
  private func has(_ entry: Entry, _ name: [UInt8]) -> Bool {
    let start = strings.lowerBound + Int(entry.name)
    let end = start + name.count
    guard end <= strings.upperBound, end == strings.upperBound || name.count == Self.longestName || bytes[end] == 0 else { return false }
    return bytes[start..<end].elementsEqual(name)
  }

  /// Finds the first symbol table and its strings. It throws if either leaves the file.
  private static func find(_ reader: ByteReader) throws(ELFError) -> (table: Range<Int>, strings: Range<Int>)? {
    let sectionOffset = try reader.word64(40, "e_shoff")
    let count = Int(try reader.word16(60, "e_shnum"))
    guard try reader.word16(58, "e_shentsize") == 64, sectionOffset != 0 else { return nil }
    let sections = try reader.range(sectionOffset, UInt64(count) * 64, "section headers")
    for header in stride(from: sections.lowerBound, to: sections.upperBound, by: 64)
    where try reader.word32(header + 4, "sh_type") == 2 {  // SHT_SYMTAB
      let link = Int(try reader.word32(header + 40, "sh_link"))
      guard link < count else { return nil }
      return (try bytes(reader, header), try bytes(reader, sections.lowerBound + link * 64))
    }
    return nil
  }

  /// The bytes of the section whose header is at an offset.
  private static func bytes(_ reader: ByteReader, _ header: Int) throws(ELFError) -> Range<Int> {
    try reader.range(try reader.word64(header + 24, "sh_offset"), try reader.word64(header + 32, "sh_size"), "a section")
  }

  private static func entries(_ reader: ByteReader, _ table: Range<Int>, _ strings: Range<Int>) throws(ELFError) -> [Entry] {
    var entries: [Entry] = []
    for index in 0..<min(table.count / 24, limit) {
      let at = table.lowerBound + index * 24
      let name = try reader.word32(at, "st_name")
      let kind = reader.bytes[at + 4] & 15
      let section = try reader.word16(at + 6, "st_shndx")
      // The table takes symbols without a type, objects and functions if they are defined and have a name; mapping symbols such as
      // $x and $d are left out.
      guard kind <= 2, section != 0, name > 0, name < strings.count else { continue }
      let first = reader.bytes[strings.lowerBound + Int(name)]
      if first == 0 || first == UInt8(ascii: "$") { continue }
      entries.append(Entry(address: try reader.word64(at + 8, "st_value"), size: try reader.word64(at + 16, "st_size"), name: name))
    }
    // Swift's sort is stable, so equal addresses keep the file's order.
    return entries.sorted { $0.address < $1.address }
  }
}
