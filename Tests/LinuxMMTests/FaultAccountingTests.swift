// Owns what each kind of fault counts (min_flt, maj_flt, PGFAULT and the statistics by kind), and what a lost race counts.
// It does not know getrusage. Linux: mm/memory.c mm_account_fault().
import Architecture
import TestSupport
import Testing

@testable import LinuxMM

struct FaultAccountingTests {
  private static let va: UInt64 = 0x4000_0000
  let bench: MemoryBench
  init() throws {
    bench = try MemoryBench()
    _ = try bench.mmap(Self.va, pages: 16)
  }

  /// The changes by kind, in the order of `MemoryStatistics`: zero page, anonymous, zero page copy, copy, reuse, flag, spurious.
  private func kinds(_ body: () throws -> Void) rethrows -> [UInt64] {
    func now() -> [UInt64] {
      let s = bench.statistics
      return [
        s.zeroPageFaults, s.anonymousFaults, s.zeroPageCopies, s.copies, s.reuses, s.accessFlagFaults, s.spuriousFaults,
        s.pageFaults, bench.faults.minor, bench.faults.major,
      ]
    }
    let before = now()
    try body()
    return zip(now(), before).map { $0 - $1 }
  }

  @Test func eachKindIsOneMinorFault() {
    #expect(kinds { _ = bench.touch(Self.va, write: false) } == [1, 0, 0, 0, 0, 0, 0, 1, 1, 0])
    #expect(kinds { _ = bench.touch(Self.va, write: true) } == [0, 0, 1, 0, 0, 0, 0, 1, 1, 0])
    #expect(kinds { _ = bench.touch(Self.va + 0x1000, write: true) } == [0, 1, 0, 0, 0, 0, 0, 1, 1, 0])
    #expect(kinds { _ = bench.touch(Self.va, write: true) } == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    #expect(kinds { _ = bench.serve(Self.va, write: true) } == [0, 0, 0, 0, 0, 0, 1, 1, 1, 0])
    let entry = PhysicalAddress(bench.walk(Self.va)[3].address)
    let page = bench.descriptor(Self.va)! & 0x0000_ffff_ffff_f000
    bench.el1.store(entry, 0x00e0_0000_0000_0fc3 | page)
    #expect(kinds { _ = bench.serve(Self.va, write: true) } == [0, 0, 0, 0, 1, 0, 0, 1, 1, 0])
    bench.el1.store(entry, 0x00e8_0000_0000_0b43 | page)
    #expect(kinds { _ = bench.serve(Self.va, write: false) } == [0, 0, 0, 0, 0, 1, 0, 1, 1, 0])
  }

  /// A page that this address space shares is copied, and the original loses a reference.
  @Test func aSharedPageIsCopied() {
    #expect(bench.store(Self.va, 77) == .done(faults: 1))
    let entry = PhysicalAddress(bench.walk(Self.va)[3].address)
    let page = bench.descriptor(Self.va)! & 0x0000_ffff_ffff_f000
    // The page is as after fork: read-only, not exclusive, referenced twice.
    bench.el1.store(entry, 0x00e0_0000_0000_0fc3 | page)
    bench.el1.store(PhysicalAddress(bench.manager.state.frames.descriptor(of: page)), PageDescriptor.anonymous)
    bench.manager.getPage(bench.el1, page)
    bench.manager.flushAll(bench.el1, bench.mm)
    #expect(kinds { _ = bench.touch(Self.va, write: true) } == [0, 0, 0, 1, 0, 0, 0, 1, 1, 0])
    #expect(bench.descriptor(Self.va)! & 0x0000_ffff_ffff_f000 != page)
    #expect(bench.load(Self.va) == 77)
    #expect(bench.manager.referenceCount(bench.el1, page) == 1)
    #expect(bench.space.residentPages == 1)
    // The last user of the page may keep it.
    bench.el1.store(entry, 0x00e0_0000_0000_0fc3 | page)
    bench.manager.flushAll(bench.el1, bench.mm)
    #expect(kinds { _ = bench.touch(Self.va, write: true) } == [0, 0, 0, 0, 1, 0, 0, 1, 1, 0])
    #expect(bench.descriptor(Self.va) == 0x00e8_0000_0000_0f43 | page)
  }

  @Test func aSecondTryIsMajor() {
    let vma = bench.manager.vmas(bench.mm)[0]
    let counts = kinds {
      #expect(
        bench.manager.handleMMFault(bench.el1, bench.mm, vma, address: Self.va, flags: [.WRITE, .TRIED], task: bench.task) == [])
    }
    #expect(counts == [0, 1, 0, 0, 0, 0, 0, 1, 0, 1])
  }

  @Test func anErrorCountsOnlyPGFAULT() throws {
    let small = try MemoryBench(memory: 1 << 20)
    _ = try small.mmap(Self.va, pages: 249)
    var served: UInt64 = 0
    var page: UInt64 = 0
    while case .done = small.touch(Self.va + page << 12, write: true) {
      served += 1
      page += 1
    }
    #expect(page == 246)
    #expect(small.touch(Self.va + page << 12, write: true) == .failed(.OOM))
    #expect(small.faults == TaskFaults(minor: served, major: 0))
    #expect(small.statistics.pageFaults == served + 2)
  }

  /// An access without a mapping or permission never reaches handle_mm_fault.
  @Test func whatNeverReachesTheVMACountsNothing() throws {
    try bench.mprotect(Self.va, pages: 1, 1)
    let counts = kinds {
      #expect(bench.touch(Self.va - 0x1000, write: false) == .noMapping)
      #expect(bench.touch(Self.va, write: true) == .denied)
    }
    #expect(counts == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
  }

  /// Another PE handles the fault between this PE's lockless read of the entry and its lock. This PE changes nothing, frees its
  /// page, and counts one minor fault of no kind.
  @Test(arguments: [true, false]) func aLostRaceIsLeftToTheInstruction(write: Bool) {
    #expect(bench.touch(Self.va + 0x1000, write: true) == .done(faults: 1))
    let entry = PhysicalAddress(bench.walk(Self.va)[3].address)
    let table = entry.rawValue & ~0xfff
    let rival: UInt64 = 0x0160_0000_0000_0fc3 | bench.manager.state.frames.zeroFrame
    let free = bench.manager.state.frames.available
    let processor = bench.machine.processors[0]
    let el1 = bench.el1
    processor.stepper = { kind, operand in
      if kind == .lock && operand == LockName(.pageTable, table).operand { el1.store(entry, rival) }
    }
    let counts = kinds { #expect(bench.serve(Self.va, write: write) == nil) }
    processor.stepper = nil
    #expect(counts == [0, 0, 0, 0, 0, 0, 0, 1, 1, 0])
    #expect(bench.descriptor(Self.va) == rival)
    #expect(bench.manager.state.frames.available == free)
    #expect(!el1.holdsAnyLock)
  }

  @Test func populateCountsLikeFaults() throws {
    #expect(try kinds { try bench.madvise(Self.va, pages: 4, Advice.POPULATE_READ) } == [4, 0, 0, 0, 0, 0, 0, 4, 4, 0])
    #expect(try kinds { try bench.madvise(Self.va, pages: 6, Advice.POPULATE_WRITE) } == [0, 2, 4, 0, 0, 0, 0, 6, 6, 0])
    #expect(try kinds { try bench.madvise(Self.va, pages: 6, Advice.POPULATE_WRITE) } == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    #expect(throws: Errno.ENOMEM) { try bench.madvise(Self.va + 0xf000, pages: 2, Advice.POPULATE_WRITE) }
    try bench.mprotect(Self.va, pages: 1, 1)
    #expect(throws: Errno.EINVAL) { try bench.madvise(Self.va, pages: 1, Advice.POPULATE_WRITE) }
  }
}
