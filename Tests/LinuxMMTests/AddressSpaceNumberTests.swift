// Owns tests that no address space ever sees translations of another, however many exist or have existed.
// It does not know which ASID belongs to which.
import Architecture
import TestSupport
import Testing

@testable import LinuxMM

struct AddressSpaceNumberTests {
  private static let va: UInt64 = 0x4000_0000

  /// An address space with one page that holds `value`, and whose translation is in the TLB.
  private func makeSpace(_ bench: MemoryBench, _ value: UInt64) throws -> MMID {
    let mm = try bench.manager.createMM(bench.el1)
    bench.enter(mm)
    _ = try bench.mmap(Self.va, pages: 1)
    #expect(bench.store(Self.va, value) == .done(faults: 1))
    #expect(bench.load(Self.va) == value)
    return mm
  }

  /// ASIDs of dead address spaces are not reused before every TLB was flushed. After that the living ones get new ASIDs, all
  /// different.
  @Test func moreAddressSpacesThanNumbers() throws {
    let bench = try MemoryBench(memory: 4 << 20)
    let living = try (1...3 as ClosedRange<UInt64>).map { try makeSpace(bench, $0) }
    var previous: UInt16 = 4
    var generations = 1
    for round in 0..<140_000 {
      let mm = try bench.manager.createMM(bench.el1)
      bench.enter(mm)
      let asid = bench.space.asid
      if asid < previous { generations += 1 } else { try #require(asid > previous) }
      bench.enter(living[round % 3])
      bench.manager.destroyMM(bench.el1, mm)
      if asid < previous {
        // Just after the change, the survivors still see their own pages and no others.
        for (index, mm) in living.enumerated() {
          bench.enter(mm)
          try #require(bench.load(Self.va) == UInt64(index) + 1)
        }
        try #require(Set(living.map { bench.manager.state[$0].asid }).count == 3)
      }
      previous = asid
    }
    #expect(generations == 3)
  }
}
