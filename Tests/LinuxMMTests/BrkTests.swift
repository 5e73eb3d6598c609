// Owns tests of brk's answers: the new end, or the old one if the heap cannot move.
// It does not know how exec chose the heap's place.
import Architecture
import TestSupport
import Testing

@testable import LinuxMM

struct BrkTests {
  private static let heap: UInt64 = 0x1000_0000
  let bench: MemoryBench
  init() throws {
    bench = try MemoryBench()
    bench.manager.setBrk(bench.mm, start: Self.heap)
  }
  private func brk(_ value: UInt64) -> UInt64 { bench.manager.brk(bench.el1, bench.mm, task: bench.task, value) }

  @Test func growsByBytesAndMapsByPages() {
    #expect(brk(0) == Self.heap)
    #expect(brk(Self.heap + 1) == Self.heap + 1)
    #expect(bench.manager.vmas(bench.mm).map(\.end) == [Self.heap + 0x1000])
    #expect(brk(Self.heap + 0x1000) == Self.heap + 0x1000)
    #expect(brk(Self.heap + 0x1001) == Self.heap + 0x1001)
    #expect(bench.manager.vmas(bench.mm).map(\.end) == [Self.heap + 0x2000])
    #expect(bench.manager.vmas(bench.mm).map(\.start) == [Self.heap])
  }

  @Test func staysWhereItCannotMove() throws {
    #expect(brk(Self.heap - 1) == Self.heap)
    #expect(brk(~0) == Self.heap)
    #expect(brk(1 << 48) == Self.heap)
    // One page stays free above the heap.
    _ = try bench.mmap(Self.heap + 0x4000, pages: 1)
    #expect(brk(Self.heap + 0x4000) == Self.heap)
    #expect(brk(Self.heap + 0x3001) == Self.heap)
    #expect(brk(Self.heap + 0x3000) == Self.heap + 0x3000)
    #expect(brk(0) == Self.heap + 0x3000)
  }

  @Test func shrinkingGivesPagesBack() {
    #expect(brk(Self.heap + 0x8000) == Self.heap + 0x8000)
    for page in 0..<8 as Range<UInt64> { #expect(bench.store(Self.heap + page << 12, 7) == .done(faults: 1)) }
    #expect(bench.space.residentPages == 8)
    #expect(brk(Self.heap + 0x2000) == Self.heap + 0x2000)
    #expect(bench.space.residentPages == 2)
    #expect(bench.touch(Self.heap + 0x2000, write: false) == .noMapping)
    #expect(brk(Self.heap + 0x3000) == Self.heap + 0x3000)
    #expect(bench.load(Self.heap + 0x2000) == 0)
  }

  /// Linux first looks for a VMA between the new and the old end, and leaves brk unchanged if there is none.
  @Test func aHeapThatWasUnmappedDoesNotShrink() throws {
    #expect(brk(Self.heap + 0x4000) == Self.heap + 0x4000)
    try bench.munmap(Self.heap, pages: 4)
    #expect(brk(Self.heap + 0x1000) == Self.heap + 0x4000)
    _ = try bench.mmap(Self.heap + 0x2000, pages: 1)
    #expect(brk(Self.heap + 0x1000) == Self.heap + 0x1000)
    #expect(bench.manager.vmas(bench.mm).isEmpty)
  }
}
