// Owns the information that stat returns about a file, and its layout in user memory. It does not know how the file was found. Linux:
// fs/stat.c, include/uapi/asm-generic/stat.h, linux/stat.h.
import Architecture
import LinuxMM

/// The information that stat, statx and fstat return. Times are guest nanoseconds.
struct FileStatus {
  var device = DeviceNumber(major: 0, minor: 0)
  var number: UInt64 = 0
  /// Type and permissions.
  var mode: UInt32
  var links: UInt32 = 1
  var specialDevice = DeviceNumber(major: 0, minor: 0)
  var size: UInt64 = 0
  var blockSize: UInt32 = 4096
  /// In units of 512 bytes.
  var blocks: UInt64 = 0
  var accessed: UInt64 = 0
  var modified: UInt64 = 0
  var changed: UInt64 = 0
  /// The time of birth; nil if the file system does not keep it.
  var born: UInt64?

  /// struct stat: 128 bytes.
  var stat: [UInt8] {
    layout(128) {
      $0.storeBytes(of: device.encoded, toByteOffset: 0, as: UInt64.self)
      $0.storeBytes(of: number, toByteOffset: 8, as: UInt64.self)
      $0.storeBytes(of: mode, toByteOffset: 16, as: UInt32.self)
      $0.storeBytes(of: links, toByteOffset: 20, as: UInt32.self)
      $0.storeBytes(of: specialDevice.encoded, toByteOffset: 32, as: UInt64.self)
      $0.storeBytes(of: size, toByteOffset: 48, as: UInt64.self)
      $0.storeBytes(of: blockSize, toByteOffset: 56, as: UInt32.self)
      $0.storeBytes(of: blocks, toByteOffset: 64, as: UInt64.self)
      for (index, time) in [accessed, modified, changed].enumerated() {
        $0.storeBytes(of: time / 1_000_000_000, toByteOffset: 72 + 16 * index, as: UInt64.self)
        $0.storeBytes(of: time % 1_000_000_000, toByteOffset: 80 + 16 * index, as: UInt64.self)
      }
    }
  }

  /// struct statx: 256 bytes, with all basic fields and the time of birth where it is known.
  var statx: [UInt8] {
    layout(256) {
      // STATX_BASIC_STATS, STATX_BTIME.
      $0.storeBytes(of: 0x7ff | (born == nil ? 0 : 0x800), toByteOffset: 0, as: UInt32.self)
      $0.storeBytes(of: blockSize, toByteOffset: 4, as: UInt32.self)
      $0.storeBytes(of: links, toByteOffset: 16, as: UInt32.self)
      $0.storeBytes(of: UInt16(mode), toByteOffset: 28, as: UInt16.self)
      $0.storeBytes(of: number, toByteOffset: 32, as: UInt64.self)
      $0.storeBytes(of: size, toByteOffset: 40, as: UInt64.self)
      $0.storeBytes(of: blocks, toByteOffset: 48, as: UInt64.self)
      for (index, time) in [accessed, born ?? 0, changed, modified].enumerated() {
        $0.storeBytes(of: time / 1_000_000_000, toByteOffset: 64 + 16 * index, as: UInt64.self)
        $0.storeBytes(of: UInt32(time % 1_000_000_000), toByteOffset: 72 + 16 * index, as: UInt32.self)
      }
      $0.storeBytes(of: specialDevice.major, toByteOffset: 128, as: UInt32.self)
      $0.storeBytes(of: specialDevice.minor, toByteOffset: 132, as: UInt32.self)
      $0.storeBytes(of: device.major, toByteOffset: 136, as: UInt32.self)
      $0.storeBytes(of: device.minor, toByteOffset: 140, as: UInt32.self)
    }
  }

  private func layout(_ size: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Void) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: size)
    bytes.withUnsafeMutableBytes { fill($0) }
    return bytes
  }
}

extension Files {
  func status(_ el1: EL1Interface, of place: Path) throws(Errno) -> FileStatus {
    switch place.node {
    case .inode(let id): return status(state.inodes[id])
    case .synthetic(let node):
      let mount = state.superblock(of: state.mounts[place.mount])
      var status = FileStatus(mode: 0, blockSize: mount.kind == .sysfs ? 4096 : 1024)
      status.device = mount.device
      // The inode number only has to be the same for one place and different for any two places.
      status.number =
        UInt64(node.entry + 1) | UInt64(UInt32(bitPattern: max(node.process?.rawValue ?? 0, node.thread?.rawValue ?? 0))) << 32 | UInt64(
          node.descriptor) << 16
      if let file = SyntheticTree.file(node) {
        status.mode = file.mode | FileType.regular
        if case .link = file.body {
          status.mode = file.mode | FileType.link
          if SyntheticTree.isDescriptor(node) { status.size = 64 }
        } else if mount.kind == .sysfs {
          status.size = 4096
        }
      } else {
        status.mode = FileType.directory | 0o555
        status.links = SyntheticTree.isProcess(node) && node.process == nil ? 1 : 2
      }
      (status.accessed, status.modified, status.changed) = (now, now, now)
      return status
    }
  }

  private func status(_ inode: Inode) -> FileStatus {
    var status = FileStatus(mode: inode.type | inode.permissions)
    // The standard streams look like a terminal whose other details are unknown.
    if case .device(.stream) = inode.kind {
      status.blockSize = 1024
      return status
    }
    status.device = inode.device
    status.number = inode.number
    status.links = inode.links
    (status.accessed, status.modified, status.changed, status.born) = (inode.accessed, inode.modified, inode.changed, inode.born)
    switch inode.kind {
    case .regular(let contents):
      status.size = mm.state.files[contents].size
      status.blocks = inode.device == .root ? 0 : UInt64(mm.state.files[contents].pages.count) * 8
      if let pageSize = mm.hugetlbFilePageSize(contents) {
        status.blockSize = UInt32(pageSize)
        status.blocks *= pageSize >> 12
      }
    case .link(let text): status.size = UInt64(text.count)
    case .device(let device): status.specialDevice = device.number
    case .directory(let directory): status.size = inode.device == .root ? 0 : UInt64(directory.count + 2) * 20
    case .pipe, .process, .timer: status.links = 1
    }
    return status
  }

  /// struct statfs: 120 bytes.
  func fileSystemStatus(_ place: Path) -> [UInt8] {
    let superblock = state.superblock(of: place)
    let kind = superblock?.kind ?? (isPipe(place) ? .pipefs : .tmpfs)
    let pageSize = kind == .hugetlbfs ? superblock!.pageSize : 4096
    var counts: [UInt64] = [0, 0, 0, 0, 0]
    if let superblock {
      counts = roomCounts(superblock)
    } else if kind == .tmpfs {
      counts = [UInt64](repeating: UInt64(mm.tmpfsLimit), count: 5)
    }
    let words: [UInt64] = [kind.magic, pageSize] + counts + [0, 255, pageSize, state.mountFlags(of: place).statusWord]
    return words.withUnsafeBytes { Array($0) } + [UInt8](repeating: 0, count: 32)
  }

  /// f_blocks, f_bfree, f_bavail, f_files and f_ffree: zeroes for a file system without limits. Linux: shmem_statfs(),
  /// hugetlbfs_statfs().
  private func roomCounts(_ superblock: Superblock) -> [UInt64] {
    if superblock.quota == .none { return [0, 0, 0, 0, 0] }
    let quota = mm.state.quotas[superblock.quota]
    let isHuge = superblock.kind == .hugetlbfs
    let used = isHuge ? mm.hugePagesUsed(superblock.quota) : quota.used
    let room = quota.limit.map { max($0 - used, 0) } ?? 0
    var (files, free) = (isHuge ? UInt64.max : UInt64(mm.tmpfsLimit), isHuge ? UInt64.max : UInt64(mm.tmpfsLimit))
    if let limit = superblock.inodeLimit { (files, free) = (UInt64(limit), UInt64(max(limit - inodeCount(superblock.device), 0))) }
    return [UInt64(quota.limit ?? 0), UInt64(room), UInt64(room), files, free]
  }

  private func isPipe(_ place: Path) -> Bool {
    if case .inode(let id) = place.node, case .pipe = state.inodes[id].kind { true } else { false }
  }
}
