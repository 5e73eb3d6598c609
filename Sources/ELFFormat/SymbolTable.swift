// Owns names of addresses: the file's symbols, sorted, for people who debug.
// It does not know relocation: addresses are the file's own. A damaged table counts as empty, because nothing depends on symbols.

/// Functions and objects of a file by address. The table costs at most 24 bytes for each symbol beside the file: it stores a name's
/// place in the file's string table and reads the name when asked, because names may overlap there and together be far larger than
/// the file.
public struct SymbolTable: Sendable {
  public enum Kind: UInt8, Sendable { case function, object, other }

  public struct Symbol: Hashable, Sendable {
    public let name: String
    public let address: UInt64
    /// Bytes; 0 if the file does not say it.
    public let size: UInt64
    public let kind: Kind
  }

  /// The most symbols that are read.
  public static let limit = 1 << 20
  /// The most bytes of a name; the rest of a longer one is left out.
  public static let longestName = 4096
  /// The number of symbols before an address among which one is looked for that reaches to it.
  private static let reach = 16

  private struct Entry {
    let address: UInt64
    let size: UInt64
    /// Where the name begins, from the start of the strings.
    let name: UInt32
    let section: UInt16
    let kind: Kind
    /// Among symbols of one address the one of the highest rank is shown.
    let rank: UInt8
  }

  private let bytes: [UInt8]
  private let sections: SectionTable
  /// The string table in the file's bytes.
  private var strings = 0..<0
  /// The entries by address; those of equal address by rank, and then as in the file.
  private var entries: [Entry] = []
  /// Whether the table is the whole one of the linker, .symtab. A stripped file has at most .dynsym, the names for other files.
  public private(set) var isComplete = false

  /// Reads the symbols of a file from its bytes.
  public init(_ bytes: [UInt8]) {
    self.bytes = bytes
    sections = SectionTable(bytes)
    for type in [2, 11] as [UInt32] {  // SHT_SYMTAB, SHT_DYNSYM
      guard let table = sections.sections.first(where: { $0.type == type }), table.isPlain,
        sections.sections.indices.contains(table.link)
      else { continue }
      strings = sections.sections[table.link].bytes
      entries = (try? Self.entries(ByteReader(bytes), table.bytes, strings)) ?? []
      isComplete = type == 2
      if !entries.isEmpty { return }
    }
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

  /// The nearest symbol at or below an address that covers it. A symbol without size covers what follows it in its section.
  public func nearest(_ address: UInt64) -> (symbol: Symbol, offset: UInt64)? {
    var low = 0
    var high = entries.count
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].address <= address { low = middle + 1 } else { high = middle }
    }
    for entry in entries[max(0, low - Self.reach)..<low].reversed() where covers(entry, address) {
      return (symbol(entry), address - entry.address)
    }
    return nil
  }

  private func covers(_ entry: Entry, _ address: UInt64) -> Bool {
    if address == entry.address { return true }
    if entry.size != 0 { return address - entry.address < entry.size }
    return address < sections.end(of: entry.address, section: Int(entry.section))
  }

  private func symbol(_ entry: Entry) -> Symbol {
    let start = strings.lowerBound + Int(entry.name)
    let name = bytes[start..<min(start + Self.longestName, strings.upperBound)].prefix { $0 != 0 }
    return Symbol(name: String(decoding: name, as: UTF8.self), address: entry.address, size: entry.size, kind: entry.kind)
  }

  /// Whether an entry has a name. The end of the name is compared first, because of names that overlap only one can end there.
  private func has(_ entry: Entry, _ name: [UInt8]) -> Bool {
    let start = strings.lowerBound + Int(entry.name)
    let end = start + name.count
    guard end <= strings.upperBound, end == strings.upperBound || name.count == Self.longestName || bytes[end] == 0 else { return false }
    return bytes[start..<end].elementsEqual(name)
  }

  private static func entries(_ reader: ByteReader, _ table: Range<Int>, _ strings: Range<Int>) throws(ELFError) -> [Entry] {
    var entries: [Entry] = []
    for index in 0..<min(table.count / 24, limit) {
      let at = table.lowerBound + index * 24
      let name = try reader.word32(at, "st_name")
      let section = try reader.word16(at + 6, "st_shndx")
      // The table takes symbols without a type, objects and functions if they are defined and have a name.
      guard let kind = kind(reader.bytes[at + 4] & 15), section != 0, name > 0, name < strings.count else { continue }
      let text = reader.bytes[(strings.lowerBound + Int(name))..<strings.upperBound]
      if text.first == 0 || isMapping(text) { continue }
      let size = try reader.word64(at + 16, "st_size")
      let rank = rank(text, kind: kind, size: size, isLocal: reader.bytes[at + 4] >> 4 == 0)
      entries.append(
        Entry(address: try reader.word64(at + 8, "st_value"), size: size, name: name, section: section, kind: kind, rank: rank))
    }
    // Swift's sort is stable, so equal addresses and ranks keep the file's order.
    return entries.sorted { ($0.address, $0.rank) < ($1.address, $1.rank) }
  }

  private static func kind(_ type: UInt8) -> Kind? {
    switch type {
    case 0: .other
    case 1: .object
    case 2, 10: .function  // STT_FUNC, STT_GNU_IFUNC
    default: nil
    }
  }

  /// Whether a name is that of a mapping symbol: $x or $d, alone or before a dot. Swift's mangled names begin with $ too.
  private static func isMapping(_ text: ArraySlice<UInt8>) -> Bool {
    guard text.count >= 2, text.first == UInt8(ascii: "$") else { return false }
    let letter = text[text.startIndex + 1]
    guard letter == UInt8(ascii: "x") || letter == UInt8(ascii: "d") else { return false }
    return text.count == 2 || text[text.startIndex + 2] == 0 || text[text.startIndex + 2] == UInt8(ascii: ".")
  }

  /// Symbols with a type come before labels, those with a size before the others, `munmap` before `__munmap`, and public before local ones.
  private static func rank(_ text: ArraySlice<UInt8>, kind: Kind, size: UInt64, isLocal: Bool) -> UInt8 {
    let underscores = UInt8(text.prefix(3).prefix { $0 == UInt8(ascii: "_") }.count)
    return (kind == .other ? 0 : 16) + (size == 0 ? 0 : 8) + (3 - underscores) * 2 + (isLocal ? 0 : 1)
  }
}
