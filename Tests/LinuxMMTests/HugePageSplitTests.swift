// Owns the tests of parts of huge pages: every call on every kind of part is compared with a flat map of each page's contents, and
// the steps of a split are compared with a list.
// It does not know why a program works on parts. Linux: mm/huge_memory.c __split_huge_pmd().
import Architecture
import TestSupport
import Testing

@testable import LinuxMM

struct HugePageSplitTests {
  private static let va: UInt64 = 0x1112_3420_0000
  private static let target: UInt64 = 0x2222_4440_0000

  /// The contents of the two huge pages at first.
  enum Start: CaseIterable { case written, zero, writtenAndZero, protectedForAll }
  enum Call: CaseIterable { case munmap, readOnly, none, noneAndBack, dontNeed, moveAligned, moveAside, free, cold, pageOut, collapse }
  /// The borders of the parts: the borders of huge pages, pages next to them, and pages in the middle.
  private static let borders: [UInt64] = [0, 1, 200, 512, 513, 1023, 1024]

  /// The expected first word of each page, and whether the page may be read and written.
  private struct Page: Equatable {
    var value: UInt64
    var access: UInt64
  }

  @Test(arguments: Start.allCases, Call.allCases) func everyPart(start: Start, call: Call) throws {
    for (low, high) in Self.borders.flatMap({ low in Self.borders.filter { $0 > low }.map { (low, $0) } }) {
      for profile in KernelProfile.all {
        let comment: Comment = "\(start), \(call) of [\(low), \(high)) on \(profile.name)"
        let bench = try MemoryBench(memory: 32 << 20, profile: profile, hugePages: .always)
        var model = try prepare(bench, start)
        try act(bench, &model, call, low, high)
        try #require(PageAudit.problems(bench) == [], comment)
        try #require(contents(bench, model) == [], comment)
        // A page whose mapping allows writes can be written.
        for (va, page) in model where page.access == 3 {
          try #require(bench.store(va, va) != .denied, comment)
          model[va]!.value = va
        }
        try #require(PageAudit.problems(bench) == [], comment)
        try #require(contents(bench, model) == [], comment)
        try bench.munmap(0, pages: 1 << 36)
        try #require(bench.space.residentPages == 0 && bench.space.pageTables == 0, comment)
      }
    }
  }

  /// The order of steps of a split is: the entry becomes invalid, the TLB is flushed, the table is filled, and only then is the
  /// table's entry stored.
  @Test func theStepsOfASplit() throws {
    let bench = try HugePageFaultTests.bench()
    #expect(bench.store(Self.va, 1) == .done(faults: 1))
    let entry = bench.walk(Self.va)[2]
    let head = entry.descriptor & 0x0000_ffff_ffff_f000
    var steps: [(kind: StepKind, operand: UInt64)] = []
    var window: Set<UInt64> = []
    let processor = bench.machine.processors[0]
    let el1 = bench.el1
    processor.stepper = { kind, operand in
      steps.append((kind, operand))
      // Another PE would find an entry that does not translate but counts as present.
      if kind == .tlbi || kind == .pteStore { window.insert(el1.load(PhysicalAddress(entry.address), as: UInt64.self) ^ head) }
    }
    bench.manager.splitHugePMD(el1, bench.mm, PhysicalAddress(entry.address), Self.va)
    processor.stepper = nil
    let table = bench.walk(Self.va)[2].descriptor & 0x0000_ffff_ffff_f000
    func name(_ address: UInt64) -> String {
      address == entry.address ? "L2" : address & ~0xfff == table ? "L3" : address == head ? "page" : "0x" + String(address, radix: 16)
    }
    var words: [String] = []
    for step in steps {
      let word =
        switch step.kind {
        case .pteLoad: "load \(name(step.operand))"
        case .pteStore: "store \(name(step.operand))"
        case .pteCompareAndSwap: "swap \(name(step.operand))"
        case .lock: "take lock"
        case .unlock: "drop lock"
        case .folioReference: "reference \(name(step.operand))"
        case .folioFlags: "flags \(name(step.operand))"
        case .tlbi: "TLBI 0x\(String(step.operand, radix: 16))"
        default: "\(Barrier(rawValue: UInt8(step.operand))!)"
        }
      if words.last != word { words.append(word) }
    }
    let expected = """
      take lock
      load L2
      swap L2
      DSB_ISHST
      TLBI 0x1600111234200
      DSB_ISH
      flags page
      reference page
      flags page
      store L3
      store L2
      drop lock
      """
    #expect(words == expected.split(separator: "\n").map(String.init))
    #expect(steps.filter { $0.kind == .pteStore }.count == 513)
    #expect(window == [0x00e8_0000_0000_0f40])
    #expect(bench.walk(Self.va)[2].descriptor ^ table == 0x0800_0000_0000_0403)
    for page in [0, 1, 511] as [UInt64] {
      #expect(bench.descriptor(Self.va + page << 12) == 0x00e8_0000_0000_0f43 | head + page << 12)
    }
  }

  /// A fault in the middle of another PE's split has nothing to do: the instruction runs again and finds the table.
  @Test(arguments: [true, false]) func aFaultInTheWindow(write: Bool) throws {
    let bench = try HugePageFaultTests.bench()
    #expect(bench.store(Self.va, 1) == .done(faults: 1))
    let entry = PhysicalAddress(bench.walk(Self.va)[2].address)
    let whole = bench.el1.load(entry, as: UInt64.self)
    bench.el1.store(entry, whole & ~1)
    bench.manager.flushAll(bench.el1, bench.mm)
    #expect(bench.el1.unprivilegedTranslate(VirtualAddress(Self.va), write: write) == nil)
    #expect(bench.el1.lastFault.status == .translation(level: 2))
    // The other PE ends its split while this PE waits for the lock.
    let processor = bench.machine.processors[0]
    let el1 = bench.el1
    processor.stepper = { kind, operand in
      if kind == .lock && operand == PageTableEditor.lock(entry).operand { el1.store(entry, whole) }
    }
    #expect(bench.serve(Self.va, write: write) == nil)
    processor.stepper = nil
    #expect(bench.el1.load(entry, as: UInt64.self) == whole)
    #expect(bench.statistics.hugePages.splitPMD == 0 && !el1.holdsAnyLock)
    #expect(bench.load(Self.va) == 1)
  }

  private func prepare(_ bench: MemoryBench, _ start: Start) throws -> [UInt64: Page] {
    _ = try bench.mmap(Self.va, pages: 1024)
    var model: [UInt64: Page] = [:]
    for page in 0..<1024 as Range<UInt64> { model[Self.va + page << 12] = Page(value: 0, access: 3) }
    for page in 0..<1024 as Range<UInt64> {
      let isWritten = start != .zero && (start != .writtenAndZero || page < 512)
      if isWritten && page % 7 == 0 {
        _ = bench.store(Self.va + page << 12, page + 1)
        model[Self.va + page << 12]!.value = page + 1
      }
      if !isWritten { _ = bench.touch(Self.va + page << 12, write: false) }
    }
    if start == .protectedForAll { try bench.mprotect(Self.va, pages: 1024, 1) }
    if start == .protectedForAll { for va in model.keys { model[va]!.access = 1 } }
    #expect(bench.walk(Self.va).last!.level == 2)
    return model
  }

  private func act(_ bench: MemoryBench, _ model: inout [UInt64: Page], _ call: Call, _ low: UInt64, _ high: UInt64) throws {
    let (first, pages) = (Self.va + low << 12, high - low)
    let part = (0..<pages).map { first + $0 << 12 }
    switch call {
    case .munmap:
      try bench.munmap(first, pages: pages)
      for va in part { model[va] = nil }
    case .readOnly:
      try bench.mprotect(first, pages: pages, 1)
      for va in part { model[va]!.access = 1 }
    case .none:
      try bench.mprotect(first, pages: pages, 0)
      for va in part { model[va]!.access = 0 }
    case .noneAndBack:
      try bench.mprotect(first, pages: pages, 0)
      try bench.mprotect(first, pages: pages, 3)
      for va in part { model[va]!.access = 3 }
    case .dontNeed:
      try bench.madvise(first, pages: pages, 4)
      for va in part { model[va]!.value = 0 }
    case .moveAligned, .moveAside:
      let place = Self.target + (call == .moveAside ? 0x3000 : 0) + low << 12
      #expect(try bench.mremap(first, pages: pages, to: pages, flags: 3, at: place) == place)
      for (offset, va) in part.enumerated() {
        model[place + UInt64(offset) << 12] = model[va]
        model[va] = nil
      }
    case .free:
      try bench.madvise(first, pages: pages, 8)
    case .cold: try bench.madvise(first, pages: pages, 20)
    case .pageOut: try bench.madvise(first, pages: pages, 21)
    case .collapse:
      // The huge page is split, and then made again.
      try bench.mprotect(first, pages: pages, 0)
      try bench.mprotect(Self.va, pages: 1024, 3)
      for va in model.keys { model[va]!.access = 3 }
      try? bench.madvise(Self.va, pages: 1024, 25)
    }
  }

  /// The pages that do not contain what they should, or allow accesses that they should not.
  private func contents(_ bench: MemoryBench, _ model: [UInt64: Page]) -> [String] {
    var wrong: [String] = []
    for (va, page) in model {
      if page.access == 0 {
        if bench.touch(va, write: false) != .denied { wrong.append("\(va) can be read") }
      } else {
        let value = bench.load(va)
        if value != page.value { wrong.append("\(va) holds \(String(describing: value)), not \(page.value)") }
        if page.access == 1 && bench.touch(va, write: true) != .denied { wrong.append("\(va) can be written") }
      }
    }
    for page in 0..<1024 as Range<UInt64> where model[Self.va + page << 12] == nil {
      if bench.touch(Self.va + page << 12, write: false) != .noMapping { wrong.append("page \(page) is still mapped") }
    }
    return wrong
  }
}
