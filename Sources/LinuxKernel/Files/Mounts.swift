// Owns file systems and the places where they are mounted, as values: their flags and limits, and what the flags forbid.
// It does not know the calls that change them. Linux: fs/namespace.c, include/linux/mount.h.
import Architecture
import LinuxMM

/// A place where a file system, or a part of one, is in the tree. Linux: struct mount.
struct Mount: Sendable {
  /// The place that the mount covers; nil for the root.
  var point: Path?
  var root: Node
  var superblock: SuperblockID
  var source: [UInt8]
  /// Its place in the order of mounting.
  var number: UInt64 = 0
  /// The flags of this place: those of `MountFlags.ofMount`.
  var flags: MountFlags
  /// Whether it refuses to be the source of a bind mount (MS_UNBINDABLE).
  var isUnbindable = false
  /// The group of mounts that get what is mounted in one of them (MS_SHARED), and the group from which it only takes (MS_SLAVE).
  var peers: Int?
  var master: Int?
  /// Whether a lazy unmount has taken it out of the tree. It ends with its last user.
  var isDetached = false
}

/// A file system. Linux: struct super_block.
struct Superblock: Sendable {
  var kind: FileSystemKind
  var device: DeviceNumber
  /// The flags of the whole file system: those of `MountFlags.ofSuperblock`.
  var flags: MountFlags
  /// How many mounts show it.
  var mounts = 0
  /// The limit on the pages of its files.
  var quota = PageQuotaID.none
  /// The most inodes; nil for no limit of its own.
  var inodeLimit: Int?
  /// The size of a huge page in bytes, for hugetlbfs.
  var pageSize: UInt64 = 0
  /// What /proc/PID/mounts prints behind the flags: a comma before each option.
  var optionText = ""
}

enum FileSystemKind: String, Sendable {
  case ramfs, tmpfs, devtmpfs, proc, sysfs, pipefs, hugetlbfs
  /// statfs's f_type.
  var magic: UInt64 {
    switch self {
    case .ramfs: 0x8584_58f6
    case .tmpfs, .devtmpfs: 0x0102_1994
    case .proc: 0x9fa0
    case .sysfs: 0x6265_6572
    case .pipefs: 0x5049_5045
    case .hugetlbfs: 0x9584_58f6
    }
  }
  /// Whether no file can be executed, however it is mounted. Linux: SB_I_NOEXEC.
  var forbidsExecution: Bool { self == .proc || self == .sysfs }
}

/// MS_* of mount.
struct MountFlags: OptionSet, Hashable, Sendable {
  var rawValue: UInt64
  static let RDONLY = Self(rawValue: 0x1)
  static let NOSUID = Self(rawValue: 0x2)
  static let NODEV = Self(rawValue: 0x4)
  static let NOEXEC = Self(rawValue: 0x8)
  static let SYNCHRONOUS = Self(rawValue: 0x10)
  static let REMOUNT = Self(rawValue: 0x20)
  static let MANDLOCK = Self(rawValue: 0x40)
  static let DIRSYNC = Self(rawValue: 0x80)
  static let NOSYMFOLLOW = Self(rawValue: 0x100)
  static let NOATIME = Self(rawValue: 0x400)
  static let NODIRATIME = Self(rawValue: 0x800)
  static let BIND = Self(rawValue: 0x1000)
  static let MOVE = Self(rawValue: 0x2000)
  static let REC = Self(rawValue: 0x4000)
  static let SILENT = Self(rawValue: 0x8000)
  static let UNBINDABLE = Self(rawValue: 1 << 17)
  static let PRIVATE = Self(rawValue: 1 << 18)
  static let SLAVE = Self(rawValue: 1 << 19)
  static let SHARED = Self(rawValue: 1 << 20)
  static let RELATIME = Self(rawValue: 1 << 21)
  static let STRICTATIME = Self(rawValue: 1 << 24)
  static let LAZYTIME = Self(rawValue: 1 << 25)
  static let NOUSER = Self(rawValue: 1 << 31)

  /// The flags that belong to one place.
  static let ofMount: Self = [.RDONLY, .NOSUID, .NODEV, .NOEXEC, .NOSYMFOLLOW, .NOATIME, .NODIRATIME, .RELATIME]
  /// The flags that belong to the file system, wherever it is mounted.
  static let ofSuperblock: Self = [.RDONLY, .SYNCHRONOUS, .MANDLOCK, .DIRSYNC, .LAZYTIME]
  static let times: Self = [.NOATIME, .NODIRATIME, .RELATIME, .STRICTATIME]
  static let propagation: Self = [.UNBINDABLE, .PRIVATE, .SLAVE, .SHARED]

  /// The flags of one place that a call asks for. Access times are relative to changes unless it says otherwise. Linux: path_mount().
  var wantedOfMount: Self {
    var flags = intersection(.ofMount)
    if !contains(.NOATIME) { flags.insert(.RELATIME) }
    if contains(.STRICTATIME) { flags.subtract([.RELATIME, .NOATIME]) }
    return flags
  }
  /// The flags as statfs reports them. Linux: flags_by_mnt(), flags_by_sb().
  var statusWord: UInt64 {
    let rows: [(Self, UInt64)] = [
      (.RDONLY, 0x1), (.NOSUID, 0x2), (.NODEV, 0x4), (.NOEXEC, 0x8), (.SYNCHRONOUS, 0x10), (.MANDLOCK, 0x40), (.NOATIME, 0x400),
      (.NODIRATIME, 0x800), (.RELATIME, 0x1000), (.NOSYMFOLLOW, 0x2000),
    ]
    return rows.reduce(0x20) { contains($1.0) ? $0 | $1.1 : $0 }
  }
  /// The flags as /proc/PID/mounts prints them. Linux: show_vfsmnt().
  static func text(mount: Self, superblock: Self) -> String {
    let ofSuperblock: [(Self, String)] = [(.SYNCHRONOUS, ",sync"), (.DIRSYNC, ",dirsync"), (.MANDLOCK, ",mand"), (.LAZYTIME, ",lazytime")]
    let ofMount: [(Self, String)] = [
      (.NOSUID, ",nosuid"), (.NODEV, ",nodev"), (.NOEXEC, ",noexec"), (.NOATIME, ",noatime"), (.NODIRATIME, ",nodiratime"),
      (.RELATIME, ",relatime"), (.NOSYMFOLLOW, ",nosymfollow"),
    ]
    let first = mount.union(superblock).contains(.RDONLY) ? "ro" : "rw"
    return first + ofSuperblock.filter { superblock.contains($0.0) }.map(\.1).joined()
      + ofMount.filter { mount.contains($0.0) }.map(\.1).joined()
  }
}

/// When a read sets the time of the last access: always, only if the file changed since or after a day (MS_RELATIME), or never.
enum AccessNotes: Sendable { case always, relative, never }

extension Inode {
  /// Whether the time of the last access is due under MS_RELATIME. Linux: relatime_need_update().
  func isAccessDue(_ now: UInt64) -> Bool { accessed <= modified || accessed <= changed || now &- accessed >= 86_400_000_000_000 }
}

extension FileState {
  func superblock(of mount: Mount) -> Superblock { superblocks[mount.superblock] }
  /// The file system that a place lies in; nil for a place outside the tree.
  func superblock(of place: Path) -> Superblock? { mount(of: place).map { superblocks[$0.superblock] } }
  /// All flags that hold at a place; none outside the tree.
  func mountFlags(of place: Path) -> MountFlags {
    mount(of: place).map { $0.flags.union(superblocks[$0.superblock].flags) } ?? []
  }
}

extension Files {
  /// Throws EROFS if nothing may be changed at a place. Linux: mnt_want_write().
  func checkWritable(_ place: Path) throws(Errno) { if state.mountFlags(of: place).contains(.RDONLY) { throw .EROFS } }

  /// Whether files at a place may be executed and mapped as code. Linux: path_noexec().
  func allowsExecution(_ place: Path) -> Bool {
    if let superblock = state.superblock(of: place) {
      return !superblock.kind.forbidsExecution && !state.mountFlags(of: place).contains(.NOEXEC)
    }
    guard mm.configuration.profile.pipesAreNotExecutable, case .inode(let id) = place.node, case .pipe = state.inodes[id].kind else {
      return true
    }
    return false
  }

  /// When a read of a file at a place sets the time of its last access. Linux: atime_needs_update().
  func accessNotes(_ place: Path) -> AccessNotes {
    let flags = state.mountFlags(of: place)
    if !flags.isDisjoint(with: [.NOATIME, .RDONLY]) { return .never }
    return flags.contains(.RELATIME) ? .relative : .always
  }

  /// Tells the open files of a file system that flags have changed.
  func refreshAccessNotes(_ superblock: SuperblockID) {
    for id in state.open.ids where state.mount(of: state.open[id].path)?.superblock == superblock {
      state.open[id].accessNotes = accessNotes(state.open[id].path)
    }
  }

  /// Whether a file of a file system is open for writing, or mapped in a way that may write, so that the file system cannot become
  /// read-only. Only the opens through one place count if that is named. Linux: mnt_hold_writers(), sb_prepare_remount_readonly().
  func hasWriters(_ superblock: SuperblockID, through mount: MountID?) -> Bool {
    func isThere(_ place: Path) -> Bool {
      mount.map { $0 == place.mount } ?? (state.mount(of: place)?.superblock == superblock)
    }
    func isData(_ node: Node) -> Bool {
      guard case .inode(let id) = node else { return false }
      if case .device = state.inodes[id].kind { return false }
      return true
    }
    if state.open.firstID(where: { $0.isWritable && isThere($0.path) && isData($0.path.node) }) != nil { return true }
    return hasMappings(superblock) { $0.writableMappings > 0 }
  }

  /// Whether files of a file system are mapped in some way.
  func hasMappings(_ superblock: SuperblockID, _ isMeant: (BackingFile) -> Bool) -> Bool {
    let device = state.superblocks[superblock].device
    return state.inodes.firstID { $0.device == device && $0.contents.map { isMeant(mm.state.files[$0]) } == true } != nil
  }

  /// The number of inodes that a file system has.
  func inodeCount(_ device: DeviceNumber) -> Int { state.inodes.all.count { $0.element.device == device } }

  // MARK: Mounting

  /// Makes a file system of a kind, which is not mounted yet, and returns it with its root.
  func makeFileSystem(_ kind: FileSystemKind, _ flags: MountFlags, _ options: MountOptions) -> (id: SuperblockID, root: Node) {
    let device = DeviceNumber(major: 0, minor: state.freeMinor)
    var superblock = Superblock(kind: kind, device: device, flags: flags.intersection(.ofSuperblock))
    let root: Node
    switch kind {
    case .proc: root = .synthetic(SyntheticTree.root("proc"))
    case .sysfs: root = .synthetic(SyntheticTree.root("sys"))
    case .ramfs, .tmpfs, .devtmpfs, .pipefs, .hugetlbfs:
      let directory = makeInode(
        .directory(Directory()), permissions: options.mode ?? (kind == .tmpfs ? 0o1777 : 0o755), device: device)
      state.inodes[directory].references += 1
      if kind == .devtmpfs { addDevices(directory) }
      root = .inode(directory)
    }
    apply(options, to: &superblock)
    return (state.superblocks.insert(superblock), root)
  }

  /// Shows a file system, or the part of it below `root`, at a place.
  @discardableResult
  func addMount(_ mount: Mount) -> MountID {
    if let point = mount.point { retain(point) }
    state.superblocks[mount.superblock].mounts += 1
    var mount = mount
    mount.number = state.nextMountNumber
    state.nextMountNumber += 1
    let id = state.mounts.insert(mount)
    if let point = mount.point { state.mountPoints[point] = id }
    return id
  }

  /// Mounts a new file system of a kind on a directory.
  @discardableResult
  func mount(_ kind: FileSystemKind, source: [UInt8], on point: Path, _ flags: MountFlags = [], _ options: MountOptions = MountOptions())
    -> MountID
  {
    let made = makeFileSystem(kind, flags, options)
    return addMount(Mount(point: point, root: made.root, superblock: made.id, source: source, flags: flags.wantedOfMount))
  }

  /// Removes a mount that nothing uses, and its file system with the last of its mounts.
  func removeMount(_ el1: EL1Interface, _ id: MountID) {
    let mount = state.mounts[id]
    state.mounts.remove(id)
    if let point = mount.point { state.mountPoints[point] = nil }
    state.superblocks[mount.superblock].mounts -= 1
    if state.superblocks[mount.superblock].mounts == 0 {
      let superblock = state.superblocks[mount.superblock]
      state.superblocks.remove(mount.superblock)
      if case .inode(let root) = mount.root { dropTree(el1, fileSystemRoot(root)) }
      if superblock.quota != .none { mm.removeQuota(superblock.quota) }
    }
    if case .inode(let root) = mount.root { release(el1, Path(mount: .none, node: .inode(root))) }
    if let point = mount.point { release(el1, point) }
  }

  /// The directory at the top of a file system. A bind mount may show only a part.
  private func fileSystemRoot(_ inode: InodeID) -> InodeID {
    var inode = inode
    while let parent = state.inodes[inode].parent { inode = parent }
    return inode
  }
}
