// Owns an audit of page descriptors: it reads every table in RAM and compares its findings with the counts.
// It does not know how a state came about.
import Architecture
import TestSupport
import Testing

@testable import LinuxMM

/// The findings in the tables of all address spaces.
struct PageAudit {
  private(set) var problems: [String] = []
  private var references: [UInt64: UInt32] = [:]
  private var mapCounts: [UInt64: UInt32] = [:]
  private var entireMapCounts: [UInt64: UInt32] = [:]

  /// The problems found; empty if there are none. The memory manager's own check must agree.
  static func problems(_ bench: MemoryBench) -> [String] {
    var audit = Self()
    for (id, mm) in bench.manager.state.mms.all { audit.visit(bench, id, mm) }
    audit.compare(bench)
    return audit.problems + bench.manager.checkInvariants(bench.el1)
  }

  private mutating func visit(_ bench: MemoryBench, _ id: MMID, _ mm: MM) {
    let manager = bench.manager
    let el1 = bench.el1
    var tables = 0
    var resident = 0
    func entries(_ table: UInt64) -> [(slot: UInt64, value: UInt64)] {
      (0..<512 as Range<UInt64>).map { ($0, el1.load(PhysicalAddress(table + $0 * 8), as: UInt64.self)) }.filter { $0.1 != 0 }
    }
    func output(_ value: UInt64) -> UInt64 { value & 0x0000_ffff_ffff_f000 }
    for (l0, first) in entries(mm.pgd) {
      tables += 1
      for (l1, second) in entries(output(first)) {
        tables += 1
        let pmds = output(second)
        var deposits = 0
        var blocks = 0
        var deposit = manager.field(el1, pmds, PageDescriptor.next, as: UInt32.self)
        while deposit != 0 {
          deposits += 1
          let table = manager.state.frames.ramBase + UInt64(deposit) << 12
          if !entries(table).isEmpty { problems.append("a deposited table is not empty") }
          deposit = manager.field(el1, table, PageDescriptor.next, as: UInt32.self)
        }
        for (l2, third) in entries(pmds) {
          let va = l0 << 39 | l1 << 30 | l2 << 21
          guard let vma = mm.vmas.first(where: { $0.contains(va) || va < $0.start && $0.start < va + 0x20_0000 }) else {
            problems.append("a table or block at \(va) without a VMA")
            continue
          }
          if third & 3 == 3 {
            tables += 1
            for (_, entry) in entries(output(third)) where entry & 0x801 != 0 && entry >> 56 & 1 == 0 {
              resident += 1
              mapCounts[output(entry), default: 0] += 1
              references[manager.folio(el1, output(entry)), default: 0] += 1
            }
          } else {
            blocks += 1
            if va < vma.start || va + 0x20_0000 > vma.end { problems.append("a block at \(va) crosses the border of its VMA") }
            if third >> 56 & 1 == 1 { continue }
            resident += 512
            entireMapCounts[output(third), default: 0] += 1
            references[output(third), default: 0] += 1
          }
        }
        tables += deposits
        if deposits != blocks { problems.append("\(blocks) blocks, \(deposits) deposits") }
      }
    }
    if tables != mm.pageTables { problems.append("mm \(id.rawValue): \(tables) tables, \(mm.pageTables) counted") }
    if resident != mm.residentPages { problems.append("mm \(id.rawValue): \(resident) pages, \(mm.residentPages) counted") }
  }

  private mutating func compare(_ bench: MemoryBench) {
    let manager = bench.manager
    for (head, count) in references.sorted(by: { $0.key < $1.key }) {
      let counted = manager.referenceCount(bench.el1, head)
      if counted != count { problems.append("folio \(head): \(count) references, \(counted) counted") }
      let entire = manager.field(bench.el1, head, PageDescriptor.entireMapCount, as: UInt32.self)
      let whole = entireMapCounts[head] ?? 0
      if entire != whole { problems.append("folio \(head): mapped whole \(whole) times, \(entire) counted") }
      for page in 0..<UInt64(manager.folioPages(bench.el1, head)) {
        let maps = manager.field(bench.el1, head + page << 12, PageDescriptor.mapCount, as: UInt32.self)
        let seen = mapCounts[head + page << 12] ?? 0
        if maps != seen { problems.append("page \(head + page << 12): \(seen) maps, \(maps) counted") }
        let isExclusive = manager.isExclusive(bench.el1, head + page << 12)
        if seen + entire > 1 && isExclusive { problems.append("page \(page) of \(head) is shared and exclusive") }
      }
    }
  }
}
