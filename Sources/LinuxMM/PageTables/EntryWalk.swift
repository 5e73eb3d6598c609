// Owns the walk over the used entries of a range, as a local value that holds the walk's position: no closure, iterator or access
// to the state stays open while the machine is touched. It does not know what leaf entries mean. Linux: mm/pagewalk.c
// walk_p4d_range().
import Architecture

/// The position of a walk: at a used last-level entry, whose table's lock it holds; at a level 2 entry that maps a huge page,
/// without a lock; or behind the end. A walk that has begun must go on to its end, because leaving a table is what releases the
/// table's lock.
struct EntryWalk {
  enum Place { case page, huge, end }
  private(set) var place = Place.end
  /// Physical address of the current entry.
  private(set) var entry = PhysicalAddress(0)
  /// The virtual address that the entry maps; for a huge page the first address of the range that lies in it.
  private(set) var va: UInt64
  /// The end of the part of the range that the entry's table maps, or that lies in the huge page.
  private(set) var partEnd: UInt64
  private let end: UInt64
  private let pgd: UInt64
  /// The tables of levels 1 and 2 on the way to `va`; 0 if they must be looked up.
  private var level1: UInt64 = 0
  private var level2: UInt64 = 0

  fileprivate init(pgd: UInt64, _ start: UInt64, _ end: UInt64) {
    (self.pgd, self.end, va, partEnd) = (pgd, end, start, start)
  }

  /// Whether the walk stands at an entry.
  @inline(__always) var isOngoing: Bool { place != .end }
  @inline(__always) var isHuge: Bool { place == .huge }
  private var lock: LockName { LockName(.pageTable, entry.rawValue & ~0xfff) }

  /// The next used entry, in the current table or in the following ones.
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

  /// Continues behind a huge page, or again at its level 2 entry, where a table is now.
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

  /// From an entry of a locked table, used or not, goes to the first used entry.
  private mutating func settle(_ el1: EL1Interface) {
    let left = (partEnd &- va) &>> 12
    let unused = PageTableEditor(el1: el1).unusedEntries(from: entry, limit: left)
    va &+= unused &<< 12
    entry = PhysicalAddress(entry.rawValue &+ unused &* 8)
    if unused < left { return }
    // The entry behind the last one may be in the next frame, so the lock's name comes from the entry before.
    el1.unlock(LockName(.pageTable, (entry.rawValue &- 8) & ~0xfff))
    leave()
    search(el1)
  }

  /// Enters the last-level table of a level 2 descriptor, and goes to its first used entry.
  private mutating func enter(_ el1: EL1Interface, _ descriptor: UInt64) {
    place = .page
    entry = PageTableEditor.entry(descriptor & PageTableEntry.Bits.output, 3, va)
    el1.lock(lock)
    settle(el1)
  }

  /// Goes behind the current part of the range, and forgets tables that map nothing behind it.
  private mutating func leave() {
    place = .end
    va = partEnd
    if va & (1 << 30 - 1) == 0 { level2 = 0 }
    if va & (1 << 39 - 1) == 0 { level1 = 0 }
  }

  /// From `va`, which tables of levels 1 and 2 may map or not, goes to the first used entry.
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

  /// The number of entries of a table, from that of `va` on, that the range covers; each maps 2^shift bytes.
  private func entriesLeft(_ shift: UInt64) -> UInt64 {
    let first = va &>> shift
    return min((end &- 1) &>> shift, first | 511) &- first &+ 1
  }

  /// Skips `count` unused entries of a table, from that of `va` on.
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

  /// The next used entry, or the entry of a huge page.
  @inline(__always)
  func nextEntry(_ el1: EL1Interface, _ walk: EntryWalk) -> EntryWalk {
    walk.isHuge ? walk.next(el1, after: .done) : walk.next(el1)
  }

  /// The next used entry after a huge page that the caller has handled as `step` says.
  func nextEntry(_ el1: EL1Interface, _ walk: EntryWalk, after step: HugeStep) -> EntryWalk { walk.next(el1, after: step) }
}
