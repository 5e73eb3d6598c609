// Owns tests of what the ELF reader accepts and refuses: sound files field by field, and damage of every kind, each with its
// message.
// It does not know loading.
import Testing

@testable import ELFFormat

struct ELFFileTests {
  /// The message for these bytes; nil if they are accepted.
  private func message(_ bytes: [UInt8]) -> String? {
    do throws(ELFError) {
      _ = try ELFFile(bytes)
      return nil
    } catch {
      return error.description
    }
  }

  @Test func aSoundFile() throws {
    let file = try ELFFile(ImageBuilder().bytes)
    #expect(file.kind == .executable)
    #expect(file.entry == 0x40_0100)
    #expect(file.programHeaders.count == 2 && file.segments.count == 2)
    #expect(file.header.table == 64..<176)
    #expect(file.interpreter == nil)
    let (code, data) = (file.segments[0], file.segments[1])
    #expect((code.address, code.offset, code.fileSize, code.memorySize) == (0x40_0100, 256, 64, 64))
    #expect(code.isReadable && !code.isWritable && code.isExecutable)
    #expect((data.address, data.offset, data.fileSize, data.memorySize) == (0x41_0140, 320, 32, 4096))
    #expect(data.isReadable && data.isWritable && !data.isExecutable)
    #expect(data.end == 0x41_1140)
  }

  @Test func aStaticPIE() throws {
    #expect(try ELFFile(ImageBuilder.with { $0.put16(16, 3) }).kind == .shared)
  }

  /// Segments are in the order of their addresses, in whatever order the file has them.
  @Test func segmentsAreSorted() throws {
    let bytes = ImageBuilder.with {
      $0.putHeader(64, type: 1, flags: 6, offset: 320, address: 0x41_0140, fileSize: 32, memorySize: 4096)
      $0.putHeader(120, type: 1, flags: 5, offset: 256, address: 0x40_0100, fileSize: 64, memorySize: 64)
    }
    let file = try ELFFile(bytes)
    #expect(file.segments.map(\.address) == [0x40_0100, 0x41_0140])
    #expect(file.programHeaders.map(\.address) == [0x41_0140, 0x40_0100])
  }

  /// For a file cut at any byte, the message says what is missing and how large the file is.
  @Test func truncatedAtEveryByte() throws {
    let bytes = ImageBuilder().bytes
    for count in 0..<bytes.count {
      let text = try #require(message(Array(bytes.prefix(count))), "\(count) bytes are accepted")
      switch count {
      case 0: #expect(text == "it is empty")
      case 1..<4: #expect(text.contains("not an ELF file"))
      case 4..<64: #expect(text == "it is truncated: the ELF header (64 bytes) does not fit into its \(count) bytes")
      case 64..<176:
        #expect(text == "it is truncated: the program header table (offset 64, 2 entries) does not fit into its \(count) bytes")
      case 176..<320:
        #expect(text == "it is truncated: the segment at 0x400100 (offset 256, 64 bytes) does not fit into its \(count) bytes")
      default: #expect(text == "it is truncated: the segment at 0x410140 (offset 320, 32 bytes) does not fit into its \(count) bytes")
      }
    }
  }

  @Test func foreignFiles() {
    let rows: [(String, (inout ImageBuilder) -> Void)] = [
      ("it is a 32-bit ELF file; only 64-bit ELF files can be run", { $0.bytes[4] = 1 }),
      ("it is ELF class 0; only 64-bit ELF files can be run", { $0.bytes[4] = 0 }),
      ("it is a big-endian ELF file; only little-endian ones can be run", { $0.bytes[5] = 2 }),
      ("it is ELF data encoding 9; only little-endian ones can be run", { $0.bytes[5] = 9 }),
      ("it is a program for x86-64; only AArch64 programs (e_machine 183) can be run", { $0.put16(18, 62) }),
      ("it is a program for x86; only AArch64 programs (e_machine 183) can be run", { $0.put16(18, 3) }),
      ("it is a program for 32-bit Arm; only AArch64 programs (e_machine 183) can be run", { $0.put16(18, 40) }),
      ("it is a program for machine 65535; only AArch64 programs (e_machine 183) can be run", { $0.put16(18, 65535) }),
      ("it is a relocatable object; only executables (ET_EXEC) and static PIE (ET_DYN) can be run", { $0.put16(16, 1) }),
      ("it is a core dump; only executables (ET_EXEC) and static PIE (ET_DYN) can be run", { $0.put16(16, 4) }),
      ("it is ELF type 65535; only executables (ET_EXEC) and static PIE (ET_DYN) can be run", { $0.put16(16, 65535) }),
      ("it is not an ELF file (the first four bytes are not 7f 45 4c 46)", { $0.bytes[0] = 0x23 }),
    ]
    for (text, change) in rows { #expect(message(ImageBuilder.with(change)) == text) }
  }

  @Test func badProgramHeaders() {
    let max = UInt64.max
    let rows: [(String, (inout ImageBuilder) -> Void)] = [
      ("no program headers", { $0.put16(56, 0) }),
      ("e_phentsize (offset 54) is 32", { $0.put16(54, 32) }),
      ("the program header table (offset 64, 1170 entries)", { $0.put16(56, 1170) }),
      ("the program header table (offset 18446744073709551615, 2 entries)", { $0.put64(32, max) }),
      ("the program header table (offset 18446744073709551504, 2 entries)", { $0.put64(32, max - 111) }),
      ("the program header table (offset 9223372036854775807, 2 entries)", { $0.put64(32, max >> 1) }),
      (
        "no segment to load",
        {
          $0.put32(64, 0); $0.put32(120, 0)
        }
      ),
      (
        "no segment to load",
        {
          $0.put64(96, 0); $0.put64(104, 0); $0.put64(152, 0); $0.put64(160, 0)
        }
      ),
      ("more bytes in the file (64) than in memory (63)", { $0.put64(104, 63) }),
      ("more bytes in the file (18446744073709551615) than in memory (64)", { $0.put64(96, max) }),
      ("(offset 18446744073709551615, 64 bytes)", { $0.put64(72, max) }),
      ("(offset 18446744073709551552, 64 bytes)", { $0.put64(72, max - 63) }),
      (
        "(offset 256, 18446744073709551615 bytes)",
        {
          $0.put64(96, max); $0.put64(104, max)
        }
      ),
      ("leaves the 48-bit user address space", { $0.put64(104, max) }),
      ("leaves the 48-bit user address space", { $0.put64(80, max - 0xeff) }),
      ("leaves the 48-bit user address space", { $0.put64(136, 0xffff_ffff_f140) }),
      ("p_align 4095, which is not a power of two", { $0.put64(112, 4095) }),
      ("p_align 18446744073709551615, which is not a power of two", { $0.put64(112, max) }),
      (
        "address and offset differ modulo the page size",
        {
          $0.put64(80, 0x40_0104); $0.put64(24, 0x40_0104)
        }
      ),
      (
        "the segment at 0x400140 overlaps the one before it",
        {
          $0.put64(136, 0x40_0140); $0.put64(104, 65)
        }
      ),
      (
        "the segment at 0x400100 overlaps the one before it",
        {
          $0.putHeader(120, type: 1, flags: 6, offset: 256, address: 0x40_0100, fileSize: 64, memorySize: 64)
        }
      ),
      ("the entry point 0x400140 lies in no executable segment", { $0.put64(24, 0x40_0140) }),
      ("the entry point 0x4000ff lies in no executable segment", { $0.put64(24, 0x40_00ff) }),
      ("the entry point 0xffffffffffffffff lies in no executable segment", { $0.put64(24, max) }),
      ("the entry point 0x410140 lies in no executable segment", { $0.put64(24, 0x41_0140) }),
      ("PT_INTERP", { $0.putHeader(120, type: 3, flags: 4, offset: 350, address: 0, fileSize: 3, memorySize: 3) }),
      ("PT_INTERP", { $0.putHeader(120, type: 3, flags: 4, offset: max, address: 0, fileSize: max, memorySize: 0) }),
    ]
    for (text, change) in rows {
      let actual = message(ImageBuilder.with(change))
      #expect(actual?.contains(text) == true, "\(text): \(actual ?? "accepted")")
    }
  }

  /// Segments that touch do not overlap; the last byte of the address space may be used.
  @Test func theLimitsThemselves() {
    #expect(message(ImageBuilder.with { $0.put64(136, 0x40_0140) }) == nil)
    #expect(
      message(
        ImageBuilder.with {
          $0.put64(136, 0xffff_ffff_e140); $0.put64(160, 0x1ec0)
        }) == nil)
    #expect(
      message(
        ImageBuilder.with {
          $0.put64(136, 0xffff_ffff_e140); $0.put64(160, 0x1ec1)
        }) != nil)
    #expect(message(ImageBuilder.with { $0.put64(112, 0) }) == nil)
    #expect(message(ImageBuilder.with { $0.put64(24, 0x40_013f) }) == nil)
  }

  @Test func anInterpreter() throws {
    let bytes = ImageBuilder.with {
      $0.putHeader(120, type: 3, flags: 4, offset: 320, address: 0, fileSize: 11, memorySize: 11)
      $0.bytes.replaceSubrange(320..<331, with: Array("/lib/ld.so\0".utf8))
    }
    let range = try #require(try ELFFile(bytes).interpreter)
    #expect(ELFFile.path(bytes[range]) == Array("/lib/ld.so".utf8))
  }

  /// A loader reads only the headers and the table of program headers, however large the file is.
  @Test func onlyTheHeadersAreRead() throws {
    let bytes = ImageBuilder().bytes
    let size = 1 << 40
    let header = try ELFHeader(bytes.prefix(ELFHeader.size), fileSize: size)
    let file = try ELFFile(header, table: Array(bytes[header.table]), fileSize: size)
    #expect(file.segments == (try ELFFile(bytes)).segments)
    #expect(file.size == size)
  }

  /// Linux's limits apply: a table of program headers has at most 64 KiB, and a path at most PATH_MAX bytes.
  @Test func hostileCounts() throws {
    let zeroes = [UInt8](repeating: 0, count: 65535 * 56)
    for (count, isAccepted) in [(1170, true), (1171, false), (65535, false)] as [(UInt16, Bool)] {
      let text = message(
        ImageBuilder.with {
          $0.bytes += zeroes; $0.put16(56, count)
        })
      #expect((text == nil) == isAccepted, "\(count): \(text ?? "accepted")")
      if let text { #expect(text.contains("it has \(count) program headers")) }
    }
    let path = ImageBuilder.with {
      $0.bytes += zeroes
      $0.putHeader(120, type: 3, flags: 4, offset: 320, address: 0, fileSize: 4097, memorySize: 4097)
    }
    #expect(message(path) == "PT_INTERP has 4097 bytes; a path has at most 4096")
  }

  /// For any value of any one byte of the headers, and of any aligned field, there is an answer and never a trap.
  @Test func damagedFilesAreAnswered() {
    var accepted = 0
    var refused = 0
    for at in 0..<176 {
      for value in 0...255 as ClosedRange<UInt8> {
        let text = message(ImageBuilder.with { $0.bytes[at] = value })
        if let text { #expect(text.count > 10) }
        accepted += text == nil ? 1 : 0
        refused += text == nil ? 0 : 1
      }
    }
    #expect(accepted > 1000 && refused > 1000)
    for at in stride(from: 0, to: 172, by: 4) {
      for value in [.max, .max >> 1, 1 << 63, 0xffff_ffff, 0x8000_0000, .max - 55, .max - 63] as [UInt64] {
        _ = message(ImageBuilder.with { $0.put64(at, value) })
      }
    }
  }
}
