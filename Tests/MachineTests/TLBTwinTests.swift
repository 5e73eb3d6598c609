// Owns the comparison of the TLB with a naive model, a flat list of slots that is searched from end to end, over random operations.
// It does not know translation tables.
import Architecture
import TestSupport
import Testing

@testable import Machine

/// The naive model: every slot is in one list, and every lookup scans the list.
private struct NaiveTLB {
  struct Slot {
    let set: Int
    var entry: TLBEntry?
  }
  let sets: Int
  let ways: Int
  var slots: [Slot]
  /// The number of displacements in each set.
  var displacements: [Int]

  init(entryCount: Int, ways: Int) {
    sets = entryCount / ways
    self.ways = ways
    slots = (0..<entryCount).map { Slot(set: $0 / ways, entry: nil) }
    displacements = [Int](repeating: 0, count: sets)
  }

  static func isGlobal(_ entry: TLBEntry) -> Bool { entry.flags.rawValue & 1 == 1 }

  func index(page: UInt64, asid: UInt16) -> Int? {
    slots.firstIndex { slot in
      guard let entry = slot.entry else { return false }
      return entry.page == page && (Self.isGlobal(entry) || entry.asid == asid)
    }
  }

  mutating func insert(_ entry: TLBEntry) -> UInt64 {
    if let same = index(page: entry.page, asid: entry.asid) {
      slots[same].entry = entry
      return entry.page
    }
    let set = Int(entry.page / 4096 % UInt64(sets))
    if let free = slots.firstIndex(where: { $0.set == set && $0.entry == nil }) {
      slots[free].entry = entry
      return ~0
    }
    let victim = set * ways + displacements[set] % ways
    displacements[set] += 1
    defer { slots[victim].entry = entry }
    return slots[victim].entry!.page
  }

  /// Removes the matching entries and returns their pages in slot order.
  mutating func remove(where matches: (TLBEntry) -> Bool) -> [UInt64] {
    var gone: [UInt64] = []
    for index in slots.indices {
      guard let entry = slots[index].entry, matches(entry) else { continue }
      gone.append(entry.page)
      slots[index].entry = nil
    }
    return gone
  }

  /// Whether the range that the entry's descriptor maps contains `page`.
  static func covers(_ entry: TLBEntry, _ page: UInt64) -> Bool {
    let size = (1 as UInt64) << UInt64(entry.blockShift)
    return entry.page / size == page / size
  }

  var live: [TLBEntry] { slots.compactMap(\.entry) }
}

private func text(_ entry: TLBEntry) -> String {
  "\(String(entry.page, radix: 16)) \(entry.output) \(entry.asid) \(entry.blockShift) \(entry.flags.rawValue) \(entry.permissions.rawValue)"
}

struct TLBTwinTests {
  struct Shape: CustomTestStringConvertible {
    let entries: Int, ways: Int
    var testDescription: String { "\(entries) entries, \(ways) ways" }
    static let all = [Shape(entries: 16, ways: 1), Shape(entries: 16, ways: 4), Shape(entries: 64, ways: 8), Shape(entries: 2, ways: 2)]
  }

  /// A few pages that share sets, in both halves of the address space.
  private static let pages: [UInt64] =
    (0..<48).map { $0 << 12 } + (0..<8).map { 0x20_0000 + $0 << 12 } + (0..<8).map { 0xffff_ffff_8000_0000 + $0 << 12 }

  private func randomEntry(_ random: inout SeededRandom, blocks: Bool) -> TLBEntry {
    var entry = TLBEntry()
    entry.page = Self.pages.randomElement(using: &random)!
    entry.output = UInt64.random(in: 0..<1000, using: &random) << 12
    entry.asid = UInt16.random(in: 0..<3, using: &random)
    entry.blockShift = blocks && Bool.random(using: &random) ? [14, 16, 21, 30].randomElement(using: &random)! : 12
    entry.permissions = PagePermissions(rawValue: UInt8.random(in: 0..<64, using: &random))
    if UInt8.random(in: 0..<5, using: &random) == 0 { entry.flags.insert(.global) }
    return entry
  }

  @Test(arguments: Shape.all, [false, true]) func theTwinAgrees(shape: Shape, blocks: Bool) {
    for seed in 1...8 as ClosedRange<UInt64> {
      var random = SeededRandom(seed: seed)
      var tlb = TLB(entryCount: shape.entries, ways: shape.ways)
      defer { tlb.deallocate() }
      var twin = NaiveTLB(entryCount: shape.entries, ways: shape.ways)
      for step in 0..<3000 {
        let page = Self.pages.randomElement(using: &random)!
        let asid = UInt16.random(in: 0..<3, using: &random)
        var dropped: [UInt64] = []
        var expected: [UInt64] = []
        switch UInt8.random(in: 0..<100, using: &random) {
        case 0..<60:
          let entry = randomEntry(&random, blocks: blocks)
          dropped = [tlb.insert(entry)]
          expected = [twin.insert(entry)]
        case 60..<80:
          tlb.invalidate(page: page, asid: asid) { dropped.append($0.page) }
          expected = twin.remove { NaiveTLB.covers($0, page) && ($0.asid == asid || NaiveTLB.isGlobal($0)) }
        case 80..<95:
          tlb.invalidate(page: page, asid: nil) { dropped.append($0.page) }
          expected = twin.remove { NaiveTLB.covers($0, page) }
        case 95..<99:
          tlb.invalidate(asid: asid) { dropped.append($0.page) }
          expected = twin.remove { $0.asid == asid && !NaiveTLB.isGlobal($0) }
        default:
          tlb.invalidateAll()
          _ = twin.remove { _ in true }
        }
        #expect(dropped == expected, "seed \(seed), step \(step)")
        let found = tlb.find(page: page, asid: asid).map { text($0.pointee) }
        #expect(found == twin.index(page: page, asid: asid).map { text(twin.slots[$0].entry!) }, "seed \(seed), step \(step)")
        if step % 16 == 0 || dropped != expected {
          #expect(tlb.all().map(text) == twin.live.map(text), "seed \(seed), step \(step)")
        }
        if dropped != expected { return }
      }
    }
  }

  /// Each TLBI, with its register operand, is compared with a scan of the entries.
  @Test func everyTLBIAgrees() throws {
    for operation in TLBIOperation.allCases {
      var random = SeededRandom(seed: UInt64(operation.rawValue) + 100)
      for _ in 0..<100 {
        let machine = try BareMachine(processors: 1)
        let state = machine[0].context.state
        for _ in 0..<40 { _ = state.pointee.tlb.insert(randomEntry(&random, blocks: Bool.random(using: &random))) }
        let page = Self.pages.randomElement(using: &random)!
        let asid = UInt16.random(in: 0..<3, using: &random)
        // The range has this many 4 KiB pages: 2 x (NUM + 1).
        let count = UInt64.random(in: 0..<16, using: &random)
        func isInRange(_ entry: TLBEntry) -> Bool {
          let isOfTheGranule = [12, 21, 30].contains(entry.blockShift)
          return isOfTheGranule && (0..<2 * count + 2).contains { NaiveTLB.covers(entry, page &+ $0 << 12) }
        }
        let left = state.pointee.tlb.all().filter { entry in
          let isVisible = entry.asid == asid || NaiveTLB.isGlobal(entry)
          return switch operation {
          case .VMALLE1, .VMALLE1IS, .VMALLE1OS: false
          case .VAE1, .VAE1IS, .VAE1OS, .VALE1, .VALE1IS, .VALE1OS: !(NaiveTLB.covers(entry, page) && isVisible)
          case .VAAE1, .VAAE1IS, .VAAE1OS, .VAALE1, .VAALE1IS, .VAALE1OS: !NaiveTLB.covers(entry, page)
          case .ASIDE1, .ASIDE1IS, .ASIDE1OS: entry.asid != asid || NaiveTLB.isGlobal(entry)
          case .RVAE1, .RVAE1IS, .RVAE1OS, .RVALE1, .RVALE1IS, .RVALE1OS: !(isInRange(entry) && isVisible)
          case .RVAAE1, .RVAAE1IS, .RVAAE1OS, .RVAALE1, .RVAALE1IS, .RVAALE1OS: !isInRange(entry)
          }
        }
        let operand: UInt64 =
          "\(operation)".hasPrefix("R")
          ? UInt64(asid) << 48 | 1 << 46 | count << 39 | page >> 12 & 0x1f_ffff_ffff : UInt64(asid) << 48 | page >> 12 & 0xfff_ffff_ffff
        machine[0].el1.invalidateTLB(operation, operand)
        #expect(state.pointee.tlb.all().map(text) == left.map(text), "\(operation)")
      }
    }
  }
}
