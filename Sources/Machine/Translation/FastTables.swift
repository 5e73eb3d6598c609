// Owns the fast tables of a PE: direct-mapped copies of TLB entries that handlers probe, one table for each recent context.
// Their contents are a subset of the TLB and do not show in any result. An entry that leaves the TLB leaves all of them.
import Architecture

/// A few complete tables, each for one context: an Exception level, an ASID, and the control bits on which entries depend.
/// Entering a context makes its table the current one and clears nothing. A new context replaces the table that was current longest
/// ago.
///
/// One table is 1024 entries of 32 bytes {read tag, write tag, addend, unused} for data, then 256 entries of 16 bytes {tag, first op} for
/// fetches. A tag is the VA of a page, or all ones; in that of a guarded page's fetches one more bit is set.
struct FastTables {
  @inline(__always) static var dataEntries: Int { 1024 }
  @inline(__always) static var fetchEntries: Int { 256 }
  @inline(__always) static var fetchOffset: Int { dataEntries * 32 }
  @inline(__always) static var stride: Int { fetchOffset + fetchEntries * 16 }
  static var capacity: Int { 4 }
  /// The bit of a fetch tag that says that the page is guarded. No aligned address matches such a tag by itself.
  @inline(__always) static var guarded: UInt64 { 4 }

  private let storage: Raw
  /// For each table: the key of its context, and when the context was last entered.
  private let contexts: UnsafeMutablePointer<(key: UInt64, entered: UInt64)>
  /// One bit for each table that may hold something.
  private(set) var live: UInt8 = 1
  private(set) var current = 0
  private var clock: UInt64 = 0

  init() {
    storage = Raw.allocate(byteCount: Self.capacity * Self.stride, alignment: 4096)
    contexts = .allocate(capacity: Self.capacity)
    contexts.initialize(repeating: (key: ~0, entered: 0), count: Self.capacity)
    for number in 0..<Self.capacity { clear(number) }
  }

  func deallocate() {
    storage.deallocate()
    contexts.deallocate()
  }

  /// The first entry of a table.
  @inline(__always) func table(_ number: Int) -> Raw { storage + number &* Self.stride }

  /// Makes the table of the context `key` the current one.
  mutating func select(_ key: UInt64) {
    clock &+= 1
    if contexts[current].key != ~0 { contexts[current].entered = clock }
    current = (0..<Self.capacity).first { contexts[$0].key == key } ?? claim(key)
  }

  /// Chooses a table for a new context: a free one, or else the one that was current longest ago.
  private mutating func claim(_ key: UInt64) -> Int {
    var chosen = 0
    for number in 1..<Self.capacity where contexts[number].entered < contexts[chosen].entered { chosen = number }
    if contexts[chosen].key != ~0 { clear(chosen) }
    contexts[chosen].key = key
    live |= 1 &<< UInt8(chosen)
    return chosen
  }

  /// Frees the tables of an ASID that is no longer current.
  mutating func retire(asid: UInt16) {
    for number in 0..<Self.capacity where number != current && contexts[number].key != ~0 && contexts[number].key &>> 16 == UInt64(asid) {
      clear(number)
      contexts[number] = (key: ~0, entered: 0)
      live &= ~(1 &<< UInt8(number))
    }
  }

  @inline(__always)
  private func forEachLive(_ body: (Int) -> Void) {
    var left = live
    while left != 0 {
      body(left.trailingZeroBitCount)
      left &= left &- 1
    }
  }

  /// The context of a table; all ones if the table was never entered.
  func key(_ number: Int) -> UInt64 { contexts[number].key }
  @inline(__always) func isCurrent(_ key: UInt64) -> Bool { contexts[current].key == key }

  private func clear(_ number: Int) {
    let table = table(number)
    for index in 0..<Self.dataEntries {
      (table + index &* 32).storeBytes(of: ~0, as: UInt64.self)
      (table + index &* 32).storeBytes(of: ~0, toByteOffset: 8, as: UInt64.self)
    }
    for index in 0..<Self.fetchEntries { (table + (Self.fetchOffset &+ index &* 16)).storeBytes(of: ~0, as: UInt64.self) }
  }

  /// Empties every table.
  func clearAll() { forEachLive(clear) }

  /// Drops what the tables hold of an entry that leaves the TLB. For an entry that is not global, only the tables of its ASID
  /// can hold anything.
  @inline(__always)
  func drop(_ entry: TLBEntry) {
    if _fastPath(live == 1) { return drop(entry.page, from: storage) }
    if _slowPath(entry.flags.contains(.global)) { return dropEverywhere(entry.page) }
    for number in 0..<Self.capacity where contexts[number].key &>> 16 == UInt64(entry.asid) { drop(entry.page, from: table(number)) }
  }

  /// Drops what the current table holds of an entry. The other tables of its ASID have been freed before.
  @inline(__always)
  func dropFromCurrent(_ entry: TLBEntry) {
    if contexts[current].key &>> 16 == UInt64(entry.asid) { drop(entry.page, from: table(current)) }
  }

  /// Drops what the tables hold for one page.
  @inline(__always)
  private func drop(page: UInt64) {
    if _fastPath(live == 1) { return drop(page, from: storage) }
    dropEverywhere(page)
  }

  @inline(__always)
  private func drop(_ page: UInt64, from table: Raw) {
    let data = table + Self.dataOffset(page)
    if data.load(as: UInt64.self) == page { data.storeBytes(of: ~0, as: UInt64.self) }
    if data.load(fromByteOffset: 8, as: UInt64.self) == page { data.storeBytes(of: ~0, toByteOffset: 8, as: UInt64.self) }
    let fetch = table + Self.fetchOffset(page)
    if fetch.load(as: UInt64.self) & ~Self.guarded == page { fetch.storeBytes(of: ~0, as: UInt64.self) }
  }

  @inline(never)
  private func dropEverywhere(_ page: UInt64) { forEachLive { drop(page, from: table($0)) } }

  /// Notes that the TLB has cached `entry`, in the place of the page `displaced` (all ones: in a free place). Other contexts
  /// may have the page by an entry of their own, and beside a new global entry the TLB may return either of the two for them.
  /// entry of their own: beside a new global entry the TLB may answer them either of the two.
  @inline(__always)
  func noteInsertion(of entry: TLBEntry, displaced: UInt64) {
    if displaced != ~0 { drop(page: displaced) }
    if _slowPath(live != 1) && entry.flags.contains(.global) && displaced != entry.page { dropEverywhere(entry.page) }
  }

  /// Drops the write tags of the frame at host address `host`, so that its stores go through the door again.
  func dropWrites(toFrame host: UInt64) {
    forEachLive { number in
      for index in 0..<Self.dataEntries {
        let entry = table(number) + index &* 32
        let tag = entry.load(fromByteOffset: 8, as: UInt64.self)
        if tag != ~0 && tag &+ entry.load(fromByteOffset: 16, as: UInt64.self) == host {
          entry.storeBytes(of: ~0, toByteOffset: 8, as: UInt64.self)
        }
      }
    }
  }

  /// Drops the fetch entries that lead to a page of code.
  func dropFetches(of page: CodePage) {
    forEachLive { number in
      for index in 0..<Self.fetchEntries {
        let entry = table(number) + (Self.fetchOffset &+ index &* 16)
        if entry.load(fromByteOffset: 8, as: UInt.self) == UInt(bitPattern: page.ops) { entry.storeBytes(of: ~0, as: UInt64.self) }
      }
    }
  }

  /// The offset of the data entry of `va` in a table, in bytes.
  @inline(__always) static func dataOffset(_ va: UInt64) -> Int {
    Int(truncatingIfNeeded: (va &>> 12) & UInt64(dataEntries &- 1)) &* 32
  }
  /// The offset of the fetch entry of `va` in a table, in bytes.
  @inline(__always) static func fetchOffset(_ va: UInt64) -> Int {
    fetchOffset &+ Int(truncatingIfNeeded: (va &>> 12) & UInt64(fetchEntries &- 1)) &* 16
  }
}

extension Context {
  /// The current table's data entry for `va`.
  @inline(__always) func fastEntry(_ va: UInt64) -> Raw { at(self[Slot.fastTable] &+ UInt64(FastTables.dataOffset(va))) }
  /// The current table's fetch entry for `va`.
  @inline(__always) func fetchEntry(_ va: UInt64) -> Raw { at(self[Slot.fastTable] &+ UInt64(FastTables.fetchOffset(va))) }

  /// Makes the table of the running context the current one. It is called when a run begins, and during a run after each change
  /// of something that the key contains. Between runs no table is selected.
  @inline(__always)
  func selectFastTable() {
    let key = contextKey
    if _slowPath(!state.pointee.fastTables.isCurrent(key)) { selectFastTable(key) }
  }

  @inline(never)
  private func selectFastTable(_ key: UInt64) {
    state.pointee.fastTables.select(key)
    self[Slot.fastTable] = UInt64(UInt(bitPattern: state.pointee.fastTables.table(state.pointee.fastTables.current)))
  }

  /// What a fast entry depends on beside the TLB entry that it copies: what the regime says for the Exception level, PSTATE.IL,
  /// and at EL1 PSTATE.PAN.
  @inline(__always)
  private var contextKey: UInt64 {
    let current = state.pointee.processorState
    let isIllegal: UInt64 = current.isIllegal ? 4 : 0
    if current.exceptionLevel == 0 { return state.pointee.regime.contextKeyEL0 | isIllegal }
    return state.pointee.regime.contextKeyEL1 | isIllegal | (current.pan ? 16 : 0)
  }

  /// Empties every table, after a change of something that no key contains.
  func flushFastTables() { state.pointee.fastTables.clearAll() }

  /// Copies a TLB entry into the current table, with those accesses that the current EL may make and, for stores, that need no
  /// door.
  @inline(__always)
  func fillFastEntry(_ entry: TLBEntry) {
    let s = state
    // Device memory and anything that is not RAM stay on the slow path. Under alignment checking everything does.
    guard s.pointee.usesFastTable, entry.isNormal, let offset = s.pointee.ram.offset(entry.output, count: 4096) else { return }
    if s.pointee.regime.sctlr.alignmentCheck || entry.flags.contains(.notCached) || isWatched(page: entry.page) { return }
    let privilege = privilege
    let readable = permits(entry, .read, privilege)
    let writable = s.pointee.ram.flags[offset &>> 12] == 0 && permits(entry, .write, privilege)
    let host = UInt64(UInt(bitPattern: s.pointee.ram.bytes)) &+ UInt64(offset)
    let target = fastEntry(entry.page)
    target.storeBytes(of: readable ? entry.page : ~0, as: UInt64.self)
    target.storeBytes(of: writable ? entry.page : ~0, toByteOffset: 8, as: UInt64.self)
    target.storeBytes(of: host &- entry.page, toByteOffset: 16, as: UInt64.self)
  }
}
