// Owns the layout of a page descriptor in guest RAM, and its fields by name.
// It does not know when any of them changes. Linux: struct page, struct folio.
import Architecture

/// The descriptor of a frame: 64 bytes at the vmemmap.
///
/// A folio is one page, or 2^order pages whose first page, the head, holds the references. Tail pages name their head.
enum PageDescriptor {
  /// The size of a descriptor in bytes.
  static var size: UInt64 { 64 }
  /// 64 bits of flags, below.
  static var flags: UInt64 { 0 }
  /// 32 bits, in the head: the number of references to the folio; 0 if the frame is free.
  static var referenceCount: UInt64 { 8 }
  /// 32 bits: the number of level 3 entries that map this page.
  static var mapCount: UInt64 { 12 }
  /// 64 bits, in the head: the owner of the folio. An anon_vma's number * 2 + 1, or a file's number * 2; 0 for none.
  static var mapping: UInt64 { 16 }
  /// 64 bits, in the head: the index of the first page in the mapping.
  static var index: UInt64 { 24 }
  /// 64 bits, in a tail: physical address of the head, with bit 0 set; 0 in a head.
  static var compoundHead: UInt64 { 32 }
  /// 32 bits: in a head the folio's order, in a free block's first frame the block's order.
  static var order: UInt64 { 40 }
  /// 32 bits, in a head: the number of level 2 blocks that map the whole folio.
  static var entireMapCount: UInt64 { 44 }
  /// 32 bits each: in a free block's first frame the neighbours in the free list as frame numbers; in a level 2 table the deposited
  /// tables.
  static var next: UInt64 { 48 }
  static var previous: UInt64 { 52 }
  /// 64 bits, in the head of a page that is no table: its number among the pages that were added to the lists; see `LRUBatches`.
  static var listing: UInt64 { 56 }

  // Flags.

  /// The page is anonymous memory.
  static var anonymous: UInt64 { 1 }
  /// The page belongs to one address space alone (PageAnonExclusive).
  static var exclusive: UInt64 { 2 }
  /// The page is a translation table.
  static var table: UInt64 { 4 }
  /// The first frame of a free block (PageBuddy).
  static var buddy: UInt64 { 8 }
  /// The folio was written since it was filled (PG_dirty).
  static var dirty: UInt64 { 0x10 }
  /// Its contents are those of the file (PG_uptodate).
  static var upToDate: UInt64 { 0x20 }
  /// Anonymous memory that may be dropped, not swapped, while it is clean: MADV_FREE (no PG_swapbacked).
  static var lazyFree: UInt64 { 0x40 }
  /// It waits to become such memory (in the batch lru_lazyfree).
  static var givenUp: UInt64 { 0x80 }
  /// When this page is accessed, the next window of the file must be read (PG_readahead).
  static var readahead: UInt64 { 0x100 }
  /// The page was used since the kernel last checked, whatever the entries say (PG_referenced).
  static var referenced: UInt64 { 0x200 }
  /// For a large folio: some of its pages are no longer mapped, so a split would free memory.
  static var partiallyMapped: UInt64 { 0x400 }
  /// For a free frame: it was allocated before, so it may hold anything. RAM is zero at boot.
  static var used: UInt64 { 0x800 }
  /// The head of a page of the huge page pool, free or not (PG_hugetlb).
  static var pooled: UInt64 { 0x1000 }
  /// For a page of the pool: freeing it restores the reservation that it used (HPG_restore_reserve).
  static var restoresPromise: UInt64 { 0x2000 }
  /// The page has failed. One reference keeps it from being used again (PG_hwpoison).
  static var poisoned: UInt64 { 0x4000 }
  /// It waits to be aged (in the batch lru_deactivate).
  static var ageing: UInt64 { 0x8000 }
  /// A fault has brought the page, so that its list forgets what was known of its use (PG_active of a page that is in no list).
  static var hot: UInt64 { 0x1_0000 }
  /// The page was used, which will be forgotten when it goes to its list.
  static var referencedUntilListed: UInt64 { 0x2_0000 }
  /// Locked memory maps the page (PG_mlocked).
  static var locked: UInt64 { 0x4_0000 }
  /// The page is in the list of pages that cannot be evicted (PG_unevictable).
  static var unevictable: UInt64 { 0x8_0000 }
  /// The page became locked while it waited in the batch of new pages, which brings it to that list.
  static var lockedNew: UInt64 { 0x10_0000 }
  /// A new page of locked memory, which waits in the batch of locks and in no other.
  static var waitsLocked: UInt64 { 0x20_0000 }
  /// One of the mappings of locked memory that the list counts, in the 8 bits from here on (mlock_count).
  static var lockCount: UInt64 { 0x100_0000 }
}

extension MemoryManager {
  /// The descriptor of a page, for access to several fields. Loads and stores of fields are no steps.
  @inline(__always)
  func descriptor(_ el1: EL1Interface, _ page: UInt64) -> RAMRecord {
    RAMRecord(el1.ram, state.frames.descriptor(of: page), size: PageDescriptor.size)
  }
  @inline(__always)
  func field<T: BitwiseCopyable>(_ el1: EL1Interface, _ page: UInt64, _ offset: UInt64, as type: T.Type) -> T {
    descriptor(el1, page).load(offset, as: type)
  }
  @inline(__always)
  func setField<T: BitwiseCopyable>(_ el1: EL1Interface, _ page: UInt64, _ offset: UInt64, _ value: T) {
    descriptor(el1, page).store(offset, value)
  }

  /// The physical address of the folio's first page. Linux: page_folio().
  @inline(__always)
  func folio(_ el1: EL1Interface, _ page: UInt64) -> UInt64 { folioDescriptor(el1, page).head }
  /// The same, with that page's descriptor.
  @inline(__always)
  func folioDescriptor(_ el1: EL1Interface, _ page: UInt64) -> (head: UInt64, fields: RAMRecord) {
    let fields = descriptor(el1, page)
    let head = fields.load(PageDescriptor.compoundHead, as: UInt64.self)
    return _fastPath(head & 1 == 0) ? (page, fields) : (head & ~1, descriptor(el1, head & ~1))
  }
  /// The number of pages of a folio, given its head. Linux: folio_nr_pages().
  func folioPages(_ el1: EL1Interface, _ head: UInt64) -> Int { 1 << Int(field(el1, head, PageDescriptor.order, as: UInt32.self)) }

  @inline(__always)
  func hasFlag(_ el1: EL1Interface, _ page: UInt64, _ flag: UInt64) -> Bool {
    field(el1, page, PageDescriptor.flags, as: UInt64.self) & flag != 0
  }
  func setFlag(_ el1: EL1Interface, _ page: UInt64, _ flag: UInt64) {
    el1.step(.folioFlags, page)
    let descriptor = descriptor(el1, page)
    descriptor.store(PageDescriptor.flags, descriptor.load(PageDescriptor.flags, as: UInt64.self) | flag)
  }
  func clearFlag(_ el1: EL1Interface, _ page: UInt64, _ flag: UInt64) {
    el1.step(.folioFlags, page)
    let descriptor = descriptor(el1, page)
    descriptor.store(PageDescriptor.flags, descriptor.load(PageDescriptor.flags, as: UInt64.self) & ~flag)
  }
}
