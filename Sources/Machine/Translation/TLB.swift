// Owns the architectural TLB of one PE: an entry stays until it is invalidated or displaced. It does not walk, check
// permissions, or know the fast table, whose entries are a subset of these.
import Architecture

/// One cached translation of one 4 KiB page: the result of a leaf descriptor and the tables above it. Pages and blocks larger
/// than 4 KiB are cached in 4 KiB pieces, which the architecture permits (Arm ARM D8.14).
struct TLBEntry {
  /// The VA of the page without its tag; all ones where the entry is free.
  var page: UInt64 = ~0
  /// The physical address of the page.
  var output: UInt64 = 0
  var asid: UInt16 = 0
  /// log2 of the number of bytes that the descriptor maps.
  var blockShift: UInt8 = 12
  /// The level of the descriptor, which permission faults report.
  var level: UInt8 = 3
  var permissions: PagePermissions = []
  var flags: Flags = []
  /// The MAIR_EL1 attribute byte.
  var attributes: UInt8 = 0xff
  /// SH, from the descriptor or (under TCR_EL1.DS) from TCR_EL1.
  var shareability: UInt8 = 0

  struct Flags: OptionSet {
    var rawValue: UInt8
    static var global: Flags { Flags(rawValue: 1) }
    /// The page is read-only and has DBM set under TCR_EL1.HD, so the first write updates the descriptor.
    static var cleanWritable: Flags { Flags(rawValue: 2) }
    /// GP is set, so BTI applies.
    static var guarded: Flags { Flags(rawValue: 4) }
    /// EL0 has some access to the page. PAN depends on it.
    static var user: Flags { Flags(rawValue: 8) }
    /// EL0 may only execute the page. EPAN adds this case to PAN.
    static var userExecuteOnly: Flags { Flags(rawValue: 16) }
    /// nT is set: the entry is used once and never cached.
    static var notCached: Flags { Flags(rawValue: 32) }
  }

  /// Whether the page is Normal memory and not Device memory. Arm ARM MAIR_EL1.
  @inline(__always) var isNormal: Bool { attributes & 0xf0 != 0 }
}

/// The accesses that each Exception level may make. Arm ARM D8.4.
struct PagePermissions: OptionSet {
  var rawValue: UInt8
  static var userRead: Self { Self(rawValue: 1) }
  static var userWrite: Self { Self(rawValue: 2) }
  static var userExecute: Self { Self(rawValue: 4) }
  static var privilegedRead: Self { Self(rawValue: 8) }
  static var privilegedWrite: Self { Self(rawValue: 16) }
  static var privilegedExecute: Self { Self(rawValue: 32) }
}

/// A set-associative TLB (fully associative with one set). Victims are taken in turn within a set. So a hit changes nothing,
/// and the TLB need not be told of hits in the fast tables. Beside the sets there may be entries for whole blocks; the pieces of
/// such a block in the sets are copies.
struct TLB {
  private let entries: UnsafeMutablePointer<TLBEntry>
  private let victims: UnsafeMutablePointer<UInt16>
  let sets: Int
  let ways: Int
  /// The number of live entries that came from a descriptor larger than 4 KiB. While it is 0, a VA determines one set.
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

  /// All cached entries, and which are to be displaced next, for a snapshot.
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

  /// Caches `entry`, and displaces another of its set if it must. Returns the displaced page (the entry's own page if it
  /// replaces itself), or all ones.
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

  /// Caches the whole block that `entry` is a piece of.
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

  /// Whether entries of different descriptors translate `page`, that is, whether their sizes or globality differ. Arm ARM
  /// D8.16.
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

  /// Drops the entries that match, and calls `dropped` for each dropped entry of the sets.
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

  /// TLBI by VA: drops every piece of a descriptor that maps `page`. If `asid` is nil, it applies to all address spaces.
  /// `shifts` has one bit for each log2 of a size that the operation applies to; a level hint leaves one bit.
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

  /// TLBI by range: drops every piece of a descriptor that maps any of [start, start+size).
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

  /// TLBI by ASID: drops every non-global entry of `asid`.
  mutating func invalidate(asid: UInt16, _ dropped: (TLBEntry) -> Void) {
    remove(in: 0..<(sets &* ways), where: { $0.asid == asid && !$0.flags.contains(.global) }, dropped)
  }

  mutating func invalidateAll() {
    entries.update(repeating: TLBEntry(), count: sets &* ways)
    blocks.update(repeating: TLBEntry(), count: max(1, blockCapacity))
    largeEntries = 0
  }

  /// The live entries of the sets, in their order, and then the blocks that are cached whole. Debuggers use this.
  func all() -> [TLBEntry] { (0..<(sets * ways)).map { entries[$0] }.filter { $0.page != ~0 } }
  func allBlocks() -> [TLBEntry] { (0..<blockCapacity).map { blocks[$0] }.filter { $0.page != ~0 } }
}

extension TLBEntry {
  /// Whether the descriptor's range contains `page`, for `asid`.
  fileprivate func translates(_ page: UInt64, _ asid: UInt16) -> Bool {
    (self.page ^ page) &>> UInt64(blockShift) == 0 && (self.asid == asid || flags.contains(.global))
  }

  /// The 4 KiB piece at `page` of the same block.
  fileprivate func piece(at page: UInt64) -> TLBEntry {
    var piece = self
    piece.output = output &- self.page &+ page
    piece.page = page
    return piece
  }
}
