// Owns the state of memory management as one value: address spaces, VMAs, free frames, counters.
// It does not know how any of it changes; page tables and page descriptors are in guest RAM.
import Architecture

/// Everything that LinuxMM remembers outside guest RAM. A snapshot is a copy.
public struct MemoryState: Sendable {
  public internal(set) var mms = Slots<MMID, MM>()
  var asids = ASIDAllocator()
  public internal(set) var frames: FrameTable
  /// What can be mapped beside anonymous memory, with its page cache.
  public internal(set) var files = Slots<FileID, BackingFile>(firstID: 1)
  /// Pages that files of a tmpfs have.
  public internal(set) var tmpfsPages = 0
  public internal(set) var hugePages = HugePageSettings()
  public internal(set) var pool = HugePagePool()
  /// min_flt and maj_flt by task id.
  var taskFaults = ChunkedArray<TaskFaults>()
  public internal(set) var statistics = MemoryStatistics()
  /// A page that a call wanted present could not be had: the OOM killer's turn, whatever the call makes of it.
  public internal(set) var wantsOOMKill = false
  /// Pages may have been freed lazily since memory was last reclaimed.
  var hasLazyFreePages = false
  /// VMAs of all address spaces.
  public internal(set) var areas = 0
  /// Pages of the page cache, those of the huge page pool left out, and of them the pages of memory files. Linux: NR_FILE_PAGES, NR_SHMEM.
  public internal(set) var cachedPages = 0
  public internal(set) var sharedPages = 0
  var nextVMAID: UInt32 = 1
  /// The last inode number of shared anonymous memory.
  var lastSharedInode: UInt64 = 0

  /// RAM laid out: page descriptors, the zero page, an empty upper table, then frames, of which none is free yet. Nil where RAM is too
  /// small.
  public init?(_ el1: EL1Interface, _ configuration: MemoryConfiguration) {
    guard let frames = FrameTable(ramBase: el1.ramBase.rawValue, ramSize: el1.ramSize) else { return nil }
    self.frames = frames
    hugePages.enabled = configuration.hugePages
  }

  /// A new number for nameless shared memory: files that /proc/PID/maps can tell apart.
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
  /// How many tasks use it. Linux: mm_users.
  public internal(set) var users = 0
  /// Physical address of the level 0 table.
  public internal(set) var pgd: UInt64
  /// What its translations carry in TLBs, if it is of the current generation; 0 until it first runs.
  public internal(set) var asid: UInt16 = 0
  var asidGeneration: UInt64 = 0
  /// Sorted by address, never overlapping.
  public internal(set) var vmas = VMATree()
  /// Top of the area that mmap fills downwards.
  var mmapBase: UInt64 = Layout48.mmapBase
  var brkStart: UInt64 = 0
  var brk: UInt64 = 0
  /// RLIMIT_STACK, in bytes.
  var stackLimit = Layout48.stackLimit
  /// Pages mapped, by kind. Linux: rss_stat.
  public internal(set) var resident = ResidentPages()
  public var residentPages: Int { resident.total }
  /// Pages of the huge page pool that are mapped, in base pages; they do not count as resident. Linux: hugetlb_usage.
  public internal(set) var hugetlbPages = 0
  /// Tables in use, the level 0 table left out.
  public internal(set) var pageTables = 0
  /// Pages of locked VMAs. Linux: locked_vm.
  public internal(set) var lockedPages = 0
  /// Pages of all VMAs. Linux: total_vm.
  public internal(set) var mappedPages: UInt64 = 0
  /// The largest sizes before something shrank, in pages. Linux: hiwater_rss, hiwater_vm.
  var peakResident = 0
  var peakMapped: UInt64 = 0
  /// What mlockall(MCL_FUTURE) gives to new VMAs. Linux: def_flags.
  var defaultFlags: VMFlags = []
  /// What prctl(PR_SET_THP_DISABLE) forbids; children inherit it.
  public internal(set) var hugePageDisabling = HugePageDisabling.none
  /// It has a reference to the huge zero page. Linux: MMF_HUGE_ZERO_FOLIO.
  var holdsHugeZeroPage = false
  /// The file of the program that runs in it. Linux: exe_file.
  public internal(set) var executable = FileID.none
  /// mm_lock_seq: a VMA with this number is write-locked until the mmap lock is released.
  var lockSequence: UInt32 = 1
}

/// Pages that entries of an address space map, by what they belong to. Linux: MM_ANONPAGES, MM_FILEPAGES, MM_SHMEMPAGES.
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
  /// PMD_SIZE: what one level 2 block maps.
  public static let hugePage: UInt64 = 2 << 20
  /// stack_guard_gap: 256 pages.
  static let guardGap: UInt64 = 256 << 12
  /// The gap below the stack is at least 128 MiB.
  static let mmapBase: UInt64 = taskSize - (128 << 20)
  /// TASK_UNMAPPED_BASE: where the search upwards begins once nothing is free below `mmapBase`.
  static let unmappedBase: UInt64 = taskSize / 4
  /// mmap_min_addr: below it only an exact address (MAP_FIXED) can be had, since the only user is root (CAP_SYS_RAWIO).
  static let minimumAddress: UInt64 = 0x1_0000
  /// vm.max_map_count.
  public static let maximumMapCount = 65530
}

/// A mapped range with one set of attributes. Linux: struct vm_area_struct.
public struct VMArea: Hashable, Sendable {
  public internal(set) var start: UInt64
  public internal(set) var end: UInt64
  public internal(set) var flags: VMFlags
  /// vm_pgoff: the page of the file that `start` maps; for anonymous memory the page number of the address where it was first mapped.
  public internal(set) var pageOffset: UInt64
  /// Of a private mapping of a file: how many pages its copies were moved upward since they were written, modulo 2^64; always 0 where
  /// kernels do not care. Linux: the start's page number less vma_start_anon_pgoff().
  var displacement: UInt64 = 0
  /// The file behind it; none for private anonymous memory.
  public internal(set) var file = FileID.none
  /// 0 until the first page of the VMA is written.
  public internal(set) var anonVMA = AnonVMAID.none
  /// The anon_vmas whose pages it may hold: its own, and those of the VMAs that it was forked from.
  var anonVMAChain = AnonVMAChain()
  var hugeReservation = HugeReservation()
  public internal(set) var id: UInt32 = 0
  public internal(set) var purpose: Purpose = .anonymous
  /// vm_lock_seq; see `MM.lockSequence`.
  var lockSequence: UInt32 = 0

  /// What /proc/PID/maps writes at the end of the line.
  public enum Purpose: UInt8, Sendable { case anonymous, program, heap, stack, vdso }

  public func contains(_ address: UInt64) -> Bool { address >= start && address < end }
  /// Linux: vma_is_anonymous().
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
  /// Read fault: the zero page was mapped.
  public var zeroPageFaults: UInt64 = 0
  /// Write fault on nothing: a zeroed page was mapped writable.
  public var anonymousFaults: UInt64 = 0
  /// Write fault on the zero page: a zeroed page replaced it.
  public var zeroPageCopies: UInt64 = 0
  /// Write fault on a shared page: a copy replaced it.
  public var copies: UInt64 = 0
  /// Write fault on an exclusive page: it was made writable.
  public var reuses: UInt64 = 0
  /// First touch of a page of a file: it was mapped.
  public var fileFaults: UInt64 = 0
  /// Other pages of files that these faults mapped on the way, which is no fault of its own.
  public var faultAroundPages: UInt64 = 0
  /// The access flag or the dirty state was set by software.
  public var accessFlagFaults: UInt64 = 0
  /// Those of huge pages.
  public var hugePages = HugePageStatistics()
  /// Nothing had to be changed.
  public var spuriousFaults: UInt64 = 0
  /// Faults that tasks were charged with, whether they still live or not: minor, and major (vmstat's PGMAJFAULT).
  public var minorFaults: UInt64 = 0
  public var majorFaults: UInt64 = 0
  /// vmstat's PGFAULT: every fault that ended, errors included.
  public var pageFaults: UInt64 = 0
  /// TLBI instructions.
  public var tlbInvalidations: UInt64 = 0
  public var pageTablesAllocated: UInt64 = 0
  public var pageTablesFreed: UInt64 = 0
  public var pagesAllocated: UInt64 = 0
  public var pagesFreed: UInt64 = 0
}
