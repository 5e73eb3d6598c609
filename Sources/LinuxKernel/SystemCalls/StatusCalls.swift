// Owns the system calls that report about files and directories, or change permissions, times and sizes. It does not know how a file's
// status is computed. Linux: fs/stat.c, fs/readdir.c, fs/open.c, fs/statfs.c.
import Architecture
import LinuxMM

extension FileCalls {
  func fstat(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let place = state.open[try files.openFile(a.int(0), allowsPath: true)].path
    try user(el1).put(a[1], try files.status(el1, of: place).stat)
    return .done(0)
  }

  func newfstatat(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let flags = a.unsigned(3)
    if flags & ~(AtFlags.SYMLINK_NOFOLLOW | AtFlags.NO_AUTOMOUNT | AtFlags.EMPTY_PATH | AtFlags.statxSync) != 0 { throw .EINVAL }
    let path = try emptyOrPath(el1, a[1], flags)
    let place = try place(el1, a.int(0), path, flags, followsLast: flags & AtFlags.SYMLINK_NOFOLLOW == 0)
    try user(el1).put(a[2], try files.status(el1, of: place).stat)
    return .done(0)
  }

  func statx(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let flags = a.unsigned(2)
    if a.unsigned(3) & 1 << 31 != 0 { throw .EINVAL }
    if flags & AtFlags.statxSync == AtFlags.statxSync { throw .EINVAL }
    if flags & ~(AtFlags.SYMLINK_NOFOLLOW | AtFlags.NO_AUTOMOUNT | AtFlags.EMPTY_PATH | AtFlags.statxSync) != 0 { throw .EINVAL }
    let path = try emptyOrPath(el1, a[1], flags)
    let place = try place(el1, a.int(0), path, flags, followsLast: flags & AtFlags.SYMLINK_NOFOLLOW == 0)
    try user(el1).put(a[4], try files.status(el1, of: place).statx)
    return .done(0)
  }

  /// Reads a path. With AT_EMPTY_PATH, a null pointer counts as an empty path. Linux: getname_maybe_null().
  private func emptyOrPath(_ el1: EL1Interface, _ address: UInt64, _ flags: UInt32) throws(Errno) -> [UInt8] {
    flags & AtFlags.EMPTY_PATH != 0 && address == 0 ? [] : try files.userPath(el1, address)
  }

  func statfs(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let place = try files.find(el1, Files.currentDirectory, try files.userPath(el1, a[0]), followsLast: true)
    try user(el1).put(a[1], files.fileSystemStatus(place))
    return .done(0)
  }
  func fstatfs(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    try user(el1).put(a[1], files.fileSystemStatus(state.open[try files.openFile(a.int(0), allowsPath: true)].path))
    return .done(0)
  }

  /// Checks access. Root has every permission, except for executing a file without any execute bit. Linux: do_faccessat(),
  /// capable_wrt_inode_uidgid().
  func faccessat(_ el1: EL1Interface, _ a: SystemCallArguments, flags: UInt32) throws(Errno) -> SystemCallResult {
    let mode = a.unsigned(2)
    if mode & ~7 != 0 { throw .EINVAL }
    if flags & ~(AtFlags.EACCESS | AtFlags.SYMLINK_NOFOLLOW | AtFlags.EMPTY_PATH) != 0 { throw .EINVAL }
    let path = try emptyOrPath(el1, a[1], flags)
    let place = try place(el1, a.int(0), path, flags, followsLast: flags & AtFlags.SYMLINK_NOFOLLOW == 0)
    let status = try files.status(el1, of: place)
    if mode & 1 != 0 && status.mode & FileType.mask == FileType.regular && !files.allowsExecution(place) { throw .EACCES }
    if mode & 1 != 0, !files.isDirectory(place), status.mode & 0o111 == 0 { throw .EACCES }
    // A device or a pipe can be written wherever its name is.
    if mode & 2 != 0 && [FileType.regular, FileType.directory, FileType.link].contains(status.mode & FileType.mask) {
      try files.checkWritable(place)
    }
    return .done(0)
  }

  // MARK: Changes

  func fchmod(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    try changePermissions(state.open[try files.openFile(a.int(0))].path, a.unsigned(1))
    return .done(0)
  }
  func fchmodat(_ el1: EL1Interface, _ a: SystemCallArguments, flags: UInt32) throws(Errno) -> SystemCallResult {
    if flags & ~(AtFlags.SYMLINK_NOFOLLOW | AtFlags.EMPTY_PATH) != 0 { throw .EINVAL }
    let path = try files.userPath(el1, a[1])
    let place = try place(el1, a.int(0), path, flags, followsLast: flags & AtFlags.SYMLINK_NOFOLLOW == 0)
    if case .inode(let id) = place.node, state.inodes[id].linkText != nil { throw .EOPNOTSUPP }
    try changePermissions(place, a.unsigned(2))
    return .done(0)
  }
  private func changePermissions(_ place: Path, _ mode: UInt32) throws(Errno) {
    try files.checkWritable(place)
    guard case .inode(let id) = place.node else { throw .EPERM }
    if let contents = state.inodes[id].contents, mm.state.files[contents].seals.contains(.EXEC),
      (state.inodes[id].permissions ^ mode) & 0o111 != 0
    {
      throw .EPERM
    }
    state.inodes[id].permissions = mode & 0o7777
    state.inodes[id].changed = now
  }

  /// Changes an owner. There is only one user, so the new owner must be root.
  func fchownat(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let flags = a.unsigned(4)
    if flags & ~(AtFlags.SYMLINK_NOFOLLOW | AtFlags.EMPTY_PATH) != 0 { throw .EINVAL }
    let place = try place(el1, a.int(0), try files.userPath(el1, a[1]), flags, followsLast: flags & AtFlags.SYMLINK_NOFOLLOW == 0)
    return try owner(place, a.unsigned(2), a.unsigned(3))
  }
  func fchown(_ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    try owner(state.open[try files.openFile(a.int(0))].path, a.unsigned(1), a.unsigned(2))
  }
  private func owner(_ place: Path, _ user: UInt32, _ group: UInt32) throws(Errno) -> SystemCallResult {
    try files.checkWritable(place)
    if user != 0 && user != .max || group != 0 && group != .max { throw .EPERM }
    return .done(0)
  }

  /// utimensat: the nanoseconds may be UTIME_NOW or UTIME_OMIT.
  func utimensat(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let flags = a.unsigned(3)
    var times: [UInt64?] = [now, now]
    if a[2] != 0 {
      let bytes = try user(el1).get(a[2], count: 32)
      for index in 0..<2 {
        let (seconds, nanoseconds) = (bytes.word64(index * 16), bytes.word64(index * 16 + 8))
        switch nanoseconds {
        case 0x3fff_ffff: times[index] = now
        case 0x3fff_fffe: times[index] = nil
        case 0..<1_000_000_000: times[index] = (min(seconds, UInt64(Int64.max) / 1_000_000_000) &* 1_000_000_000) &+ nanoseconds
        default: throw .EINVAL
        }
      }
    }
    if times[0] == nil && times[1] == nil { return .done(0) }
    if flags & ~(AtFlags.SYMLINK_NOFOLLOW | AtFlags.EMPTY_PATH) != 0 { throw .EINVAL }
    let target =
      a[1] == 0
      ? state.open[try files.openFile(a.int(0))].path
      : try place(el1, a.int(0), try files.userPath(el1, a[1]), flags, followsLast: flags & AtFlags.SYMLINK_NOFOLLOW == 0)
    try files.checkWritable(target)
    guard case .inode(let id) = target.node else { throw .EPERM }
    if let time = times[0] { state.inodes[id].accessed = time }
    if let time = times[1] { state.inodes[id].modified = time }
    state.inodes[id].changed = now
    return .done(0)
  }

  func truncate(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    if Int64(bitPattern: a[1]) < 0 { throw .EINVAL }
    let place = try files.find(el1, Files.currentDirectory, try files.userPath(el1, a[0]), followsLast: true)
    if files.isDirectory(place) { throw .EISDIR }
    guard case .inode(let id) = place.node, let contents = state.inodes[id].contents else { throw .EINVAL }
    try files.checkWritable(place)
    if mm.isExecuted(contents) { throw .ETXTBSY }
    try truncate(el1, id, contents, a[1])
    return .done(0)
  }
  func ftruncate(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    if Int64(bitPattern: a[1]) < 0 { throw .EINVAL }
    let file = try files.openFile(a.int(0))
    // Files of /proc accept a new size and ignore it. Linux: proc_notify_change().
    if case .synthetic = state.open[file].path.node, state.open[file].isWritable { return .done(0) }
    guard case .inode(let id) = state.open[file].path.node, let contents = state.inodes[id].contents,
      state.open[file].isWritable
    else { throw .EINVAL }
    try truncate(el1, id, contents, a[1])
    return .done(0)
  }

  // MARK: Directories

  /// Stores the entries from the directory's position on, as many as fit into the buffer. Linux: fs/readdir.c filldir64().
  func getdents64(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let file = try files.openFile(a.int(0))
    let place = state.open[file].path
    if !files.isDirectory(place) { throw .ENOTDIR }
    if case .inode(let id) = place.node, state.inodes[id].links == 0 { throw .ENOENT }
    let limit = Int(a.unsigned(2))
    var position = UInt64(bitPattern: state.open[file].offset)
    var done = 0
    var isFull = false
    while !isFull {
      var bytes: [UInt8] = []
      let listed = try entries(el1, place, from: position, atMost: Self.entriesAtOnce)
      if listed.isEmpty { break }
      var next = position
      for entry in listed where !isFull {
        let record = self.record(entry)
        isFull = done + bytes.count + record.count > limit
        if isFull { break }
        bytes += record
        next = entry.next
      }
      if done == 0 && bytes.isEmpty { throw .EINVAL }
      do throws(Errno) { try user(el1).put(a[1] &+ UInt64(done), bytes) } catch {
        if done == 0 { throw error }
        break
      }
      done += bytes.count
      position = next
    }
    state.open[file].offset = Int64(bitPattern: position)
    return .done(UInt64(done))
  }

  /// The number of entries that are listed before they are copied to user memory, so that a bad buffer wastes at most this many.
  private static var entriesAtOnce: Int { 256 }

  /// The bytes of a struct linux_dirent64.
  private func record(_ entry: ListedEntry) -> [UInt8] {
    let length = (19 + entry.name.count + 1 + 7) & ~7
    var record = [UInt8](repeating: 0, count: length)
    record.withUnsafeMutableBytes {
      $0.storeBytes(of: entry.number, toByteOffset: 0, as: UInt64.self)
      $0.storeBytes(of: entry.next, toByteOffset: 8, as: UInt64.self)
      $0.storeBytes(of: UInt16(length), toByteOffset: 16, as: UInt16.self)
      $0.storeBytes(of: FileType.entryType(entry.type), toByteOffset: 18, as: UInt8.self)
      $0[19..<19 + entry.name.count].copyBytes(from: entry.name)
    }
    return record
  }

  private struct ListedEntry {
    var name: [UInt8]
    var number: UInt64
    var type: UInt32
    /// The directory's position behind this entry.
    var next: UInt64
  }

  private func entries(
    _ el1: EL1Interface, _ directory: Path, from position: UInt64, atMost count: Int
  ) throws(Errno) -> [ListedEntry] {
    var listed: [ListedEntry] = []
    for (index, name) in [".", ".."].enumerated() where position <= UInt64(index) {
      let place = index == 0 ? directory : files.parent(of: directory)
      let number = try files.status(el1, of: place).number
      listed.append(ListedEntry(name: Array(name.utf8), number: number, type: FileType.directory, next: UInt64(index + 1)))
    }
    switch directory.node {
    case .inode(let id):
      files.loadHostDirectory(id)
      guard case .directory(let entries) = state.inodes[id].kind else { throw .ENOTDIR }
      // The newest entries come first. A position is the distance from the largest possible offset down to the offset of the last entry
      // that was listed.
      for entry in entries.newest(count, below: Self.lastOffset &- position) {
        let inode = state.inodes[entry.inode]
        listed.append(ListedEntry(name: entry.name, number: inode.number, type: inode.type, next: Self.lastOffset - entry.offset))
      }
    case .synthetic(let node):
      for (entry, next) in procFiles.syntheticEntries(node, from: max(position, 2) - 2, atMost: count) {
        let status = try files.status(el1, of: Path(mount: directory.mount, node: .synthetic(entry)))
        listed.append(
          ListedEntry(name: SyntheticTree.name(entry), number: status.number, type: status.mode & FileType.mask, next: next + 2))
      }
    }
    return listed
  }

  private static var lastOffset: UInt64 { UInt64(Int64.max) }
}
