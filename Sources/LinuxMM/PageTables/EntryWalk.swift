// Owns the walk over the used entries of a range, as a local value that says where the walk stands: no closure, iterator or access to
// the state stays open while the machine is touched. It does not know what leaf entries mean. Linux: mm/pagewalk.c walk_p4d_range().
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
    walk.settle(el1)
    return walk
  }
  @inline(__always)
  private mutating func stepOver() {
    va &+= 4096
    entry = PhysicalAddress(entry.rawValue &+ 8)
  }

  /// Behind a huge page, or once more at its level 2 entry, where a table is now.
  fileprivate func next(_ el1: EL1Interface, after step: HugeStep) -> EntryWalk {
    var walk = self
    let descriptor = step == .descend ? el1.loadDescriptor(entry) : 0
    if descriptor & 3 == 3 {
      walk.enter(el1, descriptor)
    } else {
      walk.leave()
      walk.search(el1)
    }
    return walk
  }

  /// The walk stands at an entry of a locked table, used or not: it goes to the first used one from there on.
  private mutating func settle(_ el1: EL1Interface) {
    let left = (partEnd &- va) &>> 12
    let unused = PageTableEditor(el1: el1).unusedEntries(from: entry, limit: left)
    va &+= unused &<< 12
    entry = PhysicalAddress(entry.rawValue &+ unused &* 8)
    if unused < left { return }
    // The entry behind the last one may be in the next frame.
    el1.unlock(LockName(.pageTable, (entry.rawValue &- 8) & ~0xfff))
    leave()
    search(el1)
  }

  /// Into the last-level table of a level 2 descriptor, and to its first used entry.
  private mutating func enter(_ el1: EL1Interface, _ descriptor: UInt64) {
    place = .page
    entry = PageTableEditor.entry(descriptor & PageTableEntry.Bits.output, 3, va)
    el1.lock(lock)
    settle(el1)
  }

  /// Goes behind the part of the range that the walk stands in, and forgets tables that serve nothing behind it.
  private mutating func leave() {
    place = .end
    va = partEnd
    if va & (1 << 30 - 1) == 0 { level2 = 0 }
    if va & (1 << 39 - 1) == 0 { level1 = 0 }
  }

  /// From `va` on, which a table of levels 1 and 2 may serve or not: to the first used entry.
  fileprivate mutating func search(_ el1: EL1Interface) {
    let editor = PageTableEditor(el1: el1)
    while va < end {
      let (table, level) = level1 == 0 ? (pgd, 0) : level2 == 0 ? (level1, 1) : (level2, 2)
      let shift = UInt64(39 &- 9 &* level)
      let at = PageTableEditor.entry(table, level, va)
      let unused = editor.unusedEntriesAtOnce(from: at, limit: entriesLeft(shift))
      if unused != 0 {
        pass(unused, shift)
        continue
      }
      let descriptor = el1.loadDescriptor(at)
      if level == 2 {
        partEnd = min((va | HugePage.mask) &+ 1, end)
        if _slowPath(PageTableEditor.isHuge(descriptor)) {
          (place, entry) = (.huge, at)
          return
        }
      }
      switch level {
      case _ where descriptor & 3 != 3: pass(1, shift)
      case 0: level1 = descriptor & PageTableEntry.Bits.output
      case 1: level2 = descriptor & PageTableEntry.Bits.output
      default: return enter(el1, descriptor)
      }
    }
  }

  /// How many entries of a table, from that of `va` on, the range reaches; each serves 2^shift bytes.
  private func entriesLeft(_ shift: UInt64) -> UInt64 {
    let first = va &>> shift
    return min((end &- 1) &>> shift, first | 511) &- first &+ 1
  }

  /// Nothing is mapped by so many entries of a table, from that of `va` on.
  private mutating func pass(_ count: UInt64, _ shift: UInt64) {
    partEnd = min((va &>> shift &+ count) &<< shift, end)
    leave()
  }
}

extension MemoryManager {
  /// The first used entry of [start, end).
  @inline(__always)
  func firstEntry(_ el1: EL1Interface, _ mm: MMID, _ start: UInt64, _ end: UInt64) -> EntryWalk {
    var walk = EntryWalk(pgd: state[mm].pgd, start, end)
    walk.search(el1)
    return walk
  }

  /// The next used entry; a huge page is behind the walk.
  @inline(__always)
  func nextEntry(_ el1: EL1Interface, _ walk: EntryWalk) -> EntryWalk {
    walk.isHuge ? walk.next(el1, after: .done) : walk.next(el1)
  }

  /// The next used entry after a huge page, with which a caller did what `step` says.
  func nextEntry(_ el1: EL1Interface, _ walk: EntryWalk, after step: HugeStep) -> EntryWalk { walk.next(el1, after: step) }
}
