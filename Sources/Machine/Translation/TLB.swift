// Owns the architectural TLB of one PE: what was cached stays until it is invalidated or displaced.
// It does not walk, check permissions or know the fast table, whose entries are a subset of these.
import Architecture

/// One cached translation of one 4 KiB page: what a leaf descriptor and the tables above it said.
/// Pages and blocks larger than 4 KiB are cached by 4 KiB pieces, which the architecture permits (Arm ARM D8.14).
struct TLBEntry {
  /// VA of the page, tag stripped; all ones where the entry is free.
  var page: UInt64 = ~0
  /// Physical address of the page.
  var output: UInt64 = 0
  var asid: UInt16 = 0
  /// log2 of the bytes that the descriptor maps.
  var blockShift: UInt8 = 12
  /// Level of the descriptor: permission faults name it.
  var level: UInt8 = 3
  var permissions: PagePermissions = []
  var flags: Flags = []
  /// The MAIR_EL1 attribute byte.
  var attributes: UInt8 = 0xff
  /// SH, as the descriptor or (under TCR_EL1.DS) TCR_EL1 has it.
  var shareability: UInt8 = 0

  struct Flags: OptionSet {
    var rawValue: UInt8
    static var global: Flags { Flags(rawValue: 1) }
    /// Read-only with DBM under TCR_EL1.HD: the first write updates the descriptor.
    static var cleanWritable: Flags { Flags(rawValue: 2) }
    /// GP: BTI applies.
    static var guarded: Flags { Flags(rawValue: 4) }
    /// EL0 can reach the page in some way: what PAN looks at.
    static var user: Flags { Flags(rawValue: 8) }
    /// EL0 may only execute: what EPAN adds.
    static var userExecuteOnly: Flags { Flags(rawValue: 16) }
    /// nT: used once, never cached.
    static var notCached: Flags { Flags(rawValue: 32) }
  }

  /// Normal memory; the rest is Device. Arm ARM MAIR_EL1.
  @inline(__always) var isNormal: Bool { attributes & 0xf0 != 0 }
}

/// Who may do what. Arm ARM D8.4.
struct PagePermissions: OptionSet {
  var rawValue: UInt8
  static var userRead: Self { Self(rawValue: 1) }
  static var userWrite: Self { Self(rawValue: 2) }
  static var userExecute: Self { Self(rawValue: 4) }
  static var privilegedRead: Self { Self(rawValue: 8) }
  static var privilegedWrite: Self { Self(rawValue: 16) }
  static var privilegedExecute: Self { Self(rawValue: 32) }
}

/// A set-associative TLB (fully associative with one set). Victims are taken in turn within a set, so a hit changes
/// nothing, and the TLB need not hear of the hits of the fast tables. Beside the sets there may be entries for whole blocks; what the sets then hold of a block are copies.
struct TLB {
  private let entries: UnsafeMutablePointer<TLBEntry>
  private let victims: UnsafeMutablePointer<UInt16>
  let sets: Int
  let ways: Int
  /// Live entries that came from a descriptor larger than 4 KiB: while there are none, a VA names one set.
  private var largeEntries = 0
  private let blocks: UnsafeMutablePointer<TLBEntry>
  let blockCapacity: Int
  private var blockVictim = 0

  /// `entryCount` and `ways` are powers of two; `entryCount >= ways`.
  init(entryCount: Int, ways: Int, blockCapacity: Int = 0) {
    precondition(entryCount.nonzeroBitCount == 1 && ways.nonzeroBitCount == 1 && entryCount >= ways)
    precondition(ways <= 1 << 15 && (0...1 << 12).contains(blockCapacity))
    self.ways = ways
    sets = entryCount / ways
    entries = .allocate(capacity: entryCount)
    entries.initialize(repeating: TLBEntry(), count: entryCount)
    victims = .allocate(capacity: sets)
    victims.initialize(repeating: 0, count: sets)
    self.blockCapacity = blockCapacity
    blocks = .allocate(capacity: max(1, blockCapacity))
    blocks.initialize(repeating: TLBEntry(), count: max(1, blockCapacity))
  }

  /// All that is cached, and whose turn it is to be displaced, for a snapshot.
  struct Contents {
    fileprivate let entries: [TLBEntry]
    fileprivate let victims: [UInt16]
    fileprivate let blocks: [TLBEntry]
    fileprivate let largeEntries: Int
    fileprivate let blockVictim: Int
  }
  var contents: Contents {
    Contents(
      entries: (0..<(sets * ways)).map { entries[$0] }, victims: (0..<sets).map { victims[$0] },
      blocks: (0..<max(1, blockCapacity)).map { blocks[$0] }, largeEntries: largeEntries, blockVictim: blockVictim)
  }
  mutating func restore(_ contents: Contents) {
    for (number, entry) in contents.entries.enumerated() { entries[number] = entry }
    for (number, victim) in contents.victims.enumerated() { victims[number] = victim }
    for (number, block) in contents.blocks.enumerated() { blocks[number] = block }
    largeEntries = contents.largeEntries
    blockVictim = contents.blockVictim
  }

  func deallocate() {
    entries.deallocate()
    victims.deallocate()
    blocks.deallocate()
  }

  @inline(__always) private func set(of page: UInt64) -> UnsafeMutablePointer<TLBEntry> {
    entries + Int(truncatingIfNeeded: page &>> 12) & (sets &- 1) &* ways
  }

  /// The entry for `page` under `asid`, if it is cached.
  @inline(__always)
  func find(page: UInt64, asid: UInt16) -> UnsafeMutablePointer<TLBEntry>? {
    let first = set(of: page)
    for way in 0..<ways {
      let entry = first + way
      if entry.pointee.page == page && (entry.pointee.asid == asid || entry.pointee.flags.contains(.global)) { return entry }
    }
    return nil
  }

  /// Caches `entry`, displacing one of its set if it must. Returns the page displaced (its own where it replaces itself), or all ones.
  mutating func insert(_ entry: TLBEntry) -> UInt64 {
    let first = set(of: entry.page)
    var target = first
    var displaced: UInt64 = ~0
    if let same = find(page: entry.page, asid: entry.asid) {
      target = same
      displaced = entry.page
    } else {
      var way = 0
      while way < ways && first[way].page != ~0 { way &+= 1 }
      if way == ways {
        let index = Int(truncatingIfNeeded: entry.page &>> 12) & (sets &- 1)
        way = Int(victims[index])
        victims[index] = UInt16(truncatingIfNeeded: (way &+ 1) & (ways &- 1))
        displaced = first[way].page
      }
      target = first + way
    }
    if target.pointee.page != ~0 && target.pointee.blockShift > 12 { largeEntries &-= 1 }
    if entry.blockShift > 12 { largeEntries &+= 1 }
    target.pointee = entry
    return displaced
  }

  // MARK: Whole blocks

  /// The piece at `page` of a block that is cached whole.
  func findBlock(page: UInt64, asid: UInt16) -> TLBEntry? {
    for index in 0..<blockCapacity where blocks[index].page != ~0 && blocks[index].translates(page, asid) {
      return blocks[index].piece(at: page)
    }
    return nil
  }

  /// Caches the whole of the block that `entry` is a piece of.
  mutating func insertBlock(_ entry: TLBEntry) {
    if blockCapacity == 0 || entry.blockShift == 12 { return }
    let whole = entry.piece(at: entry.page & ~(1 &<< UInt64(entry.blockShift) &- 1))
    let same = (0..<blockCapacity).first {
      blocks[$0].page == whole.page && blocks[$0].blockShift == whole.blockShift
        && (blocks[$0].asid == whole.asid || blocks[$0].flags.contains(.global))
    }
    if let index = same ?? (0..<blockCapacity).first(where: { blocks[$0].page == ~0 }) {
      blocks[index] = whole
    } else {
      blocks[blockVictim] = whole
      blockVictim = (blockVictim + 1) % blockCapacity
    }
  }

  /// Whether entries of different descriptors translate `page`: sizes or globality differ. Arm ARM D8.16.
  func hasConflict(page: UInt64, asid: UInt16) -> Bool {
    var found: TLBEntry?
    func differs(_ entry: TLBEntry) -> Bool {
      defer { found = found ?? entry }
      guard let found else { return false }
      return found.blockShift != entry.blockShift || found.flags.contains(.global) != entry.flags.contains(.global)
    }
    let first = set(of: page)
    for way in 0..<ways where first[way].page == page && first[way].translates(page, asid) && differs(first[way]) { return true }
    for index in 0..<blockCapacity where blocks[index].page != ~0 && blocks[index].translates(page, asid) && differs(blocks[index]) {
      return true
    }
    return false
  }

  // MARK: Invalidation

  /// Drops entries that match; calls `dropped` for each entry of the sets that goes.
  private mutating func remove(
    in range: Range<Int>, where matches: (TLBEntry) -> Bool, _ dropped: (TLBEntry) -> Void
  ) {
    for index in range where entries[index].page != ~0 && matches(entries[index]) {
      dropped(entries[index])
      if entries[index].blockShift > 12 { largeEntries &-= 1 }
      entries[index].page = ~0
    }
    for index in 0..<blockCapacity where blocks[index].page != ~0 && matches(blocks[index]) { blocks[index].page = ~0 }
  }

  /// TLBI by VA: every piece of a descriptor that maps `page`. `asid` nil: all address spaces. `shifts` has a bit for each
  /// log2 of a size that is meant: a level hint leaves one.
  mutating func invalidate(page: UInt64, asid: UInt16?, shifts: UInt64 = ~0, _ dropped: (TLBEntry) -> Void) {
    let first = Int(truncatingIfNeeded: page &>> 12) & (sets &- 1) &* ways
    let range = largeEntries == 0 ? first..<(first &+ ways) : 0..<(sets &* ways)
    remove(
      in: range,
      where: { entry in
        (entry.page ^ page) &>> UInt64(entry.blockShift) == 0 && shifts &>> UInt64(entry.blockShift) & 1 != 0
          && (asid == nil || entry.asid == asid || entry.flags.contains(.global))
      }, dropped)
  }

  /// TLBI by range: every piece of a descriptor that maps any of [start, start+size).
  mutating func invalidate(start: UInt64, size: UInt64, asid: UInt16?, shifts: UInt64, _ dropped: (TLBEntry) -> Void) {
    remove(
      in: 0..<(sets &* ways),
      where: { entry in
        let bytes: UInt64 = 1 &<< UInt64(entry.blockShift)
        let first = entry.page & ~(bytes &- 1)
        return (first &- start < size || start &- first < bytes) && shifts &>> UInt64(entry.blockShift) & 1 != 0
          && (asid == nil || entry.asid == asid || entry.flags.contains(.global))
      }, dropped)
  }

  /// TLBI by ASID: every non-global entry of `asid`.
  mutating func invalidate(asid: UInt16, _ dropped: (TLBEntry) -> Void) {
    remove(in: 0..<(sets &* ways), where: { $0.asid == asid && !$0.flags.contains(.global) }, dropped)
  }

  mutating func invalidateAll() {
    entries.update(repeating: TLBEntry(), count: sets &* ways)
    blocks.update(repeating: TLBEntry(), count: max(1, blockCapacity))
    largeEntries = 0
  }

  /// The live entries of the sets, in their order, and the blocks that are cached whole: for debuggers.
  func all() -> [TLBEntry] { (0..<(sets * ways)).map { entries[$0] }.filter { $0.page != ~0 } }
  func allBlocks() -> [TLBEntry] { (0..<blockCapacity).map { blocks[$0] }.filter { $0.page != ~0 } }
}

extension TLBEntry {
  /// Whether what the descriptor maps holds `page`, for `asid`.
  fileprivate func translates(_ page: UInt64, _ asid: UInt16) -> Bool {
    (self.page ^ page) &>> UInt64(blockShift) == 0 && (self.asid == asid || flags.contains(.global))
  }

  /// The 4 KiB at `page` of the same block.
  fileprivate func piece(at page: UInt64) -> TLBEntry {
    var piece = self
    piece.output = output &- self.page &+ page
    piece.page = page
    return piece
  }
}
