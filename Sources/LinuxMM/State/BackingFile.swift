// Owns the table of files that can be mapped: the kind and size of each, its pages in RAM, and its users.
// It does not know paths, descriptors or how pages are filled. Linux: struct inode, struct address_space.

/// A file as memory management sees it.
public struct BackingFile: Sendable {
  public enum Kind: Hashable, Sendable {
    /// A file that exists only in RAM: memfd, tmpfs, shared anonymous memory.
    case shmem
    /// A file of the host, by the number under which `PageSource` knows it; its pages are read on demand. A negative number is a
    /// file of the root that the host does not have, and whose pages are all in RAM, as in a ramfs.
    case host(Int32)
    /// A file whose pages come from the huge page pool.
    case hugetlb
    /// No file: pages of the kernel itself. All that there will ever be are in RAM. Linux: struct vm_special_mapping.
    case special
  }
  public internal(set) var kind: Kind
  /// The name that /proc/PID/maps prints for a file without a place in the tree, as bytes of any encoding.
  public var name: [UInt8]
  /// Where the file layer finds the file's current name.
  public internal(set) var place: FilePlace?
  /// The device (major, minor) and inode that /proc/PID/maps prints.
  public var device: (major: UInt32, minor: UInt32) = (0, 1)
  public var inode: UInt64
  /// i_size, in bytes.
  public internal(set) var size: UInt64
  /// For a host file, how many of the host's bytes it uses: the smallest size that it ever had. Bytes behind that were written here
  /// or are zero.
  var sourceLimit: UInt64 = .max
  /// The limit against which its pages count: the size of its tmpfs, or of its hugetlbfs. Memfds and shared anonymous memory have none.
  public internal(set) var quota = PageQuotaID.none
  /// The page behind the last one that fallocate made present. Linux: fallocend.
  var allocatedEnd: UInt64 = 0
  /// The pages that are charged for the whole file from the start; 0 if each page is charged when it is added. Linux: shmem_acct_size().
  var chargedPages = 0
  public internal(set) var seals = FileSeals.SEAL
  var readahead = ReadaheadState()
  /// For a file of pool memory, the size of its pages as a power of two, in units of which `pages` counts, and the numbers of the
  /// pages that are reserved or present. Linux: struct resv_map of the inode.
  var hugePageShift = HugePagePool.defaultSize
  var reservedHugePages = HugePageNumbers()
  public internal(set) var pages = PageCache()
  /// The number of open file descriptions and directory entries that keep the file alive, and of VMAs that have lost their last mapping
  /// of it and are not freed yet.
  public internal(set) var openReferences = 1
  /// The number of VMAs that map the file, over all address spaces.
  public internal(set) var mappings = 0
  /// The number of those VMAs that are shared and may become writable. Linux: i_mmap_writable.
  public internal(set) var writableMappings = 0
}

/// A place in the tree, by the file layer's numbers of a mount and an inode.
public struct FilePlace: Hashable, Sendable {
  public var mount: Int
  public var inode: Int
  public init(mount: Int, inode: Int) {
    self.mount = mount
    self.inode = inode
  }
}
