// Owns the promise of the fast table and the fetch table: subsets of the TLB, invisible in every result, stale entries included.
// It does not know how handlers probe them.
import Architecture
import TestSupport
import Testing

@testable import Machine

/// A machine under random accesses at EL0, changes of descriptors without a TLBI, TLBIs, and changes of ASID.
private struct Churn {
  let machine: BareMachine
  private var random: SeededRandom
  /// VA pages from 0x10 are data, from 0x50 code.
  private static let accesses: [UInt32] = [
    0xf940_0001, 0xf900_0002, 0x3940_0001, 0x7900_0002, 0xa940_0c01, 0xa900_0802,
    0xf822_0001, 0xc8a1_7c02, 0xc85f_7c01, 0x3d80_0001, 0xf840_0801, 0xd63f_0000,
  ]

  private static let pages: [UInt64] = Array(0x10..<0x28) + Array(0x50..<0x54)

  init(seed: UInt64, fastTable: Bool) throws {
    var features = ProcessorFeatures()
    features.tlbEntries = 32
    features.tlbWays = 2
    machine = try BareMachine(features: features, fastTable: fastTable)
    random = SeededRandom(seed: seed)
    for frame in 0..<16 as Range<UInt64> { machine.put(0x4020_0000 + frame << 12, frame + 1) }
    // mov x1, #0; ret
    for frame in 0..<4 as Range<UInt64> { machine.put(0x4040_0000 + frame << 12, words: [0xd280_0001 | UInt32(frame) << 5, 0xd65f_03c0]) }
    for page in Self.pages { changeDescriptor(page) }
  }

  private mutating func changeDescriptor(_ page: UInt64) {
    let attributes: [UInt64] = [
      0x0060_0000_0000_0f43, 0x0060_0000_0000_0f43, 0x0060_0000_0000_0fc3, 0x0060_0000_0000_0743, 0x0060_0000_0000_0f03,
      0x0060_0000_0000_0b43, 0x0060_0000_0000_0f47, 0x0060_0000_0000_07c3, 0x0,
    ]
    let code: [UInt64] = [0x0020_0000_0000_0fc3, 0x0020_0000_0000_07c3, 0x0020_0000_0000_0f43, 0x0060_0000_0000_0f43, 0]
    let isCode = page >= 0x50
    let frame =
      isCode ? 0x4040_0000 + UInt64.random(in: 0..<4, using: &random) << 12 : 0x4020_0000 + UInt64.random(in: 0..<16, using: &random) << 12
    machine.put(BareMachine.table + page * 8, (isCode ? code : attributes).randomElement(using: &random)! | frame)
  }

  /// One random step; what came of it, as text.
  mutating func step() -> String {
    let page = Self.pages.randomElement(using: &random)!
    switch UInt8.random(in: 0..<100, using: &random) {
    case 0..<15: changeDescriptor(page)
    case 15..<20: machine[0].el1.invalidateTLB(.VAE1IS, page | UInt64.random(in: 0..<3, using: &random) << 48)
    case 20: machine[0].el1.invalidateTLB([.VAALE1, .ASIDE1IS, .VMALLE1].randomElement(using: &random)!, page | 1 << 48)
    case 21: machine[0].write(.TTBR0_EL1, UInt64.random(in: 0..<3, using: &random) << 48 | 0x4001_0000)
    default:
      let word = Self.accesses.randomElement(using: &random)!
      let offset: UInt64 = word == 0xd63f_0000 ? 0 : [0, 8, 0x10, 0xff8, 0xffc, 0x804].randomElement(using: &random)!
      let taken = machine.exception(of: word, x0: page << 12 | offset) {
        $0[x: 1] = 0x1111
        $0[x: 2] = 0x2222
      }
      return "\(String(describing: taken)) \(machine[0][x: 1]) \(machine[0].statistics.walks)"
    }
    return ""
  }
}

struct FastTableTests {
  /// Every entry of the fast and fetch tables is backed by a TLB entry of this ASID that gives at least these rights.
  private func backing(_ machine: BareMachine) -> [String] {
    let context = machine[0].context
    let state = context.state
    let ram = UInt64(UInt(bitPattern: state.pointee.ram)) &- state.pointee.ramBase
    var problems: [String] = []
    for index in 0..<Layout.fastEntries {
      let raw = context.c + (Layout.fastTable + index * 32)
      let (read, write, addend) = raw.load(as: (UInt64, UInt64, UInt64).self)
      for (tag, kind) in [(read, AccessKind.read), (write, .write)] where tag != ~0 {
        guard let entry = state.pointee.tlb.find(page: tag, asid: state.pointee.regime.asid)?.pointee else {
          problems.append("\(kind) \(String(tag, radix: 16)) is not in the TLB")
          continue
        }
        if tag &+ addend != ram &+ entry.output { problems.append("\(kind) \(String(tag, radix: 16)) leads elsewhere") }
        if !context.permits(entry, kind, privileged: false) { problems.append("\(kind) \(String(tag, radix: 16)) is not permitted") }
        let flags = state.pointee.frameFlags[Int((entry.output - state.pointee.ramBase) >> 12)]
        if kind == .write && flags != 0 { problems.append("write \(String(tag, radix: 16)) passes by the door") }
      }
    }
    for index in 0..<Layout.fetchEntries {
      let tag = (context.c + (Layout.fetchTable + index * 32)).load(as: UInt64.self)
      if tag == ~0 { continue }
      guard let entry = state.pointee.tlb.find(page: tag, asid: state.pointee.regime.asid)?.pointee else {
        problems.append("fetch \(String(tag, radix: 16)) is not in the TLB")
        continue
      }
      if !context.permits(entry, .instructionFetch, privileged: false) {
        problems.append("fetch \(String(tag, radix: 16)) is not permitted")
      }
    }
    return problems
  }

  /// How many readable pages of the fast table the descriptors map elsewhere by now.
  private func staleEntries(_ machine: BareMachine) -> Int {
    let context = machine[0].context
    let ram = UInt64(UInt(bitPattern: context.state.pointee.ram)) &- context.state.pointee.ramBase
    return (0x10..<0x58 as Range<UInt64>).count { page in
      let (tag, _, addend) = context.fastEntry(page << 12).load(as: (UInt64, UInt64, UInt64).self)
      return tag == page << 12 && tag &+ addend != ram &+ machine.get(BareMachine.table + page * 8) & 0xffff_f000
    }
  }

  /// With and without the tables: the same exceptions, values and walks, step by step, and the same RAM in the end.
  @Test(arguments: 1...6 as ClosedRange<UInt64>) func randomAccessesShowNoDifference(seed: UInt64) throws {
    var fast = try Churn(seed: seed, fastTable: true)
    var slow = try Churn(seed: seed, fastTable: false)
    var stale = 0
    for step in 0..<1500 {
      let results = (fast.step(), slow.step())
      #expect(results.0 == results.1, "step \(step)")
      if results.0 != results.1 { return }
      let problems = backing(fast.machine)
      #expect(problems.isEmpty, "step \(step)")
      if !problems.isEmpty { return }
      stale += staleEntries(fast.machine)
    }
    // The comparison means something only where the table held what the page tables no longer say.
    #expect(stale > 300, "\(stale)")
    #expect(
      fast.machine.emulator.memory.read(0x4000_0000, count: 8 << 20) == slow.machine.emulator.memory.read(0x4000_0000, count: 8 << 20))
    #expect(fast.machine[0].tlbEntries() == slow.machine[0].tlbEntries())
  }
}
