// Owns the reading of an ELF64 file: header, program headers, symbols; every field checked against the bytes there are.
// It does not know address spaces, pages or processes.

/// A parsed AArch64 ELF file.
public struct ELFFile: Sendable {
  public let bytes: [UInt8]
  public let kind: Kind
  /// Entry point as the file gives it.
  public let entry: UInt64
  /// Every program header, in file order.
  public let programHeaders: [ProgramHeader]
  /// File offset of the program header table and its entry count.
  public let programHeaderOffset: UInt64
  /// PT_LOAD headers in address order.
  public let segments: [ProgramHeader]
  /// PT_INTERP's path, where there is one.
  public let interpreter: String?
  public let symbols: SymbolTable

  public enum Kind: UInt16, Sendable { case executable = 2, shared = 3 }

  /// What the file is to be: a program lies in user space, page by page; an image is copied to physical addresses.
  public enum Use: Sendable { case program, image }

  public struct ProgramHeader: Hashable, Sendable {
    public let type: UInt32
    public let flags: UInt32
    public let offset: UInt64
    public let address: UInt64
    public let physicalAddress: UInt64
    public let fileSize: UInt64
    public let memorySize: UInt64
    public let alignment: UInt64
    public var isExecutable: Bool { flags & 1 != 0 }
    public var isWritable: Bool { flags & 2 != 0 }
    public var isReadable: Bool { flags & 4 != 0 }
    /// First address behind the segment.
    public var end: UInt64 { address &+ memorySize }
  }

  static let load: UInt32 = 1
  static let interp: UInt32 = 3

  /// Parses `bytes`. Every error names what is wrong and where.
  public init(_ bytes: [UInt8], as use: Use = .program) throws(ELFError) {
    let reader = ByteReader(bytes)
    self.bytes = bytes
    kind = try Self.checkIdentity(reader)
    entry = try reader.word64(24, "e_entry")
    let offset = try reader.word64(32, "e_phoff")
    let entrySize = try reader.word16(54, "e_phentsize")
    let count = try reader.word16(56, "e_phnum")
    if count == 0 { throw .malformed("it has no program headers (e_phnum, offset 56, is 0)") }
    if entrySize != 56 { throw .malformed("e_phentsize (offset 54) is \(entrySize); 56 is the only size") }
    let (tableEnd, wraps) = offset.addingReportingOverflow(UInt64(count) * 56)
    if wraps || tableEnd > UInt64(bytes.count) {
      throw .truncated("the program header table (offset \(offset), \(count) entries)", size: bytes.count)
    }
    programHeaderOffset = offset
    var headers: [ProgramHeader] = []
    for index in 0..<Int(count) { headers.append(try Self.programHeader(reader, Int(offset) + index * 56)) }
    programHeaders = headers
    segments = try Self.checkSegments(headers, entry: entry, use: use, size: bytes.count)
    interpreter = try headers.first { $0.type == Self.interp }.map { header throws(ELFError) in
      try reader.range(header.offset, header.fileSize, "PT_INTERP")
      let path = bytes[Int(header.offset)..<Int(header.offset + header.fileSize)].prefix { $0 != 0 }
      return String(decoding: path, as: UTF8.self)
    }
    symbols = SymbolTable(reader)
  }

  private static func checkIdentity(_ reader: ByteReader) throws(ELFError) -> Kind {
    let bytes = reader.bytes
    if bytes.count < 4 || bytes[0..<4] != [0x7f, 0x45, 0x4c, 0x46] { throw .notELF(size: bytes.count) }
    if bytes.count < 64 { throw .truncated("the ELF header (64 bytes)", size: bytes.count) }
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

  private static let machineNames: [UInt16: String] = [
    3: "x86", 8: "MIPS", 20: "PowerPC", 21: "PowerPC64", 22: "S/390", 40: "32-bit Arm", 62: "x86-64", 243: "RISC-V", 258: "LoongArch",
  ]

  private static func programHeader(_ reader: ByteReader, _ at: Int) throws(ELFError) -> ProgramHeader {
    ProgramHeader(
      type: try reader.word32(at, "p_type"), flags: try reader.word32(at + 4, "p_flags"),
      offset: try reader.word64(at + 8, "p_offset"), address: try reader.word64(at + 16, "p_vaddr"),
      physicalAddress: try reader.word64(at + 24, "p_paddr"), fileSize: try reader.word64(at + 32, "p_filesz"),
      memorySize: try reader.word64(at + 40, "p_memsz"), alignment: try reader.word64(at + 48, "p_align"))
  }

  private static func checkSegments(
    _ headers: [ProgramHeader], entry: UInt64, use: Use, size: Int
  ) throws(ELFError) -> [ProgramHeader] {
    let place = use == .program ? \ProgramHeader.address : \ProgramHeader.physicalAddress
    let loads = headers.filter { $0.type == load && $0.memorySize > 0 }.sorted { $0[keyPath: place] < $1[keyPath: place] }
    if loads.isEmpty { throw .malformed("it has no segment to load (no PT_LOAD with bytes)") }
    var previousEnd: UInt64 = 0
    for (index, segment) in loads.enumerated() {
      let name = "the segment at \(hex(segment.address))"
      if segment.fileSize > segment.memorySize {
        throw .malformed("\(name) has more bytes in the file (\(segment.fileSize)) than in memory (\(segment.memorySize))")
      }
      let (fileEnd, fileWraps) = segment.offset.addingReportingOverflow(segment.fileSize)
      if fileWraps || fileEnd > UInt64(size) {
        throw .truncated("\(name) (offset \(segment.offset), \(segment.fileSize) bytes)", size: size)
      }
      let (end, wraps) = segment[keyPath: place].addingReportingOverflow(segment.memorySize)
      if use == .program && (wraps || end > 1 << 48) {
        throw .malformed("\(name) with \(segment.memorySize) bytes leaves the 48-bit user address space")
      }
      if wraps { throw .malformed("\(name) with \(segment.memorySize) bytes wraps around the end of the address space") }
      if segment.alignment > 1 && segment.alignment & (segment.alignment - 1) != 0 {
        throw .malformed("\(name) has p_align \(segment.alignment), which is no power of two")
      }
      if use == .program && segment.address & 0xfff != segment.offset & 0xfff {
        throw .malformed("\(name) lies at file offset \(segment.offset): address and offset differ modulo the page size")
      }
      if index > 0 && segment[keyPath: place] < previousEnd { throw .malformed("\(name) overlaps the one before it") }
      previousEnd = end
    }
    if !loads.contains(where: { entry >= $0.address && entry &- $0.address < $0.memorySize && $0.isExecutable }) {
      throw .malformed("the entry point \(hex(entry)) lies in no executable segment")
    }
    return loads
  }
}

func hex(_ value: UInt64) -> String { "0x" + String(value, radix: 16) }
