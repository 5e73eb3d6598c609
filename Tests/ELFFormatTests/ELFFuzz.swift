// Owns random damage to ELF files: an accepted file keeps the parser's promises, and a refused one gets a sentence.
// It does not know which files are sound.
import Foundation
import TestSupport
import Testing

@testable import ELFFormat

@Suite struct ELFFuzz {
  private static let bases = [ImageBuilder().bytes, SymbolTableTests.image()]
  private static let interesting: [UInt64] = [
    0, 1, 2, 3, 55, 56, 57, 63, 64, 65, 1170, 1171, 4095, 4096, 4097, 65535, 65536, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 1 << 47, 1 << 48,
    .max >> 1, 1 << 63, .max - 64, .max - 24, .max - 1, .max,
  ]

  /// A file with a few things wrong.
  private static func file(_ random: inout SeededRandom) -> [UInt8] {
    var bytes = bases[Int(random.below(2))]
    func place(_ random: inout SeededRandom) -> Int { bytes.isEmpty ? 0 : Int(random.below(UInt64(bytes.count))) }
    for _ in 0..<1 + random.below(8) {
      switch random.below(8) {
      case 0: bytes = Array(bytes.prefix(place(&random)))
      case 1: bytes += (0..<random.below(256)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      case 2, 3: if !bytes.isEmpty { bytes[place(&random)] = UInt8(truncatingIfNeeded: random.next()) }
      default:
        // A field, mostly of the headers, gets a number that is known to be dangerous, or one near the file's size.
        let width = [2, 4, 8][Int(random.below(3))]
        let limit = random.chance(1, in: 3) ? bytes.count : min(bytes.count, 176)
        if limit < width { break }
        let at = Int(random.below(UInt64(limit - width + 1))) & ~(width - 1)
        let nearSize = UInt64(bytes.count) &+ random.below(64) &- 32
        let wrong = interesting[Int(random.below(UInt64(interesting.count)))]
        let value = random.chance(1, in: 3) ? nearSize : wrong
        for index in 0..<width where at + index < bytes.count { bytes[at + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * index)) }
      }
    }
    return bytes
  }

  @Test func elf() {
    FuzzRun("elf", slice: 30_000).run { random in
      let bytes = Self.file(&random)
      let use: ELFFile.Use = random.chance(1, in: 2) ? .program : .image
      do throws(ELFError) {
        let file = try ELFFile(bytes, as: use)
        var end: UInt64 = 0
        for segment in file.segments {
          #expect(segment.offset + segment.fileSize <= UInt64(bytes.count) && segment.fileSize <= segment.memorySize)
          let start = use == .program ? segment.address : segment.physicalAddress
          #expect(start >= end)
          end = start + segment.memorySize
        }
        if let path = file.interpreter { #expect(path.upperBound <= bytes.count && path.count <= 4096) }
      } catch { #expect(error.description.count > 10) }
    }
  }

  /// Every input that reached a new branch under libFuzzer.
  @Test func corpus() throws {
    let folder = packageFolder.appending(path: "Tests/Fixtures/fuzz/elf")
    let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    #expect(files.count > 100)
    for file in files {
      let bytes = [UInt8](try Data(contentsOf: file))
      for use in [ELFFile.Use.program, .image] { _ = try? ELFFile(bytes, as: use) }
      #expect(SymbolTable(bytes).symbols.count <= bytes.count / 24)
    }
  }

  /// A table of random symbols over few strings that overlap.
  @Test func symbols() {
    FuzzRun("symbols", slice: 10_000).run { random in
      var bytes = random.chance(1, in: 2) ? Self.file(&random) : SymbolTableTests.image()
      if bytes.count >= 576 + 192 {
        for at in 352..<512 where random.chance(1, in: 4) { bytes[at] = UInt8(truncatingIfNeeded: random.next()) }
        if random.chance(1, in: 4) { for at in 512..<576 where bytes[at] == 0 { bytes[at] = 97 } }
        let at = 576 + Int(random.below(192))
        if random.chance(1, in: 2) { bytes[at] = UInt8(truncatingIfNeeded: random.next()) }
      }
      let table = SymbolTable(bytes)
      #expect(table.symbols.count <= bytes.count / 24)
      var previous: UInt64 = 0
      for symbol in table.symbols {
        #expect(symbol.address >= previous && symbol.name.utf8.count <= 3 * SymbolTable.longestName)
        previous = symbol.address
        if let found = table.nearest(symbol.address) { #expect(found.symbol.address == symbol.address && found.offset == 0) }
      }
      if let first = table.symbols.first(where: { $0.name.utf8.count < 64 }) { _ = table.address(of: first.name) }
      _ = table.nearest(random.next())
    }
  }
}
