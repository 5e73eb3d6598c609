// Owns the walk over the used entries of a range, as a value that says where the walk stands: no closure, iterator or exclusive access
// stays open while the machine is touched. It does not know what leaf entries mean. Linux: mm/pagewalk.c walk_p4d_range() and below.
import Architecture

/// Where a walk stands: at a used last-level entry, whose table's lock it holds, or without a lock at a level 2 entry that maps a
/// huge page; or behind the end. A walk that has begun goes on to its end, since leaving a table is what releases the table's lock.
struct EntryWalk {
  enum Place { case page, huge, end }
  private(set) var place = Place.end
  /// The entry that the walk stands at.
  private(set) var entry = PhysicalAddress(0)
  /// The address that the entry serves; at a huge page the first one of the range that lies in it.
  private(set) var va: UInt64
  /// The end of the part of the range that the entry's table serves, or that lies in the huge page.
  private(set) var partEnd: UInt64
  private let end: UInt64
  private let pgd: UInt64
  /// The tables of levels 1 and 2 on the way to `va`; 0 where they are to be looked up.
  private var level1: UInt64 = 0
  private var level2: UInt64 = 0

  fileprivate init(pgd: UInt64, _ start: UInt64, _ end: UInt64) {
    (self.pgd, self.end, va, partEnd) = (pgd, end, start, start)
  }

  /// There is an entry to look at.
  @inline(__always) var isOngoing: Bool { place != .end }
  @inline(__always) var isHuge: Bool { place == .huge }
  private var lock: LockName { LockName(.pageTable, entry.rawValue & ~0xfff) }

  /// The next used entry of the table that the walk stands in, else of those behind it.
  @inline(__always)
  fileprivate func next(_ el1: EL1Interface) -> EntryWalk {
    var walk = self
    walk.stepOver()
    if _fastPath(walk.va < walk.partEnd) {
      if !PageTableEditor(el1: el1).load(walk.entry).isNone { return walk }
      walk.stepOver()
    }
    return walk.settled(el1)
  }
  @inline(__always)
  private mutating func stepOver() {
    va &+= 4096
    entry = PhysicalAddress(entry.rawValue &+ 8)
  }

  /// Behind a huge page, or once more at its level 2 entry, where a table is now.
  fileprivate func next(_ el1: EL1Interface, after step: HugeStep) -> EntryWalk {
    var walk = self
    if step == .descend {
      let descriptor = el1.loadDescriptor(entry)
      if descriptor & 3 == 3 { return walk.entering(el1, descriptor) }
    }
    walk.leave()
    return walk.searched(el1)
  }

  /// The walk stands at an entry of a locked table, used or not: the first used one from there on.
  private func settled(_ el1: EL1Interface) -> EntryWalk {
    var walk = self
    let left = (partEnd &- va) &>> 12
    let unused = PageTableEditor(el1: el1).unusedEntries(from: entry, limit: left)
    walk.va &+= unused &<< 12
    walk.entry = PhysicalAddress(entry.rawValue &+ unused &* 8)
    if unused < left { return walk }
    // The entry behind the last one may be in the next frame.
    el1.unlock(LockName(.pageTable, (walk.entry.rawValue &- 8) & ~0xfff))
    walk.leave()
    return walk.searched(el1)
  }

  private func entering(_ el1: EL1Interface, _ descriptor: UInt64) -> EntryWalk {
    var walk = self
    walk.place = .page
    walk.entry = PageTableEditor.entry(descriptor & PageTableEntry.Bits.output, 3, va)
    el1.lock(walk.lock)
    return walk.settled(el1)
  }

  /// Goes behind the part of the range that the walk stands in, and forgets tables that serve nothing behind it.
  private mutating func leave() {
    place = .end
    va = partEnd
    if va & (1 << 30 - 1) == 0 { level2 = 0 }
    if va & (1 << 39 - 1) == 0 { level1 = 0 }
  }

  /// From `va` on, which a table of levels 1 and 2 may serve or not: the first used entry.
  fileprivate func searched(_ el1: EL1Interface) -> EntryWalk {
    var walk = self
    while walk.va < end {
      if walk.level1 == 0 {
        let descriptor = el1.loadDescriptor(PageTableEditor.entry(pgd, 0, walk.va))
        if descriptor & 3 == 3 { walk.level1 = descriptor & PageTableEntry.Bits.output } else { walk.skip(39) }
      } else if walk.level2 == 0 {
        let descriptor = el1.loadDescriptor(PageTableEditor.entry(walk.level1, 1, walk.va))
        if descriptor & 3 == 3 { walk.level2 = descriptor & PageTableEntry.Bits.output } else { walk.skip(30) }
      } else {
        let pmd = PageTableEditor.entry(walk.level2, 2, walk.va)
        let unused = PageTableEditor(el1: el1).unusedEntriesAtOnce(from: pmd, limit: walk.level2EntriesLeft)
        if unused != 0 {
          walk.partEnd = min((walk.va & ~HugePage.mask) &+ unused &<< 21, end)
          walk.leave()
          continue
        }
        let descriptor = el1.loadDescriptor(pmd)
        walk.partEnd = min((walk.va | HugePage.mask) &+ 1, end)
        if _slowPath(PageTableEditor.isHuge(descriptor)) {
          (walk.place, walk.entry) = (.huge, pmd)
          return walk
        }
        if descriptor & 3 == 3 { return walk.entering(el1, descriptor) }
        walk.leave()
      }
    }
    return walk
  }

  /// How many entries of the level 2 table, from that of `va` on, the range reaches.
  private var level2EntriesLeft: UInt64 {
    let last = min((end &- 1) &>> 21, va &>> 21 | 511)
    return last &- va &>> 21 &+ 1
  }

  /// Nothing is mapped up to the next address with `bits` low bits that are 0.
  private mutating func skip(_ bits: UInt64) {
    partEnd = min((va | (1 << bits - 1)) &+ 1, end)
    leave()
  }
}

extension MemoryManager {
  /// The first used entry of [start, end).
  @inline(__always)
  func firstEntry(_ el1: EL1Interface, _ mm: MMID, _ start: UInt64, _ end: UInt64) -> EntryWalk {
    EntryWalk(pgd: state[mm].pgd, start, end).searched(el1)
  }

  /// The next used entry; a huge page is behind the walk.
  @inline(__always)
  func nextEntry(_ el1: EL1Interface, _ walk: EntryWalk) -> EntryWalk {
    walk.isHuge ? walk.next(el1, after: .done) : walk.next(el1)
  }

  /// The next used entry after a huge page, with which a caller did what `step` says.
  func nextEntry(_ el1: EL1Interface, _ walk: EntryWalk, after step: HugeStep) -> EntryWalk { walk.next(el1, after: step) }
}
