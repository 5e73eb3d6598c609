// Owns the comparison of the VMA set, and of memory's contents, with a flat map of pages over long random runs.
// It does not know how VMAs are split, merged or moved.
import Architecture
import TestSupport
import Testing

@testable import LinuxMM

struct VMASetTests {
  /// A call with its arguments, as text for a message and as what both sides run.
  private enum Call {
    case mmap(UInt64, UInt64, UInt64, UInt64)
    case munmap(UInt64, UInt64)
    case mprotect(UInt64, UInt64, UInt64)
    case madvise(UInt64, UInt64, UInt64)
    case mremap(UInt64, UInt64, UInt64, UInt64, UInt64)
    case brk(UInt64)
    case write(UInt64, UInt64)
  }

  /// Most calls fall into a window of 40 pages, so that they overlap; sometimes sizes and alignment are wrong.
  private static let window: UInt64 = 0x7f_ffff_0000
  private static let heap: UInt64 = 0x7f_ffff_4000

  private static func randomCall(_ random: inout SeededRandom, twin: PageMapTwin, writes: Bool) -> Call {
    let crooked: UInt64 = random.chance(1, in: 50) ? 8 : 0
    let known = twin.pages.keys.sorted()
    let inWindow = window + random.below(40) << 12 + crooked
    let somewhere = !known.isEmpty && random.chance(1, in: 2) ? known[Int(random.below(UInt64(known.count)))] + crooked : inWindow
    let length = random.chance(1, in: 60) ? 0 : (1 + random.below(8)) << 12 - (random.chance(1, in: 8) ? random.below(4096) : 0)
    // Beyond some size the map only shrinks, so that the naive search stays short.
    let isFull = known.count > 120
    switch random.below(writes ? 20 : 16) {
    case 0, 1: return .mmap(inWindow, length, random.below(8), random.chance(1, in: 4) ? 0x4032 : 0x32)
    case 2: return .mmap(inWindow, length, random.below(8), 0x10_0022)
    case 3: return isFull ? .munmap(somewhere, length) : .mmap(0, length, random.below(8), 0x22)
    case 4: return isFull ? .munmap(somewhere, length) : .mmap(inWindow + random.below(4096), length, random.below(8), 0x22)
    case 5, 6, 7: return .munmap(somewhere, length)
    case 8, 9, 10: return .mprotect(somewhere, length, random.below(8))
    case 11, 12: return .madvise(somewhere, length, [0, 1, 2, 3, 4, 14, 15, 99][Int(random.below(8))])
    case 13, 14:
      let flags: UInt64 = [0, 1, 1, 1, 3, 3, 5, 7, 2, 9][Int(random.below(10))]
      if isFull { return .munmap(somewhere, length) }
      let new = random.chance(1, in: 3) ? length : (1 + random.below(8)) << 12
      return .mremap(somewhere, length, new, flags, random.chance(1, in: 5) ? 0 : inWindow)
    case 15: return .brk(heap + random.below(10 << 12) - (random.chance(1, in: 20) ? 0x2_0000 : 0))
    default: return .write(somewhere & ~0xfff, random.next() | 1)
    }
  }

  private static func run(_ call: Call, on bench: MemoryBench) -> Result<UInt64, Errno> {
    let (manager, el1, mm) = (bench.manager, bench.el1, bench.mm)
    do throws(Errno) {
      switch call {
      case .mmap(let address, let length, let protection, let flags):
        return .success(
          try manager.mmap(
            el1, mm, task: bench.task, MapRequest(address: address, length: length, protection: protection, flags: flags)))
      case .munmap(let address, let length): try manager.munmap(el1, mm, address: address, length: length)
      case .mprotect(let address, let length, let protection):
        try manager.mprotect(el1, mm, task: TaskID(1), address: address, length: length, protection: protection)
      case .madvise(let address, let length, let advice):
        try manager.madvise(el1, mm, task: bench.task, address: address, length: length, advice: advice)
      case .mremap(let address, let old, let new, let flags, let target):
        return .success(
          try manager.mremap(
            el1, mm, task: bench.task,
            RemapRequest(address: address, oldLength: old, newLength: new, flags: flags, newAddress: target)))
      case .brk(let value): return .success(manager.brk(el1, mm, task: TaskID(1), value))
      case .write(let address, let value):
        if case .done = bench.store(address, value) { return .success(1) }
      }
      return .success(0)
    } catch {
      return .failure(error)
    }
  }

  private static func run(_ call: Call, on twin: inout PageMapTwin) -> Result<UInt64, Errno> {
    do throws(Errno) {
      switch call {
      case .mmap(let address, let length, let protection, let flags):
        return .success(try twin.mmap(address, length, protection, flags))
      case .munmap(let address, let length): try twin.munmap(address, length)
      case .mprotect(let address, let length, let protection): try twin.mprotect(address, length, protection)
      case .madvise(let address, let length, let advice): try twin.madvise(address, length, advice)
      case .mremap(let address, let old, let new, let flags, let target):
        return .success(try twin.mremap(address, old, new, flags, target))
      case .brk(let value): return .success(twin.brk(value))
      case .write(let address, let value):
        guard let page = twin.pages[address], page.flags & 2 != 0 else { return .success(0) }
        twin.pages[address]!.content = value
        return .success(1)
      }
      return .success(0)
    } catch {
      return .failure(error)
    }
  }

  /// The VMAs must be sorted, disjoint and in user space, without neighbours that should have merged.
  private static func problem(_ vmas: [VMArea], mergesAll: Bool) -> String? {
    for vma in vmas where vma.start >= vma.end || vma.start & 0xfff != 0 || vma.end & 0xfff != 0 || vma.end > Layout48.taskSize {
      return "a VMA \(vma.start)..<\(vma.end)"
    }
    for (lower, upper) in zip(vmas, vmas.dropFirst()) {
      if lower.end > upper.start { return "\(lower) and \(upper) overlap or are not sorted" }
      if mergesAll && MM.canMerge(lower, upper) { return "\(lower) and \(upper) could be one" }
    }
    return Set(vmas.map(\.id)).count == vmas.count ? nil : "two VMAs have one id"
  }

  private static func bench() throws -> MemoryBench {
    let bench = try MemoryBench()
    bench.manager.setBrk(bench.mm, start: heap)
    return bench
  }
  private static func twin() -> PageMapTwin { PageMapTwin(brkStart: heap, brk: heap) }

  /// Nothing is ever written, so the flat map predicts every VMA exactly.
  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func everyVMAIsForetoldByAFlatMap(seed: UInt64) throws {
    let bench = try Self.bench()
    var twin = Self.twin()
    var random = SeededRandom(seed: seed)
    var succeeded = 0
    for step in 0..<25_000 {
      let call = Self.randomCall(&random, twin: twin, writes: false)
      // Since 6.17 DONTUNMAP leaves similar VMAs side by side; the other test covers it.
      if case .mremap(_, _, _, let flags, _) = call, flags & 4 != 0 { continue }
      let (real, expected) = (Self.run(call, on: bench), Self.run(call, on: &twin))
      if case .success = real { succeeded += 1 }
      try #require(real == expected, "step \(step): \(call)")
      let vmas = bench.manager.vmas(bench.mm)
      let runs = twin.runs
      let agrees =
        vmas.count == runs.count
        && zip(vmas, runs).allSatisfy { $0.start == $1.start && $0.end == $1.end && $0.flags.rawValue == $1.flags }
      try #require(agrees, "step \(step): \(call) gave \(vmas), expected \(runs)")
      if let problem = Self.problem(vmas, mergesAll: true) { Issue.record("step \(step): \(call): \(problem)") }
      try #require(vmas.allSatisfy { $0.pageOffset == $0.start >> 12 }, "step \(step): \(call)")
      try #require(!bench.el1.holdsAnyLock, "step \(step): \(call) keeps a lock")
    }
    // Most calls must succeed, because otherwise the run shows little.
    #expect(succeeded > 15_000)
  }

  /// Pages are written too: flags and contents follow the flat map. ACCOUNT depends on history and is not compared.
  @Test(arguments: [11, 12, 13, 14] as [UInt64])
  func contentsFollowAFlatMap(seed: UInt64) throws {
    let bench = try Self.bench()
    var twin = Self.twin()
    twin.vmaEnd = { [unowned bench] address in bench.manager.vmas(bench.mm).first { $0.contains(address) }!.end }
    var random = SeededRandom(seed: seed)
    for step in 0..<25_000 {
      let call = Self.randomCall(&random, twin: twin, writes: true)
      // The twin asks the real VMAs for their ends, so it must run first.
      let expected = Self.run(call, on: &twin)
      try #require(Self.run(call, on: bench) == expected, "step \(step): \(call)")
      if let problem = Self.problem(bench.manager.vmas(bench.mm), mergesAll: false) { Issue.record("step \(step): \(call): \(problem)") }
      if step % 16 == 0 { try Self.compare(bench, twin, "step \(step): \(call)") }
    }
    try Self.compare(bench, twin, "at the end")
    #expect(bench.statistics.anonymousFaults > 1000)
  }

  private static func compare(_ bench: MemoryBench, _ twin: PageMapTwin, _ context: String) throws {
    let account = VMFlags.ACCOUNT.rawValue
    var flags: [UInt64: UInt64] = [:]
    for vma in bench.manager.vmas(bench.mm) {
      for at in stride(from: vma.start, to: vma.end, by: 4096) { flags[at] = vma.flags.rawValue & ~account }
    }
    try #require(flags == twin.pages.mapValues { $0.flags & ~account }, "\(context)")
    var written = 0
    for (address, page) in twin.pages {
      if page.content != nil { written += 1 }
      // A walk does not reach PROT_NONE pages and pages without a table.
      if page.flags & 7 == 0 { continue }
      try #require(bench.peek(address) == page.content, "\(context): page \(String(address, radix: 16))")
    }
    try #require(bench.space.residentPages == written, "\(context)")
  }
}
