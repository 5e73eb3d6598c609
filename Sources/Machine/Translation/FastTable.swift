// Owns the fast table and the fetch table in the context block: direct-mapped copies of TLB entries that handlers probe.
// They are subsets of the TLB and invisible in every result; an entry leaves both together.
import Architecture

extension Context {
  /// The fast table's entry for `va`.
  @inline(__always) func fastEntry(_ va: UInt64) -> Raw {
    c + (Layout.fastTable &+ Int(truncatingIfNeeded: (va &>> 12) & UInt64(Layout.fastEntries &- 1)) &* 32)
  }
  /// The fetch table's entry for `va`.
  @inline(__always) func fetchEntry(_ va: UInt64) -> Raw {
    c + (Layout.fetchTable &+ Int(truncatingIfNeeded: (va &>> 12) & UInt64(Layout.fetchEntries &- 1)) &* 32)
  }

  func flushFastTable() {
    for index in 0..<Layout.fastEntries {
      let entry = c + (Layout.fastTable &+ index &* 32)
      entry.storeBytes(of: ~0, as: UInt64.self)
      entry.storeBytes(of: ~0, toByteOffset: 8, as: UInt64.self)
    }
    for index in 0..<Layout.fetchEntries {
      (c + (Layout.fetchTable &+ index &* 32)).storeBytes(of: ~0, as: UInt64.self)
    }
  }

  /// Drops what the tables hold for one page.
  @inline(__always)
  func dropFastEntries(page: UInt64) {
    let entry = fastEntry(page)
    if entry.load(as: UInt64.self) == page { entry.storeBytes(of: ~0, as: UInt64.self) }
    if entry.load(fromByteOffset: 8, as: UInt64.self) == page { entry.storeBytes(of: ~0, toByteOffset: 8, as: UInt64.self) }
    let fetch = fetchEntry(page)
    if fetch.load(as: UInt64.self) == page { fetch.storeBytes(of: ~0, as: UInt64.self) }
  }

  /// Copies a TLB entry into the fast table, as far as the current EL may use it and its stores need no door.
  @inline(__always)
  func fillFastEntry(_ entry: TLBEntry) {
    let s = state
    let offset = entry.output &- s.pointee.ramBase
    // Device memory and anything that is not RAM stay on the slow path, and so does everything under alignment checking.
    if !s.pointee.usesFastTable || offset >= s.pointee.ramSize || !entry.isNormal { return }
    if s.pointee.regime.sctlr.alignmentCheck || entry.flags.contains(.notCached) || isWatched(page: entry.page) { return }
    let privileged = s.pointee.processorState.exceptionLevel != 0
    let readable = permits(entry, .read, privileged: privileged)
    let flags = s.pointee.frameFlags[Int(truncatingIfNeeded: offset &>> 12)]
    let writable = flags == 0 && permits(entry, .write, privileged: privileged)
    let host = UInt64(UInt(bitPattern: s.pointee.ram)) &+ offset
    let target = fastEntry(entry.page)
    let watched = flags & PageFlags.watched.rawValue != 0
    target.storeBytes(of: readable && !watched ? entry.page : ~0, as: UInt64.self)
    target.storeBytes(of: writable ? entry.page : ~0, toByteOffset: 8, as: UInt64.self)
    target.storeBytes(of: host &- entry.page, toByteOffset: 16, as: UInt64.self)
  }
}
