// Owns tests of sections by name and address, of the end of a symbol, and of what leads to a separate debug file.
// It does not know programs.
import Testing

@testable import ELFFormat

/// An ELF file with sections, for people who debug.
struct SectionBuilder {
  private var contents = [UInt8](repeating: 0, count: 64)
  private var names: [UInt8] = [0]
  private var headers: [[UInt64]] = [[UInt64](repeating: 0, count: 8)]

  /// Adds a section; the result is its number.
  @discardableResult
  mutating func add(
    _ name: String, type: UInt64 = 1, flags: UInt64 = 0, address: UInt64 = 0, size: UInt64? = nil, link: UInt64 = 0, _ bytes: [UInt8] = []
  ) -> Int {
    headers.append([UInt64(names.count), type, flags, address, UInt64(contents.count), size ?? UInt64(bytes.count), link, 0])
    names += Array(name.utf8) + [0]
    contents += bytes + [UInt8](repeating: 0, count: (8 - bytes.count % 8) % 8)
    return headers.count - 1
  }

  /// The file, with its section names and headers at its end.
  var bytes: [UInt8] {
    var whole = self
    let index = whole.add(".shstrtab", type: 3)
    whole.headers[index][5] = UInt64(whole.names.count)
    whole.contents += whole.names + [UInt8](repeating: 0, count: (8 - whole.names.count % 8) % 8)
    var image = ImageBuilder()
    image.bytes = whole.contents
    image.bytes.replaceSubrange(0..<7, with: [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1])
    image.put64(40, UInt64(image.bytes.count))
    image.put16(58, 64)
    image.put16(60, UInt16(whole.headers.count))
    image.put16(62, UInt16(index))
    for header in whole.headers {
      let at = image.bytes.count
      image.bytes += [UInt8](repeating: 0, count: 64)
      image.put32(at, UInt32(header[0]))
      image.put32(at + 4, UInt32(header[1]))
      for field in 2..<6 { image.put64(at + 8 * (field - 1), header[field]) }
      image.put32(at + 40, UInt32(header[6]))
    }
    return image.bytes
  }

  static func symbol(_ name: UInt32, _ info: UInt8, _ section: UInt16, _ value: UInt64, _ size: UInt64) -> [UInt8] {
    var image = ImageBuilder()
    image.bytes = [UInt8](repeating: 0, count: 24)
    image.put32(0, name)
    image.bytes[4] = info
    image.put16(6, section)
    image.put64(8, value)
    image.put64(16, size)
    return image.bytes
  }
}

@Suite struct SectionTableTests {
  private static func file(_ change: (inout SectionBuilder) -> Void = { _ in }) -> [UInt8] {
    var builder = SectionBuilder()
    builder.add(".text", flags: 6, address: 0x1000, [UInt8](repeating: 1, count: 32))
    builder.add(".tbss", type: 8, flags: 0x403, address: 0x2000, size: 64)
    builder.add(".bss", type: 8, flags: 3, address: 0x2000, size: 64)
    change(&builder)
    return builder.bytes
  }

  @Test func sectionsByNameAndAddress() {
    let table = SectionTable(Self.file())
    #expect(table.sections.map(\.name) == ["", ".text", ".tbss", ".bss", ".shstrtab"])
    for (address, name) in [(0x1000, ".text"), (0x101f, ".text"), (0x1020, nil), (0x2000, ".bss"), (0x2040, nil), (0, nil)]
      as [(UInt64, String?)]
    {
      #expect(table.name(of: address) == name, "\(address)")
    }
    #expect(table.section(".bss")?.bytes.isEmpty == true && table.section(".text")?.bytes.count == 32)
    #expect(!table.hasDebugInformation)
    #expect(SectionTable([]).sections.isEmpty && SectionTable(Array("\u{7f}ELF".utf8)).sections.isEmpty)
  }

  private static func named(_ symbols: [(String, UInt8, UInt16, UInt64, UInt64)], type: UInt64 = 2) -> SymbolTable {
    SymbolTable(
      file {
        var strings: [UInt8] = [0]
        var table = [UInt8](repeating: 0, count: 24)
        for (name, info, section, value, size) in symbols {
          table += SectionBuilder.symbol(UInt32(strings.count), info, section, value, size)
          strings += Array(name.utf8) + [0]
        }
        let names = $0.add(".strtab", type: 3, strings)
        $0.add(".symtab", type: type, link: UInt64(names), table)
      })
  }

  /// The linker's `_end` has no size, and stands where its section ends.
  @Test func aSymbolWithoutSizeEndsWithItsSection() {
    let table = Self.named([("label", 0, 1, 0x1010, 0), ("_end", 0x10, 3, 0x2040, 0), ("absolute", 0x10, 0xfff1, 0x3000, 0)])
    let rows: [(UInt64, String?)] = [
      (0x1010, "label"), (0x101f, "label"), (0x1020, nil), (0x2040, "_end"), (0x2041, nil), (0xffff_ffff_fc70, nil), (0x3000, "absolute"),
      (0x3001, nil),
    ]
    for (address, name) in rows { #expect(table.nearest(address)?.symbol.name == name, "\(address)") }
  }

  /// Of several names of an address that which people use is shown; a small symbol inside a large one does not hide the rest of it.
  @Test func theNameThatIsShown() {
    let table = Self.named([
      ("munmap", 0x22, 1, 0x1000, 8), ("__munmap", 0x12, 1, 0x1000, 8), ("label", 0, 1, 0x1000, 0), ("ifunc", 0x1a, 1, 0x1008, 8),
      ("outer", 0x12, 1, 0x1010, 16), ("inner", 0x12, 1, 0x1014, 4), ("$x", 0, 1, 0x1018, 0), ("$d.5", 0, 1, 0x1018, 0),
      ("$s4main3fooyyF", 0x12, 1, 0x101c, 4),
    ])
    let rows: [(UInt64, String, UInt64)] = [
      (0x1000, "munmap", 0), (0x1004, "munmap", 4), (0x1008, "ifunc", 0), (0x1014, "inner", 0), (0x1018, "outer", 8),
      (0x101c, "$s4main3fooyyF", 0),
    ]
    for (address, name, offset) in rows {
      let found = table.nearest(address)
      #expect(found?.symbol.name == name && found?.offset == offset, "\(address)")
    }
  }

  @Test func dynamicSymbolsStandIn() {
    let table = Self.named([("main", 0x12, 1, 0x1000, 8)], type: 11)
    #expect(table.address(of: "main") == 0x1000 && !table.isComplete)
    #expect(Self.named([("main", 0x12, 1, 0x1000, 8)]).isComplete)
  }

  // MARK: Debug files

  @Test func debugLinks() throws {
    #expect(DebugLink.checksum(Array("123456789".utf8)) == 0xcbf4_3926)
    func link(_ contents: [UInt8]) -> DebugLink? {
      let bytes = Self.file { $0.add(".gnu_debuglink", contents) }
      return DebugLink(bytes, SectionTable(bytes))
    }
    let whole = try #require(link(Array("a.debug\0".utf8) + [0x78, 0x56, 0x34, 0x12]))
    #expect(whole.name == "a.debug" && whole.checksum == 0x1234_5678)
    for wrong in [[], [0, 0, 0, 0, 1, 2, 3, 4], Array("a.debug\0".utf8) + [1, 2, 3], Array("../x\0\0\0\0".utf8) + [1, 2, 3, 4]] as [[UInt8]]
    {
      #expect(link(wrong) == nil)
    }
    #expect(DebugLink([], SectionTable([])) == nil)
  }

  @Test func buildIdentities() {
    func identity(_ contents: [UInt8]) -> [UInt8]? {
      let bytes = Self.file { $0.add(".note", type: 7, contents) }
      return BuildIdentity.read(bytes, SectionTable(bytes))
    }
    let other: [UInt8] = [4, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0] + Array("ABC\0".utf8) + [1, 2, 0, 0]
    let build: [UInt8] = [4, 0, 0, 0, 3, 0, 0, 0, 3, 0, 0, 0] + Array("GNU\0".utf8) + [7, 8, 9]
    #expect(identity(other + build) == [7, 8, 9])
    for wrong in [other, Array(build.dropLast()), Array(build.prefix(11)), [UInt8](repeating: 0xff, count: 32), []] {
      #expect(identity(wrong) == nil)
    }
  }
}
