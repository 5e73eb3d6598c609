// Owns tests of call frame information: the table of entries, the rows that instructions give, and expressions. The bytes are literal.
// It does not know compilers.
import Testing

@testable import Symbols

/// Sections of call frame information from their parts.
struct FrameBuilder {
  var bytes: [UInt8] = []

  static func little(_ value: UInt64, _ size: Int) -> [UInt8] { (0..<size).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) } }

  /// A record with its length, padded with nops to 4 bytes.
  mutating func add(_ contents: [UInt8]) {
    let padded = contents + [UInt8](repeating: 0, count: (4 - contents.count % 4) % 4)
    bytes += Self.little(UInt64(padded.count), 4) + padded
  }

  /// GCC's common part for AArch64: zR, factors 4 and -8, return address in 30, pc-relative 32-bit pointers, CFA = SP.
  mutating func addCommon(augmentation: String = "zR", data: [UInt8] = [0x1b]) {
    add([0, 0, 0, 0, 1] + Array(augmentation.utf8) + [0, 4, 0x78, 30, UInt8(data.count)] + data + [0x0c, 31, 0])
  }

  /// An entry for code at `start`, where the section is loaded at `address` and the common part is at its start.
  mutating func addEntry(start: UInt64, size: UInt64, address: UInt64 = 0x1000, _ instructions: [UInt8]) {
    let place = UInt64(bytes.count)
    add(Self.little(place + 4, 4) + Self.little(start &- (address + place + 8), 4) + Self.little(size, 4) + [0] + instructions)
  }

  func table(address: UInt64 = 0x1000) -> CallFrameTable {
    CallFrameTable(bytes, 0..<bytes.count, address: address, isException: true)
  }
}

@Suite struct CallFrameTests {
  /// stp x29, x30, [sp, #-32]!; mov x29, sp; ...; ldp x29, x30, [sp], #32; ret, as GCC describes them.
  private static func gcc() -> FrameBuilder {
    var builder = FrameBuilder()
    builder.addCommon()
    builder.addEntry(
      start: 0x2000, size: 0x40,
      [
        0x41, 0x0e, 32, 0x9d, 4, 0x9e, 3,  // advance 4; CFA = SP + 32; X29 at CFA-32, X30 at CFA-24
        0x41, 0x0d, 29,  // advance 4; CFA = X29 + 32
        0x48, 0xde, 0xdd, 0x0c, 31, 0,  // advance 32; X30, X29 as before; CFA = SP
      ])
    builder.addEntry(start: 0x2040, size: 8, [])
    return builder
  }

  private static func row(_ builder: FrameBuilder, at address: UInt64) throws -> CallFrameRow? {
    let table = builder.table()
    return try table.entry(at: address).map { try CallFrameProgram.row($0, at: address, table.bytes) }
  }

  @Test func rowsOfAFunction() throws {
    let rows: [(address: UInt64, cfa: CFARule, fp: RegisterRule, link: RegisterRule)] = [
      (0x2000, .register(31, offset: 0), .same, .same),
      (0x2004, .register(31, offset: 32), .offset(-32), .offset(-24)),
      (0x2008, .register(29, offset: 32), .offset(-32), .offset(-24)),
      (0x2024, .register(29, offset: 32), .offset(-32), .offset(-24)),
      (0x2028, .register(31, offset: 0), .same, .same),
      (0x203c, .register(31, offset: 0), .same, .same),
      (0x2044, .register(31, offset: 0), .same, .same),
    ]
    for (address, cfa, fp, link) in rows {
      let row = try #require(try Self.row(Self.gcc(), at: address))
      #expect(row.cfa == cfa && row.rules[29] == fp && row.rules[30] == link, "\(address)")
    }
    for outside in [0, 0x1fff, 0x2048, .max] as [UInt64] { #expect(try Self.row(Self.gcc(), at: outside) == nil) }
  }

  @Test func rememberedRowsAndSignedAddresses() throws {
    var builder = FrameBuilder()
    builder.addCommon()
    // paciasp; stp; remember; two exits.
    builder.addEntry(
      start: 0x2000, size: 0x40,
      [0x2d, 0x41, 0x0e, 16, 0x9e, 1, 0x0a, 0x41, 0x2d, 0xde, 0x0e, 0, 0x41, 0x0b, 0x41, 0x07, 30])
    #expect(try #require(try Self.row(builder, at: 0x2004)).isSigned)
    let left = try #require(try Self.row(builder, at: 0x2008))
    #expect(!left.isSigned && left.rules[30] == .same && left.cfa == .register(31, offset: 0))
    let again = try #require(try Self.row(builder, at: 0x200c))
    #expect(again.isSigned && again.rules[30] == .offset(-8) && again.cfa == .register(31, offset: 16))
    #expect(try #require(try Self.row(builder, at: 0x2010)).rules[30] == .undefined)
  }

  @Test func augmentations() throws {
    // zPLR: a personality's pointer, the encoding of the LSDA, the encoding of addresses; each entry has the LSDA's pointer.
    var builder = FrameBuilder()
    builder.addCommon(augmentation: "zPLR", data: [0x9b, 1, 2, 3, 4, 0x1b, 0x1b])
    let place = UInt64(builder.bytes.count)
    builder.add(
      FrameBuilder.little(place + 4, 4) + FrameBuilder.little(0x2000 &- (0x1000 + place + 8), 4) + FrameBuilder.little(8, 4)
        + [4, 9, 9, 9, 9, 0x0e, 48])
    #expect(try #require(try Self.row(builder, at: 0x2004)).cfa == .register(31, offset: 48))
    var signal = FrameBuilder()
    signal.addCommon(augmentation: "zRS")
    signal.addEntry(start: 0x2000, size: 8, [])
    #expect(try #require(try Self.row(signal, at: 0x2000)).isSignal)
    // Without z, other letters hide where the instructions begin.
    var other = FrameBuilder()
    other.add([0, 0, 0, 0, 1] + Array("eh".utf8) + [0, 4, 0x78, 30, 0x0c, 31, 0])
    other.addEntry(start: 0x2000, size: 8, [])
    #expect(try Self.row(other, at: 0x2000) == nil)
  }

  @Test func debugFrames() throws {
    // .debug_frame of version 4: the entry names its common part by offset, addresses have 8 bytes.
    var builder = FrameBuilder()
    builder.add(FrameBuilder.little(0xffff_ffff, 4) + [4, 0, 8, 0, 4, 0x78, 30, 0x0c, 31, 0])
    builder.add(FrameBuilder.little(0, 4) + FrameBuilder.little(0x2000, 8) + FrameBuilder.little(16, 8) + [0x41, 0x0e, 16])
    let table = CallFrameTable(builder.bytes, 0..<builder.bytes.count, address: 0, isException: false)
    let entry = try #require(table.entry(at: 0x2004))
    #expect(try CallFrameProgram.row(entry, at: 0x2004, table.bytes).cfa == .register(31, offset: 16))
  }

  @Test func damagedInstructionsAreRefused() throws {
    let rows: [[UInt8]] = [
      [0x0b],  // restores what was not remembered
      [0x01, 0, 0, 0, 0, 0, 0, 0, 0], [0x3f], [0x1c], [0x0f, 200], [0x0c, 77, 0],
      [UInt8](repeating: 0x0a, count: 100), [0x0e, 0x80, 0x80],
    ]
    for instructions in rows {
      var builder = FrameBuilder()
      builder.addCommon()
      builder.addEntry(start: 0x2000, size: 0x40, instructions)
      #expect(throws: DWARFDamage.self, "\(instructions)") { try Self.row(builder, at: 0x2000) }
    }
  }

  @Test func damagedRecordsArePassedOver() throws {
    var builder = FrameBuilder()
    builder.addCommon()
    builder.add(FrameBuilder.little(0x1234_5678, 4) + [1, 2, 3, 4])
    builder.addEntry(start: 0x2000, size: 8, [])
    #expect(try Self.row(builder, at: 0x2000) != nil)
    builder.bytes += FrameBuilder.little(0x7fff_ffff, 4)
    #expect(try Self.row(builder, at: 0x2000) != nil)
  }

  private static func evaluate(_ bytes: [UInt8], initial: [UInt64] = []) throws -> UInt64 {
    var memory = StackMemory { address, count in
      address >= 0x8000 && address < 0x9000 ? (0..<UInt64(count)).map { UInt8(truncatingIfNeeded: address &+ $0) } : nil
    }
    var x = [UInt64](repeating: 0, count: 31)
    x[29] = 0x8000
    return try CallFrameExpression.value(
      bytes, 0..<bytes.count, UnwindRegisters(x: x, sp: 0x8100, pc: 0), initial: initial, &memory)
  }

  @Test func expressions() throws {
    let rows: [(bytes: [UInt8], value: UInt64)] = [
      ([0x35], 5), ([0x8d, 0x08], 0x8008), ([0x8f, 0x78], 0x80f8), ([0x8d, 16, 0x06], 0x1716_1514_1312_1110),
      ([0x8d, 16, 0x94, 2], 0x1110), ([0x0a, 0x34, 0x12, 0x23, 1], 0x1235), ([0x33, 0x32, 0x1c], 1), ([0x33, 0x32, 0x16, 0x1c], .max),
      ([0x09, 0xff, 0x34, 0x26], .max), ([0x31, 0x28, 1, 0, 0x39, 0x37], 7), ([0x33, 0x12, 0x22], 6), ([0x92, 31, 0], 0x8100),
    ]
    for (bytes, value) in rows { #expect(try Self.evaluate(bytes) == value, "\(bytes)") }
    #expect(try Self.evaluate([0x23, 8], initial: [0x9000]) == 0x9008)
    // An endless loop, an empty stack, a jump outside, memory that cannot be read, division.
    for bytes in [[0x2f, 0xfd, 0xff], [], [0x22], [0x2f, 0, 0x10], [0x30, 0x06], [0x31, 0x31, 0x1b], [0x15, 9]] as [[UInt8]] {
      #expect(throws: DWARFDamage.self, "\(bytes)") { try Self.evaluate(bytes) }
    }
  }
}
