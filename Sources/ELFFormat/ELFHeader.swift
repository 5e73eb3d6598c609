// Owns the first 64 bytes of an ELF64 file: what kind of file it is and where its program headers are.
// It does not know the program headers nor anything behind them.

/// What an ELF file's header says. It is read first, so that a caller may read of a large file only what it needs.
public struct ELFHeader: Hashable, Sendable {
  /// The size of the header in bytes.
  public static let size = 64
  /// The size of one program header in bytes.
  public static let programHeaderSize = 56
  /// The largest size of a program header table in bytes. Linux: load_elf_phdrs().
  public static let largestTable = 65536

  public enum Kind: UInt16, Sendable { case executable = 2, shared = 3 }

  public let kind: Kind
  /// The entry point's virtual address as the file gives it.
  public let entry: UInt64
  /// The bytes of the file that are its program header table; they lie inside the file.
  public let table: Range<Int>

  /// Reads the header from the first bytes of a file of `size` bytes.
  public init(_ bytes: some Collection<UInt8>, fileSize size: Int) throws(ELFError) {
    let reader = ByteReader(Array(bytes.prefix(Self.size)))
    kind = try Self.checkIdentity(reader, size)
    entry = try reader.word64(24, "e_entry")
    let offset = try reader.word64(32, "e_phoff")
    let entrySize = try reader.word16(54, "e_phentsize")
    let count = Int(try reader.word16(56, "e_phnum"))
    if count == 0 { throw .malformed("it has no program headers (e_phnum, offset 56, is 0)") }
    if entrySize != Self.programHeaderSize { throw .malformed("e_phentsize (offset 54) is \(entrySize); 56 is the only size") }
    let bytes = count * Self.programHeaderSize
    if bytes > Self.largestTable {
      throw .malformed(
        "it has \(count) program headers (e_phnum, offset 56); Linux takes at most \(Self.largestTable / Self.programHeaderSize)")
    }
    let (end, wraps) = offset.addingReportingOverflow(UInt64(bytes))
    if wraps || end > UInt64(size) { throw .truncated("the program header table (offset \(offset), \(count) entries)", size: size) }
    table = Int(offset)..<Int(end)
  }

  private static func checkIdentity(_ reader: ByteReader, _ size: Int) throws(ELFError) -> Kind {
    let bytes = reader.bytes
    if bytes.starts(with: "#!".utf8) { throw .script(interpreter: interpreter(of: bytes)) }
    if bytes.count < 4 || bytes[0..<4] != [0x7f, 0x45, 0x4c, 0x46] { throw .notELF(size: size) }
    if bytes.count < Self.size { throw .truncated("the ELF header (64 bytes)", size: size) }
    if bytes[4] != 2 { throw .unsupported(bytes[4] == 1 ? "a 32-bit ELF file" : "ELF class \(bytes[4])", "64-bit ELF files") }
    if bytes[5] != 1 { throw .unsupported(bytes[5] == 2 ? "a big-endian ELF file" : "ELF data encoding \(bytes[5])", "little-endian ones") }
    let machine = try reader.word16(18, "e_machine")
    if machine != 183 {
      throw .unsupported("a program for \(machineNames[machine] ?? "machine \(machine)")", "AArch64 programs (e_machine 183)")
    }
    let type = try reader.word16(16, "e_type")
    guard let kind = Kind(rawValue: type) else {
      let names: [UInt16: String] = [1: "a relocatable object", 4: "a core dump"]
      throw .unsupported(names[type] ?? "ELF type \(type)", "executables (ET_EXEC) and static PIE (ET_DYN)")
    }
    return kind
  }

  /// The path in a script's first line. It is cut where the line is longer than an ELF header.
  private static func interpreter(of bytes: [UInt8]) -> String {
    let line = bytes.dropFirst(2).prefix { $0 != UInt8(ascii: "\n") }.drop { $0 == UInt8(ascii: " ") }
    return String(decoding: line.prefix { $0 > UInt8(ascii: " ") }, as: UTF8.self)
  }

  private static let machineNames: [UInt16: String] = [
    3: "x86", 8: "MIPS", 20: "PowerPC", 21: "PowerPC64", 22: "S/390", 40: "32-bit Arm", 62: "x86-64", 243: "RISC-V", 258: "LoongArch",
  ]
}
