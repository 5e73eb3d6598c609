// Owns tests that the fast table and the fetch table are subsets of the TLB and invisible in every result, including stale entries.
// It does not know how handlers probe them.
import Architecture
import TestSupport
import Testing

@testable import Machine

/// A machine under random accesses at EL0, changes of descriptors without a TLBI, TLBIs, and changes of ASID.
private struct Churn: RandomSteps {
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

  /// Takes one random step, and returns its outcome as text.
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
  /// Every entry of every table is backed by a TLB entry that its context may use and that gives at least these rights.
  private func backing(_ machine: BareMachine) -> [String] {
    let state = machine[0].context.state
    let tables = state.pointee.fastTables
    let ram = UInt64(UInt(bitPattern: state.pointee.ram.bytes)) &- state.pointee.ram.base
    var problems: [String] = []
    for number in 0..<FastTables.capacity where tables.key(number) != ~0 {
      let key = tables.key(number)
      let isEL1 = key & 8 != 0
      func complain(_ what: String, _ tag: UInt64) {
        problems.append("\(what) \(String(tag, radix: 16)) of context \(String(key, radix: 16))")
      }
      func backer(_ tag: UInt64) -> TLBEntry? {
        guard let entry = state.pointee.tlb.find(page: tag, asid: UInt16(key >> 16))?.pointee else {
          complain("not in the TLB:", tag)
          return nil
        }
        if isEL1 && key & 16 != 0 && entry.flags.contains(.user) { complain("kept out by PAN:", tag) }
        return entry
      }
      for index in 0..<FastTables.dataEntries {
        let (read, write, addend) = (tables.table(number) + index * 32).load(as: (UInt64, UInt64, UInt64).self)
        let rights: [(UInt64, PagePermissions)] =
          isEL1 ? [(read, .privilegedRead), (write, .privilegedWrite)] : [(read, .userRead), (write, .userWrite)]
        for (tag, right) in rights where tag != ~0 {
          guard let entry = backer(tag) else { continue }
          if tag &+ addend != ram &+ entry.output { complain("leads elsewhere:", tag) }
          if !entry.permissions.contains(right) { complain("not permitted:", tag) }
          let flags = state.pointee.ram.flags[Int((entry.output - state.pointee.ram.base) >> 12)]
          if tag == write && flags != 0 && right != .userRead && right != .privilegedRead { complain("passes by the door:", tag) }
        }
      }
      for index in 0..<FastTables.fetchEntries {
        let tag = (tables.table(number) + (FastTables.fetchOffset + index * 16)).load(as: UInt64.self)
        if tag == ~0 { continue }
        guard let entry = state.pointee.tlb.find(page: tag, asid: UInt16(key >> 16))?.pointee else {
          complain("fetch not in the TLB:", tag)
          continue
        }
        if !entry.permissions.contains(isEL1 ? .privilegedExecute : .userExecute) { complain("fetch not permitted:", tag) }
      }
    }
    return problems
  }

  /// The number of readable pages of the fast table that the descriptors meanwhile map elsewhere.
  private func staleEntries(_ machine: BareMachine) -> Int {
    let context = machine[0].context
    let ram = UInt64(UInt(bitPattern: context.state.pointee.ram.bytes)) &- context.state.pointee.ram.base
    return (0x10..<0x58 as Range<UInt64>).count { page in
      let (tag, _, addend) = context.fastEntry(page << 12).load(as: (UInt64, UInt64, UInt64).self)
      return tag == page << 12 && tag &+ addend != ram &+ machine.get(BareMachine.table + page * 8) & 0xffff_f000
    }
  }

  /// Takes the same random steps with and without the tables: the same exceptions, values and walks after each, each entry backed by the
  /// TLB, and the same TLB in the end. `look` sees the machine with tables after each step.
  private func expectNoDifference<Twin: RandomSteps>(_ fast: inout Twin, _ slow: inout Twin, look: (BareMachine) -> Void) {
    for step in 0..<1500 {
      let results = (fast.step(), slow.step())
      #expect(results.0 == results.1, "step \(step)")
      if results.0 != results.1 { return }
      let problems = backing(fast.machine)
      #expect(problems == [], "step \(step)")
      if problems != [] { return }
      look(fast.machine)
    }
    #expect(fast.machine[0].tlbEntries() == slow.machine[0].tlbEntries())
  }

  /// Accesses at EL0 while descriptors change; RAM must be the same at the end too.
  @Test(arguments: 1...6 as ClosedRange<UInt64>) func randomAccessesShowNoDifference(seed: UInt64) throws {
    var fast = try Churn(seed: seed, fastTable: true)
    var slow = try Churn(seed: seed, fastTable: false)
    var stale = 0
    expectNoDifference(&fast, &slow) { stale += staleEntries($0) }
    // The comparison is meaningful only if the table held entries that the page tables no longer give.
    #expect(stale > 300, "\(stale)")
    let isSame =
      fast.machine.emulator.memory.read(0x4000_0000, count: 8 << 20) == slow.machine.emulator.memory.read(0x4000_0000, count: 8 << 20)
    #expect(isSame)
  }

  /// A guest's own EL1 and EL0 in many address spaces: exceptions, ERET, MSR TTBR0_EL1 and PSTATE.PAN change the context, and nothing
  /// shows whether there are tables. More contexts take turns than there are tables.
  @Test(arguments: 1...4 as ClosedRange<UInt64>) func contextsShowNoDifference(seed: UInt64) throws {
    var fast = try Contexts(seed: seed, fastTable: true)
    var slow = try Contexts(seed: seed, fastTable: false)
    var live = 0
    expectNoDifference(&fast, &slow) { live = max(live, $0[0].context.state.pointee.fastTables.live.nonzeroBitCount) }
    #expect(live == FastTables.capacity)
  }
}

/// A machine that takes random steps; a step answers what came of it, as text.
private protocol RandomSteps {
  var machine: BareMachine { get }
  mutating func step() -> String
}

/// A guest EL1 that changes its context and accesses memory, at EL1 or at EL0.
private struct Contexts: RandomSteps {
  let machine: BareMachine
  private var random: SeededRandom

  init(seed: UInt64, fastTable: Bool) throws {
    var features = ProcessorFeatures()
    features.tlbEntries = 64
    features.tlbWays = 4
    machine = try BareMachine.guestEL1([], features: features, fastTable: fastTable)
    random = SeededRandom(seed: seed)
  }

  mutating func step() -> String {
    func pick<T>(_ values: [T]) -> T { values.randomElement(using: &random)! }
    let page: UInt64 = pick([0x3, 0x4, 0x5, 0x6, 0x8, 0xc])
    if UInt8.random(in: 0..<8, using: &random) == 0 {
      // Data pages for EL0 and EL1, global and not, read-only, and for EL1 alone.
      let attributes: [UInt64] = [0x0060_0000_0000_0f43, 0x0060_0000_0000_0743, 0x0060_0000_0000_0fc3, 0x0060_0000_0000_0f03]
      machine.put(BareMachine.table + page * 8, pick(attributes) | 0x4020_0000 | UInt64.random(in: 0..<8, using: &random) << 12)
      if Bool.random(using: &random) { machine[0].el1.invalidateTLB(.VAAE1IS, page) }
    }
    let access: UInt32 = pick([0xf940_0001, 0xf900_0002, 0xf8a1_0002 & ~0x0080_0000, 0x3940_0001])
    machine.put(
      0x4010_2000,
      words: [
        0xd518_2005,  // msr ttbr0_el1, x5
        pick([0xd500_409f, 0xd500_419f]),  // msr pan, #0 or #1
        access,
        pick([0xd69f_03e0, 0xd503_201f]),  // eret, or nop
        access,
        0xd400_0001,  // svc #0
      ])
    machine.load([access, pick([0xd400_0001, access]), 0xd400_0001])
    let processor = machine[0]
    if processor.pstate.exceptionLevel == 0 { processor.pstate = .EL1hMasked }
    processor.pc = 0xd000
    processor[x: 0] = page << 12 | 8
    processor[x: 1] = 0x1111
    processor[x: 2] = 0x2222
    processor[x: 5] = UInt64.random(in: 0..<6, using: &random) << 48 | 0x4001_0000
    let el1 = processor.el1
    el1[.ELR_EL1] = BareMachine.code
    el1[.SPSR_EL1] = 0
    let before = processor.instructionsRetired
    let stop = processor.run(until: before + 12)
    return "\(stop) \(processor.pc) \(el1[.ESR_EL1]) \(el1[.FAR_EL1]) \(el1[.ELR_EL1]) \(el1[.SPSR_EL1]) "
      + "\(processor[x: 1]) \(processor.statistics.walks) \(processor.instructionsRetired - before)"
  }
}
