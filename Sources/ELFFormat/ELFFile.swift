// Owns what an ELF64 file says about loading it: header and program headers, every field checked against the file's size.
// It does not know address spaces, pages or processes, nor the file's other bytes: `SymbolTable` reads symbols, for callers that
// want them.

/// A parsed AArch64 ELF file, without its bytes.
public struct ELFFile: Sendable {
  public let header: ELFHeader
  /// Bytes of the whole file.
  public let size: Int
  /// Every program header, in file order.
  public let programHeaders: [ProgramHeader]
  /// PT_LOAD headers in address order.
  public let segments: [ProgramHeader]
  /// The bytes of the file that hold PT_INTERP's path, at most `longestPath` of them; nil if the file has no PT_INTERP.
  public let interpreter: Range<Int>?
  /// The bytes of the file that hold the note of GNU properties; nil if it has none. Linux: PT_GNU_PROPERTY.
  public let properties: Range<Int>?

  /// How the file will be used: a program lies in user space, page by page; an image is copied to physical addresses.
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
  static let gnuProperty: UInt32 = 0x6474_e553
  /// PATH_MAX, which Linux's load_elf_binary() also asks of PT_INTERP.
  static let longestPath: UInt64 = 4096

  public var kind: ELFHeader.Kind { header.kind }
  /// The entry point's virtual address as the file gives it.
  public var entry: UInt64 { header.entry }

  /// Parses a file from its bytes. An error names what is wrong and where.
  public init(_ bytes: [UInt8], as use: Use = .program) throws(ELFError) {
    let header = try ELFHeader(bytes, fileSize: bytes.count)
    try self.init(header, table: Array(bytes[header.table]), fileSize: bytes.count, as: use)
  }

  /// Parses a file of `size` bytes from its header and the bytes of `header.table` alone.
  public init(_ header: ELFHeader, table: [UInt8], fileSize size: Int, as use: Use = .program) throws(ELFError) {
    precondition(table.count == header.table.count, "the table is the bytes that the header names")
    self.header = header
    self.size = size
    let reader = ByteReader(table)
    var headers: [ProgramHeader] = []
    headers.reserveCapacity(table.count / ELFHeader.programHeaderSize)
    for at in stride(from: 0, to: table.count, by: ELFHeader.programHeaderSize) { headers.append(try Self.programHeader(reader, at)) }
    programHeaders = headers
    segments = try Self.checkSegments(headers, entry: header.entry, use: use, size: size)
    interpreter = try headers.first { $0.type == Self.interp }.map { header throws(ELFError) in
      try Self.interpreter(header, size: size)
    }
    properties = try headers.last { $0.type == Self.gnuProperty }.map { header throws(ELFError) in
      let (end, wraps) = header.offset.addingReportingOverflow(header.fileSize)
      if wraps || end > UInt64(size) { throw .truncated("PT_GNU_PROPERTY", size: size) }
      return Int(header.offset)..<Int(end)
    }
  }

  /// The path in the bytes of `interpreter`, without its terminating zero.
  public static func path(_ bytes: some Sequence<UInt8>) -> [UInt8] { Array(bytes.prefix { $0 != 0 }) }

  private static func interpreter(_ header: ProgramHeader, size: Int) throws(ELFError) -> Range<Int> {
    if header.fileSize > longestPath {
      throw .malformed("PT_INTERP has \(header.fileSize) bytes; a path has at most \(longestPath)")
    }
    let (end, wraps) = header.offset.addingReportingOverflow(header.fileSize)
    if wraps || end > UInt64(size) { throw .truncated("PT_INTERP", size: size) }
    return Int(header.offset)..<Int(end)
  }

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
        throw .malformed(
          "\(name) with \(segment.memorySize) bytes leaves the 48-bit user address space; if it is a bare-metal image, faultline machine "
            + "runs it")
      }
      if wraps { throw .malformed("\(name) with \(segment.memorySize) bytes wraps around the end of the address space") }
      if segment.alignment > 1 && segment.alignment & (segment.alignment - 1) != 0 {
        throw .malformed("\(name) has p_align \(segment.alignment), which is not a power of two")
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
