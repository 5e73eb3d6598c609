// Owns the properties of a file other than its names and contents: kind, permissions, links and times, and the entries of a directory. It
// does not know paths. Linux: struct inode, fs/libfs.c, mm/shmem.c.
import Architecture
import HashTreeCollections
import LinuxMM

struct Inode: Sendable {
  enum Kind: Sendable {
    case directory(Directory)
    /// A regular file, with its contents in the page cache.
    case regular(FileID)
    /// A symbolic link's text.
    case link([UInt8])
    case device(CharacterDevice)
    case pipe(PipeID)
    /// A process, by its pid (pidfd_open).
    case process(TaskID)
    /// A timer (timerfd_create).
    case timer(TimerFileID)
  }
  var kind: Kind
  /// Permission bits, 07777.
  var permissions: UInt32
  /// The number of directory entries that name the inode. For a directory, they include its "." and the ".." of its subdirectories.
  var links: UInt32
  var number: UInt64
  var device: DeviceNumber
  /// References from open files, working directories and mounts. The inode is freed when this and `links` are both 0.
  var references = 0
  /// The directory and the name of the file's latest link, from which paths are printed.
  var parent: InodeID?
  var name: [UInt8] = []
  /// Whether the file was opened with O_TMPFILE and has had no name yet, so that linkat may give it one.
  var isUnnamed = false
  /// The time of the last access, in guest nanoseconds, as are the times below.
  var accessed: UInt64
  var modified: UInt64
  var changed: UInt64
  var born: UInt64

  init(_ kind: Kind, permissions: UInt32, number: UInt64, device: DeviceNumber, now: UInt64) {
    self.kind = kind
    self.permissions = permissions
    self.number = number
    self.device = device
    links = 1
    accessed = now
    modified = now
    changed = now
    born = now
    if case .directory = kind { links = 2 }
  }

  var isDirectory: Bool { if case .directory = kind { true } else { false } }
  var linkText: [UInt8]? { if case .link(let text) = kind { text } else { nil } }
  /// The largest size in bytes of a symbolic link's text that takes no page. Linux: SHORT_SYMLINK_LEN.
  static var longestInlineLink: Int { 128 }
  var takesPage: Bool { linkText.map { $0.count > Self.longestInlineLink } ?? false }
  var contents: FileID? { if case .regular(let id) = kind { id } else { nil } }

  /// The part of st_mode that S_IFMT covers.
  var type: UInt32 {
    switch kind {
    case .directory: FileType.directory
    case .regular: FileType.regular
    case .link: FileType.link
    case .device: FileType.characterDevice
    case .pipe: FileType.pipe
    case .process, .timer: FileType.regular
    }
  }
}

/// S_IF*.
enum FileType {
  static let mask: UInt32 = 0o170000
  static let pipe: UInt32 = 0o010000
  static let characterDevice: UInt32 = 0o020000
  static let directory: UInt32 = 0o040000
  static let regular: UInt32 = 0o100000
  static let link: UInt32 = 0o120000
  /// d_type, as getdents64 gives it.
  static func entryType(_ type: UInt32) -> UInt8 { UInt8(type >> 12) }
}

/// The entries of a directory. They are found by name, and listed by their offsets, each of which is used only once. Linux: struct
/// offset_ctx.
struct Directory: Sendable {
  struct Entry: Sendable {
    let offset: UInt64
    let name: [UInt8]
    /// The inode; nil if the name was removed.
    let inode: InodeID?
  }
  /// The entries in the order of their offsets. Removed entries are dropped once they are half of all.
  private(set) var entries = ChunkedArray<Entry>()
  /// The offset of each name. It is never iterated.
  private var offsets: TreeDictionary<[UInt8], UInt64> = [:]
  private var nextOffset: UInt64 = 3
  /// The directory of the host whose entries were not copied yet, as its names from the root on; nil if there is none.
  var hostPath: [[UInt8]]?

  var isEmpty: Bool { offsets.isEmpty }
  var count: Int { offsets.count }
  var inodes: [InodeID] { entries.compactMap(\.inode) }

  /// At most `count` entries with an offset below `offset`, the newest first.
  func newest(_ count: Int, below offset: UInt64) -> [(offset: UInt64, name: [UInt8], inode: InodeID)] {
    var found: [(offset: UInt64, name: [UInt8], inode: InodeID)] = []
    var place = index(of: offset) - 1
    while place >= 0 && found.count < count {
      let entry = entries[place]
      if let inode = entry.inode { found.append((entry.offset, entry.name, inode)) }
      place -= 1
    }
    return found
  }

  subscript(name: [UInt8]) -> InodeID? { offsets[name].flatMap { entries[index(of: $0)].inode } }

  /// The index of the first entry whose offset is at least `offset`.
  private func index(of offset: UInt64) -> Int {
    var (low, high) = (0, entries.count)
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].offset < offset { low = middle + 1 } else { high = middle }
    }
    return low
  }
  mutating func insert(_ name: [UInt8], _ inode: InodeID) {
    precondition(offsets[name] == nil, "a name is there twice")
    offsets[name] = nextOffset
    entries.append(Entry(offset: nextOffset, name: name, inode: inode))
    nextOffset += 1
  }
  mutating func remove(_ name: [UInt8]) {
    guard let offset = offsets.removeValue(forKey: name) else { preconditionFailure("no such name") }
    entries[index(of: offset)] = Entry(offset: offset, name: [], inode: nil)
    if entries.count > 2 * offsets.count { entries.removeAll { $0.inode == nil } }
  }
  /// Makes a name mean another inode. The name keeps its offset.
  mutating func replace(_ name: [UInt8], with inode: InodeID) {
    guard let offset = offsets[name] else { preconditionFailure("no such name") }
    entries[index(of: offset)] = Entry(offset: offset, name: name, inode: inode)
  }
}
