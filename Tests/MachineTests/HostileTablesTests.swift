// Owns hostile page tables: a million walks through random garbage against the naive walker, and tables that refer to themselves.
// It does not know which answer is right beyond the two walkers' agreement and a few literal cases.
import Architecture
import TestSupport
import Testing

@testable import Machine

/// One machine full of garbage, and the naive walker over a copy of it.
private struct Garbage {
  let emulator: Emulator
  var twin: NaiveWalker
  var random: SeededRandom
  let base: UInt64
  static let size: UInt64 = 1 << 20
  var outcomes: [UInt8: Int] = [:]

  private var context: Context { emulator.processors[0].context }

  init(seed: UInt64, base: UInt64, features: ProcessorFeatures) throws {
    self.base = base
    random = SeededRandom(seed: seed)
    var features = features
    (features.tlbEntries, features.tlbWays) = (16, 4)
    emulator = try Emulator(MachineConfiguration(features: features, memorySize: Self.size, ramBase: base))
    twin = NaiveWalker(ramBase: base, ram: [UInt64](repeating: 0, count: Int(Self.size / 8)))
    (twin.lpa, twin.lva, twin.lpa2, twin.ttst) = (features.lpa, features.lva, features.lpa2, features.ttst)
    newRegisters()
    for index in twin.ram.indices { put(index, descriptor()) }
  }

  private mutating func put(_ index: Int, _ value: UInt64) {
    twin.ram[index] = value
    let done = emulator.memory.write(base + UInt64(index) * 8, (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) })
    precondition(done)
  }

  /// A physical address in a TTBR or descriptor of the current format: high bits in 5:2, 9:8, 15:12 or nowhere.
  private mutating func address() -> UInt64 {
    switch random.below(64) {
    case 0: random.next() & 0x000f_ffff_ffff_f000
    case 1: random.below(1 << 34) & ~0xfff
    case 2: base + Self.size + random.below(2) << 16
    default: base + random.below(Self.size) & ~0xfff
    }
  }

  private mutating func descriptor() -> UInt64 {
    let address = address()
    let noise = random.next()
    var value = address & 0x0000_ffff_ffff_f000
    switch random.below(16) {
    case 0: return noise
    case 1: value |= 0
    case 2, 3, 4: value |= 1
    default: value |= 3
    }
    value |= noise & 0x7848_0000_0001_0cfc & (random.chance(1, in: 3) ? ~0 : 0x0008_0000_0000_0cfc)
    if random.chance(1, in: 4) { value |= noise & 0x0060_0000_0000_0000 }
    if random.chance(3, in: 4) { value |= 0x400 }
    // The high bits where the formats have them.
    if base >> 48 != 0 {
      if random.chance(1, in: 2) { value = value & ~0xf000 | (address >> 48 & 15) << 12 }
      if random.chance(1, in: 2) { value = value & ~0x300 | (address >> 50 & 3) << 8 | (address >> 48 & 3) << 48 }
    } else if random.chance(1, in: 2) {
      value &= ~0xf000
    }
    return value
  }

  mutating func newRegisters() {
    let processor = emulator.processors[0]
    var tcr = random.next() & 0x0180_07e0_c0c0_c000
    tcr |= 12 + random.below(38) | (12 + random.below(38)) << 16
    tcr |= (random.chance(3, in: 4) ? (random.chance(1, in: 2) ? 6 : 5) : random.below(8)) << 32
    if random.chance(7, in: 8) { tcr &= ~0x80_0080 }
    if random.chance(7, in: 8) { tcr &= ~0x0180_0000_0000_0000 }
    if random.chance(1, in: 2) { tcr |= 1 << 59 }
    tcr |= random.below(4) << 12 | random.below(4) << 28
    let mair = random.next()
    let ttbrs = (0..<2).map { _ in
      let address = address()
      return address & 0x0000_ffff_ffff_f000 | (random.chance(7, in: 8) ? (address >> 48) << 2 : random.below(64)) | random.below(2)
    }
    twin.wxn = random.chance(1, in: 4)
    twin.epan = random.chance(1, in: 2)
    twin.haft = random.chance(1, in: 4)
    let sctlr: UInt64 = 0x30d0_0819 | (twin.wxn ? 1 << 19 : 0) | (twin.epan ? 1 << 57 : 0)
    for (register, value) in [
      (.TCR_EL1, tcr), (.TTBR0_EL1, ttbrs[0]), (.TTBR1_EL1, ttbrs[1]), (.MAIR_EL1, mair), (.SCTLR_EL1, sctlr),
      (.TCR2_EL1, twin.haft ? 0x800 : 0),
    ] as [(SystemRegister, UInt64)] {
      precondition(processor.write(register, value))
    }
    (twin.tcr, twin.ttbr0, twin.ttbr1, twin.mair) = (processor.read(.TCR_EL1)!, ttbrs[0], ttbrs[1], mair)
  }

  /// Makes one access on both sides; nil if they agree.
  mutating func step() -> String? {
    let kinds: [(String, AccessKind?, SystemRegister?)] = [
      ("read", .read, nil), ("write", .write, nil), ("atomic", .atomic, nil), ("fetch", .instructionFetch, nil),
      ("at-read", nil, SystemRegister(1, 0, 7, 9, 0)), ("at-write", nil, SystemRegister(1, 0, 7, 9, 1)),
    ]
    let (name, kind, at) = kinds[Int(random.below(6))]
    let privileged = at != nil || random.chance(1, in: 2)
    let pan = random.chance(1, in: 4)
    // The address is mostly inside the input size.
    let half = random.below(2)
    let bits = 64 - (half == 1 ? twin.tcr >> 16 & 63 : twin.tcr & 63)
    var va = random.next() & (1 << min(bits, 52) - 1)
    if half == 1 { va |= ~0 << bits }
    if random.chance(1, in: 16) { va ^= 1 << random.below(64) }
    if random.chance(1, in: 32) { va ^= random.next() & 0xff << 56 }

    context.state.pointee.processorState = privileged ? .EL1hMasked : .EL0t
    context.state.pointee.processorState.pan = pan
    context.state.pointee.tlb.invalidateAll()
    context.state.pointee.walkCache.clear()
    let expected = twin.translate(va, .init(kind: name, privileged: privileged, pan: pan && privileged && name != "fetch"))
    if case .fault(let status) = expected { outcomes[status, default: 0] += 1 } else { outcomes[0xff, default: 0] += 1 }
    var found: NaiveWalker.Answer
    if let kind {
      do throws(FaultRecord) {
        let entry = try context.translate(AccessRequest(va, kind, privileged ? .el1 : .el0))
        found = .pa(entry.output | va & 0xfff, attribute: UInt64(entry.attributes), sh: UInt64(entry.shareability))
      } catch {
        found = .fault(error.status.rawValue)
      }
    } else {
      do throws(GeneralExit) {
        try context.addressTranslation(at!, va)
        let par = emulator.processors[0].read(.PAR_EL1)!
        // PAR_EL1's SH is not the descriptor's for Device memory: compared by the literal tests.
        found =
          par & 1 == 1
          ? .fault(UInt8(par >> 1 & 63)) : .pa(par & 0x000f_ffff_ffff_f000 | va & 0xfff, attribute: par >> 56, sh: 9)
      } catch {
        guard case .fault(let record) = error else { return "another exception" }
        found = .fault(record.status.rawValue)
      }
    }
    var wanted = expected
    if at != nil, case .pa(let pa, let attribute, _) = expected { wanted = .pa(pa, attribute: attribute, sh: 9) }
    if found == wanted { return nil }
    return "\(name) \(privileged) \(pan) \(String(va, radix: 16)) TCR \(String(twin.tcr, radix: 16)): \(found), not \(wanted)"
  }

  /// New garbage in a few places.
  mutating func stir() { for _ in 0..<4 { put(Int(random.below(UInt64(twin.ram.count))), descriptor()) } }

  /// Whether both have made the same updates.
  var memoryAgrees: Bool {
    let bytes = emulator.memory.read(base, count: Int(Self.size))!
    return bytes.withUnsafeBytes { raw in
      twin.ram.indices.allSatisfy { raw.loadUnaligned(fromByteOffset: $0 * 8, as: UInt64.self) == twin.ram[$0] }
    }
  }
}

struct HostileTablesTests {
  /// 4 x 250,000 walks: two places of RAM, processors with and without the wide formats.
  @Test(
    arguments: [
      (1, 0x4000_0000, true), (2, 0x000d_8000_4000_0000, true), (3, 0x4000_0000, false), (4, 0x000a_4000_0000_0000, true),
    ] as [(UInt64, UInt64, Bool)])
  func garbage(seed: UInt64, base: UInt64, isWide: Bool) throws {
    var features = ProcessorFeatures()
    features.epan = true
    features.hardwareUpdate = .accessFlagAndDirtyAndTables
    if !isWide { (features.lpa, features.lva, features.lpa2, features.ttst) = (false, false, false, false) }
    var garbage = try Garbage(seed: seed, base: base, features: features)
    for step in 0..<250_000 {
      if step % 16 == 0 { garbage.newRegisters() }
      if step % 8 == 0 { garbage.stir() }
      if let difference = garbage.step() {
        Issue.record("step \(step): \(difference)")
        return
      }
    }
    #expect(garbage.memoryAgrees)
    // The comparison is meaningful only if every outcome occurred.
    var wanted: [UInt8] = [0x00, 0x04, 0x05, 0x06, 0x07, 0x09, 0x0a, 0x0b, 0x0d, 0x0e, 0x0f, 0x15, 0x16, 0x17, 0xff]
    if isWide { wanted += [0x08, 0x0c, 0x13, 0x14, 0x2b] }
    // RAM beyond 48 bits needs an IPS of 52 bits, and no address is too large for that.
    if base >> 48 == 0 { wanted += [0x01, 0x02, 0x03] + (isWide ? [0x29] : []) }
    for status in wanted { #expect(garbage.outcomes[status, default: 0] > 20, "\(String(status, radix: 16)): \(garbage.outcomes)") }
  }

  /// The same as `garbage`, with random seeds, formats and places of RAM. A case is a machine and 4,096 walks. In `make test` there
  /// are few cases, because `garbage` runs there too.
  @Test func walks() throws {
    try FuzzRun("walks", slice: 4096, inputsPerCase: 4096).run { random in
      var features = ProcessorFeatures()
      features.epan = true
      features.hardwareUpdate = .accessFlagAndDirtyAndTables
      if random.chance(1, in: 2) { (features.lpa, features.lva, features.lpa2, features.ttst) = (false, false, false, false) }
      let base = ([0x4000_0000, 0x000d_8000_4000_0000, 0x000a_4000_0000_0000] as [UInt64])[Int(random.below(3))]
      var garbage = try Garbage(seed: random.next(), base: base, features: features)
      for step in 0..<4096 {
        if step % 16 == 0 { garbage.newRegisters() }
        if step % 8 == 0 { garbage.stir() }
        let difference = garbage.step()
        try #require(difference == nil, "step \(step): \(difference ?? "")")
      }
      #expect(garbage.memoryAgrees)
    }
  }

  /// A table whose every entry is the table itself ends, from every start level, as a page of itself at level 3.
  @Test(arguments: [16, 25, 34] as [UInt64]) func tablesOfThemselves(size: UInt64) throws {
    let machine = try BareMachine()
    machine[0].write(.TCR_EL1, 0x15_0080_0000 | size)
    for index in 0..<512 as Range<UInt64> { machine.put(0x4001_0000 + index * 8, 0x0060_0000_4001_0f43) }
    for va in [0, 0x1000, 0x20_0123, 0x3f_ffff] as [UInt64] {
      #expect(machine.walk(va) == .pa(0x4001_0000 | va & 0xfff))
      #expect(machine.walk(va, .write) == .pa(0x4001_0000 | va & 0xfff))
    }
    // A store through it changes the table that the walk used, and the next walk sees that.
    #expect(machine.exception(of: 0xf900_0001, x0: 8) { $0.pc = 0 }?.esr == 0x8200_000f)  // not executable
    machine.put(0x4001_0000, 0)
    #expect(machine.walk(0) == .fault(size == 16 ? 0x04 : size == 25 ? 0x05 : 0x06))
  }

  /// The last descriptors of RAM are read, the first behind it are not.
  @Test func theEndOfRAM() throws {
    let machine = try BareMachine()
    machine.put(0x407f_fff8, 0x0060_0000_4020_0f43)
    machine.put(0x4001_1000, 0x407f_f003)
    #expect(machine.walk(0x1f_f008) == .pa(0x4020_0008))
    #expect(machine.walk(0x1f_e008) == .fault(0x07))
    machine.put(0x4001_1000, 0x4080_0003)
    #expect(machine.walk(0) == .fault(0x17))
    machine.put(0x4001_1000, 0x0000_ffff_ffff_f003)
    #expect(machine.walk(0x1f_f008) == .fault(0x17))
    machine.put(0x4001_1000, 0x3fff_f003)
    #expect(machine.walk(0x1f_f008) == .fault(0x17))
  }

  /// A device that counts its accesses.
  private final class Witness: Device {
    var calls = 0
    func load(_ offset: UInt64, size: Int) -> UInt64 {
      calls += 1
      return 0x0060_0000_4020_0f43
    }
    func store(_ offset: UInt64, size: Int, _ value: UInt64) { calls += 1 }
    var saved: [UInt64] {
      get { [UInt64(calls)] }
      set { calls = Int(newValue[0]) }
    }
  }

  /// Devices do not answer walks: a table there is an external abort on the walk, and the device is not accessed.
  @Test func tablesInDeviceMemory() throws {
    let machine = try BareMachine()
    let witness = Witness()
    machine.emulator.bus.attach(witness, at: 0x0900_0000, size: 0x1000)
    for (pa, level) in [(0x4001_1000, 3), (0x4001_0000, 2)] as [(UInt64, UInt8)] {
      machine.put(pa, 0x0900_0003)
      #expect(machine.walk(0x3000) == .fault(0x14 | level))
      #expect(machine.exception(of: 0xd503_201f, x0: 0) == TakenException(esr: 0x8200_0014 | UInt64(level), far: 0x1000, elr: 0x1000))
    }
    machine[0].write(.TTBR0_EL1, 0x0900_0000)
    #expect(machine.walk(0x3000) == .fault(0x15))
    #expect(witness.calls == 0)
  }
}
