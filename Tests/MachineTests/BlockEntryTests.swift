// Owns tests of blocks that the TLB holds whole, TLB conflict aborts between overlapping entries, the nT bit, and a fully
// associative TLB. It does not know which entry a TLB displaces. Arm ARM D8.16.
import Architecture
import TestSupport
import Testing

@testable import Machine

struct BlockEntryTests {
  private static let block: UInt64 = 0x4001_1008  // VA 0x20_0000 to 0x3f_ffff

  private func machine(
    _ level: ProcessorFeatures.BlockChange = .level2, blocks: Int = 8, fastTable: Bool = true
  ) throws -> BareMachine {
    var features = ProcessorFeatures()
    features.blockChange = level
    features.tlbBlockEntries = blocks
    let machine = try BareMachine(features: features, fastTable: fastTable)
    machine.put(BareMachine.table + 0x08, 0x0000_0000_4010_0fc3)
    machine.put(Self.block, 0x0060_0000_4020_0f41)
    return machine
  }

  /// One access caches the whole block: its other pages are stale too, until any address of the block is invalidated.
  @Test(arguments: [true, false]) func aWholeBlockIsStale(fastTable: Bool) throws {
    let machine = try machine(fastTable: fastTable)
    #expect(machine.translate(0x20_0000) == .pa(0x4020_0000))
    #expect(machine[0].statistics.walks == 1)
    machine.put(Self.block, 0x0060_0000_4040_0f41)
    for va in [0x20_1000, 0x3f_f123, 0x2a_b000] as [UInt64] { #expect(machine.translate(va) == .pa(va - 0x20_0000 + 0x4020_0000)) }
    #expect(machine[0].statistics.walks == 1)
    #expect(machine[0].tlbEntries().filter(\.isWhole).map(\.va) == [0x20_0000])
    machine[0].el1.invalidateTLB(.VAE1, 0x2cd)
    #expect(machine[0].tlbEntries().isEmpty)
    for va in [0x20_1000, 0x3f_f123, 0x2a_b000] as [UInt64] { #expect(machine.translate(va) == .pa(va - 0x20_0000 + 0x4040_0000)) }
  }

  /// Every other form reaches a whole block too; the row says whether the block is removed.
  @Test func whatReachesABlock() throws {
    for (operation, operand, goes) in [
      (.VMALLE1, 0, true), (.ASIDE1, 0, true), (.ASIDE1, 1 << 48, false), (.VAE1, 1 << 48 | 0x200, false), (.VAAE1, 1 << 48 | 0x3ff, true),
      (.VALE1, 0x400, false), (.VALE1, 0x6000_0000_0200, true), (.VALE1, 0x7000_0000_0200, false),
      (.RVAE1, 0x4000_0000_01ff, true), (.RVAE1, 0x4000_0000_0400, false),
    ] as [(TLBIOperation, UInt64, Bool)] {
      let machine = try machine()
      _ = machine.translate(0x20_0000)
      machine[0].el1.invalidateTLB(operation, operand)
      #expect(machine[0].tlbEntries().isEmpty == goes, "\(operation) \(String(operand, radix: 16))")
    }
  }

  /// When the array is full the oldest block is removed, but its pieces may stay.
  @Test func blocksAreDisplacedInTurn() throws {
    let machine = try machine(blocks: 2)
    for index in 1...3 as ClosedRange<UInt64> {
      machine.put(0x4001_1000 + index * 8, 0x0060_0000_4020_0f41)
      _ = machine.translate(index << 21)
    }
    #expect(machine[0].tlbEntries().filter(\.isWhole).map(\.va).sorted() == [0x40_0000, 0x60_0000])
  }

  /// A clean block becomes dirty by its first write, even if reads have cached it.
  @Test func aCleanBlock() throws {
    let machine = try machine()
    machine[0].write(.TCR_EL1, 0x195_8080_0019)
    machine.put(Self.block, 0x0068_0000_4020_0fc1)
    #expect(machine.translate(0x20_0000) == .pa(0x4020_0000))
    #expect(machine.get(Self.block) == 0x0068_0000_4020_0fc1)
    #expect(machine.translate(0x20_1000, .write) == .pa(0x4020_1000))
    #expect(machine.get(Self.block) == 0x0068_0000_4020_0f41)
    #expect(machine.translate(0x20_2000, .write) == .pa(0x4020_2000))
  }

  /// A block over a cached page, or a page over a cached block, is a conflict below level 2, for accesses of every kind and for AT.
  /// A page that only one entry translates has no conflict. TLBI VMALLE1 ends the conflict.
  @Test func overlappingEntriesConflict() throws {
    for level in [.level0, .level1, .level2] as [ProcessorFeatures.BlockChange] {
      for blockFirst in [true, false] {
        let machine = try machine(level)
        machine.put(0x4001_3000, 0x0060_0000_4020_0f43)
        machine.put(0x4001_3008, 0x0060_0000_4020_1f43)
        let table: UInt64 = 0x4001_3003, block: UInt64 = 0x0060_0000_4020_0f41
        if blockFirst {
          machine.put(Self.block, block)
          #expect(machine.translate(0x20_1000) == .pa(0x4020_1000))
          machine.put(Self.block, table)
          // The block's entry is used, so there is no walk and no conflict.
          #expect(machine.translate(0x20_0000) == .pa(0x4020_0000))
          continue
        }
        machine.put(Self.block, table)
        #expect(machine.translate(0x20_1000) == .pa(0x4020_1000))
        machine.put(Self.block, block)
        #expect(machine.translate(0x20_0000) == .pa(0x4020_0000))
        let expected: Translation = level == .level2 ? .pa(0x4020_1000) : .fault(0x30)
        #expect(machine.translate(0x20_1000) == expected)
        #expect(machine.translate(0x20_1000, .write) == expected)
        #expect(machine.translate(0x20_2000) == .pa(0x4020_2000))
        let taken = machine.exception(of: 0xf940_0001, x0: 0x20_1008)  // ldr x1, [x0]
        #expect(taken?.esr == (level == .level2 ? 0x5600_0000 : 0x9200_0030))
        #expect(level == .level2 || taken?.far == 0x20_1008)
        let at = machine.exception(of: 0xd508_7840, x0: 0x20_1008) { $0.pstate = .EL1hMasked }  // at s1e0r, x0
        #expect(at?.esr == 0x5600_0000)
        #expect(machine[0].read(.PAR_EL1) == (level == .level2 ? 0xff00_0000_4020_1b80 : 0x861))
        machine[0].el1.invalidateTLB(.VMALLE1)
        #expect(machine.translate(0x20_1000) == .pa(0x4020_1000))
        #expect(machine[0].read(.ID_AA64MMFR2_EL1)! >> 52 & 15 == UInt64(level.rawValue))
      }
    }
  }

  /// A global entry over one of an ASID.
  @Test func globalOverNonGlobal() throws {
    let machine = try machine(.level0)
    _ = machine.translate(0x20_0000)
    machine[0].write(.TTBR0_EL1, 0x0001_0000_4001_0000)
    machine.put(Self.block, 0x0060_0000_4020_0741)
    #expect(machine.translate(0x20_1000) == .pa(0x4020_1000))
    machine[0].write(.TTBR0_EL1, 0x4001_0000)
    #expect(machine.translate(0x20_0000) == .fault(0x30))
  }

  /// nT, bit 16 of a block, at levels 1 and 2: used, never cached; at FEAT_BBM level 0 ignored; or a translation fault.
  @Test(arguments: [0, 8]) func notTranslated(blocks: Int) throws {
    for (descriptor, shift, level) in [(Self.block, 21, 2), (0x4001_0008, 30, 1)] as [(UInt64, UInt64, UInt8)] {
      let va: UInt64 = 1 << shift | 0x3_4000
      for bbm in [.level0, .level1, .level2] as [ProcessorFeatures.BlockChange] {
        let machine = try machine(bbm, blocks: blocks)
        machine.put(descriptor, 0x0060_0000_4001_0f41)
        let pa = 0x4000_0000 | va & 0x3_ffff
        #expect(machine.translate(va) == .pa(pa))
        #expect(machine[0].tlbEntries().isEmpty == (bbm != .level0))
        // Each access sees the current descriptor, and so do instruction fetches.
        #expect(machine.exception(of: 0xf940_0001, x0: va)?.esr == 0x5600_0000)  // ldr x1, [x0]
        #expect(machine.exception(of: 0xf900_0001, x0: va)?.esr == 0x5600_0000)  // str x1, [x0]
        machine.put(descriptor, 0)
        #expect(machine.exception(of: 0xf940_0001, x0: va)?.esr == (bbm == .level0 ? 0x5600_0000 : 0x9200_0004 | UInt64(level)))
      }
      var features = ProcessorFeatures()
      features.notTranslatedBlocksFault = true
      let faulting = try BareMachine(features: features)
      faulting.put(descriptor, 0x0060_0000_4001_0f41)
      #expect(faulting.translate(va) == .fault(0x04 | level))
      features.blockChange = .level0
      let without = try BareMachine(features: features)
      without.put(descriptor, 0x0060_0000_4001_0f41)
      #expect(without.translate(va) == .pa(0x4000_0000 | va & 0x3_ffff))
    }
  }

  /// One set holds all entries: any 16 pages stay, whatever their addresses. A direct-mapped TLB keeps one page of each set.
  @Test func associativity() throws {
    for (ways, walks) in [(16, 16), (1, 32), (4, 32)] as [(Int, UInt64)] {
      var features = ProcessorFeatures()
      (features.tlbEntries, features.tlbWays) = (16, ways)
      let machine = try BareMachine(features: features)
      machine.put(0x4001_0008, 0x0060_0000_4000_0f41)
      // All in set 0.
      for _ in 0..<2 { for index in 0..<16 as Range<UInt64> { _ = machine.translate(0x4000_0000 | index << 16) } }
      #expect(machine[0].statistics.walks == walks, "\(ways) ways")
    }
  }
}
