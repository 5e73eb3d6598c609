// Owns tests that the check of invariants finds errors: each rule is broken by hand, once.
// It does not know how a rule might come to be broken.
import Architecture
import TestSupport
import Testing

@testable import LinuxMM

struct InvariantTests {
  private static let va: UInt64 = 0x4000_0000
  let bench: MemoryBench
  let manager: MemoryManager
  let el1: EL1Interface

  /// Two address spaces that share a page; the parent also has a page of its own, a zero page and an absent page.
  init() throws {
    bench = try MemoryBench(memory: 4 << 20)
    (manager, el1) = (bench.manager, bench.el1)
    _ = try bench.mmap(Self.va, pages: 4)
    #expect(bench.store(Self.va, 1) == .done(faults: 1))
    _ = try manager.fork(el1, bench.mm)
    #expect(bench.store(Self.va + 0x1000, 2) == .done(faults: 1))
    #expect(bench.load(Self.va + 0x2000) == 0)
    #expect(manager.checkInvariants(el1) == [])
  }

  private func page(_ number: UInt64) -> UInt64 { bench.descriptor(Self.va + number << 12)! & 0x0000_ffff_ffff_f000 }
  private func entry(_ number: UInt64) -> PhysicalAddress { PhysicalAddress(bench.walk(Self.va + number << 12)[3].address) }

  @Test func aWrongMapCountIsFound() {
    manager.addMapping(el1, page(0))
    #expect(manager.checkInvariants(el1) == ["page \(hexadecimal(page(0))): mapped 2 times, 3 counted"])
    manager.removeMapping(el1, page(0))
    manager.getPage(el1, page(1))
    #expect(manager.checkInvariants(el1) == ["page \(hexadecimal(page(1))): 1 have it, 2 references"])
  }

  @Test func exclusivePages() {
    manager.setExclusive(el1, page(0))
    #expect(manager.checkInvariants(el1) == ["page \(hexadecimal(page(0))) is exclusive and mapped 2 times"])
    manager.clearFlag(el1, page(0), PageDescriptor.exclusive)
    manager.clearFlag(el1, page(1), PageDescriptor.exclusive)
    #expect(manager.checkInvariants(el1) == ["mm 0 at 0x40001000: a writable page that is not exclusive"])
  }

  @Test func zeroPages() {
    el1.store(entry(2), 0x01e8_0000_0000_0f43 | manager.state.frames.zeroFrame)
    #expect(manager.checkInvariants(el1) == ["mm 0 at 0x40002000: a bad zero page"])
  }

  @Test func leaks() {
    let (lost, _) = manager.allocateFrame(el1)!
    #expect(manager.checkInvariants(el1) == ["page \(hexadecimal(lost)) is neither free nor in use"])
    manager.releaseBlock(el1, lost, order: 0)
    let table = manager.allocateTable(el1)!
    #expect(
      manager.checkInvariants(el1) == [
        "page \(hexadecimal(table)): a table without an owner, or the reverse", "page \(hexadecimal(table)): 0 have it, 1 references",
      ])
  }

  @Test func countersOfAnAddressSpace() {
    manager.state[MMID(0)].pageTables += 1
    manager.state[MMID(1)].resident.file += 1
    let problems = manager.checkInvariants(el1)
    #expect(problems.count == 2)
    #expect(problems.first == "mm 0: 3 tables, 4 counted")
    #expect(problems.last?.hasPrefix("mm 1: resident") == true)
  }

  @Test func blocksThatShouldBeOne() {
    let block = manager.allocateBlock(el1, order: 3)!.pa
    manager.state.frames.available += 8
    let frame = manager.state.frames.frame(block)
    for half in [frame, frame + 4] { manager.link(el1, half, 2, atTail: true) }
    #expect(manager.checkInvariants(el1).contains("free blocks \(frame) and \(frame + 4) of order 2 are one"))
  }

  @Test func anonVMAs() {
    manager.setField(el1, page(1), PageDescriptor.mapping, 99 as UInt64)
    #expect(manager.checkInvariants(el1) == ["mm 0 at 0x40001000: a stranger's anon_vma 49"])
    manager.setField(el1, page(1), PageDescriptor.mapping, 3 as UInt64)
    manager.state.anonVMAs[AnonVMAID(1)].activeVMAs += 1
    #expect(manager.checkInvariants(el1) == ["anon_vma 1: 1 active VMAs, 2 counted"])
  }
}
