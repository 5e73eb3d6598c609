// Owns what level 2 entries of huge pages have in common: telling them, locking them, building them, and the tables kept for their split.
// It does not know faults or why an entry changes. Linux: mm/huge_memory.c, mm/pgtable-generic.c.
import Architecture

/// What a walk does after a hook saw a huge page.
enum HugeStep {
  /// The hook did all there was to do.
  case done
  /// The huge page was split, or is gone: walk the table that is there now, if one is.
  case descend
}

/// What maps an address, at whatever level.
struct Leaf {
  let entry: PageTableEntry
  /// Physical address of the 4 KiB page behind the address.
  let page: UInt64
  let isHuge: Bool
  /// Where the entry stands.
  let at: PhysicalAddress
  /// Where PageAnonExclusive of the mapping stands: the page, or the head of a huge page mapped whole.
  var owner: UInt64 { isHuge ? entry.output : page }
}

/// A huge page in numbers. Linux: HPAGE_PMD_*.
enum HugePage {
  static var size: UInt64 { Layout48.hugePage }
  static var mask: UInt64 { Layout48.hugePage - 1 }
  static var order: Int { 9 }
  static var pages: Int { 512 }
}

extension PageTableEditor {
  /// pmd_trans_huge, pmd_leaf: a level 2 entry that maps a huge page, valid or not. Linux: pmd_present() && !pmd_table().
  @inline(__always)
  static func isHuge(_ pmd: UInt64) -> Bool { pmd != 0 && pmd & 3 != 3 && PageTableEntry(pmd).isPresent }

  /// The lock of a level 2 entry is its table's. Linux: pmd_lockptr().
  static func lock(_ pmd: PhysicalAddress) -> LockName { LockName(.pageTable, pmd.rawValue & ~0xfff) }
}

extension PageTableEntry {
  /// The same at level 2: a block instead of a page. What is invalid stays so. Linux: pmd_mkhuge().
  var makingBlock: Self { Self(rawValue & ~2) }
  /// A block's attributes at level 3.
  var makingPage: Self { Self(rawValue | 2) }
  /// Present to Linux, invalid to hardware. Linux: pmd_mkinvalid().
  var makingInvalid: Self { Self((rawValue | Bits.presentInvalid) & ~Bits.valid) }
}

extension MemoryManager {
  /// What maps `va`; nil where nothing does. An entry that is not present counts as something. Linux: follow_page_mask().
  func leaf(_ el1: EL1Interface, _ mm: MMID, _ va: UInt64) -> Leaf? {
    let editor = PageTableEditor(el1: el1)
    guard let pmd = editor.findPMD(state[mm].pgd, va) else { return nil }
    let block = editor.load(pmd)
    if PageTableEditor.isHuge(block.rawValue) {
      return Leaf(entry: block, page: block.output | va & HugePage.mask & ~0xfff, isHuge: true, at: pmd)
    }
    guard block.rawValue & 3 == 3 else { return nil }
    let at = PageTableEditor.entry(block.output, 3, va)
    let entry = editor.load(at)
    return entry.isNone ? nil : Leaf(entry: entry, page: entry.output, isHuge: false, at: at)
  }

  // MARK: Deposits

  /// Keeps an empty last-level table for the day when the huge page is split: that must not fail for want of memory. It counts as
  /// a table of the address space. The entry's lock is held. Linux: pgtable_trans_huge_deposit().
  func deposit(_ el1: EL1Interface, _ pmd: PhysicalAddress, _ table: UInt64) {
    let parent = pmd.rawValue & ~0xfff
    setField(el1, table, PageDescriptor.next, field(el1, parent, PageDescriptor.next, as: UInt32.self))
    setField(el1, parent, PageDescriptor.next, state.frames.frame(table))
  }

  /// Takes one of the tables kept beside this level 2 table: any will do. Linux: pgtable_trans_huge_withdraw().
  func withdraw(_ el1: EL1Interface, _ pmd: PhysicalAddress) -> UInt64 {
    let parent = pmd.rawValue & ~0xfff
    let frame = field(el1, parent, PageDescriptor.next, as: UInt32.self)
    precondition(frame != 0, "a huge page without a table to split it into")
    let table = state.frames.address(frame)
    setField(el1, parent, PageDescriptor.next, field(el1, table, PageDescriptor.next, as: UInt32.self))
    return table
  }

  /// A table was deposited. Linux: mm_inc_nr_ptes().
  func countDepositedTable(_ mm: MMID) {
    state[mm].pageTables += 1
    state.statistics.pageTablesAllocated &+= 1
  }

  /// Gives back the table of a huge page that is gone. Linux: zap_deposited_table().
  func freeDeposit(_ el1: EL1Interface, _ mm: MMID, _ pmd: PhysicalAddress) {
    putPage(el1, withdraw(el1, pmd))
    state[mm].pageTables -= 1
    state.statistics.pageTablesFreed &+= 1
  }
}
