// Owns names for a loaded program's addresses, and addresses for names as people type them.
// It does not know where the program was loaded: the caller gives each module with its bias.
import Architecture
import ELFFormat

/// The symbols of a program, and of all that was loaded with it, at the addresses where it runs.
public struct ProgramSymbols {
  private struct Part {
    let table: SymbolTable
    let bias: UInt64
    let module: LoadedModule?
  }

  private let parts: [Part]
  private let names: NameDemangler?

  /// The symbols of some modules, searched in this order. Mangled names of C++, Rust and Swift are shown as their language writes them if
  /// `names` can do it.
  public init(_ modules: [LoadedModule], names: NameDemangler? = nil) {
    parts = modules.map { Part(table: $0.symbols, bias: $0.bias, module: $0) }
    self.names = names
  }

  /// The symbols of one table, whose addresses lie `bias` higher. Mangled names stay as they are.
  public init(_ table: SymbolTable?, bias: UInt64) {
    parts = table.map { [Part(table: $0, bias: bias, module: nil)] } ?? []
    names = nil
  }

  /// An address as a place in a symbol.
  public struct Place: Hashable, Sendable {
    /// The name as people write it: `foo::bar(int)`.
    public let name: String
    /// The name in the file: `_ZN3foo3barEi`.
    public let rawName: String
    /// The distance from the symbol's start in bytes.
    public let offset: UInt64
    /// The symbol's start, where it runs.
    public let start: UInt64
    /// The symbol's size in bytes; 0 if the file does not say it.
    public let size: UInt64
    /// The name of the section, as in `.text`; nil if the file's sections are not known.
    public let section: String?

    /// `main+8`, or `main` at its start.
    public var text: String { offset == 0 ? name : "\(name)+\(offset)" }
  }

  /// The symbol that covers an address; nil if none does.
  public func place(_ address: UInt64) -> Place? {
    for part in parts {
      guard let (symbol, offset) = part.table.nearest(address &- part.bias) else { continue }
      let name = part.module.flatMap { names?.demangled(symbol, in: $0) } ?? symbol.name
      return Place(
        name: name, rawName: symbol.name, offset: offset, start: symbol.address &+ part.bias, size: symbol.size,
        section: part.module?.sections.name(of: address &- part.bias))
    }
    return nil
  }

  /// The address of a symbol, by its name in the file or as its language writes it (`foo::bar(int)`, or `foo::bar` for the first of its
  /// overloads).
  public func address(of name: String) -> UInt64? {
    for part in parts { if let address = part.table.address(of: name) { return address &+ part.bias } }
    guard let names else { return nil }
    for part in parts {
      guard let module = part.module else { continue }
      if let address = names.address(of: name, in: module) { return address &+ part.bias }
    }
    return nil
  }

  /// Whether there is no symbol at all.
  public var isEmpty: Bool { parts.allSatisfy { $0.table.symbols.isEmpty } }

  /// The number of symbols.
  public var count: Int { parts.reduce(0) { $0 + $1.table.symbols.count } }

  /// The names in the files that begin in some way, sorted, each once.
  public func names(beginningWith start: String) -> [String] {
    Set(parts.flatMap { $0.table.symbols.map(\.name).filter { $0.hasPrefix(start) } }).sorted()
  }

  /// The symbol that covers an address, as in `main+8`; nil if none does.
  public func name(_ address: UInt64) -> String? { place(address)?.text }

  /// The address with its symbol, as in `0x400078 <main+8>`, or the number alone.
  public func label(_ address: UInt64) -> String {
    name(address).map { "\(hexadecimal(address)) <\($0)>" } ?? hexadecimal(address)
  }

  /// What `info symbol` says: `main + 8 in section .text`; nil if no symbol covers the address.
  public func description(_ address: UInt64) -> String? {
    guard let place = place(address) else { return nil }
    return (place.offset == 0 ? place.name : "\(place.name) + \(place.offset)") + (place.section.map { " in section \($0)" } ?? "")
  }
}
