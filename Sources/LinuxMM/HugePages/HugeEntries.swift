// Owns what level 2 entries of huge pages have in common: recognising, locking and building them, and the tables deposited for
// their split. It does not know faults or why an entry changes. Linux: mm/huge_memory.c, mm/pgtable-generic.c.
import Architecture

/// How a walk continues after a hook has seen a huge page.
enum HugeStep {
  /// The hook has done everything; the walk goes on behind the huge page.
  case done
  /// The huge page was split or removed. The walk continues in the table that is now there, if there is one.
  case descend
}

/// The entry that maps a virtual address, at level 2 or 3.
struct Leaf {
  let entry: PageTableEntry
  /// Physical address of the 4 KiB page that holds the address.
  let page: UInt64
  let isHuge: Bool
  /// Physical address of the entry.
  let at: PhysicalAddress
  /// The page whose descriptor holds PageAnonExclusive of the mapping: the page itself, or the head of a huge page mapped whole.
  var owner: UInt64 { isHuge ? entry.output : page }
}

/// The sizes of a huge page. Linux: HPAGE_PMD_*.
enum HugePage {
  static var size: UInt64 { Layout48.hugePage }
  static var mask: UInt64 { Layout48.hugePage - 1 }
  static var order: Int { 9 }
  static var pages: Int { 512 }
}

extension PageTableEditor {
  /// Whether a level 2 entry maps a huge page, valid or not (pmd_trans_huge, pmd_leaf). Linux: pmd_present() && !pmd_table().
  @inline(__always)
  static func isHuge(_ pmd: UInt64) -> Bool { pmd != 0 && pmd & 3 != 3 && PageTableEntry(pmd).isPresent }

  /// The lock of a level 2 entry, which is the lock of its table. Linux: pmd_lockptr().
  static func lock(_ pmd: PhysicalAddress) -> LockName { LockName(.pageTable, pmd.rawValue & ~0xfff) }
}

extension PageTableEntry {
  /// The same attributes as a block at level 2. An invalid entry stays invalid. Linux: pmd_mkhuge().
  var makingBlock: Self { Self(rawValue & ~2) }
  /// A block's attributes as a page at level 3.
  var makingPage: Self { Self(rawValue | 2) }
  /// The entry made invalid to hardware but still present to Linux. Linux: pmd_mkinvalid().
  var makingInvalid: Self { Self((rawValue | Bits.presentInvalid) & ~Bits.valid) }
}

extension MemoryManager {
  /// The entry that maps `va`; nil if none does. An entry that is not present is returned too. Linux: follow_page_mask().
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

  /// Keeps an empty last-level table for a later split of the huge page, so that the split cannot fail for lack of memory. The
  /// table counts as one of the address space. The caller holds the entry's lock. Linux: pgtable_trans_huge_deposit().
  func deposit(_ el1: EL1Interface, _ pmd: PhysicalAddress, _ table: UInt64) {
    let parent = pmd.rawValue & ~0xfff
    setField(el1, table, PageDescriptor.next, field(el1, parent, PageDescriptor.next, as: UInt32.self))
    setField(el1, parent, PageDescriptor.next, state.frames.frame(table))
  }

  /// Takes one of the tables deposited with this level 2 table. They are interchangeable. Linux: pgtable_trans_huge_withdraw().
  func withdraw(_ el1: EL1Interface, _ pmd: PhysicalAddress) -> UInt64 {
    let parent = pmd.rawValue & ~0xfff
    let frame = field(el1, parent, PageDescriptor.next, as: UInt32.self)
    precondition(frame != 0, "a huge page without a table to split it into")
    let table = state.frames.address(frame)
    setField(el1, parent, PageDescriptor.next, field(el1, table, PageDescriptor.next, as: UInt32.self))
    return table
  }

  /// Counts a deposited table. Linux: mm_inc_nr_ptes().
  func countDepositedTable(_ mm: MMID) {
    state[mm].pageTables += 1
    state.statistics.pageTablesAllocated &+= 1
  }

  /// Frees the deposited table of a huge page that was unmapped. Linux: zap_deposited_table().
  func freeDeposit(_ el1: EL1Interface, _ mm: MMID, _ pmd: PhysicalAddress) {
    putPage(el1, withdraw(el1, pmd))
    state[mm].pageTables -= 1
    state.statistics.pageTablesFreed &+= 1
  }
}
