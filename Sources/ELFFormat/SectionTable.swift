// Owns the sections and segments of a file by name and by address, for people who debug.
// It does not know what is in a section. A damaged table counts as empty, because no program needs it to run.

/// Sections and loaded segments of an ELF file. Unlike `ELFFile` it takes any file with the shape of one, such as a file of debug
/// information, and refuses nothing.
public struct SectionTable: Sendable {
  public struct Section: Hashable, Sendable {
    public let name: String
    public let type: UInt32
    public let flags: UInt64
    public let address: UInt64
    /// Bytes in memory.
    public let size: UInt64
    /// The bytes in the file; empty for a section without contents, such as .bss.
    public let bytes: Range<Int>
    public let link: Int

    /// Whether it is part of the process: SHF_ALLOC without SHF_TLS. Variables of threads are elsewhere.
    var isLoaded: Bool { flags & 2 != 0 && flags & 0x400 == 0 }
    /// Whether its bytes stand in the file as they are used: neither SHT_NOBITS nor SHF_COMPRESSED.
    public var isPlain: Bool { type != 8 && flags & 0x800 == 0 }
    func contains(_ address: UInt64) -> Bool { address >= self.address && address - self.address < size }
  }

  /// A part of the file that is loaded: PT_LOAD.
  struct Segment: Hashable, Sendable {
    let address: UInt64
    let size: UInt64
    let bytes: Range<Int>
    let isExecutable: Bool
    func contains(_ address: UInt64) -> Bool { address >= self.address && address - self.address < size }
  }

  /// The most bytes of a section's name that are read.
  static let longestName = 256

  /// All sections in the order of the file, the empty one at 0 included; empty if the table is damaged.
  public private(set) var sections: [Section] = []
  private(set) var segments: [Segment] = []
  /// The address of the index of exception frames, .eh_frame_hdr: PT_GNU_EH_FRAME.
  public private(set) var exceptionIndex: UInt64?

  /// Reads the tables of a file from its bytes.
  public init(_ bytes: [UInt8]) {
    let reader = ByteReader(bytes)
    guard bytes.count >= ELFHeader.size, bytes.starts(with: [0x7f, 0x45, 0x4c, 0x46, 2, 1]) else { return }
    sections = (try? Self.sections(reader)) ?? []
    let headers = (try? Self.programHeaders(reader)) ?? []
    segments = headers.filter { $0.type == ELFFile.load }.map(\.segment)
    exceptionIndex = headers.first { $0.type == Self.exceptionFrame }?.segment.address
  }

  /// PT_GNU_EH_FRAME.
  private static let exceptionFrame: UInt32 = 0x6474_e550

  /// The first section of this name.
  public func section(_ name: String) -> Section? { sections.first { $0.name == name } }

  /// The name of the loaded section that has an address.
  public func name(of address: UInt64) -> String? { sections.first { $0.isLoaded && $0.contains(address) }?.name }

  /// Whether an address is loaded from this file.
  public func loaded(_ address: UInt64) -> Bool { segments.contains { $0.contains(address) } }

  /// Whether an address is loaded from this file, in a segment of code.
  public func code(_ address: UInt64) -> Bool { segments.contains { $0.isExecutable && $0.contains(address) } }

  /// The place in the file of the bytes from an address on, up to the end of their segment in the file; nil if they are not in it.
  public func place(of address: UInt64) -> Range<Int>? {
    for segment in segments where segment.contains(address) && address - segment.address < UInt64(segment.bytes.count) {
      return segment.bytes.lowerBound + Int(address - segment.address)..<segment.bytes.upperBound
    }
    return nil
  }

  /// Whether the file has lines of source: .debug_line, or its compressed form.
  public var hasDebugInformation: Bool { sections.contains { $0.name == ".debug_line" || $0.name == ".zdebug_line" } }

  /// The end of the addresses that belong to a symbol without size: that of its section, or of its segment if the section is not known.
  func end(of address: UInt64, section index: Int) -> UInt64 {
    if sections.indices.contains(index), sections[index].isLoaded {
      return sections[index].contains(address) ? sections[index].address &+ sections[index].size : address
    }
    if index < 0xff00, let segment = segments.first(where: { $0.contains(address) }) { return segment.address &+ segment.size }
    return address
  }

  private static func sections(_ reader: ByteReader) throws(ELFError) -> [Section] {
    let offset = try reader.word64(40, "e_shoff")
    let (entrySize, count) = (try reader.word16(58, "e_shentsize"), Int(try reader.word16(60, "e_shnum")))
    guard entrySize == 64, offset != 0, count > 0 else { return [] }
    let table = try reader.range(offset, UInt64(count) * 64, "section headers")
    let nameIndex = Int(try reader.word16(62, "e_shstrndx"))
    let strings = nameIndex < count ? try? bytes(reader, table.lowerBound + nameIndex * 64) : nil
    var sections: [Section] = []
    sections.reserveCapacity(count)
    for at in stride(from: table.lowerBound, to: table.upperBound, by: 64) {
      let type = try reader.word32(at + 4, "sh_type")
      // A section whose bytes leave the file counts as one without contents; the others stay usable.
      sections.append(
        Section(
          name: name(reader, try reader.word32(at, "sh_name"), strings ?? 0..<0), type: type, flags: try reader.word64(at + 8, "sh_flags"),
          address: try reader.word64(at + 16, "sh_addr"), size: try reader.word64(at + 32, "sh_size"),
          bytes: type == 8 ? 0..<0 : (try? bytes(reader, at)) ?? 0..<0, link: Int(try reader.word32(at + 40, "sh_link"))))
    }
    return sections
  }

  private static func name(_ reader: ByteReader, _ offset: UInt32, _ strings: Range<Int>) -> String {
    guard offset < strings.count else { return "" }
    let start = strings.lowerBound + Int(offset)
    return String(decoding: reader.bytes[start..<min(start + longestName, strings.upperBound)].prefix { $0 != 0 }, as: UTF8.self)
  }

  /// The bytes of the section whose header is at an offset.
  private static func bytes(_ reader: ByteReader, _ header: Int) throws(ELFError) -> Range<Int> {
    try reader.range(try reader.word64(header + 24, "sh_offset"), try reader.word64(header + 32, "sh_size"), "a section")
  }

  private static func programHeaders(_ reader: ByteReader) throws(ELFError) -> [(type: UInt32, segment: Segment)] {
    let offset = try reader.word64(32, "e_phoff")
    let (entrySize, count) = (try reader.word16(54, "e_phentsize"), Int(try reader.word16(56, "e_phnum")))
    guard entrySize == 56, count > 0 else { return [] }
    let table = try reader.range(offset, UInt64(count) * 56, "program headers")
    var headers: [(type: UInt32, segment: Segment)] = []
    for at in stride(from: table.lowerBound, to: table.upperBound, by: 56) {
      // A file of debug information has the segments' addresses without their bytes.
      let bytes = try? reader.range(try reader.word64(at + 8, "p_offset"), try reader.word64(at + 32, "p_filesz"), "a segment")
      let segment = Segment(
        address: try reader.word64(at + 16, "p_vaddr"), size: try reader.word64(at + 40, "p_memsz"), bytes: bytes ?? 0..<0,
        isExecutable: try reader.word32(at + 4, "p_flags") & 1 != 0)
      headers.append((try reader.word32(at, "p_type"), segment))
    }
    return headers
  }
}
