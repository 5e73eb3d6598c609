// Owns the system calls that add, remove, move and read names, with their checks in Linux's order. It does not know how a directory keeps
// its entries. Linux: fs/namei.c.
import Architecture
import LinuxMM

/// AT_*.
enum AtFlags {
  static let SYMLINK_NOFOLLOW: UInt32 = 0x100
  static let EACCESS: UInt32 = 0x200
  static let REMOVEDIR: UInt32 = 0x200
  static let SYMLINK_FOLLOW: UInt32 = 0x400
  static let NO_AUTOMOUNT: UInt32 = 0x800
  static let EMPTY_PATH: UInt32 = 0x1000
  static let statxSync: UInt32 = 0x6000
}

extension FileCalls {
  // MARK: Making

  /// The place for a new name. Throws EEXIST if the name exists. Linux: filename_create().
  private func placeForNew(
    _ el1: EL1Interface, _ descriptor: Int32, _ path: [UInt8], isDirectory: Bool
  ) throws(Errno) -> (parent: Path, directory: InodeID, name: [UInt8]) {
    // Only the name of a directory may end in a slash. A link at the end is not followed.
    let trimmed = trimmed(path)
    let walked = try files.walk(el1, descriptor, trimmed, followsLast: false)
    guard case .name(let name) = walked.last else { throw .EEXIST }
    if walked.target != nil { throw .EEXIST }
    if trimmed.count < path.count && !isDirectory { throw .ENOENT }
    guard case .inode(let directory) = walked.parent.node else { throw .EPERM }
    try files.checkWritable(walked.parent)
    if state.inodes[directory].links == 0 { throw .ENOENT }
    try files.checkInodes(walked.parent)
    return (walked.parent, directory, name)
  }

  /// The path without the slashes at its end. The root keeps its slash.
  private func trimmed(_ path: [UInt8]) -> [UInt8] {
    var path = path
    while path.count > 1 && path.last == slash { path.removeLast() }
    return path
  }

  func mkdirat(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let (parent, directory, name) = try placeForNew(el1, a.int(0), try files.userPath(el1, a[1]), isDirectory: true)
    let device = state.superblock(of: state.mounts[parent.mount]).device
    let inode = files.makeInode(.directory(Directory()), permissions: a.unsigned(2) & 0o1777 & ~umask, device: device)
    files.insert(inode, into: directory, as: name)
    return .done(0)
  }

  /// Makes a regular file or one of the modelled devices. Others, pipes and sockets with a name are not modelled and throw EPERM, as on a
  /// file system without them.
  func mknodat(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let mode = a.unsigned(2)
    switch mode & FileType.mask {
    case 0, FileType.regular: break
    case FileType.directory: throw .EPERM
    case FileType.characterDevice: return try makeDevice(el1, a)
    case FileType.pipe, 0o060000, 0o140000: throw .EPERM
    default: throw .EINVAL
    }
    let (parent, directory, name) = try placeForNew(el1, a.int(0), try files.userPath(el1, a[1]), isDirectory: false)
    let inode = files.makeRegularFile(el1, name: name, permissions: mode & 0o7777 & ~umask, mount: parent.mount)
    files.insert(inode, into: directory, as: name)
    files.noteName(inode, mount: parent.mount)
    return .done(0)
  }

  /// Makes another name for a device that is modelled.
  private func makeDevice(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let number = UInt64(a.unsigned(3))
    guard let device = CharacterDevice.inDev.first(where: { $0.number.encoded == number }) else { throw .EPERM }
    let (parent, directory, name) = try placeForNew(el1, a.int(0), try files.userPath(el1, a[1]), isDirectory: false)
    let inode = files.makeInode(
      .device(device), permissions: a.unsigned(2) & 0o7777 & ~umask, device: state.superblock(of: state.mounts[parent.mount]).device)
    files.insert(inode, into: directory, as: name)
    return .done(0)
  }

  func symlinkat(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let text = try files.userPath(el1, a[0])
    if text.isEmpty { throw .ENOENT }
    let (parent, directory, name) = try placeForNew(el1, a.int(1), try files.userPath(el1, a[2]), isDirectory: false)
    let superblock = state.superblock(of: state.mounts[parent.mount])
    // A link's text would have to be written into a page of the pool.
    if superblock.kind == .hugetlbfs { throw .EINVAL }
    if text.count > Inode.longestInlineLink && mm.isExhausted(superblock.quota) { throw .ENOSPC }
    let inode = files.makeInode(.link(text), permissions: 0o777, device: state.superblock(of: state.mounts[parent.mount]).device)
    files.insert(inode, into: directory, as: name)
    return .done(0)
  }

  func linkat(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let flags = a.unsigned(4)
    if flags & ~(AtFlags.SYMLINK_FOLLOW | AtFlags.EMPTY_PATH) != 0 { throw .EINVAL }
    let old = try place(el1, a.int(0), try files.userPath(el1, a[1]), flags, followsLast: flags & AtFlags.SYMLINK_FOLLOW != 0)
    let (parent, directory, name) = try placeForNew(el1, a.int(2), try files.userPath(el1, a[3]), isDirectory: false)
    if old.mount != parent.mount { throw .EXDEV }
    guard case .inode(let inode) = old.node else { throw .EPERM }
    if state.inodes[inode].isDirectory { throw .EPERM }
    if state.inodes[inode].links == 0 && !state.inodes[inode].isUnnamed { throw .ENOENT }
    files.link(inode, into: directory, as: name)
    files.noteName(inode, mount: parent.mount)
    return .done(0)
  }

  // MARK: Removing

  func unlinkat(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let flags = a.unsigned(2)
    if flags & ~AtFlags.REMOVEDIR != 0 { throw .EINVAL }
    let removesDirectory = flags & AtFlags.REMOVEDIR != 0
    let path = try files.userPath(el1, a[1])
    let trimmed = trimmed(path)
    let walked = try files.walk(el1, a.int(0), trimmed, followsLast: false)
    guard case .name(let name) = walked.last else {
      if !removesDirectory { throw .EISDIR }
      switch walked.last {
      case .dotdot: throw .ENOTEMPTY
      case .dot: throw .EINVAL
      default: throw .EBUSY
      }
    }
    try files.checkWritable(walked.parent)
    guard let target = walked.target else { throw .ENOENT }
    guard case .inode(let directory) = walked.parent.node, let inode = try entry(el1, directory, name) else { throw .EPERM }
    let isDirectory = state.inodes[inode].isDirectory
    if removesDirectory {
      if !isDirectory { throw .ENOTDIR }
    } else {
      if isDirectory { throw .EISDIR }
      if trimmed.count < path.count { throw .ENOTDIR }
    }
    if target.mount != walked.parent.mount { throw .EBUSY }
    if removesDirectory && !isEmptyDirectory(inode) { throw .ENOTEMPTY }
    files.unlink(el1, name, from: directory, inode)
    return .done(0)
  }

  private func entry(_ el1: EL1Interface, _ directory: InodeID, _ name: [UInt8]) throws(Errno) -> InodeID? {
    files.loadHostDirectory(directory)
    guard case .directory(let entries) = state.inodes[directory].kind else { throw .ENOTDIR }
    return entries[name]
  }

  private func isEmptyDirectory(_ inode: InodeID) -> Bool {
    files.loadHostDirectory(inode)
    guard case .directory(let entries) = state.inodes[inode].kind else { return false }
    return entries.isEmpty
  }

  // MARK: Moving

  private enum RenameFlags { static let NOREPLACE: UInt32 = 1, EXCHANGE: UInt32 = 2, WHITEOUT: UInt32 = 4 }

  func renameat2(_ el1: EL1Interface, _ a: SystemCallArguments, flags: UInt32) throws(Errno) -> SystemCallResult {
    if flags & ~7 != 0 { throw .EINVAL }
    let exchanges = flags & RenameFlags.EXCHANGE != 0
    if exchanges && flags & (RenameFlags.NOREPLACE | RenameFlags.WHITEOUT) != 0 { throw .EINVAL }
    let (oldPath, newPath) = (try files.userPath(el1, a[1]), try files.userPath(el1, a[3]))
    let old = try files.walk(el1, a.int(0), trimmed(oldPath), followsLast: false)
    let new = try files.walk(el1, a.int(2), trimmed(newPath), followsLast: false)
    if old.parent.mount != new.parent.mount { throw .EXDEV }
    guard case .name(let oldName) = old.last else { throw .EBUSY }
    guard case .name(let newName) = new.last else { throw flags & RenameFlags.NOREPLACE != 0 ? .EEXIST : .EBUSY }
    try files.checkWritable(old.parent)
    guard let source = old.target else { throw .ENOENT }
    if flags & RenameFlags.NOREPLACE != 0 && new.target != nil { throw .EEXIST }
    if exchanges && new.target == nil { throw .ENOENT }
    let (oldSlash, newSlash) = (oldPath.last == slash && oldPath.count > 1, newPath.last == slash && newPath.count > 1)
    if exchanges, let target = new.target, !files.isDirectory(target), newSlash { throw .ENOTDIR }
    if !files.isDirectory(source) && (oldSlash || !exchanges && newSlash) { throw .ENOTDIR }
    if isAncestor(source, of: new.parent) { throw .EINVAL }
    if let target = new.target, isAncestor(target, of: old.parent) { throw exchanges ? .EINVAL : .ENOTEMPTY }
    guard case .inode(let oldDirectory) = old.parent.node, case .inode(let newDirectory) = new.parent.node,
      let moved = try entry(el1, oldDirectory, oldName)
    else { throw .EPERM }
    let replaced = try entry(el1, newDirectory, newName)
    if replaced == moved { return .done(0) }
    if flags & RenameFlags.WHITEOUT != 0 { throw .EINVAL }
    if let replaced, !exchanges {
      let (isDirectory, overDirectory) = (state.inodes[moved].isDirectory, state.inodes[replaced].isDirectory)
      if isDirectory && !overDirectory { throw .ENOTDIR }
      if !isDirectory && overDirectory { throw .EISDIR }
    }
    if source.mount != old.parent.mount || new.target.map({ $0.mount != new.parent.mount }) == true { throw .EBUSY }
    if let replaced, exchanges {
      files.exchange((oldDirectory, oldName, moved), (newDirectory, newName, replaced))
      files.noteName(replaced, mount: old.parent.mount)
    } else {
      if let replaced, state.inodes[replaced].isDirectory, !isEmptyDirectory(replaced) { throw .ENOTEMPTY }
      files.rename(el1, moved, from: (oldDirectory, oldName), to: (newDirectory, newName), over: replaced)
    }
    files.noteName(moved, mount: new.parent.mount)
    return .done(0)
  }

  /// Whether a place is `other` or a directory above it.
  private func isAncestor(_ place: Path, of other: Path) -> Bool {
    var other = other
    while true {
      if other == place { return true }
      let up = files.parent(of: other)
      if up == other { return false }
      other = up
    }
  }

  // MARK: Reading

  func readlinkat(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    if a.int(3) <= 0 { throw .EINVAL }
    let path = try files.userPath(el1, a[1])
    let place: Path
    if path.isEmpty {
      place = state.open[try files.openFile(a.int(0), allowsPath: true)].path
    } else {
      place = try files.find(el1, a.int(0), path, followsLast: false)
    }
    guard let link = try files.linkTarget(el1, place) else { throw path.isEmpty ? .ENOENT : .EINVAL }
    let text: [UInt8] =
      switch link {
      case .text(let text): text
      case .place(let target): files.name(of: target)
      }
    let part = Array(text.prefix(Int(a.int(3))))
    try user(el1).put(a[2], part)
    return .done(UInt64(part.count))
  }

  func getcwd(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let directory = state.contexts[tasks.currentTask.fs].workingDirectory
    if case .inode(let id) = directory.node, state.inodes[id].links == 0 { throw .ENOENT }
    // If the name becomes longer than a path may be, the walk upwards ends early. Linux: prepend_path().
    let (name, isReachable) = files.nameAndReach(of: directory, limit: Files.pathLimit)
    let text = (isReachable ? [] : Array("(unreachable)".utf8)) + name + [0]
    if text.count > Files.pathLimit { throw .ENAMETOOLONG }
    if UInt64(text.count) > a[1] { throw .ERANGE }
    try user(el1).put(a[0], text)
    return .done(UInt64(text.count))
  }

  func chdir(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let place = try files.find(el1, Files.currentDirectory, try files.userPath(el1, a[0]), followsLast: true)
    if !files.isDirectory(place) { throw .ENOTDIR }
    setWorkingDirectory(el1, place)
    return .done(0)
  }
  func fchdir(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let place = state.open[try files.openFile(a.int(0), allowsPath: true)].path
    if !files.isDirectory(place) { throw .ENOTDIR }
    setWorkingDirectory(el1, place)
    return .done(0)
  }
  private func setWorkingDirectory(_ el1: EL1Interface, _ place: Path) {
    let context = tasks.currentTask.fs
    let old = state.contexts[context].workingDirectory
    files.retain(place)
    state.contexts[context].workingDirectory = place
    files.release(el1, old)
    files.endDetached(el1)
  }

  func chroot(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let place = try files.find(el1, Files.currentDirectory, try files.userPath(el1, a[0]), followsLast: true)
    if !files.isDirectory(place) { throw .ENOTDIR }
    setRoot(el1, place)
    return .done(0)
  }

  /// FD_FAILFS_ROOT: a root in which no name can be found.
  private static var failingRoot: Int32 { -10004 }

  /// Exists since 7.3. Throws EINVAL for any flag. Linux: fs/open.c fchroot().
  func fchroot(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    if !profile.hasFchroot { throw .ENOSYS }
    if a.unsigned(1) != 0 { throw .EINVAL }
    if a.int(0) == Self.failingRoot {
      setRoot(el1, nil)
      return .done(0)
    }
    let place = state.open[try files.openFile(a.int(0), allowsPath: true)].path
    if !files.isDirectory(place) { throw .ENOTDIR }
    setRoot(el1, place)
    return .done(0)
  }

  private func setRoot(_ el1: EL1Interface, _ place: Path?) {
    let context = tasks.currentTask.fs
    let old = state.contexts[context].root
    if let place { files.retain(place) }
    state.contexts[context].root = place
    if let old { files.release(el1, old) }
  }

  func umask(_ a: SystemCallArguments) -> SystemCallResult {
    let context = tasks.currentTask.fs
    let old = state.contexts[context].umask
    state.contexts[context].umask = a.unsigned(0) & 0o777
    return .done(UInt64(old))
  }

  /// The place that a descriptor and a path name together. An empty path with AT_EMPTY_PATH names the descriptor's own file.
  func place(
    _ el1: EL1Interface, _ descriptor: Int32, _ path: [UInt8], _ flags: UInt32, followsLast: Bool
  ) throws(Errno) -> Path {
    if path.isEmpty && flags & AtFlags.EMPTY_PATH != 0 {
      if descriptor == Files.currentDirectory { return state.contexts[tasks.currentTask.fs].workingDirectory }
      return state.open[try files.openFile(descriptor, allowsPath: true)].path
    }
    return try files.find(el1, descriptor, path, followsLast: followsLast)
  }
}
