// Owns openat: its flags, the creation and truncation of files, and the errors in Linux's order. It does not know the walk along the path.
// Linux: fs/open.c, fs/namei.c.
import Architecture
import LinuxMM

extension FileCalls {
  func openat(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    var flags = a.unsigned(2)
    // Linux: build_open_flags().
    if flags & OpenFlags.PATH != 0 { flags &= OpenFlags.PATH | OpenFlags.DIRECTORY | OpenFlags.NOFOLLOW | OpenFlags.CLOEXEC }
    if flags & OpenFlags.CREAT != 0 && flags & OpenFlags.DIRECTORY != 0 { throw .EINVAL }
    let isTemporary = flags & 0o20000000 != 0
    if isTemporary {
      if flags & OpenFlags.TMPFILE != OpenFlags.TMPFILE || flags & OpenFlags.accessMode == 0 { throw .EINVAL }
    }
    let path = try files.userPath(el1, a[1])
    if path.isEmpty { throw .ENOENT }
    // EMFILE comes before any error of the path.
    _ = try state.tables[files.currentFiles].lowestFree(limit: files.descriptorLimit)
    let permissions = a.unsigned(3) & 0o7777
    let place =
      isTemporary
      ? try makeTemporary(el1, a.int(0), path, permissions, flags) : try openPlace(el1, a.int(0), path, flags, permissions)
    var kept = flags & ~OpenFlags.creation
    if flags & OpenFlags.PATH == 0 { kept |= OpenFlags.LARGEFILE }
    let file = files.openDescription(place, flags: kept)
    let descriptor = try files.installDescriptor(el1, file, closesOnExec: flags & OpenFlags.CLOEXEC != 0)
    return .done(UInt64(descriptor))
  }

  /// Linux: path_openat(), do_open(), may_open().
  private func openPlace(
    _ el1: EL1Interface, _ descriptor: Int32, _ path: [UInt8], _ flags: UInt32, _ permissions: UInt32
  ) throws(Errno) -> Path {
    let creates = flags & OpenFlags.CREAT != 0
    let isExclusive = creates && flags & OpenFlags.EXCL != 0
    let follows = flags & OpenFlags.NOFOLLOW == 0 && !isExclusive
    let walked = try files.walk(el1, descriptor, path, followsLast: follows)
    guard let place = walked.target else {
      if !creates { throw .ENOENT }
      if walked.hasTrailingSlash { throw .EISDIR }
      guard case .name(let name) = walked.last else { throw .EISDIR }
      return try makeFile(el1, walked.parent, name, permissions: permissions)
    }
    if creates && walked.hasTrailingSlash { throw .EISDIR }
    if creates {
      guard case .name = walked.last else { throw .EISDIR }
    }
    if isExclusive { throw .EEXIST }
    let isDirectory = files.isDirectory(place)
    if creates && isDirectory { throw .EISDIR }
    if flags & OpenFlags.DIRECTORY != 0 && !isDirectory { throw .ENOTDIR }
    if flags & OpenFlags.PATH != 0 { return place }
    let writes = flags & OpenFlags.accessMode != 0 || flags & OpenFlags.TRUNC != 0
    if isDirectory && writes { throw .EISDIR }
    switch place.node {
    case .inode(let id):
      switch state.inodes[id].kind {
      case .link: throw .ELOOP
      case .device: if state.mountFlags(of: place).contains(.NODEV) { throw .EACCES }
      case .regular(let contents):
        if writes { try files.checkWritable(place) }
        if writes && mm.isExecuted(contents) { throw .ETXTBSY }
        if flags & OpenFlags.TRUNC != 0 { try truncate(el1, id, contents, 0) }
      default: break
      }
    case .synthetic(let node):
      if case .link? = SyntheticTree.file(node)?.body { throw .ELOOP }
      if writes { try files.checkWritable(place) }
      if writes { try checkSyntheticAccess(node, 0o222) }
      if flags & OpenFlags.accessMode != OpenFlags.WRONLY { try checkSyntheticAccess(node, 0o444) }
      try files.procFiles.checkZombie(node)
    }
    return place
  }

  /// Throws if a file of /sys or /proc/sys that no user can write, or read, is opened for that, even by root. Linux: kernfs_fop_open(),
  /// proc_sys_permission().
  private func checkSyntheticAccess(_ node: SyntheticNode, _ bits: UInt32) throws(Errno) {
    guard let file = SyntheticTree.file(node), file.path.hasPrefix("/sys/") || file.path.hasPrefix("/proc/sys/") else { return }
    if file.mode & bits == 0 { throw .EACCES }
  }

  /// Makes an empty file under a free name.
  private func makeFile(_ el1: EL1Interface, _ parent: Path, _ name: [UInt8], permissions: UInt32) throws(Errno) -> Path {
    guard case .inode(let directory) = parent.node else { throw .EACCES }
    try files.checkWritable(parent)
    if state.inodes[directory].links == 0 { throw .ENOENT }
    try files.checkInodes(parent)
    let inode = files.makeRegularFile(el1, name: name, permissions: permissions & ~umask, mount: parent.mount)
    files.insert(inode, into: directory, as: name)
    files.noteName(inode, mount: parent.mount)
    return Path(mount: parent.mount, node: .inode(inode))
  }

  /// O_TMPFILE: makes a file without a name in the file system of a directory.
  private func makeTemporary(
    _ el1: EL1Interface, _ descriptor: Int32, _ path: [UInt8], _ permissions: UInt32, _ flags: UInt32
  ) throws(Errno) -> Path {
    let parent = try files.find(el1, descriptor, path, followsLast: flags & OpenFlags.NOFOLLOW == 0)
    if !files.isDirectory(parent) { throw .ENOTDIR }
    guard case .inode(let directory) = parent.node else { throw .EOPNOTSUPP }
    try files.checkWritable(parent)
    try files.checkInodes(parent)
    let inode = files.makeRegularFile(el1, name: [], permissions: permissions & ~umask, mount: parent.mount)
    state.inodes[inode].links = 0
    state.inodes[inode].isUnnamed = flags & OpenFlags.EXCL == 0
    files.setPlace(inode, directory, Array("#\(state.inodes[inode].number)".utf8))
    files.noteName(inode, mount: parent.mount)
    return Path(mount: parent.mount, node: .inode(inode))
  }

  var umask: UInt32 { state.contexts[tasks.currentTask.fs].umask }

  /// Sets the size of a file in bytes. Throws EPERM for a seal, EFBIG. Linux: do_truncate(), shmem_setattr().
  func truncate(_ el1: EL1Interface, _ inode: InodeID, _ contents: FileID, _ size: UInt64) throws(Errno) {
    if size > mm.state.files[contents].size { try files.checkFileSize(size) }
    try mm.truncateFile(el1, contents, size: size)
    state.inodes[inode].modified = now
    state.inodes[inode].changed = now
  }
}
