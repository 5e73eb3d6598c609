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
  /// What /proc/PID/maps prints at the end of the line.
  public var name: String
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
  /// Open file descriptions and directory entries that keep it alive.
  public internal(set) var openReferences = 1
  /// VMAs that map it, in all address spaces.
  public internal(set) var mappings = 0
  /// Of these the shared ones that may become writable. Linux: i_mmap_writable.
  public internal(set) var writableMappings = 0
}

/// Which pages of a file are in RAM: page index to physical address. Linux: the XArray of struct address_space.
public struct PageCache: Sendable {
  /// 512 neighbours; 0 where a page is missing.
  private struct Chunk {
    var pages = [UInt64](repeating: 0, count: 512)
    var count = 0
  }
  /// By index / 512.
  private var chunks: [UInt64: Chunk] = [:]
  /// Pages in RAM. Linux: nrpages.
  public private(set) var count = 0

  public subscript(index: UInt64) -> UInt64? {
    guard let page = chunks[index >> 9]?.pages[Int(index & 511)], page != 0 else { return nil }
    return page
  }

  /// Adds a page where there is none.
  mutating func insert(_ page: UInt64, at index: UInt64) {
    precondition(self[index] == nil, "a page cache has one page for an index")
    chunks[index >> 9, default: Chunk()].pages[Int(index & 511)] = page
    chunks[index >> 9]!.count += 1
    count += 1
  }

  /// Removes the page, if it is there.
  mutating func remove(at index: UInt64) -> UInt64? {
    guard let page = self[index] else { return nil }
    chunks[index >> 9]!.pages[Int(index & 511)] = 0
    chunks[index >> 9]!.count -= 1
    if chunks[index >> 9]!.count == 0 { chunks[index >> 9] = nil }
    count -= 1
    return page
  }

  /// The first page of [start, end) that is there.
  public func first(_ start: UInt64, _ end: UInt64) -> UInt64? {
    for key in chunks.keys.filter({ $0 >= start >> 9 && $0 <= end >> 9 }).sorted() {
      let low = max(start, key << 9)
      if let slot = chunks[key]!.pages[Int(low & 511)...].firstIndex(where: { $0 != 0 }) {
        let index = key << 9 | UInt64(slot)
        return index < end ? index : nil
      }
    }
    return nil
  }

  /// The pages of [start, end) that are there, in order.
  public func pages(_ start: UInt64 = 0, _ end: UInt64 = .max) -> [(index: UInt64, page: UInt64)] {
    var found: [(index: UInt64, page: UInt64)] = []
    for key in chunks.keys.filter({ $0 >= start >> 9 && $0 <= end >> 9 }).sorted() {
      for (slot, page) in chunks[key]!.pages.enumerated() where page != 0 {
        let index = key << 9 | UInt64(slot)
        if index >= start && index < end { found.append((index, page)) }
      }
    }
    return found
  }
}
