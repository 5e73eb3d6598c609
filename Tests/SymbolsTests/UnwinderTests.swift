// Owns tests of unwinding over small stacks that are written by hand: prologues, epilogues, frame records, signal frames, and damage.
// It does not know compilers; programs that compilers made are in LaboratoryTests.
import TestSupport
import Testing

@testable import Symbols

/// A program of literal words, and a stack.
struct HandMadeStack {
  /// main (0x400000): saves a frame record and calls; leaf (0x400020): faults in its middle; odd (0x400040): saves X30 without a record.
  static let words: [UInt32] = [
    0xa9be_7bfd, 0x9100_03fd, 0x9400_0006, 0x9400_000d, 0xa8c2_7bfd, 0xd65f_03c0, 0, 0,  // main
    0xd100_43ff, 0xf900_03e0, 0xb940_0000, 0x9100_43ff, 0xd65f_03c0, 0, 0, 0,  // leaf
    0xd101_03ff, 0xf900_17fe, 0x97ff_fff6, 0xf940_17fe, 0x9101_03ff, 0xd65f_03c0, 0, 0,  // odd
    0xd280_1168, 0xd400_0001, 0, 0,  // restorer
    0x9400_0000, 0,  // start
  ]
  static let stack: UInt64 = 0x7fff_0000

  let module: LoadedModule
  let unwinder: Unwinder
  private var words: [UInt64: UInt64] = [:]

  init() {
    var elf = TinyELF(Self.words)
    elf.textAddress = 0x40_0000
    elf.symbols = [
      ("main", 0x40_0000, 24), ("leaf", 0x40_0020, 20), ("odd", 0x40_0040, 24), ("restorer", 0x40_0060, 8), ("start", 0x40_0070, 8),
    ]
    var bytes = elf.bytes
    bytes[24] = 0x70  // e_entry
    module = LoadedModule(name: "hand", bytes: bytes)
    unwinder = Unwinder([module])
  }

  subscript(address: UInt64) -> UInt64 {
    get { words[address] ?? 0 }
    set { words[address] = newValue }
  }

  /// The stack is 64 KiB; the text can be read too.
  func read(_ address: UInt64, _ count: Int) -> [UInt8]? {
    let (end, wraps) = address.addingReportingOverflow(UInt64(count))
    if wraps { return nil }
    if address >= 0x40_0000 && end <= 0x40_0000 + UInt64(4 * Self.words.count) {
      return (0..<count).map { index in
        let at = Int(address - 0x40_0000) + index
        return UInt8(truncatingIfNeeded: Self.words[at / 4] >> UInt32(8 * (at % 4)))
      }
    }
    guard address >= Self.stack && end <= Self.stack + 65536 else { return nil }
    return (0..<UInt64(count)).map { UInt8(truncatingIfNeeded: self[(address + $0) & ~7] >> (8 * ((address + $0) & 7))) }
  }

  static func registers(pc: UInt64, sp: UInt64, fp: UInt64 = 0, link: UInt64 = 0) -> UnwindRegisters {
    var x = [UInt64](repeating: 0, count: 31)
    (x[29], x[30]) = (fp, link)
    return UnwindRegisters(x: x, sp: sp, pc: pc)
  }

  func trace(_ registers: UnwindRegisters, _ limits: BacktraceLimits = BacktraceLimits()) -> Backtrace {
    unwinder.backtrace(registers, limits, read: read)
  }

  /// main's frame at `sp`, called from `caller`.
  mutating func main(at sp: UInt64, caller: UInt64, fp: UInt64 = 0) { (self[sp], self[sp + 8]) = (fp, caller) }
}

@Suite struct UnwinderTests {
  private static let stack = HandMadeStack.stack

  /// The leaf function at each of its instructions: no frame, a frame, and none again.
  @Test func everyInstructionOfALeaf() {
    var hand = HandMadeStack()
    hand.main(at: Self.stack + 0x100, caller: 0)
    for (pc, moved) in [(0x40_0020, 0), (0x40_0024, 16), (0x40_0028, 16), (0x40_002c, 16), (0x40_0030, 0)] as [(UInt64, UInt64)] {
      let trace = hand.trace(
        HandMadeStack.registers(pc: pc, sp: Self.stack + 0x100 - moved, fp: Self.stack + 0x100, link: 0x40_000c))
      #expect(trace.first.map(\.pc) == [pc, 0x40_000c], "\(pc)")
      #expect(trace.first[0].cfa == Self.stack + 0x100 && trace.first[1].cfa == Self.stack + 0x120, "\(pc)")
      #expect(trace.end == .complete)
    }
  }

  /// A function whose prologue and epilogue are under way.
  @Test func everyInstructionOfAFrameRecord() {
    let (inside, outside) = (Self.stack + 0x100, Self.stack + 0x120)
    for (pc, sp, fp, link) in [
      (0x40_0000, outside, 1, 0x40_0074), (0x40_0004, inside, 1, 0x40_0074), (0x40_0008, inside, inside, 0x40_0074),
      (0x40_000c, inside, inside, 0x40_000c), (0x40_0010, inside, inside, 0x40_000c), (0x40_0014, outside, 1, 0x40_0074),
    ] as [(UInt64, UInt64, UInt64, UInt64)] {
      var hand = HandMadeStack()
      hand.main(at: inside, caller: 0x40_0074, fp: 1)
      let trace = hand.trace(HandMadeStack.registers(pc: pc, sp: sp, fp: fp, link: link))
      #expect(trace.first.prefix(2).map(\.pc) == [pc, 0x40_0074], "\(pc)")
      #expect(trace.first[0].cfa == outside && trace.first[1].registers.x[29] == 1, "\(pc)")
    }
  }

  /// A caller without a frame record has its return address where its prologue put it.
  @Test func aCallerWithoutAFrameRecord() {
    var hand = HandMadeStack()
    hand[Self.stack + 0x28] = 0x40_0010
    hand.main(at: Self.stack + 0x40, caller: 0)
    let trace = hand.trace(HandMadeStack.registers(pc: 0x40_0028, sp: Self.stack - 16 + 16, fp: Self.stack + 0x40, link: 0x40_004c))
    // The leaf's own frame of 16 bytes lies below odd's.
    #expect(trace.first.map(\.pc).prefix(2) == [0x40_0028, 0x40_004c])
    let whole = hand.trace(HandMadeStack.registers(pc: 0x40_0020, sp: Self.stack, fp: Self.stack + 0x40, link: 0x40_004c))
    #expect(whole.first.map(\.pc) == [0x40_0020, 0x40_004c, 0x40_0010])
    #expect(whole.end == .complete)
  }

  /// The entry point was never called, whatever its registers hold.
  @Test func theEntryPointIsTheLast() {
    let hand = HandMadeStack()
    for pc in [0x40_0070, 0x40_0074] as [UInt64] {
      let trace = hand.trace(HandMadeStack.registers(pc: pc, sp: Self.stack, fp: Self.stack + 0x100, link: 0x40_000c))
      #expect(trace.end == .complete && trace.count == 1)
    }
  }

  /// The place of a bad jump cannot be read; the link register says who jumped.
  @Test func badJumps() {
    var hand = HandMadeStack()
    hand.main(at: Self.stack + 0x100, caller: 0)
    for pc in [0x4141_4141, 0x4141_4140, 0, .max, 0x40_0002] as [UInt64] {
      let trace = hand.trace(HandMadeStack.registers(pc: pc, sp: Self.stack + 0x100, fp: Self.stack + 0x100, link: 0x40_000c))
      #expect(trace.first.map(\.pc) == [pc, 0x40_000c], "\(pc)")
    }
  }

  /// Return addresses with an authentication code, which bit 55 does not belong to.
  @Test func signedAddressesAreStripped() {
    var hand = HandMadeStack()
    hand.main(at: Self.stack + 0x100, caller: 0x3f5a_0000_0040_0074 & ~(1 << 55))
    let trace = hand.trace(
      HandMadeStack.registers(pc: 0x40_0020, sp: Self.stack + 0x100, fp: Self.stack + 0x100, link: 0x002a_0000_0040_000c))
    #expect(trace.first.prefix(3).map(\.pc) == [0x40_0020, 0x40_000c, 0x40_0074])
  }

  // MARK: Signals

  /// A signal interrupts the leaf function; the handler is main, on a stack above.
  @Test func throughASignalFrame() {
    var hand = HandMadeStack()
    let frame = Self.stack + 0x8000
    hand.main(at: frame - 0x20, caller: 0x40_0060, fp: 1)
    for index in 0..<31 as Range<UInt64> { hand[frame + 312 + 8 * index] = index }
    hand[frame + 312 + 8 * 29] = Self.stack + 0x100
    hand[frame + 312 + 8 * 30] = 0x40_000c
    hand[frame + 312 + 8 * 31] = Self.stack + 0x100 - 16
    hand[frame + 312 + 8 * 32] = 0x40_0028
    hand.main(at: Self.stack + 0x100, caller: 0)
    let trace = hand.trace(HandMadeStack.registers(pc: 0x40_0008, sp: frame - 0x20, fp: frame - 0x20, link: 0x40_0060))
    #expect(trace.first.map(\.pc) == [0x40_0008, 0x40_0060, 0x40_0028, 0x40_000c])
    #expect(trace.first.map(\.kind) == [.innermost, .signal, .interrupted, .caller])
    #expect(trace.first[2].registers.x[5] == 5 && trace.first[2].lookup == 0x40_0028 && trace.first[3].lookup == 0x40_0008)
    #expect(trace.end == .complete)
    // The code that returns is recognised at each of its instructions.
    for pc in [0x40_0060, 0x40_0064] as [UInt64] {
      #expect(hand.trace(HandMadeStack.registers(pc: pc, sp: frame)).first.map(\.pc) == [pc, 0x40_0028, 0x40_000c])
    }
    let outside = hand.trace(HandMadeStack.registers(pc: 0x40_0060, sp: 0x10))
    #expect(outside.end == .corrupt("the signal frame at 0x10 cannot be read"))
  }

  // MARK: Damage

  @Test func damage() {
    let record = Self.stack + 0x100
    // A record that leads to itself, one that leads down, one outside memory.
    let rows: [(fp: UInt64, caller: UInt64, count: Int, end: Backtrace.End)] = [
      (record, 0x40_000c, 3, .corrupt("previous frame identical to this frame (corrupt stack?)")),
      (record - 0x80, 0x40_000c, 3, .corrupt("previous frame inner to this frame (corrupt stack?)")),
      (0x4141_4141_4141, 0x40_000c, 3, .corrupt("the stack at 0x414141414161 cannot be read")),
      (0x4141_4141_4141, 0x4141_4141, 3, .corrupt("the stack at 0x414141414151 cannot be read")),
    ]
    for row in rows {
      var hand = HandMadeStack()
      hand.main(at: record, caller: row.caller, fp: row.fp)
      hand.main(at: record - 0x80, caller: 0x40_000c, fp: record)
      let trace = hand.trace(HandMadeStack.registers(pc: 0x40_0020, sp: record, fp: record, link: 0x40_000c))
      #expect(trace.count == row.count, "\(row)")
      #expect(trace.end == row.end, "\(row)")
    }
  }

  /// A deep stack is counted, and its two ends are kept.
  @Test func deepStacks() {
    var hand = HandMadeStack()
    let frames = 65536 / 32
    for index in 0..<UInt64(frames) {
      hand.main(at: Self.stack + 32 * index, caller: index == UInt64(frames - 1) ? 0 : 0x40_000c, fp: Self.stack + 32 * (index + 1))
    }
    let registers = HandMadeStack.registers(pc: 0x40_0008, sp: Self.stack, fp: Self.stack)
    let trace = hand.trace(registers, BacktraceLimits(first: 10, last: 3))
    #expect(trace.count == frames && trace.omitted == frames - 13 && trace.end == .complete)
    #expect(trace.first.map(\.level) == Array(0..<10) && trace.last.map(\.level) == Array(frames - 3..<frames))
    let all = hand.trace(registers, BacktraceLimits(first: frames, last: 0))
    #expect(all.first.count == frames && all.omitted == 0)
    #expect(Array(all.first.suffix(3)) == trace.last)
    let limited = hand.trace(registers, BacktraceLimits(first: 10, last: 3, most: 100))
    #expect(limited.count == 100 && limited.end == .limit && limited.last.map(\.level) == [97, 98, 99])
  }
}
