// Owns the difference between the two ways of setting access flags, which shows when hardware updates the entry between the
// kernel's read and its store.
// It does not know which kernel uses which way. Linux: arch/arm64/mm/fault.c and mm/pgtable-generic.c ptep_set_access_flags().
import Architecture
import TestSupport
import Testing

@testable import LinuxMM

struct AccessFlagSetterTests {
  private let va: UInt64 = 0x1000_0000_0000

  /// A read faults because a page that is writable and clean has no access flag. Meanwhile another processor, which updates entries
  /// by hardware, writes to the page: it sets the flag and clears RDONLY (bit 7). The loop keeps that update, and the blind store
  /// loses it.
  @Test(
    arguments: [(AccessFlagSetter.compareAndSwap, 0x0068_0000_0000_0f43), (.generic, 0x0068_0000_0000_0fc3)]
      as [(AccessFlagSetter, UInt64)])
  func hardwareDirtiesBetweenLookAndStore(setter: AccessFlagSetter, attributes: UInt64) throws {
    var features = ProcessorFeatures()
    features.hardwareUpdate = .off
    let bench = try MemoryBench(features: features, accessFlagSetter: setter)
    _ = try bench.mmap(va, pages: 1)
    #expect(bench.touch(va, write: true) == .done(faults: 1))
    let page = bench.descriptor(va)! & 0x0000_ffff_ffff_f000
    let entry = PhysicalAddress(bench.walk(va)[3].address)
    // The columns are DBM, RDONLY and the old access flag.
    bench.el1.store(entry, 0x0068_0000_0000_0bc3 | page)
    bench.manager.flushAll(bench.el1, bench.mm)
    let processor = bench.machine.processors[0]
    let el1 = bench.el1
    var writes = 0
    processor.stepper = { kind, operand in
      if (kind == .pteStore || kind == .pteCompareAndSwap) && operand == entry.rawValue && writes == 0 {
        writes += 1
        el1.store(entry, 0x0068_0000_0000_0f43 | page)
      }
    }
    #expect(bench.serve(va, write: false) == nil)
    processor.stepper = nil
    #expect(writes == 1)
    #expect(bench.descriptor(va) == attributes | page)
  }

  /// If no other actor comes in between, both ways do the same.
  @Test(arguments: AccessFlagSetter.allCases) func alone(setter: AccessFlagSetter) throws {
    var features = ProcessorFeatures()
    features.hardwareUpdate = .off
    let bench = try MemoryBench(features: features, accessFlagSetter: setter)
    _ = try bench.mmap(va, pages: 1)
    #expect(bench.touch(va, write: true) == .done(faults: 1))
    try bench.madvise(va, pages: 1, Advice.FREE)
    #expect(bench.descriptor(va)! & ~0x0000_ffff_ffff_f000 == 0x0068_0000_0000_0bc3)
    #expect(bench.touch(va, write: false) == .done(faults: 1))
    #expect(bench.descriptor(va)! & ~0x0000_ffff_ffff_f000 == 0x0068_0000_0000_0fc3)
    #expect(bench.touch(va, write: true) == .done(faults: 1))
    #expect(bench.descriptor(va)! & ~0x0000_ffff_ffff_f000 == 0x00e8_0000_0000_0f43)
  }
}
