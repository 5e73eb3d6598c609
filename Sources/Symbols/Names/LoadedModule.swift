// Owns one ELF file at the place where a process has it: its bytes, what was added to its addresses, and its tables, each read when it is
// first asked for. It does not know address spaces, nor which files a process has.
import ELFFormat

/// A program, a shared library or the vDSO at the place where it was loaded.
public final class LoadedModule {
  /// The name for messages: the path that the process knows, or `[vdso]`.
  public let name: String
  /// The file on the host that has these bytes; nil if they are known from memory only.
  public let path: String?
  /// All bytes of the file.
  public let bytes: [UInt8]
  /// What is added to the file's addresses: 0 for a program at fixed addresses.
  public let bias: UInt64
  private let search: DebugFileSearch

  /// `search` says where a separate file with symbols and debug information may lie.
  public init(
    name: String, path: String? = nil, bytes: [UInt8], bias: UInt64 = 0, debugFiles search: DebugFileSearch = DebugFileSearch()
  ) {
    self.name = name
    self.path = path
    self.bytes = bytes
    self.bias = bias
    self.search = search
    givenFrames = nil
  }

  /// A module with call frame information that is not in its bytes.
  init(name: String, bytes: [UInt8], callFrames: CallFrameTable) {
    self.name = name
    path = nil
    self.bytes = bytes
    bias = 0
    search = DebugFileSearch()
    givenFrames = callFrames
  }

  public private(set) lazy var sections = SectionTable(bytes)

  /// The separate file with this module's symbols and debug information; nil if none was found or none is needed.
  public private(set) lazy var debugFile: DebugFile? = sections.hasDebugInformation ? nil : search.find(bytes, sections, path: path)

  /// The symbols at the addresses that the file gives: those of .symtab, of the separate debug file, or of .dynsym, whichever is first.
  public private(set) lazy var symbols: SymbolTable = readSymbols()

  /// How to go from a function to its caller, by .eh_frame, or by .debug_frame where that is all.
  private(set) lazy var callFrames = givenFrames ?? CallFrameTable(self)
  private let givenFrames: CallFrameTable?

  private func readSymbols() -> SymbolTable {
    let own = SymbolTable(bytes)
    if own.isComplete { return own }
    guard let debugFile else { return own }
    let separate = SymbolTable(debugFile.bytes)
    return separate.symbols.isEmpty ? own : separate
  }

  /// Whether this file or its debug file has source lines.
  var hasDebugInformation: Bool { sections.hasDebugInformation || debugFile != nil }

  /// Whether an address lies in a section or segment that was loaded.
  public func contains(_ address: UInt64) -> Bool { sections.loaded(address &- bias) }

  /// Whether an address lies in code that was loaded.
  public func containsCode(_ address: UInt64) -> Bool { sections.code(address &- bias) }

  /// Whether an address is the file's entry point, which was never called.
  func isEntry(_ address: UInt64) -> Bool {
    (try? ELFHeader(bytes, fileSize: bytes.count)).map { $0.entry &+ bias == address } ?? false
  }
}
