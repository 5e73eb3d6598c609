// Owns tests of 52-bit addresses: FEAT_LVA and FEAT_LPA with the 64 KiB granule, FEAT_LPA2 with the small ones, by literal tables.
// It does not know how wide addresses are stored in descriptors. Arm ARM D8.2, D8.3.1.
import Architecture
import TestSupport
import Testing

@testable import Machine

/// RAM at 0x0008_4000_4000_0000: above 48 bits, with bit 51, and bit 46 and 30 for what is between.
struct WideGeometry: CustomTestStringConvertible {
  let name: String
  /// TTBR0_EL1 for a first table at 0x0008_4000_4001_0000, TCR_EL1 with IPS 52 bits.
  let ttbr: UInt64
  let tcr: UInt64
  let va: UInt64
  let path: [(level: Int, pa: UInt64, value: UInt64)]
  let output: UInt64
  var testDescription: String { name }

  static let all: [WideGeometry] = [
    // Bits 51:48 in 15:12.
    WideGeometry(
      name: "64K, 52-bit VA", ttbr: 0x4000_4001_0020, tcr: 0x16_0080_400c, va: 0x000c_1400_e009_2344,
      path: [
        (1, 0x0008_4000_4001_1828, 0x4000_4002_8003), (2, 0x0008_4000_4002_0038, 0x4000_4003_8003),
        (3, 0x0008_4000_4003_0048, 0x4000_4004_8443),
      ], output: 0x0008_4000_4004_2344),
    WideGeometry(
      name: "64K, 48-bit VA", ttbr: 0x4000_4001_0020, tcr: 0x16_0080_4010, va: 0x1400_e009_2344,
      path: [
        (1, 0x0008_4000_4001_0028, 0x4000_4002_8003), (2, 0x0008_4000_4002_0038, 0x4000_4003_8003),
        (3, 0x0008_4000_4003_0048, 0x4000_4004_8443),
      ], output: 0x0008_4000_4004_2344),
    // Bits 51:50 in 9:8, bits 49:48 in their place.
    WideGeometry(
      name: "4K DS, 52-bit VA", ttbr: 0x4000_4001_0020, tcr: 0x0800_0016_0080_000c, va: 0x000b_0181_40e0_9120,
      path: [
        (-1, 0x0008_4000_4001_0058, 0x4000_4002_0203), (0, 0x0008_4000_4002_0018, 0x4000_4002_1203),
        (1, 0x0008_4000_4002_1028, 0x4000_4002_2203), (2, 0x0008_4000_4002_2038, 0x4000_4002_3203),
        (3, 0x0008_4000_4002_3048, 0x4000_4004_0643),
      ], output: 0x0008_4000_4004_0120),
    WideGeometry(
      name: "4K DS, 49-bit VA", ttbr: 0x4000_4001_0020, tcr: 0x0800_0016_0080_000f, va: 0x0001_0181_40e0_9120,
      path: [
        (-1, 0x0008_4000_4001_0008, 0x4000_4002_0203), (0, 0x0008_4000_4002_0018, 0x4000_4002_1203),
        (1, 0x0008_4000_4002_1028, 0x4000_4002_2203), (2, 0x0008_4000_4002_2038, 0x4000_4002_3203),
        (3, 0x0008_4000_4002_3048, 0x4000_4004_0643),
      ], output: 0x0008_4000_4004_0120),
    WideGeometry(
      name: "4K DS, 48-bit VA", ttbr: 0x4000_4001_0020, tcr: 0x0800_0016_0080_0010, va: 0x0181_40e0_9120,
      path: [
        (0, 0x0008_4000_4001_0018, 0x4000_4002_1203), (1, 0x0008_4000_4002_1028, 0x4000_4002_2203),
        (2, 0x0008_4000_4002_2038, 0x4000_4002_3203), (3, 0x0008_4000_4002_3048, 0x4000_4004_0643),
      ], output: 0x0008_4000_4004_0120),
    WideGeometry(
      name: "16K DS, 52-bit VA", ttbr: 0x4000_4001_0020, tcr: 0x0800_0016_0080_800c, va: 0x0008_8050_0e02_5234,
      path: [
        (0, 0x0008_4000_4001_0088, 0x4000_4002_4203), (1, 0x0008_4000_4002_4028, 0x4000_4002_8203),
        (2, 0x0008_4000_4002_8038, 0x4000_4002_c203), (3, 0x0008_4000_4002_c048, 0x4000_4004_0643),
      ], output: 0x0008_4000_4004_1234),
  ]
}

struct WideAddressTests {
  private static let base: UInt64 = 0x0008_4000_4000_0000

  private struct Machine {
    let emulator: Emulator
    var processor: Processor { emulator.processors[0] }
    func put(_ pa: UInt64, _ value: UInt64) {
      precondition(emulator.memory.write(pa, (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }))
    }
    func walk(_ va: UInt64, _ kind: AccessKind = .read) -> Translation {
      processor.el1.invalidateTLB(.VMALLE1)
      do throws(FaultRecord) {
        return .pa(try processor.context.translate(AccessRequest(va, kind, .el1)).output | va & 0xfff)
      } catch {
        return .fault(error.status.rawValue)
      }
    }
  }

  private func machine(_ geometry: WideGeometry, _ features: ProcessorFeatures = ProcessorFeatures()) throws -> Machine {
    let machine = Machine(emulator: try Emulator(MachineConfiguration(features: features, memorySize: 1 << 20, ramBase: Self.base)))
    for (_, pa, value) in geometry.path { machine.put(pa, value) }
    machine.processor.write(.MAIR_EL1, 0xff)
    machine.processor.write(.TTBR0_EL1, geometry.ttbr)
    machine.processor.write(.TCR_EL1, geometry.tcr)
    machine.processor.write(.SCTLR_EL1, 0x30d0_0819)
    return machine
  }

  @Test(arguments: WideGeometry.all) func pagesAreFound(geometry: WideGeometry) throws {
    let machine = try machine(geometry)
    #expect(machine.walk(geometry.va) == .pa(geometry.output))
    #expect(machine.walk(geometry.va, .write) == .pa(geometry.output))
    let walk = machine.processor.explainWalk(geometry.va)
    #expect(walk.steps == geometry.path.map { .init(level: $0.level, address: $0.pa, descriptor: $0.value) })
  }

  @Test(arguments: WideGeometry.all) func faultsAtTheirLevel(geometry: WideGeometry) throws {
    for (level, pa, value) in geometry.path {
      let machine = try machine(geometry)
      machine.put(pa, value & ~1)
      #expect(machine.walk(geometry.va) == .fault(level == -1 ? 0x2b : 0x04 | UInt8(level)))
      // Beyond RAM: the next level cannot be read.
      if level < 3 {
        machine.put(pa, value | 0x2000_0000_0000)
        #expect(machine.walk(geometry.va) == .fault(0x14 | UInt8(level + 1)))
      }
    }
    let machine = try machine(geometry)
    machine.processor.write(.TTBR0_EL1, geometry.ttbr | 0x2000_0000_0000)
    let start = geometry.path[0].level
    #expect(machine.walk(geometry.va) == .fault(start == -1 ? 0x13 : 0x14 | UInt8(start)))
  }

  /// Bits above IPS: in the TTBR at level 0, in a descriptor at its level (-1 included).
  @Test(arguments: WideGeometry.all) func outputBeyondIPS(geometry: WideGeometry) throws {
    let machine = try machine(geometry)
    machine.processor.write(.TCR_EL1, geometry.tcr & ~0x7_0000_0000 | 0x5_0000_0000)  // IPS 48 bits
    if geometry.name.hasPrefix("64K") {
      // Bits 5:2 of TTBR0_EL1 hold an address only under an IPS of 52 bits.
      #expect(machine.walk(geometry.va) == .fault(0x14 | UInt8(geometry.path[0].level)))
    } else {
      #expect(machine.walk(geometry.va) == .fault(0x00))
    }
    // The same tables below 48 bits, where only the descriptor at one level is too large.
    for (level, pa, value) in geometry.path {
      let low = Machine(emulator: try Emulator(MachineConfiguration(memorySize: 1 << 20, ramBase: 0x4000_4000_0000)))
      for entry in geometry.path {
        let isWide = geometry.name.hasPrefix("64K")
        low.put(entry.pa & 0x0000_ffff_ffff_ffff, entry.pa == pa ? value : entry.value & ~(isWide ? 0xf000 : 0x300))
      }
      low.processor.write(.TTBR0_EL1, geometry.ttbr & ~0x3c)
      low.processor.write(.TCR_EL1, geometry.tcr & ~0x7_0000_0000 | 0x5_0000_0000)
      low.processor.write(.SCTLR_EL1, 0x30d0_0819)
      #expect(low.walk(geometry.va) == .fault(level == -1 ? 0x29 : UInt8(level)), "level \(level)")
      low.put(pa & 0x0000_ffff_ffff_ffff, value & ~(geometry.name.hasPrefix("64K") ? 0xf000 : 0x300))
      #expect(low.walk(geometry.va) == .pa(geometry.output & 0x0000_ffff_ffff_ffff))
    }
  }

  /// Blocks: level 1 of 64K with FEAT_LPA (4 TiB), level 0 of 4K (512 GiB) and level 1 of 16K (64 GiB) under DS; none at level -1.
  @Test(arguments: WideGeometry.all) func blocks(geometry: WideGeometry) throws {
    for (level, pa, _) in geometry.path {
      let machine = try machine(geometry)
      let isWide = geometry.name.hasPrefix("64K")
      machine.put(pa, isWide ? 0x8000_0000_9441 : 0x0001_8000_0000_0641)  // 0x0009_8000_..., SH bits are address bits under DS
      let (high, offset): (UInt64, UInt64?) =
        switch (geometry.name.prefix(3), level) {
        case ("64K", 1): (0x0009_8000_0000_0000, geometry.va & 0x03ff_ffff_ffff)
        case ("64K", 2): (0x0009_8000_0000_0000, geometry.va & 0x1fff_ffff)
        case ("4K ", 0): (0x0009_8000_0000_0000, geometry.va & 0x007f_ffff_ffff)
        case ("4K ", 1): (0x0009_8000_0000_0000, geometry.va & 0x3fff_ffff)
        case ("4K ", 2): (0x0009_8000_0000_0000, geometry.va & 0x1f_ffff)
        case ("16K", 1): (0x0009_8000_0000_0000, geometry.va & 0x000f_ffff_ffff)
        case ("16K", 2): (0x0009_8000_0000_0000, geometry.va & 0x1ff_ffff)
        default: (0, nil)
        }
      let expected = offset.map { Translation.pa(high | $0) } ?? .fault(level == -1 ? 0x2b : 0x04 | UInt8(level))
      #expect(machine.walk(geometry.va) == expected, "level \(level)")
      // An access flag or permission fault of a block names its level, level 0 too.
      if offset != nil {
        machine.put(pa, isWide ? 0x8000_0000_9041 : 0x0001_8000_0000_0241)
        #expect(machine.walk(geometry.va) == .fault(0x08 | UInt8(level)))
        machine.put(pa, isWide ? 0x8000_0000_94c1 : 0x0001_8000_0000_06c1)
        #expect(machine.walk(geometry.va, .write) == .fault(0x0c | UInt8(level)))
      }
    }
  }

  /// Under DS shareability is TCR_EL1.SH0's (bits 13:12), as AT reports it; PAR_EL1 has all 52 bits.
  @Test func shareabilityUnderDS() throws {
    let geometry = WideGeometry.all[2]
    let machine = try machine(geometry)
    for (sh, par) in [(0, 0xff08_4000_4004_0a00), (2, 0xff08_4000_4004_0b00), (3, 0xff08_4000_4004_0b80)] as [(UInt64, UInt64)] {
      machine.processor.write(.TCR_EL1, geometry.tcr | sh << 12)
      machine.processor.el1.invalidateTLB(.VMALLE1)
      try machine.processor.context.addressTranslation(SystemRegister(1, 0, 7, 8, 0), geometry.va)
      #expect(machine.processor.read(.PAR_EL1) == par)
    }
  }

  /// TnSZ below 12 (or 16 where the format has no 52 bits) and above 48 (47) is a translation fault at level 0.
  @Test func sizesOutOfRange() throws {
    let machine = try BareMachine()
    for (granule, smallest, largest) in [(0, 16, 48), (0x4000, 12, 47), (0x8000, 16, 48)] as [(UInt64, UInt64, UInt64)] {
      for ds in [0, 1 << 59] as [UInt64] {
        let first = ds != 0 && granule != 0x4000 ? 12 : smallest
        for size in 0..<64 as Range<UInt64> {
          machine[0].write(.TCR_EL1, 0x16_0080_0000 | granule | ds | size)
          machine[0].write(.TTBR0_EL1, 0x7000_0000)  // not RAM, so a walk aborts
          let isWalked = size >= first && size <= largest
          #expect((machine.walk(0) == .fault(0x04)) == !isWalked, "\(granule) DS \(ds) size \(size)")
        }
      }
    }
  }

  /// FEAT_TTST: the smallest spaces start at level 3. One table of 16 bytes for T0SZ 48 minus the 4 KiB page: 2^4 pages.
  @Test func smallTables() throws {
    let machine = try BareMachine()
    machine[0].write(.TCR_EL1, 0x15_0080_0030)  // 4K, T0SZ 48
    machine[0].write(.TTBR0_EL1, 0x4001_0080)
    machine.put(0x4001_0088, 0x0060_0000_4020_0f43)
    #expect(machine.walk(0x1234) == .pa(0x4020_0234))
    #expect(machine.walk(0x2234) == .fault(0x07))
    #expect(machine.walk(0x1_0000) == .fault(0x04))
    var features = ProcessorFeatures()
    features.ttst = false
    let without = try BareMachine(features: features)
    without[0].write(.TCR_EL1, 0x15_0080_0030)
    #expect(without.walk(0x1234) == .fault(0x04))
  }

  /// Without the features the bits are not address bits, DS cannot be set, and the ID registers report that.
  @Test func whereTheyAreAbsent() throws {
    for (name, lpa, lva, lpa2, parange, tgran16, tgran4, varange) in [
      ("none", false, false, false, 5, 1, 0, 0), ("lpa", true, false, false, 6, 1, 0, 0), ("lva", false, true, false, 5, 1, 0, 1),
      ("lpa2", false, false, true, 6, 2, 1, 0), ("all", true, true, true, 6, 2, 1, 1),
    ] as [(String, Bool, Bool, Bool, UInt64, UInt64, UInt64, UInt64)] {
      var features = ProcessorFeatures()
      (features.lpa, features.lva, features.lpa2) = (lpa, lva, lpa2)
      let machine = try BareMachine(features: features)
      let model0 = machine[0].read(.ID_AA64MMFR0_EL1)!
      #expect(model0 & 15 == parange && model0 >> 20 & 15 == tgran16 && model0 >> 28 & 15 == tgran4, "\(name)")
      #expect(machine[0].read(.ID_AA64MMFR2_EL1)! >> 16 & 15 == varange, "\(name)")
      machine[0].write(.TCR_EL1, 0x0800_0016_0080_000c)
      #expect((machine[0].read(.TCR_EL1)! >> 59 == 1) == lpa2, "\(name)")
      // 64K: TTBR0_EL1 bits 5:2 and descriptor bits 15:12 are ignored without FEAT_LPA, and send the walk out of RAM with it.
      machine[0].write(.TCR_EL1, 0x16_0080_4016)
      machine[0].write(.TTBR0_EL1, 0x4002_0004)
      machine.put(0x4002_0000, 0x4020_1441)
      #expect(machine.walk(0x1234) == (lpa ? .fault(0x16) : .pa(0x4000_1234)), "\(name)")
      // With the MMU off, the address has only this many bits.
      machine[0].write(.SCTLR_EL1, 0x30d0_0818)
      #expect(machine.walk(0x000f_0000_0000_0000) == (lpa || lpa2 ? .pa(0x000f_0000_0000_0000) : .fault(0x00)), "\(name)")
      #expect(machine.walk(0x0010_0000_0000_0000) == .fault(0x00), "\(name)")
    }
  }

  /// A range under DS counts 64 KiB units in BaseADDR and pages in its length.
  @Test func rangesUnderDS() throws {
    let geometry = WideGeometry.all[2]
    let machine = try machine(geometry)
    // VA[52:16] of 0x000b_0181_40e0_9120 is 0xb_0181_40e0; the entry is page 9 of it.
    for (operand, goes) in [
      (0x0000_4000_0000_0000 | 0xb_0181_40e0, false), (0x0000_4200_0000_0000 | 0xb_0181_40e0, true),
      (0x0000_4180_0000_0000 | 0xb_0181_40e0, false), (0x0000_4200_0000_0000 | 0xb_0181_40e1, false),
    ] as [(UInt64, Bool)] {
      #expect(machine.walk(geometry.va) == .pa(geometry.output))
      machine.processor.el1.invalidateTLB(.RVAE1, operand)
      #expect(machine.processor.tlbEntries().isEmpty == goes, "\(String(operand, radix: 16))")
    }
    #expect(machine.walk(geometry.va) == .pa(geometry.output))
    machine.processor.el1.invalidateTLB(.VAE1, 0xb0_1814_0e09)
    #expect(machine.processor.tlbEntries().isEmpty)
  }
}
