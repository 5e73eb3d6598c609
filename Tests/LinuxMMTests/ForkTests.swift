// Owns tests of fork as each address space sees it: what a child gets, what it shares, and what each then writes.
// It does not know tasks. Linux: mm/mmap.c dup_mmap(), mm/memory.c copy_page_range().
import Architecture
import TestSupport
import Testing

@testable import LinuxMM

struct ForkTests {
  private static let va: UInt64 = 0x4000_0000
  private static let output: UInt64 = 0x0000_ffff_ffff_f000
  let bench: MemoryBench
  init() throws { bench = try MemoryBench() }

  /// Makes a child, and switches the bench's user to it.
  private func forkAndEnter() throws -> MMID {
    let child = try bench.manager.fork(bench.el1, bench.mm)
    bench.enter(child)
    return child
  }

  /// The descriptor of a written page is read-only and software-dirty after fork; in 6.12 the child's is also old.
  @Test(arguments: [(KernelProfile.linux6_12, 0x400), (.newest, 0)] as [(KernelProfile, UInt64)])
  func entriesAreWriteProtectedOnBothSides(profile: KernelProfile, cleared: UInt64) throws {
    let bench = try MemoryBench(profile: profile)
    _ = try bench.mmap(Self.va, pages: 3)
    #expect(bench.store(Self.va, 1) == .done(faults: 1))
    #expect(bench.load(Self.va + 0x1000) == 0)
    let page = bench.descriptor(Self.va)! & Self.output
    let zero = bench.manager.state.frames.zeroFrame
    let parent = bench.mm
    bench.enter(try bench.manager.fork(bench.el1, parent))
    #expect(bench.descriptor(Self.va) == (0x00e0_0000_0000_0fc3 | page) - cleared)
    #expect(bench.descriptor(Self.va + 0x1000) == (0x0160_0000_0000_0fc3 | zero) - cleared)
    #expect(bench.descriptor(Self.va + 0x2000) == 0)
    #expect(bench.space.resident == ResidentPages(anonymous: 1, file: 0, shmem: 0))
    bench.enter(parent)
    #expect(bench.descriptor(Self.va) == 0x00e0_0000_0000_0fc3 | page)
    #expect(bench.descriptor(Self.va + 0x1000) == 0x0160_0000_0000_0fc3 | zero)
    #expect(bench.manager.referenceCount(bench.el1, page) == 2)
  }

  /// The first process that writes copies the page, and the last one keeps it.
  @Test(arguments: [true, false]) func theLastOneKeepsThePage(childWritesFirst: Bool) throws {
    _ = try bench.mmap(Self.va, pages: 1)
    #expect(bench.store(Self.va, 1) == .done(faults: 1))
    let page = bench.descriptor(Self.va)! & Self.output
    let parent = bench.mm
    let child = try bench.manager.fork(bench.el1, parent)
    bench.enter(childWritesFirst ? child : parent)
    #expect(bench.store(Self.va, 2) == .done(faults: 1))
    #expect(bench.descriptor(Self.va)! & Self.output != page)
    bench.enter(childWritesFirst ? parent : child)
    #expect(bench.load(Self.va) == 1)
    #expect(bench.store(Self.va, 3) == .done(faults: 1))
    #expect(bench.descriptor(Self.va) == 0x00e8_0000_0000_0f43 | page)
    #expect(bench.statistics.copies == 1)
    #expect(bench.statistics.reuses == 1)
  }

  /// VMA flags: VM_DONTCOPY 0x20000, VM_WIPEONFORK 0x2000000, VM_LOCKED 0x2000, VM_LOCKONFAULT 0x80000.
  @Test func flagsDecideWhatAChildGets() throws {
    for (index, flag) in [0x2_0000, 0x200_0000, 0x8_2000, 0].enumerated() {
      let va = Self.va + UInt64(index) << 14
      _ = try bench.mmap(va, pages: 1)
      #expect(bench.store(va, 7) == .done(faults: 1))
      let position = bench.manager.state[MMID(0)].index(containing: va)!
      bench.manager.state[MMID(0)].vmas[position].flags.formUnion(VMFlags(rawValue: UInt64(flag)))
    }
    _ = try forkAndEnter()
    #expect(bench.manager.vmas(bench.mm).map(\.start) == [Self.va + 0x4000, Self.va + 0x8000, Self.va + 0xc000])
    #expect(bench.manager.vmas(bench.mm).map(\.flags.rawValue) == [0x210_0073, 0x10_0073, 0x10_0073])
    #expect(bench.load(Self.va + 0x4000) == 0)
    #expect(bench.load(Self.va + 0x8000) == 7)
    #expect(bench.manager.vmas(bench.mm)[0].anonVMA == .none)
    #expect(bench.manager.vmas(bench.mm)[1].anonVMA != .none)
  }

  /// Memory that was only read has nothing to copy; the child reads it again.
  @Test func whatWasNeverWrittenIsNotCopied() throws {
    _ = try bench.mmap(Self.va, pages: 1)
    #expect(bench.load(Self.va) == 0)
    _ = try forkAndEnter()
    #expect(bench.space.pageTables == 0)
    #expect(bench.touch(Self.va, write: false) == .done(faults: 1))
  }
}
