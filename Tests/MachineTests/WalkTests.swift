// Owns walks by granule and start level: literal tables in, a physical address or a fault status with its level out.
// It does not know permissions. Arm ARM D8.2, D8.3.
import Architecture
import TestSupport
import Testing

@testable import Machine

/// One geometry: its TCR_EL1, an address with index 5, 7, 9 at its levels, and where its descriptors stand.
struct Geometry: CustomTestStringConvertible {
  let name: String
  let tcr: UInt64
  let va: UInt64
  /// Level, physical address and literal value of each descriptor on the way.
  let path: [(level: Int, pa: UInt64, value: UInt64)]
  let output: UInt64
  var testDescription: String { name }

  // IPS 48 bits, 16-bit ASIDs, EPD1; TTBR0 is 0x4001_0000.
  static let all: [Geometry] = [
    Geometry(
      name: "4K T0SZ 16", tcr: 0x15_0080_0010, va: 0x0181_40e0_9120,
      path: [(0, 0x4001_0018, 0x4001_1003), (1, 0x4001_1028, 0x4001_2003), (2, 0x4001_2038, 0x4001_3003), (3, 0x4001_3048, 0x4020_0443)],
      output: 0x4020_0120),
    Geometry(
      name: "4K T0SZ 24", tcr: 0x15_0080_0018, va: 0x0081_40e0_9120,
      path: [(0, 0x4001_0008, 0x4001_1003), (1, 0x4001_1028, 0x4001_2003), (2, 0x4001_2038, 0x4001_3003), (3, 0x4001_3048, 0x4020_0443)],
      output: 0x4020_0120),
    Geometry(
      name: "4K T0SZ 25", tcr: 0x15_0080_0019, va: 0x1_40e0_9120,
      path: [(1, 0x4001_0028, 0x4001_2003), (2, 0x4001_2038, 0x4001_3003), (3, 0x4001_3048, 0x4020_0443)], output: 0x4020_0120),
    Geometry(
      name: "4K T0SZ 33", tcr: 0x15_0080_0021, va: 0x40e0_9120,
      path: [(1, 0x4001_0008, 0x4001_2003), (2, 0x4001_2038, 0x4001_3003), (3, 0x4001_3048, 0x4020_0443)], output: 0x4020_0120),
    Geometry(
      name: "4K T0SZ 34", tcr: 0x15_0080_0022, va: 0xe0_9120,
      path: [(2, 0x4001_0038, 0x4001_3003), (3, 0x4001_3048, 0x4020_0443)], output: 0x4020_0120),
    Geometry(
      name: "4K T0SZ 39", tcr: 0x15_0080_0027, va: 0xe0_9120,
      path: [(2, 0x4001_0038, 0x4001_3003), (3, 0x4001_3048, 0x4020_0443)], output: 0x4020_0120),
    Geometry(
      name: "16K T0SZ 16", tcr: 0x15_0080_8010, va: 0x8050_0e02_5234,
      path: [(0, 0x4001_0008, 0x4001_4003), (1, 0x4001_4028, 0x4001_8003), (2, 0x4001_8038, 0x4001_c003), (3, 0x4001_c048, 0x4020_0443)],
      output: 0x4020_1234),
    Geometry(
      name: "16K T0SZ 17", tcr: 0x15_0080_8011, va: 0x50_0e02_5234,
      path: [(1, 0x4001_0028, 0x4001_8003), (2, 0x4001_8038, 0x4001_c003), (3, 0x4001_c048, 0x4020_0443)], output: 0x4020_1234),
    Geometry(
      name: "16K T0SZ 28", tcr: 0x15_0080_801c, va: 0xe02_5234,
      path: [(2, 0x4001_0038, 0x4001_c003), (3, 0x4001_c048, 0x4020_0443)], output: 0x4020_1234),
    Geometry(name: "16K T0SZ 39", tcr: 0x15_0080_8027, va: 0x2_5234, path: [(3, 0x4001_0048, 0x4020_0443)], output: 0x4020_1234),
    Geometry(
      name: "64K T0SZ 16", tcr: 0x15_0080_4010, va: 0x1400_e009_2344,
      path: [(1, 0x4001_0028, 0x4002_0003), (2, 0x4002_0038, 0x4003_0003), (3, 0x4003_0048, 0x4020_0443)], output: 0x4020_2344),
    Geometry(
      name: "64K T0SZ 22", tcr: 0x15_0080_4016, va: 0xe009_2344,
      path: [(2, 0x4001_0038, 0x4003_0003), (3, 0x4003_0048, 0x4020_0443)], output: 0x4020_2344),
    Geometry(name: "64K T0SZ 35", tcr: 0x15_0080_4023, va: 0x9_2344, path: [(3, 0x4001_0048, 0x4020_0443)], output: 0x4020_2344),
  ]

  /// A machine with 48-bit addresses whose tables hold this path and nothing else.
  func machine(fastTable: Bool = true) throws -> BareMachine {
    var features = ProcessorFeatures()
    (features.lpa, features.lva, features.lpa2) = (false, false, false)
    let machine = try BareMachine(features: features, fastTable: fastTable)
    for pa in stride(from: 0x4001_0000, to: 0x4004_0000 as UInt64, by: 8) where machine.get(pa) != 0 { machine.put(pa, 0) }
    machine[0].write(.TCR_EL1, tcr)
    for entry in path { machine.put(entry.pa, entry.value) }
    return machine
  }
}

struct WalkTests {
  @Test(arguments: Geometry.all) func pagesAreFound(geometry: Geometry) throws {
    for fastTable in [true, false] {
      let machine = try geometry.machine(fastTable: fastTable)
      // Twice from memory (the second by the walk cache), once from the TLB.
      #expect(machine.walk(geometry.va) == .pa(geometry.output))
      #expect(machine.translate(geometry.va ^ 0x100) == .pa(geometry.output ^ 0x100))
    }
  }

  /// The walk that a debugger sees reads the same descriptors.
  @Test(arguments: Geometry.all) func theSpyingWalkReadsTheSameDescriptors(geometry: Geometry) throws {
    let machine = try geometry.machine()
    let walk = machine[0].explainWalk(geometry.va)
    #expect(walk.steps == geometry.path.map { .init(level: $0.level, address: $0.pa, descriptor: $0.value) })
    #expect(machine[0].statistics.walks == 0)
  }

  /// Neighbours of the address have no descriptor at one level, and the fault names that level.
  @Test(arguments: Geometry.all) func invalidDescriptorsFaultAtTheirLevel(geometry: Geometry) throws {
    for (level, pa, value) in geometry.path {
      let machine = try geometry.machine()
      // All zeroes; bit 1 alone; everything but bit 0.
      for invalid in [0, value & ~1, ~1] as [UInt64] {
        machine.put(pa, invalid)
        #expect(machine.walk(geometry.va) == .fault(0x04 | UInt8(level)), "level \(level), \(String(invalid, radix: 16))")
      }
    }
  }

  /// An invalid descriptor is not cached: once it is valid the access succeeds without a TLBI.
  @Test(arguments: Geometry.all) func faultsAreNotCached(geometry: Geometry) throws {
    for (level, pa, value) in geometry.path {
      let machine = try geometry.machine()
      machine.put(pa, 0)
      #expect(machine.translate(geometry.va) == .fault(0x04 | UInt8(level)))
      machine.put(pa, value)
      #expect(machine.translate(geometry.va) == .pa(geometry.output))
    }
  }

  /// 0b01 at level 3 is reserved; above it a block where the granule has one, else a translation fault.
  @Test(arguments: Geometry.all) func blocksAndReservedEncodings(geometry: Geometry) throws {
    for (level, pa, _) in geometry.path {
      let machine = try geometry.machine()
      machine.put(pa, 0x0000_4000_0000_0441)
      let offset: UInt64? =
        switch (geometry.name.prefix(3), level) {
        case ("4K ", 1): geometry.va & 0x3fff_ffff
        case ("4K ", 2): geometry.va & 0x1f_ffff
        case ("16K", 2): geometry.va & 0x1ff_ffff
        case ("64K", 2): geometry.va & 0x1fff_ffff
        default: nil
        }
      #expect(machine.walk(geometry.va) == (offset.map { .pa(0x4000_0000_0000 | $0) } ?? .fault(0x04 | UInt8(level))), "level \(level)")
    }
  }

  /// Output bits beyond IPS: an address size fault at the descriptor's level, table or leaf.
  @Test(arguments: Geometry.all) func outputBeyondIPS(geometry: Geometry) throws {
    for (level, pa, value) in geometry.path {
      let machine = try geometry.machine()
      machine.put(pa, value | 0x1_0000_0000)
      machine[0].write(.TCR_EL1, geometry.tcr & ~0x7_0000_0000)  // IPS 32 bits
      #expect(machine.walk(geometry.va) == .fault(0x00 | UInt8(level)), "level \(level)")
      machine[0].write(.TCR_EL1, geometry.tcr & ~0x7_0000_0000 | 0x1_0000_0000)  // 36 bits
      #expect(machine.walk(geometry.va) != .fault(0x00 | UInt8(level)), "level \(level)")
    }
  }

  /// The first table lies beyond IPS: an address size fault at level 0. Arm ARM D8.2.6.
  @Test(arguments: Geometry.all) func tableBaseBeyondIPS(geometry: Geometry) throws {
    let machine = try geometry.machine()
    machine[0].write(.TTBR0_EL1, 0x1_4001_0000)
    machine[0].write(.TCR_EL1, geometry.tcr & ~0x7_0000_0000)
    #expect(machine.walk(geometry.va) == .fault(0x00))
  }

  /// A table outside RAM: a synchronous external abort on the walk, at the level of the descriptor that cannot be read.
  @Test(arguments: Geometry.all) func tablesOutsideRAM(geometry: Geometry) throws {
    for (level, pa, _) in geometry.path where level < 3 {
      let machine = try geometry.machine()
      machine.put(pa, 0x7000_0003)
      #expect(machine.walk(geometry.va) == .fault(0x14 | UInt8(level + 1)))
    }
    let machine = try geometry.machine()
    machine[0].write(.TTBR0_EL1, 0x7001_0000)
    #expect(machine.walk(geometry.va) == .fault(0x14 | UInt8(geometry.path[0].level)))
  }

  /// An address just beyond the range of TnSZ is a translation fault at level 0, whatever the tables contain.
  @Test(arguments: Geometry.all) func beyondTheInputSize(geometry: Geometry) throws {
    let machine = try geometry.machine()
    let bits = 64 - (geometry.tcr & 63)
    for bit in bits..<64 { #expect(machine.walk(geometry.va | 1 << bit) == .fault(0x04), "bit \(bit)") }
  }

  /// EPD0: no walk, a fault at level 0. What the TLB holds still translates.
  @Test(arguments: Geometry.all) func walksDisabled(geometry: Geometry) throws {
    let machine = try geometry.machine()
    #expect(machine.translate(geometry.va) == .pa(geometry.output))
    machine[0].write(.TCR_EL1, geometry.tcr | 0x80)
    #expect(machine.translate(geometry.va) == .pa(geometry.output))
    #expect(machine.walk(geometry.va) == .fault(0x04))
  }

  /// The same tables behind TTBR1_EL1, at the top of the address space.
  @Test(arguments: Geometry.all) func throughTTBR1(geometry: Geometry) throws {
    let machine = try geometry.machine()
    let granule: UInt64 = geometry.name.hasPrefix("4K") ? 0x8000_0000 : geometry.name.hasPrefix("16K") ? 0x4000_0000 : 0xc000_0000
    let size = geometry.tcr & 63
    machine[0].write(.TTBR1_EL1, 0x4001_0000)
    machine[0].write(.TTBR0_EL1, 0x7000_0000)
    machine[0].write(.TCR_EL1, 0x15_0000_0090 | granule | size << 16)  // EPD0, T0SZ 16
    let top: UInt64 = ~0 << (64 - size)
    #expect(machine.walk(geometry.va | top) == .pa(geometry.output))
    for (level, pa, value) in geometry.path {
      machine.put(pa, 0)
      #expect(machine.walk(geometry.va | top) == .fault(0x04 | UInt8(level)))
      machine.put(pa, value)
    }
    // The gap below: one of the bits that must be ones is zero. Bit 55 itself chooses TTBR0.
    for bit in (64 - size)..<64 { #expect(machine.walk((geometry.va | top) & ~(1 << bit)) == .fault(0x04), "bit \(bit)") }
    machine[0].write(.TCR_EL1, 0x15_0080_0090 | granule | size << 16)  // EPD1 too
    #expect(machine.walk(geometry.va | top) == .fault(0x04))
  }

  /// TBI1 ignores the top byte of an address that bit 55 sends to TTBR1, and no bit below it.
  @Test func topByteIgnoredInTheUpperHalf() throws {
    let geometry = Geometry.all[2]
    let machine = try geometry.machine()
    machine[0].write(.TTBR1_EL1, 0x4001_0000)
    machine[0].write(.TCR_EL1, 0x55_8019_0090)  // TBI1, TG1 4K, T1SZ 25
    #expect(machine.walk(0xffff_ff81_40e0_9120) == .pa(0x4020_0120))
    #expect(machine.walk(0x12ff_ff81_40e0_9120) == .pa(0x4020_0120))
    #expect(machine.walk(0x00ff_ff81_40e0_9120) == .pa(0x4020_0120))
    #expect(machine.walk(0x12ff_fe81_40e0_9120) == .fault(0x04))
    #expect(machine.walk(0x12bf_ff81_40e0_9120) == .fault(0x04))
  }

  /// MMU off: addresses are physical, and have 48 bits.
  @Test func withTheMMUOff() throws {
    var features = ProcessorFeatures()
    (features.lpa, features.lva, features.lpa2) = (false, false, false)
    let machine = try BareMachine(features: features)
    machine[0].write(.SCTLR_EL1, 0x30d0_0818)
    #expect(machine.walk(0x4020_0123) == .pa(0x4020_0123))
    #expect(machine.walk(0x0001_0000_0000_0000) == .fault(0x00))
    // Data is Device memory then.
    #expect(machine.exception(of: 0xf940_0001, x0: 0x4020_0001) { $0.pc = BareMachine.codePA }?.esr == 0x9200_0021)  // ldr x1, [x0]
    #expect(machine.exception(of: 0xf940_0001, x0: 0x4020_0000) { $0.pc = BareMachine.codePA }?.esr == 0x5600_0000)  // ldr x1, [x0]
  }
}
