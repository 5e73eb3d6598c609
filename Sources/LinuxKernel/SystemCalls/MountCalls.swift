// Owns mount and umount2, and the calls that make data durable. It does not know the contents of a file system. Linux: fs/namespace.c, fs/sync.c.
import Architecture
import LinuxMM

extension FileCalls {
  /// The largest number of mounts. It is far below /proc/sys/fs/mount-max, and far above what programs need.
  private static var maximumMounts: Int { 1000 }

  /// mount(source, target, type, flags, data): a new file system, or the change of a mount that is there, or another place for one.
  /// Linux: path_mount().
  func mount(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let type = a[2] == 0 ? nil : try files.userPath(el1, a[2])
    let source = a[0] == 0 ? nil : try files.userPath(el1, a[0])
    let data = a[4] == 0 ? [] : try user(el1).getString(a[4], limit: 4095, tooLong: .EINVAL)
    var flags = MountFlags(rawValue: a[3])
    // MS_MGC_VAL.
    if a[3] & 0xffff_0000 == 0xc0ed_0000 { flags.rawValue &= 0xffff }
    let point = try files.find(el1, Files.currentDirectory, try files.userPath(el1, a[1]), followsLast: true)
    if flags.contains(.NOUSER) { throw .EINVAL }
    if flags.contains(.REMOUNT) {
      try remount(point, flags, data)
    } else if flags.contains(.BIND) {
      try bind(el1, source, point, recursively: flags.contains(.REC))
    } else if !flags.isDisjoint(with: .propagation) {
      try changePropagation(point, flags)
    } else if flags.contains(.MOVE) {
      try move(el1, source, point)
    } else {
      try mountNew(type, source ?? Array("none".utf8), point, flags, data)
    }
    return .done(0)
  }

  /// Linux: do_new_mount().
  private func mountNew(_ type: [UInt8]?, _ source: [UInt8], _ point: Path, _ flags: MountFlags, _ data: [UInt8]) throws(Errno) {
    guard let type else { throw .EINVAL }
    guard let kind = FileSystemKind(rawValue: String(decoding: type, as: UTF8.self)), kind != .pipefs else { throw .ENODEV }
    let options = try options(data, kind)
    if !files.isDirectory(point) { throw .ENOTDIR }
    try checkAttached(point)
    // A file system that exists only once cannot be mounted over itself. Linux: do_add_mount().
    if kind == .proc || kind == .sysfs, let mount = state.mount(of: point), state.superblock(of: mount).kind == kind,
      mount.root == point.node
    {
      throw .EBUSY
    }
    if state.mounts.count >= Self.maximumMounts { throw .ENOSPC }
    files.propagate(files.mount(kind, source: source, on: point, flags, options))
  }

  /// Throws ENOENT for a place in a mount that a lazy unmount has taken out of the tree: nothing is mounted there. Linux: do_lock_mount().
  private func checkAttached(_ place: Path) throws(Errno) {
    if state.mount(of: place)?.isDetached == true { throw .ENOENT }
  }

  private func options(_ data: [UInt8], _ kind: FileSystemKind) throws(Errno) -> MountOptions {
    try MountOptions(data, kind, total: UInt64(mm.state.frames.managed) << 12) {
      $0 == Layout48.hugePage ? UInt64(mm.state.pool.persistent) * $0 : 0
    }
  }

  /// Changes the flags of a mount, and unless MS_BIND says that only those are meant, of its file system. Linux: do_remount(),
  /// do_reconfigure_mnt().
  private func remount(_ point: Path, _ flags: MountFlags, _ data: [UInt8]) throws(Errno) {
    guard let mount = state.mount(of: point), mount.root == point.node, !mount.isDetached else { throw .EINVAL }
    var wanted = flags.wantedOfMount
    if flags.isDisjoint(with: .times) { wanted = wanted.subtracting(.times).union(mount.flags.intersection(.times)) }
    let superblock = state.superblock(of: mount)
    if flags.contains(.BIND) {
      let closes = wanted.contains(.RDONLY) && !mount.flags.contains(.RDONLY)
      if closes && files.hasWriters(mount.superblock, through: point.mount) { throw .EBUSY }
    } else {
      let options = try options(data, superblock.kind)
      let closes = flags.contains(.RDONLY) && !superblock.flags.contains(.RDONLY)
      if closes && files.hasWriters(mount.superblock, through: nil) { throw .EBUSY }
      try files.reconfigure(mount.superblock, options)
      state.superblocks[mount.superblock].flags = flags.intersection(.ofSuperblock)
    }
    state.mounts[point.mount].flags = wanted
    files.refreshAccessNotes(mount.superblock)
  }

  /// Linux: do_change_type().
  private func changePropagation(_ point: Path, _ flags: MountFlags) throws(Errno) {
    guard let mount = state.mount(of: point), mount.root == point.node else { throw .EINVAL }
    let kind = flags.subtracting([.REC, .SILENT])
    if !kind.isSubset(of: .propagation) || kind.rawValue.nonzeroBitCount != 1 { throw .EINVAL }
    for id in state.mounts.ids where id == point.mount || flags.contains(.REC) && isBelow(id, point.mount) {
      files.setPropagation(id, kind)
    }
  }

  /// Whether a mount lies in another one, or in a mount in it.
  private func isBelow(_ id: MountID, _ other: MountID) -> Bool {
    var id = id
    while let point = state.mounts[id].point {
      if point.mount == other { return true }
      id = point.mount
    }
    return false
  }

  // MARK: Other places

  /// Shows a directory or a file at a second place. Linux: do_loopback().
  private func bind(_ el1: EL1Interface, _ source: [UInt8]?, _ point: Path, recursively: Bool) throws(Errno) {
    guard let source, !source.isEmpty else { throw .EINVAL }
    let old = try files.find(el1, Files.currentDirectory, source, followsLast: true)
    try checkAttached(point)
    guard let mount = state.mount(of: old), !mount.isUnbindable, !mount.isDetached else { throw .EINVAL }
    if files.isDirectory(old) != files.isDirectory(point) { throw .ENOTDIR }
    if state.mounts.count >= Self.maximumMounts { throw .ENOSPC }
    // The mounts that were there before, so that a copy into the tree itself ends.
    let known = state.mounts.ids
    files.propagate(try copyMount(old, to: point, known: recursively ? known : []))
  }

  /// Copies a mount from a place in it on, and of the known mounts those that lie below that place. Linux: copy_tree().
  @discardableResult
  private func copyMount(_ old: Path, to point: Path, known: [MountID]) throws(Errno) -> MountID {
    var copy = state.mounts[old.mount]
    (copy.point, copy.root) = (point, old.node)
    files.retain(old)
    let id = files.addMount(copy)
    for below in known {
      guard let place = state.mounts[below].point, place.mount == old.mount, files.isInside(place.node, old.node) else { continue }
      if state.mounts[below].isUnbindable { continue }
      if state.mounts.count >= Self.maximumMounts { throw .ENOSPC }
      try copyMount(Path(mount: below, node: state.mounts[below].root), to: Path(mount: id, node: place.node), known: known)
    }
    return id
  }

  /// Moves a mount, with those in it, to another place. Linux: do_move_mount().
  private func move(_ el1: EL1Interface, _ source: [UInt8]?, _ point: Path) throws(Errno) {
    guard let source, !source.isEmpty else { throw .EINVAL }
    let old = try files.find(el1, Files.currentDirectory, source, followsLast: true)
    try checkAttached(point)
    guard let mount = state.mount(of: old), mount.root == old.node, !mount.isDetached else { throw .EINVAL }
    if files.isDirectory(old) != files.isDirectory(point) { throw .EINVAL }
    if point.mount == old.mount || isBelow(point.mount, old.mount) { throw .ELOOP }
    guard let from = mount.point, state.mounts[from.mount].peers == nil else { throw .EINVAL }
    state.mountPoints[from] = nil
    files.retain(point)
    state.mounts[old.mount].point = point
    state.mountPoints[point] = old.mount
    files.release(el1, from)
  }

  private enum UnmountFlags { static let FORCE: UInt64 = 1, DETACH: UInt64 = 2, EXPIRE: UInt64 = 4, NOFOLLOW: UInt64 = 8 }

  func umount2(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let flags = UInt64(a.unsigned(1))
    if flags & ~15 != 0 { throw .EINVAL }
    let place = try files.find(el1, Files.currentDirectory, try files.userPath(el1, a[0]), followsLast: flags & UnmountFlags.NOFOLLOW == 0)
    guard place.mount != .root, let mount = state.mount(of: place), mount.root == place.node, !mount.isDetached else {
      throw .EINVAL
    }
    let copies = files.copies(of: place.mount)
    if flags & UnmountFlags.DETACH != 0 {
      for id in copies + [place.mount] { files.detach(el1, id) }
    } else {
      for id in copies + [place.mount] where files.isBusy(id) { throw .EBUSY }
      for id in copies + [place.mount] {
        files.leaveGroups(id)
        files.removeMount(el1, id)
      }
    }
    return .done(0)
  }

  /// fsync, fdatasync, sync, syncfs: they have nothing to do, because all data is in memory.
  func fsync(_ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let file = try files.openFile(a.int(0))
    guard case .inode(let id) = state.open[file].path.node else { throw .EINVAL }
    switch state.inodes[id].kind {
    case .regular, .directory: return .done(0)
    default: throw .EINVAL
    }
  }
}
