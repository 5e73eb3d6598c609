// Owns the table of files that can be mapped: what kind, how large, which of their pages are in RAM, who holds them.
// It does not know paths, descriptors or how pages are filled. Linux: struct inode, struct address_space.

/// A file as memory management sees it.
public struct BackingFile: Sendable {
  public enum Kind: Hashable, Sendable {
    /// Lives in RAM alone: memfd, tmpfs, shared anonymous memory.
    case shmem
    /// A file of the host, by the number that `PageSource` knows it by. Its pages come in on demand. Negative: a file of the root
    /// that the host does not have, whose pages are all in RAM (a ramfs's).
    case host(Int32)
    /// Pages of the huge page pool.
    case hugetlb
  }
  public internal(set) var kind: Kind
  /// What /proc/PID/maps prints at the end of the line, bytes of whatever encoding, where the file has no place in the tree.
  public var name: [UInt8]
  /// Where the file layer finds the name that it has now.
  public internal(set) var place: FilePlace?
  /// What /proc/PID/maps prints as device (major, minor) and inode.
  public var device: (major: UInt32, minor: UInt32) = (0, 1)
  public var inode: UInt64
  /// i_size, in bytes.
  public internal(set) var size: UInt64
  /// Of a host file: how many of the host's bytes it has, the smallest size it ever had. What lies behind was written here or is zero.
  var sourceLimit: UInt64 = .max
  /// Its pages count against the size of a tmpfs; memfds and shared anonymous memory have no such limit.
  public internal(set) var isInTmpfs = false
  public internal(set) var seals = FileSeals.SEAL
  var readahead = ReadaheadState()
  /// Of a file of pool memory: the size of its pages as a power of two, by which `pages` counts; and which of them are promised to it or
  /// are there. Linux: struct resv_map of the inode.
  var hugePageShift = HugePagePool.defaultSize
  var reservedHugePages = HugePageNumbers()
  public internal(set) var pages = PageCache()
  /// Open file descriptions and directory entries that keep it alive, and VMAs on their way from their last mapping to their end.
  public internal(set) var openReferences = 1
  /// VMAs that map it, in all address spaces.
  public internal(set) var mappings = 0
  /// Of these the shared ones that may become writable. Linux: i_mmap_writable.
  public internal(set) var writableMappings = 0
}

/// A place of the tree in the file layer's own numbers: a mount and an inode.
public struct FilePlace: Hashable, Sendable {
  public var mount: Int
  public var inode: Int
  public init(mount: Int, inode: Int) {
    self.mount = mount
    self.inode = inode
  }
}
