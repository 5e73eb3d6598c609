// Owns names for a loaded program's addresses.
// It does not know where the program was loaded: the caller gives the bias.
import Architecture
import ELFFormat

/// A program's symbols at the addresses where it runs.
public struct ProgramSymbols: Sendable {
  private let table: SymbolTable?
  private let bias: UInt64

  public init(_ table: SymbolTable?, bias: UInt64) {
    self.table = table
    self.bias = bias
  }

  public func address(of name: String) -> UInt64? { table?.address(of: name).map { $0 &+ bias } }

  /// Whether there is no symbol at all.
  public var isEmpty: Bool { table?.symbols.isEmpty ?? true }

  /// The symbol that covers an address, as in `main+8`; nil if none does.
  public func name(_ address: UInt64) -> String? {
    guard let (symbol, offset) = table?.nearest(address &- bias) else { return nil }
    return offset == 0 ? symbol.name : "\(symbol.name)+\(offset)"
  }

  /// The address with its symbol, as in `0x400078 <main+8>`, or the number alone.
  public func label(_ address: UInt64) -> String {
    name(address).map { "\(hexadecimal(address)) <\($0)>" } ?? hexadecimal(address)
  }
}
