// Owns the order of steps within one fault, as literal lists: which entry is read when, under which lock, and where the flush is.
// It does not know schedules. The order is that of Linux's mm/memory.c and mm/mmap_lock.c, with one step in each line.
import Architecture
import TestSupport
import Testing

@testable import LinuxMM

struct StepTraceTests {
  private static let va: UInt64 = 0x1112_3456_7000
  let bench: MemoryBench
  init() throws {
    bench = try MemoryBench()
    _ = try bench.mmap(Self.va, pages: 1)
  }

  /// Runs a write or read fault and returns its steps in words: `L2` is the level 2 entry for the address, `page` is the page that
  /// it maps.
  private func trace(_ bench: MemoryBench, write: Bool) -> [String] {
    let before = bench.descriptor(Self.va)
    let steps = bench.steps { #expect(bench.serve(Self.va, write: write) == nil) }
    return words(steps, bench, before: before)
  }

  private func words(_ steps: [MemoryBench.Step], _ bench: MemoryBench, before: UInt64?) -> [String] {
    var names: [UInt64: String] = [:]
    for step in bench.walk(Self.va) {
      names[step.address] = "L\(step.level)"
      names[step.address & ~0xfff] = "table \(step.level)"
      names[step.descriptor & 0x0000_ffff_ffff_f000] = step.level == 3 ? "page" : nil
    }
    if let before { names[before & 0x0000_ffff_ffff_f000] = "old page" }
    names[bench.manager.state.frames.zeroFrame] = "zero page"
    let vma = bench.manager.vmas(bench.mm)[0]
    func name(_ address: UInt64) -> String { names[address] ?? "0x" + String(address, radix: 16) }
    func lock(_ operand: UInt64) -> String {
      let owner = operand & 0x00ff_ffff_ffff_ffff
      switch LockKind(rawValue: UInt8(operand >> 56))! {
      case .pageTable: return "page table lock of \(name(owner))"
      case .mmapLockRead: return owner == 0 ? "mmap lock for reading" : "a stranger's mmap lock"
      case .vmaLockRead: return owner == UInt64(vma.id) ? "VMA lock for reading" : "a stranger's VMA lock"
      case .anonVMAWrite: return owner == UInt64(vma.anonVMA.rawValue) ? "anon_vma lock" : "a stranger's anon_vma lock"
      case .folio: return "lock of \(name(owner))"
      case let other: return "\(other)"
      }
    }
    return steps.map { step in
      switch step.kind {
      case .pteLoad: "load \(name(step.operand))"
      case .pteStore: "store \(name(step.operand))"
      case .pteCompareAndSwap: "swap \(name(step.operand))"
      case .lock: "take \(lock(step.operand))"
      case .unlock: "drop \(lock(step.operand))"
      case .lockVMAUnderRCU: "look up VMA of 0x\(String(step.operand, radix: 16))"
      case .folioReference: "reference \(name(step.operand))"
      case .folioFlags: "flags \(name(step.operand))"
      case .tlbi: "TLBI 0x\(String(step.operand, radix: 16))"
      case .barrier: "\(Barrier(rawValue: UInt8(step.operand))!)"
      default: "\(step)"
      }
    }
  }

  private func expectSteps(_ actual: [String], _ expected: String, _ comment: Comment) {
    let lines = expected.split(separator: "\n").map(String.init)
    #expect(actual == lines, comment)
  }

  @Test func firstWrite() {
    expectSteps(
      trace(bench, write: true),
      """
      look up VMA of 0x111234567000
      take VMA lock for reading
      load L0
      reference table 1
      take page table lock of table 0
      load L0
      store L0
      drop page table lock of table 0
      load L1
      reference table 2
      take page table lock of table 0
      load L1
      store L1
      drop page table lock of table 0
      load L2
      load L2
      load L2
      reference table 3
      take page table lock of table 2
      load L2
      store L2
      drop page table lock of table 2
      take mmap lock for reading
      take anon_vma lock
      take page table lock of table 0
      drop page table lock of table 0
      drop anon_vma lock
      drop mmap lock for reading
      reference page
      take page table lock of table 3
      load L3
      flags page
      store L3
      drop page table lock of table 3
      drop VMA lock for reading
      """, "p4d_alloc, pud_alloc, pmd_alloc, pte_alloc, anon_vma, page, and then the entry under its lock")
  }

  @Test func firstRead() throws {
    let bench = try tablesReady()
    expectSteps(
      trace(bench, write: false),
      """
      look up VMA of 0x111234567000
      take VMA lock for reading
      load L0
      load L1
      load L2
      load L2
      load L3
      take page table lock of table 3
      load L3
      store L3
      drop page table lock of table 3
      drop VMA lock for reading
      """, "the zero page takes no reference and no flush")
    #expect(bench.descriptor(Self.va)! & 0x0000_ffff_ffff_f000 == bench.manager.state.frames.zeroFrame)
  }

  @Test func writeAfterZeroPage() throws {
    let bench = try tablesReady()
    #expect(bench.touch(Self.va, write: false) == .done(faults: 1))
    expectSteps(
      trace(bench, write: true),
      """
      look up VMA of 0x111234567000
      take VMA lock for reading
      load L0
      load L1
      load L2
      load L2
      load L3
      take page table lock of table 3
      load L3
      drop page table lock of table 3
      reference page
      take page table lock of table 3
      load L3
      load L3
      swap L3
      DSB_ISHST
      TLBI 0x1000111234567
      DSB_ISH
      flags page
      store L3
      drop page table lock of table 3
      drop VMA lock for reading
      """, "wp_page_copy: clear, flush everywhere, then set: no PE sees old and new at once")
  }

  /// A present, read-only page that only this address space has, as after a child's exit, is reused where it is.
  @Test(
    arguments: [
      (
        KernelProfile.newest,
        """
        DSB_NSHST
        TLBI 0x1000111234567
        DSB_NSH
        """
      ),
      (
        .linux6_12,
        """
        DSB_ISHST
        TLBI 0x1000111234567
        DSB_ISH
        """
      ),
    ] as [(KernelProfile, String)])
  func writeToAnExclusiveReadOnlyPage(profile: KernelProfile, flush: String) throws {
    let bench = try tablesReady(profile)
    #expect(bench.touch(Self.va, write: true) == .done(faults: 1))
    let page = bench.descriptor(Self.va)! & 0x0000_ffff_ffff_f000
    bench.el1.store(PhysicalAddress(bench.walk(Self.va)[3].address), 0x00e0_0000_0000_0fc3 | page)
    // The names are assigned after the fault, so both names stand for the same page.
    let steps = trace(bench, write: true).map { $0.replacing("old page", with: "page") }
    expectSteps(
      steps,
      """
      look up VMA of 0x111234567000
      take VMA lock for reading
      load L0
      load L1
      load L2
      load L2
      load L3
      take page table lock of table 3
      load L3
      load L3
      swap L3
      \(flush)
      drop page table lock of table 3
      drop VMA lock for reading
      """, "wp_page_reuse: ptep_set_access_flags by compare-and-swap, then the profile's flush")
    #expect(bench.descriptor(Self.va) == 0x00e8_0000_0000_0f43 | page)
    #expect(bench.statistics.reuses == 1)
  }

  /// If another PE has already made a page writable, nothing changes; 7.2 drops the stale TLB entry here.
  @Test(
    arguments: [
      (KernelProfile.newest, ["DSB_NSHST", "TLBI 0x1000111234567", "DSB_NSH"]), (.linux6_12, []),
    ] as [(KernelProfile, [String])])
  func spuriousWrite(profile: KernelProfile, flush: [String]) throws {
    let bench = try tablesReady(profile)
    #expect(bench.touch(Self.va, write: true) == .done(faults: 1))
    let steps = trace(bench, write: true)
    let expected =
      [
        "look up VMA of 0x111234567000", "take VMA lock for reading", "load L0", "load L1", "load L2", "load L2", "load L3",
        "take page table lock of table 3", "load L3", "load L3",
      ] + flush + ["drop page table lock of table 3", "drop VMA lock for reading"]
    #expect(steps == expected)
    #expect(bench.statistics.spuriousFaults == 1)
  }

  /// A fault on a VMA that mprotect holds is not handled under the VMA's lock.
  @Test func aWriteLockedVMASendsTheFaultToTheMmapLock() throws {
    let manager = bench.manager
    manager.state[MMID(0)].vmas[0].lockSequence = manager.state[MMID(0)].lockSequence
    let steps = trace(bench, write: false)
    #expect(steps.prefix(3) == ["look up VMA of 0x111234567000", "take mmap lock for reading", "load L0"])
    #expect(steps.last == "drop mmap lock for reading")
    #expect(!steps.contains { $0.contains("VMA lock") })
  }

  /// A bench in which the tables for the address exist and the VMA has its anon_vma.
  private func tablesReady(_ profile: KernelProfile = .newest) throws -> MemoryBench {
    let bench = try MemoryBench(profile: profile)
    _ = try bench.mmap(Self.va, pages: 2)
    #expect(bench.touch(Self.va + 0x1000, write: true) == .done(faults: 1))
    return bench
  }
}
