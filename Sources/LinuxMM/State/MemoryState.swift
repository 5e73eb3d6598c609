// Owns the state of memory management as one value: address spaces, VMAs, free frames, counters.
// It does not know how any of it changes; page tables and page descriptors are in guest RAM.
import Architecture

/// All state of LinuxMM outside guest RAM. A snapshot is a copy of it.
public struct MemoryState: Sendable {
  public internal(set) var mms = Slots<MMID, MM>()
  var asids = ASIDAllocator()
  public internal(set) var frames: FrameTable
  /// The files that can be mapped, each with its page cache.
  public internal(set) var files = Slots<FileID, BackingFile>(firstID: 1)
  /// The limits on the pages of files, one for each tmpfs and for each hugetlbfs with a size.
  public internal(set) var quotas = Slots<PageQuotaID, PageQuota>(firstID: 1)
  public internal(set) var hugePages = HugePageSettings()
  public internal(set) var pool = HugePagePool()
  /// The minor and major faults of each task, by task id.
  var taskFaults = ChunkedArray<TaskFaults>()
  public internal(set) var statistics = MemoryStatistics()
  /// Whether the OOM killer must run, because a call found no RAM for a page that it had to make present. It is set even if the call itself
  /// ignores the error.
  public internal(set) var wantsOOMKill = false
  /// Why the kernel must panic, where a failed page demands that; the OOM killer is then asked for too.
  var panicReason: String?
  /// The pages that have failed or were taken out of use. Linux: num_poisoned_pages.
  public internal(set) var failedPages = 0
  /// The address whose page failed in the call that runs, if its caller must be told.
  var failedAddress: UInt64?
  /// Whether pages may have been freed lazily (MADV_FREE) since memory was last reclaimed.
  var hasLazyFreePages = false
  /// The pages that wait for their lists.
  var lru = LRUBatches()
  /// The number of VMAs of all address spaces.
  public internal(set) var areas = 0
  /// The number of pages of the page cache without those of the huge page pool, and the number of them that belong to memory files. Linux:
  /// NR_FILE_PAGES, NR_SHMEM.
  public internal(set) var cachedPages = 0
  public internal(set) var sharedPages = 0
  /// The number of pages that memory files are charged: the whole size of shared anonymous memory, and the present pages of the others.
  var committedShared = 0
  public internal(set) var settings = MemorySettings()
  var nextVMAID: UInt32 = 1
  /// The last inode number of shared anonymous memory.
  var lastSharedInode: UInt64 = 0

  /// Lays RAM out: page descriptors, the zero page, an empty upper table, then frames, none of which is free yet. Nil if RAM is too small.
  public init?(_ el1: EL1Interface, _ configuration: MemoryConfiguration) {
    guard let frames = FrameTable(ramBase: el1.ramBase.rawValue, ramSize: el1.ramSize) else { return nil }
    self.frames = frames
    // Linux: init_user_reserve().
    settings.userReserve = min(UInt64(frames.managed) / 8, 1 << 17)
    hugePages.enabled = configuration.hugePages
  }

  /// A new inode number for shared memory without a name, so that /proc/PID/maps shows different files.
  mutating func nextSharedInode() -> UInt64 {
    lastSharedInode += 1
    return lastSharedInode
  }
  var anonVMAs = AnonVMATable()

  public internal(set) subscript(id: MMID) -> MM {
    @inline(__always) unsafeAddress { mms.address(of: id) }
    @inline(__always) unsafeMutableAddress { mms.mutableAddress(of: id) }
  }
}

/// An address space. Linux: struct mm_struct.
public struct MM: Sendable {
  /// The number of tasks that use it. Linux: mm_users.
  public internal(set) var users = 0
  /// Physical address of the level 0 table.
  public internal(set) var pgd: UInt64
  /// The ASID of its translations in TLBs, if it is of the current generation; 0 until it first runs.
  public internal(set) var asid: UInt16 = 0
  var asidGeneration: UInt64 = 0
  /// The VMAs, sorted by address. They never overlap.
  public internal(set) var vmas = VMATree()
  /// The top of the area that mmap fills downwards.
  var mmapBase: UInt64 = Layout48.mmapBase
  var brkStart: UInt64 = 0
  public internal(set) var brk: UInt64 = 0
  /// The size in bytes of the program's data segment, which RLIMIT_DATA counts with the heap. Linux: end_data - start_data.
  var dataSize: UInt64 = 0
  public internal(set) var limits = MemoryLimits()
  /// Whether mmap goes upwards from `mmapBase`. Linux: MMF_TOPDOWN is clear.
  var growsUpwards = false
  /// The number of mapped pages by kind. Linux: rss_stat.
  public internal(set) var resident = ResidentPages()
  public var residentPages: Int { resident.total }
  /// The number of mapped pages of the huge page pool, in base pages. They do not count as resident. Linux: hugetlb_usage.
  public internal(set) var hugetlbPages = 0
  /// The number of its page tables without the level 0 table.
  public internal(set) var pageTables = 0
  /// The number of pages in locked VMAs. Linux: locked_vm.
  public internal(set) var lockedPages = 0
  /// The number of pages in all VMAs. Linux: total_vm.
  public internal(set) var mappedPages: UInt64 = 0
  /// The number of pages in VMAs that are charged against RAM.
  var chargedPages: UInt64 = 0
  /// The largest sizes so far, in pages, updated before a size shrinks. Linux: hiwater_rss, hiwater_vm.
  var peakResident = 0
  var peakMapped: UInt64 = 0
  /// The flags that mlockall(MCL_FUTURE) gives to new VMAs. Linux: def_flags.
  var defaultFlags: VMFlags = []
  /// The use of huge pages that prctl(PR_SET_THP_DISABLE) forbids. Children inherit it.
  public internal(set) var hugePageDisabling = HugePageDisabling.none
  /// Whether it has a reference to the huge zero page. Linux: MMF_HUGE_ZERO_FOLIO.
  var holdsHugeZeroPage = false
  /// Whether a VMA was ever sealed.
  var hasSeals = false
  /// Whether a VMA was ever advised of random or sequential reads.
  var hasReadAdvice = false
  /// The registrations for membarrier, which children inherit.
  var barriers = BarrierRegistrations()
  /// Whether it may be written to a core file. Linux: MMF_DUMPABLE.
  public internal(set) var isDumpable = true
  /// The kinds of mappings that a core file has. Linux: MMF_DUMP_FILTER_MASK.
  public internal(set) var coreFilter: UInt32 = 0x33
  /// The file of the program that runs in it. Linux: exe_file.
  public internal(set) var executable = FileID.none
  /// The address of the vDSO's image, which follows the mapping when it moves and stays when it is gone. Linux: mm_context_t.vdso.
  public internal(set) var vdso: UInt64 = 0
  /// The number that marks write-locked VMAs: a VMA with this number is write-locked until the mmap lock is released. Linux: mm_lock_seq.
  var lockSequence: UInt32 = 1
}

/// The numbers of pages that an address space maps, by kind. Linux: MM_ANONPAGES, MM_FILEPAGES, MM_SHMEMPAGES.
public struct ResidentPages: Hashable, Sendable {
  public var anonymous = 0
  public var file = 0
  public var shmem = 0
  public var total: Int { anonymous + file + shmem }

  mutating func add(_ other: Self) {
    anonymous &+= other.anonymous
    file &+= other.file
    shmem &+= other.shmem
  }

  public enum Kind: Sendable { case anonymous, file, shmem }
  @inline(__always)
  mutating func add(_ pages: Int, _ kind: Kind) {
    switch kind {
    case .anonymous: anonymous &+= pages
    case .file: file &+= pages
    case .shmem: shmem &+= pages
    }
  }
}

/// The 48-bit user address space without randomisation. Linux: arch/arm64/mm/mmap.c, include/asm/processor.h.
public enum Layout48 {
  public static let taskSize: UInt64 = 1 << 48
  public static let stackTop: UInt64 = taskSize
  /// RLIMIT_STACK of a first process.
  public static let stackLimit: UInt64 = 8 << 20
  /// PMD_SIZE: the number of bytes that one level 2 block maps.
  public static let hugePage: UInt64 = 2 << 20
  /// stack_guard_gap: 256 pages.
  static let guardGap: UInt64 = 256 << 12
  /// The gap below the stack is at least 128 MiB.
  static let mmapBase: UInt64 = taskSize - (128 << 20)
  /// TASK_UNMAPPED_BASE: the start of the upward search, which begins when no space below `mmapBase` is free.
  static let unmappedBase: UInt64 = taskSize / 4
}

/// A mapped range with one set of attributes. Linux: struct vm_area_struct.
public struct VMArea: Hashable, Sendable {
  public internal(set) var start: UInt64
  public internal(set) var end: UInt64
  public internal(set) var flags: VMFlags
  /// The page of the file that `start` maps. For anonymous memory it is the page number of the address at which the memory was first
  /// mapped. Linux: vm_pgoff.
  public internal(set) var pageOffset: UInt64
  /// For a private mapping of a file, the number of pages by which its copied pages were moved upward since they were written, modulo 2^64.
  /// It is always 0 for kernels that do not use it. Linux: the start's page number minus vma_start_anon_pgoff().
  var displacement: UInt64 = 0
  /// The mapped file; none for private anonymous memory.
  public internal(set) var file = FileID.none
  /// The anon_vma; none until the first page of the VMA is written.
  public internal(set) var anonVMA = AnonVMAID.none
  /// The anon_vmas whose pages the VMA may map: its own, and those of the VMAs from which it was forked.
  var anonVMAChain = AnonVMAChain()
  var hugeReservation = HugeReservation()
  public internal(set) var id: UInt32 = 0
  public internal(set) var purpose: Purpose = .anonymous
  /// vm_lock_seq; see `MM.lockSequence`.
  var lockSequence: UInt32 = 0

  /// The text that /proc/PID/maps prints at the end of the line.
  public enum Purpose: UInt8, Sendable { case anonymous, program, heap, stack, vvar, vdso }

  /// Whether the VMA maps pages of the kernel itself. Linux: vma_is_special_mapping().
  public var isSpecialMapping: Bool { purpose == .vvar || purpose == .vdso }
  public func contains(_ address: UInt64) -> Bool { address >= start && address < end }
  /// Whether the VMA is private anonymous memory. Linux: vma_is_anonymous().
  public var isAnonymous: Bool { file == .none }
  /// The page of the file, or of the anonymous memory, behind an address. Linux: linear_page_index().
  public func pageIndex(of address: UInt64) -> UInt64 { pageOffset &+ (address &- start) >> 12 }
}

/// The fault counts that getrusage reports.
public struct TaskFaults: Hashable, Sendable {
  public var minor: UInt64 = 0
  public var major: UInt64 = 0
}

/// Counters for `--stats`. Each minor fault is of exactly one kind.
public struct MemoryStatistics: Hashable, Sendable {
  /// Read faults for which the zero page was mapped.
  public var zeroPageFaults: UInt64 = 0
  /// Write faults on an empty entry, for which a zeroed page was mapped writable.
  public var anonymousFaults: UInt64 = 0
  /// Write faults on the zero page, for which a zeroed page replaced it.
  public var zeroPageCopies: UInt64 = 0
  /// Write faults on a shared page, for which a copy replaced it.
  public var copies: UInt64 = 0
  /// Write faults on an exclusive page, which became writable.
  public var reuses: UInt64 = 0
  /// First accesses to a page of a file, which was mapped.
  public var fileFaults: UInt64 = 0
  /// Other pages of files that these faults also mapped. They are not faults themselves.
  public var faultAroundPages: UInt64 = 0
  /// Faults for which software set the access flag or the dirty state.
  public var accessFlagFaults: UInt64 = 0
  /// The counters of huge pages.
  public var hugePages = HugePageStatistics()
  /// Faults for which the entry did not have to be changed.
  public var spuriousFaults: UInt64 = 0
  /// Faults that were charged to tasks, including tasks that have ended: minor, and major (vmstat's PGMAJFAULT).
  public var minorFaults: UInt64 = 0
  public var majorFaults: UInt64 = 0
  /// vmstat's PGFAULT: all faults that ended, including those that ended in an error.
  public var pageFaults: UInt64 = 0
  /// The number of TLBI instructions.
  public var tlbInvalidations: UInt64 = 0
  public var pageTablesAllocated: UInt64 = 0
  public var pageTablesFreed: UInt64 = 0
  public var pagesAllocated: UInt64 = 0
  public var pagesFreed: UInt64 = 0
  /// Pages whose contents compaction moved.
  public var pagesMigrated: UInt64 = 0
}
