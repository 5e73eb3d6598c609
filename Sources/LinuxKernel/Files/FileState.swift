// Owns the state of files as one value: descriptor tables, open files, inodes, pipes and mounts.
// It does not know what a file holds: the page cache of LinuxMM does.
import Architecture
import HashTreeCollections
import LinuxMM

/// All of the kernel's state about files.
struct FileState: Sendable {
  var tables = Slots<FilesID, DescriptorTable>()
  var contexts = Slots<FSID, FileSystemContext>()
  var open = Slots<OpenFileID, OpenFile>()
  var inodes = Slots<InodeID, Inode>()
  var pipes = Slots<PipeID, Pipe>()
  var timers = Slots<TimerFileID, TimerFile>()
  /// Bytes of texts that open files have read in part.
  var sequenceBytes = 0
  /// The number of slots of all descriptor tables.
  var descriptorSlots = 0
  /// The number of pages that all pipes hold.
  var pipePages = 0
  /// The mounts. The first one is the root.
  var mounts = Slots<MountID, Mount>()
  var nextMountNumber: UInt64 = 0
  /// The number of mounts that were unmounted lazily and are still in use.
  var detachedMounts = 0
  /// The file systems that are mounted, each once or several times.
  var superblocks = Slots<SuperblockID, Superblock>()
  /// The mount that covers a place. It is never iterated.
  var mountPoints: TreeDictionary<Path, MountID> = [:]
  /// The next inode number of each device.
  private var nextNumbers: [UInt64] = []

  /// The mount that a place lies in; nil for a place outside the tree.
  func mount(of place: Path) -> Mount? { mounts.contains(place.mount) ? mounts[place.mount] : nil }

  /// The lowest minor number that no file system has. Linux: get_anon_bdev().
  var freeMinor: UInt32 {
    let taken = superblocks.all.map(\.element.device.minor)
    return (DeviceNumber.firstMount...).first { !taken.contains($0) } ?? DeviceNumber.firstMount
  }

  mutating func nextNumber(_ device: DeviceNumber) -> UInt64 {
    while nextNumbers.count <= Int(device.minor) { nextNumbers.append(1) }
    defer { nextNumbers[Int(device.minor)] += 1 }
    return nextNumbers[Int(device.minor)]
  }
}

/// A place in the tree: a mount, and a file or directory in it. Linux: struct path.
struct Path: Hashable, Sendable {
  /// A mount that does not exist, for files outside the tree such as pipes and memfds.
  var mount: MountID
  var node: Node
}

/// The file or directory at a place.
enum Node: Hashable, Sendable {
  case inode(InodeID)
  /// A file or directory of /proc or /sys. It has no inode, because its contents are computed at each read.
  case synthetic(SyntheticNode)
}

/// A device as st_dev and st_rdev name it.
struct DeviceNumber: Hashable, Sendable {
  var major: UInt32
  var minor: UInt32
  /// Linux: new_encode_dev().
  var encoded: UInt64 { UInt64(minor & 0xff | major << 8 | (minor & ~0xff) << 12) }

  /// The kernel's own tmpfs, of memfds and shared anonymous memory.
  static let shmem = DeviceNumber(major: 0, minor: 1)
  static let root = DeviceNumber(major: 0, minor: 2)
  static let hugetlbfs = DeviceNumber(major: MemoryManager.hugetlbDevice.major, minor: MemoryManager.hugetlbDevice.minor)
  static let pipes = DeviceNumber(major: 0, minor: 14)
  static let processes = DeviceNumber(major: 0, minor: 8)
  /// The first minor number of the mounts that are made later.
  static let firstMount: UInt32 = 21
}
