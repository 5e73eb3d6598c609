// Owns tests of symbols: finding one by name and by address, and that a damaged table counts as empty.
// It does not know relocation.
import Testing

@testable import ELFFormat

struct SymbolTableTests {
  /// The sound image with a symbol table (offset 352), its strings (512) and three section headers (576).
  static func image(_ change: (inout ImageBuilder) -> Void = { _ in }) -> [UInt8] {
    ImageBuilder.with {
      $0.bytes += [UInt8](repeating: 0, count: 576 + 3 * 64 - 352)
      let strings = Array("\0main\0helper\0$x\0local\0undefined\0".utf8)
      $0.bytes.replaceSubrange(512..<(512 + strings.count), with: strings)
      func symbol(
        _ index: Int, _ name: UInt32, _ info: UInt8, _ section: UInt16, _ value: UInt64, _ size: UInt64, _ image: inout ImageBuilder
      ) {
        let at = 352 + index * 24
        image.put32(at, name)
        image.bytes[at + 4] = info
        image.put16(at + 6, section)
        image.put64(at + 8, value)
        image.put64(at + 16, size)
      }
      symbol(1, 1, 0x12, 1, 0x40_0110, 16, &$0)  // main
      symbol(2, 6, 0x12, 1, 0x40_0100, 16, &$0)  // helper
      symbol(3, 13, 0x00, 1, 0x40_0100, 0, &$0)  // $x
      symbol(4, 16, 0x00, 1, 0x40_0130, 0, &$0)  // local, without size
      symbol(5, 22, 0x12, 0, 0x40_0138, 0, &$0)  // undefined
      $0.put64(40, 576)
      $0.put16(58, 64)
      $0.put16(60, 3)
      $0.put32(576 + 64 + 4, 2)  // SHT_SYMTAB
      $0.put64(576 + 64 + 24, 352)
      $0.put64(576 + 64 + 32, 6 * 24)
      $0.put32(576 + 64 + 40, 2)
      $0.put64(576 + 128 + 24, 512)
      $0.put64(576 + 128 + 32, UInt64(strings.count))
      change(&$0)
    }
  }

  @Test func namesInAddressOrder() throws {
    let table = SymbolTable(Self.image())
    #expect(table.symbols.map(\.name) == ["helper", "main", "local"])
    #expect(table.address(of: "main") == 0x40_0110)
    #expect(table.address(of: "$x") == nil)
    #expect(table.address(of: "undefined") == nil)
  }

  @Test func theNearestSymbolCoversTheAddress() throws {
    let table = SymbolTable(Self.image())
    let rows: [(UInt64, String?, UInt64)] = [
      (0, nil, 0), (0x40_00ff, nil, 0), (0x40_0100, "helper", 0), (0x40_010f, "helper", 15), (0x40_0110, "main", 0),
      (0x40_011f, "main", 15),
      (0x40_0120, nil, 0), (0x40_0130, "local", 0), (0x40_013f, "local", 15), (0x40_0140, nil, 0), (.max, nil, 0),
    ]
    for (address, name, offset) in rows {
      let found = table.nearest(address)
      #expect(found?.symbol.name == name, "\(address)")
      if name != nil { #expect(found?.offset == offset) }
    }
  }

  /// Sections are only for debugging: a program with damaged sections loads, and has no symbols.
  @Test func damagedTablesAreEmpty() throws {
    let max = UInt64.max
    let rows: [(inout ImageBuilder) -> Void] = [
      { $0.put64(40, max) }, { $0.put64(40, 700) }, { $0.put16(60, 65535) }, { $0.put16(58, 40) }, { $0.put64(40, 0) },
      { $0.put64(576 + 64 + 24, max) }, { $0.put64(576 + 64 + 32, max) }, { $0.put64(576 + 64 + 24, 760) },
      { $0.put32(576 + 64 + 40, 3) }, { $0.put32(576 + 64 + 40, .max) }, { $0.put64(576 + 128 + 24, max - 8) },
      { $0.put64(576 + 128 + 32, max) },
      { $0.put32(576 + 64 + 4, 3) },
    ]
    for change in rows { #expect(SymbolTable(Self.image(change)).symbols.isEmpty) }
  }

  /// Names that point outside the strings are left out; a string without its end stops at the table's end.
  @Test func badNames() throws {
    #expect(SymbolTable(Self.image { $0.put32(352 + 24, .max) }).symbols.map(\.name) == ["helper", "local"])
    #expect(SymbolTable(Self.image { $0.put64(576 + 128 + 32, 3) }).symbols.map(\.name) == ["ma"])
    #expect(SymbolTable(Self.image { $0.put64(576 + 128 + 32, 3) }).address(of: "ma") == 0x40_0110)
  }

  /// Every suffix of a long string may be a name. A table of such names must not copy all their bytes.
  @Test func overlappingNamesCostTheirPlacesOnly() throws {
    let count = 20_000
    let length = 400_000
    let bytes = Self.image {
      let table = $0.bytes.count
      $0.bytes += [UInt8](repeating: 0, count: (count + 1) * 24)
      for index in 1...count {
        $0.put32(table + index * 24, UInt32(index))
        $0.put16(table + index * 24 + 6, 1)
        $0.put64(table + index * 24 + 8, UInt64(index) << 4)
      }
      let strings = $0.bytes.count
      $0.bytes += [0] + [UInt8](repeating: UInt8(ascii: "a"), count: length)
      $0.put64(576 + 64 + 24, UInt64(table))
      $0.put64(576 + 64 + 32, UInt64(count + 1) * 24)
      $0.put64(576 + 128 + 24, UInt64(strings))
      $0.put64(576 + 128 + 32, UInt64(length + 1))
    }
    let table = SymbolTable(bytes)
    #expect(table.symbols.count == count)
    #expect(table.bytesBesideTheFile <= count * 32)
    #expect(table.nearest(16)?.symbol.name.utf8.count == SymbolTable.longestName)
    #expect(table.symbols.last?.name.utf8.count == SymbolTable.longestName)
    #expect(table.address(of: String(repeating: "a", count: length)) == nil)
    #expect(table.address(of: String(repeating: "a", count: SymbolTable.longestName - 1)) == nil)
  }

  @Test func symbolsBehindTheLimitAreLeftOut() {
    let bytes = Self.image {
      let main = Array($0.bytes[352 + 24..<352 + 48])
      let table = $0.bytes.count
      for _ in 0..<SymbolTable.limit + 10 { $0.bytes += main }
      $0.put64(576 + 64 + 24, UInt64(table))
      $0.put64(576 + 64 + 32, UInt64(SymbolTable.limit + 10) * 24)
    }
    #expect(SymbolTable(bytes).symbols.count == SymbolTable.limit)
  }

  /// Any one byte behind the program headers may have any value.
  @Test func damagedBytesAreAnswered() {
    for at in 352..<768 {
      for value in [0, 1, 0x7f, 0x80, 0xff] as [UInt8] {
        let bytes = Self.image { $0.bytes[at] = value }
        #expect((try? ELFFile(bytes)) != nil)
        for symbol in SymbolTable(bytes).symbols { #expect(symbol.name.utf8.count < 64) }
      }
    }
  }
}
