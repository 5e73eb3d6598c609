// Owns tests of the literal descriptors that calls and faults leave in RAM.
// It does not know how they were made. The words come from Linux's arm64 headers, with the page's address added.
import Architecture
import TestSupport
import Testing

@testable import LinuxMM

struct DescriptorTests {
  private static let va: UInt64 = 0x4000_0000
  private static let address: UInt64 = 0x0000_ffff_ffff_f000

  private func mapped(_ protection: UInt64, features: ProcessorFeatures = ProcessorFeatures()) throws -> MemoryBench {
    let bench = try MemoryBench(features: features)
    _ = try bench.mmap(Self.va, pages: 2, protection)
    return bench
  }
  private func attributes(_ bench: MemoryBench) -> UInt64? { bench.descriptor(Self.va).map { $0 & ~Self.address } }

  @Test(
    arguments: [
      (0x1, 0x0160_0000_0000_0fc3), (0x2, 0x0160_0000_0000_0fc3), (0x3, 0x0160_0000_0000_0fc3), (0x4, 0x0120_0000_0000_0fc3),
      (0x5, 0x0120_0000_0000_0fc3), (0x7, 0x0120_0000_0000_0fc3),
    ] as [(UInt64, UInt64)])
  func readFaultMapsTheZeroPage(protection: UInt64, expected: UInt64) throws {
    let bench = try mapped(protection)
    #expect(bench.serve(Self.va, write: false) == nil)
    #expect(bench.descriptor(Self.va) == expected | bench.manager.state.frames.zeroFrame)
    #expect(bench.space.residentPages == 0)
  }

  @Test func executeOnlyWithEPAN() throws {
    var features = ProcessorFeatures()
    features.epan = true
    let bench = try mapped(0x4, features: features)
    #expect(bench.serve(Self.va, write: false) == nil)
    #expect(bench.descriptor(Self.va) == 0x0120_0000_0000_0f83 | bench.manager.state.frames.zeroFrame)
    // The hardware's own permissions refuse EL0's data reads.
    #expect(bench.el1.unprivilegedTranslate(VirtualAddress(Self.va), write: false) == nil)
    #expect(bench.el1.lastFault.status == .permission(level: 3))
  }

  @Test(arguments: [(0x2, 0x00e8_0000_0000_0f43), (0x3, 0x00e8_0000_0000_0f43), (0x7, 0x00a8_0000_0000_0f43)] as [(UInt64, UInt64)])
  func writeFaultMapsADirtyWritablePage(protection: UInt64, expected: UInt64) throws {
    let bench = try mapped(protection)
    #expect(bench.touch(Self.va, write: true) == .done(faults: 1))
    #expect(attributes(bench) == expected)
    #expect(bench.descriptor(Self.va)! & Self.address != bench.manager.state.frames.zeroFrame)
    #expect(bench.space.residentPages == 1)
  }

  @Test func writeAfterReadReplacesTheZeroPage() throws {
    let bench = try mapped(0x3)
    #expect(bench.touch(Self.va, write: false) == .done(faults: 1))
    #expect(bench.touch(Self.va, write: true) == .done(faults: 1))
    #expect(attributes(bench) == 0x00e8_0000_0000_0f43)
    #expect(bench.load(Self.va) == 0)
  }

  @Test func mprotectChangesThePageInPlace() throws {
    let bench = try mapped(0x3)
    #expect(bench.store(Self.va, 0x1122) == .done(faults: 1))
    let page = bench.descriptor(Self.va)! & Self.address
    // An entry under PROT_NONE is invalid to hardware and keeps its page; a walk ends at it.
    for (protection, word) in [
      (0, 0x00e0_0000_0000_0f82), (1, 0x00e0_0000_0000_0fc3), (5, 0x00a0_0000_0000_0fc3), (3, 0x00e8_0000_0000_0f43),
      (7, 0x00a8_0000_0000_0f43), (0, 0x00e0_0000_0000_0f82), (3, 0x00e8_0000_0000_0f43),
    ] as [(UInt64, UInt64)] {
      try bench.mprotect(Self.va, pages: 1, protection)
      #expect(bench.descriptor(Self.va) == word | page, "protection \(protection)")
    }
    #expect(bench.touch(Self.va, write: true) == .done(faults: 0))
    #expect(bench.load(Self.va) == 0x1122)
  }

  /// The zero page never becomes writable, whatever mprotect asks.
  @Test func mprotectLeavesTheZeroPageReadOnly() throws {
    let bench = try mapped(0x1)
    #expect(bench.touch(Self.va, write: false) == .done(faults: 1))
    try bench.mprotect(Self.va, pages: 1, 3)
    #expect(bench.descriptor(Self.va) == 0x0160_0000_0000_0fc3 | bench.manager.state.frames.zeroFrame)
    #expect(bench.store(Self.va, 9) == .done(faults: 1))
    #expect(bench.load(Self.va + 0x1000) == 0)
  }

  @Test(arguments: [(KernelProfile.linux6_12, 0x0800_0000_0000_0003), (.newest, 0x0800_0000_0000_0403)] as [(KernelProfile, UInt64)])
  func tablesCarryTheProfilesBits(profile: KernelProfile, bits: UInt64) throws {
    let bench = try MemoryBench(profile: profile)
    _ = try bench.mmap(Self.va, pages: 1)
    #expect(bench.touch(Self.va, write: true) == .done(faults: 1))
    let walk = bench.walk(Self.va)
    #expect(walk.map(\.level) == [0, 1, 2, 3])
    for step in walk.dropLast() { #expect(step.descriptor & ~Self.address == bits) }
    // Each level's entry is in the table that the level above names.
    #expect(walk[0].address == bench.space.pgd + (Self.va >> 39 & 511) * 8)
    for level in 1..<4 {
      let index = Self.va >> UInt64(39 - 9 * level) & 511
      #expect(walk[level].address == walk[level - 1].descriptor & Self.address + index * 8)
    }
  }

  /// Without hardware updates, a clean or old page takes a fault for its flag, and the entry shows it.
  @Test func softwareSetsWhatHardwareDoesNot() throws {
    var features = ProcessorFeatures()
    features.hardwareUpdate = .off
    let bench = try mapped(0x3, features: features)
    #expect(bench.touch(Self.va, write: true) == .done(faults: 1))
    let (entry, page) = (PhysicalAddress(bench.walk(Self.va)[3].address), bench.descriptor(Self.va)! & Self.address)
    // An old entry: the access flag is clear.
    bench.el1.store(entry, 0x00e8_0000_0000_0b43 | page)
    bench.manager.flushAll(bench.el1, bench.mm)
    #expect(bench.touch(Self.va, write: false) == .done(faults: 1))
    #expect(bench.descriptor(Self.va) == 0x00e8_0000_0000_0f43 | page)
    // A writable and clean entry is read-only until the page is written.
    bench.el1.store(entry, 0x0068_0000_0000_0fc3 | page)
    bench.manager.flushAll(bench.el1, bench.mm)
    #expect(bench.touch(Self.va, write: false) == .done(faults: 0))
    #expect(bench.touch(Self.va, write: true) == .done(faults: 1))
    #expect(bench.descriptor(Self.va) == 0x00e8_0000_0000_0f43 | page)
    #expect(bench.statistics.accessFlagFaults == 2)
  }

  /// With hardware updates neither takes a fault. Hardware leaves the software dirty bit unchanged.
  @Test func hardwareSetsItself() throws {
    let bench = try mapped(0x3)
    #expect(bench.touch(Self.va, write: true) == .done(faults: 1))
    let (entry, page) = (PhysicalAddress(bench.walk(Self.va)[3].address), bench.descriptor(Self.va)! & Self.address)
    bench.el1.store(entry, 0x0068_0000_0000_0bc3 | page)
    bench.manager.flushAll(bench.el1, bench.mm)
    #expect(bench.touch(Self.va, write: false) == .done(faults: 0))
    #expect(bench.descriptor(Self.va) == 0x0068_0000_0000_0fc3 | page)
    #expect(bench.touch(Self.va, write: true) == .done(faults: 0))
    #expect(bench.descriptor(Self.va) == 0x0068_0000_0000_0f43 | page)
  }

  /// Descriptors that are written as a whole have their fields where single fields are read.
  @Test func halvesOfAPageDescriptor() {
    let first: [Int?] = [
      MemoryLayout<PageOwnership>.offset(of: \.flags), MemoryLayout<PageOwnership>.offset(of: \.referenceCount),
      MemoryLayout<PageOwnership>.offset(of: \.mapCount), MemoryLayout<PageOwnership>.offset(of: \.mapping),
      MemoryLayout<PageOwnership>.offset(of: \.index), MemoryLayout<PageOwnership>.size,
    ]
    #expect(first == [0, 8, 12, 16, 24, 32])
    let second: [Int?] = [
      MemoryLayout<PageComposition>.offset(of: \.compoundHead), MemoryLayout<PageComposition>.offset(of: \.order),
      MemoryLayout<PageComposition>.offset(of: \.entireMapCount), MemoryLayout<PageComposition>.size,
    ]
    #expect(second == [0, 8, 12, 16])
    #expect(PageDescriptor.referenceCount == 8 && PageDescriptor.mapCount == 12 && PageDescriptor.mapping == 16)
    #expect(PageDescriptor.index == 24 && PageDescriptor.compoundHead == 32)
    #expect(PageDescriptor.order == 40 && PageDescriptor.entireMapCount == 44)
  }
}
