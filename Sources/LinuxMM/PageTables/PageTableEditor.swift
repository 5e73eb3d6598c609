// Owns every store of a descriptor: tables are linked and unlinked, entries are set, cleared and changed, in guest RAM.
// It does not know VMAs, pages' owners or when a TLB must be flushed: only callers issue flushes.
import Architecture

/// The only writer of translation tables: 4 KiB granule, 48 bits, four levels. Linux: mm/memory.c, mm/pgtable-generic.c.
struct PageTableEditor {
  let el1: EL1Interface

  /// The bits of a user table descriptor: valid, table, PXNTable. Linux: PMD_TYPE_TABLE, PMD_TABLE_PXN.
  static var tableBits: UInt64 { 3 | 1 << 59 }
  /// The access flag of a table, which FEAT_HAFT defines. Linux: PMD_TABLE_AF.
  static var tableAccessFlag: UInt64 { 1 << 10 }

  /// The bytes that one entry of a table at `level` maps: 512 GiB, 1 GiB, 2 MiB, 4 KiB.
  @inline(__always) static func span(_ level: Int) -> UInt64 { 1 &<< UInt64(39 &- 9 &* level) }

  /// Physical address of the descriptor for `va` at `level` in `table`.
  @inline(__always)
  static func entry(_ table: UInt64, _ level: Int, _ va: UInt64) -> PhysicalAddress {
    PhysicalAddress(table &+ ((va &>> UInt64(39 &- 9 &* level)) & 511) &* 8)
  }

  /// The level 3 entry for `va`, if every table down to it exists.
  @inline(__always)
  func find(_ pgd: UInt64, _ va: UInt64) -> PhysicalAddress? {
    guard let table = findTable(pgd, va) else { return nil }
    return Self.entry(table, 3, va)
  }

  /// The last-level table that serves `va`, if it exists.
  @inline(__always)
  func findTable(_ pgd: UInt64, _ va: UInt64) -> UInt64? {
    guard let pmd = findPMD(pgd, va) else { return nil }
    let descriptor = el1.loadDescriptor(pmd)
    return descriptor & 3 == 3 ? descriptor & PageTableEntry.Bits.output : nil
  }

  /// The level 2 entry for `va`, if the tables above it exist.
  @inline(__always)
  func findPMD(_ pgd: UInt64, _ va: UInt64) -> PhysicalAddress? {
    var table = pgd
    for level in 0..<2 {
      let descriptor = el1.loadDescriptor(Self.entry(table, level, va))
      if descriptor & 3 != 3 { return nil }
      table = descriptor & PageTableEntry.Bits.output
    }
    return Self.entry(table, 2, va)
  }

  @inline(__always)
  func load(_ entry: PhysicalAddress) -> PageTableEntry { PageTableEntry(el1.loadDescriptor(entry)) }

  /// The number of unused entries from `entry` on, up to `limit`, all in one table. Each load is a step.
  @inline(__always)
  func unusedEntries(from entry: PhysicalAddress, limit: UInt64) -> UInt64 {
    if !el1.isStepping { return unusedEntriesAtOnce(from: entry, limit: limit) }
    var count: UInt64 = 0
    while count < limit && load(PhysicalAddress(entry.rawValue &+ count &* 8)).isNone { count &+= 1 }
    return count
  }

  /// The same for runs in which no other actor can act between two loads. In a stepped run it is 0, because each load must be a
  /// step of its own.
  @inline(__always)
  func unusedEntriesAtOnce(from entry: PhysicalAddress, limit: UInt64) -> UInt64 {
    if limit == 0 || el1.isStepping { return 0 }
    let table = el1.hostAddress(entry, size: limit &* 8).assumingMemoryBound(to: UInt64.self)
    var count = 0
    let end = Int(truncatingIfNeeded: limit)
    // Long runs of unused entries are common, so four entries are checked together.
    while count &+ 4 <= end && table[count] | table[count &+ 1] | table[count &+ 2] | table[count &+ 3] == 0 { count &+= 4 }
    while count < end && table[count] == 0 { count &+= 1 }
    return UInt64(truncatingIfNeeded: count)
  }

  /// set_pte: a new entry over an empty or present-invalid one.
  @inline(__always)
  func set(_ entry: PhysicalAddress, _ value: PageTableEntry) { el1.storeDescriptor(entry, value.rawValue) }

  /// ptep_get_and_clear: atomic, so that hardware's last update is not lost.
  func getAndClear(_ entry: PhysicalAddress) -> PageTableEntry {
    let old = load(entry)
    return old.isNone ? old : update(entry, from: old) { _ in PageTableEntry(0) }
  }

  /// Replaces an entry by the result of `change`, by compare-and-swap, so that hardware's last update is not lost. It returns the
  /// old entry.
  @discardableResult
  private func update(
    _ entry: PhysicalAddress, from seen: PageTableEntry? = nil, _ change: (PageTableEntry) -> PageTableEntry
  ) -> PageTableEntry {
    var old = seen ?? load(entry)
    while true {
      let found = el1.compareAndSwapDescriptor(entry, expected: old.rawValue, desired: change(old).rawValue)
      if found == old.rawValue { return old }
      old = PageTableEntry(found)
    }
  }

  /// ptep_set_wrprotect: dirtiness that hardware recorded is kept.
  func writeProtect(_ entry: PhysicalAddress) { update(entry) { $0.writeProtected } }

  /// pmdp_invalidate: makes the entry invalid to hardware but present to Linux, and returns the old entry.
  func invalidate(_ entry: PhysicalAddress) -> PageTableEntry { update(entry) { $0.makingInvalid } }

  /// Clears the access flag, and also the dirty state if `dirtyToo`. Linux: clear_young_dirty_ptes().
  func clearYoung(_ entry: PhysicalAddress, dirtyToo: Bool) {
    typealias Bits = PageTableEntry.Bits
    update(entry) { old in
      let new = old.rawValue & ~Bits.accessFlag
      return PageTableEntry(dirtyToo ? new & ~Bits.dirty | Bits.readOnly : new)
    }
  }

  /// ptep_set_access_flags. False if nothing had to change. In arm64's version AF, WRITE and DIRTY become live OR proposed and
  /// RDONLY live AND proposed, by compare-and-swap on the live entry. In the generic version the proposal overwrites the live
  /// entry. Linux: arch/arm64/mm/fault.c, mm/pgtable-generic.c.
  func setAccessFlags(_ entry: PhysicalAddress, _ proposed: PageTableEntry, by setter: AccessFlagSetter) -> Bool {
    typealias Bits = PageTableEntry.Bits
    let live = load(entry)
    if live == proposed { return false }
    if setter == .generic {
      set(entry, proposed)
      return true
    }
    let wanted = (proposed.rawValue & (Bits.readOnly | Bits.accessFlag | Bits.write | Bits.dirty)) ^ Bits.readOnly
    update(entry, from: live) { PageTableEntry((($0.rawValue ^ Bits.readOnly) | wanted) ^ Bits.readOnly) }
    return true
  }

  /// Points an entry to a new table. Linux: pud_populate, pmd_populate.
  func populate(_ entry: PhysicalAddress, with table: UInt64, accessFlag: Bool) {
    el1.storeDescriptor(entry, table | Self.tableBits | (accessFlag ? Self.tableAccessFlag : 0))
  }

  /// Unlinks a table from its parent.
  func unlink(_ entry: PhysicalAddress) { el1.storeDescriptor(entry, 0) }
}
