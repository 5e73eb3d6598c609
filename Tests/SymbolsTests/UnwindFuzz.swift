// Owns random damage to call frame information, stacks and registers: an unwinding ends, keeps its bounds, and answers something.
// It does not know which answer is right.
import ELFFormat
import TestSupport
import Testing

@testable import Symbols

@Suite struct UnwindFuzz {
  /// Sections with entries of several kinds of instructions.
  private static func section(_ random: inout SeededRandom) -> [UInt8] {
    var builder = FrameBuilder()
    builder.addCommon(augmentation: random.chance(1, in: 4) ? "zRS" : "zR")
    for index in 0..<4 as Range<UInt64> {
      var instructions: [UInt8] = [0x41, 0x0e, 32, 0x9d, 4, 0x9e, 3]
      for _ in 0..<random.below(12) {
        let some: [[UInt8]] = [
          [0x0a], [0x0b], [0x2d], [0x41], [0x0d, 29], [0x0e, 64], [0x0c, 31, 0], [0xde], [0x07, 30], [0x0f, 3, 0x8f, 16, 0x06],
          [0x10, 30, 2, 0x23, 8], [0x16, 29, 3, 0x8d, 0, 0x06], [0x09, 30, 29], [0x14, 29, 2], [0x11, 30, 0x7f],
          [0x0f, 3, 0x2f, 0xfd, 0xff], [UInt8(truncatingIfNeeded: random.next())],
        ]
        instructions += some[Int(random.below(UInt64(some.count)))]
      }
      builder.addEntry(start: 0x40_0000 + 0x20 * index, size: 0x20, address: 0x40_2000, instructions)
    }
    for _ in 0..<random.below(6) where !builder.bytes.isEmpty {
      let at = Int(random.below(UInt64(builder.bytes.count)))
      let odd: [UInt8] = [0, 1, 0x7f, 0x80, 0xff]
      builder.bytes[at] = random.chance(1, in: 2) ? odd[Int(random.below(5))] : UInt8(truncatingIfNeeded: random.next())
    }
    return random.chance(1, in: 8) ? Array(builder.bytes.prefix(Int(random.below(UInt64(builder.bytes.count))))) : builder.bytes
  }

  private static func value(_ random: inout SeededRandom) -> UInt64 {
    switch random.below(6) {
    case 0: 0x40_0000 + random.below(0x90)
    case 1: [0, 1, 8, .max, .max - 15, 1 << 63, 1 << 48, 1 << 55][Int(random.below(8))]
    case 2: random.next()
    default: 0x7fff_0000 + random.below(0x2000) & ~7
    }
  }

  @Test func unwinding() {
    let hand = HandMadeStack()
    FuzzRun("unwinding", slice: 20_000).run { random in
      let section = Self.section(&random)
      let table = CallFrameTable(section, 0..<section.count, address: 0x40_2000, isException: true)
      #expect(table.entries.count <= section.count / 8)
      var stack: [UInt64] = []
      for _ in 0..<1024 { stack.append(Self.value(&random)) }
      var x: [UInt64] = []
      for _ in 0..<31 { x.append(Self.value(&random)) }
      let registers = UnwindRegisters(x: x, sp: Self.value(&random), pc: Self.value(&random))
      let unwinder = Unwinder([LoadedModule(name: "fuzz", bytes: hand.module.bytes, callFrames: table)])
      let trace = unwinder.backtrace(registers, BacktraceLimits(first: 8, last: 2, most: 5000)) { address, count in
        if let bytes = hand.read(address, count), address < 0x7fff_0000 { return bytes }
        guard address >= 0x7fff_0000 && address < 0x7fff_2000 && 0x7fff_2000 - address >= UInt64(count) else { return nil }
        return (0..<UInt64(count)).map { index in
          let at = address + index - 0x7fff_0000
          return UInt8(truncatingIfNeeded: stack[Int(at / 8)] >> (8 * (at % 8)))
        }
      }
      #expect(trace.count >= 1 && trace.count <= 5000 && trace.first.count <= 8 && trace.last.count <= 2)
    }
  }

  /// Whole files with damaged sections and headers.
  @Test func modules() {
    let hand = HandMadeStack()
    FuzzRun("modules", slice: 10_000).run { random in
      var bytes = hand.module.bytes
      for _ in 0..<1 + random.below(6) {
        let at = random.chance(1, in: 2) ? Int(random.below(UInt64(bytes.count))) : bytes.count - 1 - Int(random.below(192))
        bytes[at] = UInt8(truncatingIfNeeded: random.next())
      }
      if random.chance(1, in: 8) { bytes = Array(bytes.prefix(Int(random.below(UInt64(bytes.count))))) }
      let module = LoadedModule(name: "fuzz", bytes: bytes, bias: random.chance(1, in: 4) ? Self.value(&random) : 0)
      let symbols = ProgramSymbols([module])
      for _ in 0..<4 { _ = symbols.description(Self.value(&random)) }
      _ = DebugLink(bytes, module.sections)
      _ = BuildIdentity.read(bytes, module.sections)
      let trace = Unwinder([module]).backtrace(
        HandMadeStack.registers(pc: Self.value(&random), sp: Self.value(&random), fp: Self.value(&random), link: Self.value(&random)),
        BacktraceLimits(first: 8, last: 2, most: 1000), read: hand.read)
      #expect(trace.count >= 1 && trace.count <= 1000)
    }
  }
}
