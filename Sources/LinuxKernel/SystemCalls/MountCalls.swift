// Owns mount and umount2, as far as programs that start a system need them, and the calls that make data durable. It does not know the
// contents of a file system. Linux: fs/namespace.c, fs/sync.c.
import Architecture
import LinuxMM

extension FileCalls {
  private enum MountFlags {
    static let REMOUNT: UInt64 = 0x20, BIND: UInt64 = 0x1000, MOVE: UInt64 = 0x2000
    /// MS_SHARED, MS_PRIVATE, MS_SLAVE, MS_UNBINDABLE.
    static let propagation: UInt64 = 1 << 20 | 1 << 18 | 1 << 19 | 1 << 17
  }

  /// The largest number of mounts. It is far below /proc/sys/fs/mount-max, and far above what programs need.
  private static var maximumMounts: Int { 1000 }

  /// Mounts a new file system of a known kind. A remount and a change of propagation have no effect. Bind mounts and moves are not modelled
  /// and throw ENODEV, as for a file system that the kernel lacks.
  func mount(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let type = a[2] == 0 ? [] : try files.userPath(el1, a[2])
    let source = a[0] == 0 ? Array("none".utf8) : try files.userPath(el1, a[0])
    let point = try files.find(el1, Files.currentDirectory, try files.userPath(el1, a[1]), followsLast: true)
    if a[3] & MountFlags.REMOUNT != 0 {
      if state.mount(of: point)?.root != point.node { throw .EINVAL }
      return .done(0)
    }
    if a[3] & (MountFlags.BIND | MountFlags.MOVE) != 0 { throw .ENODEV }
    if a[3] & MountFlags.propagation != 0 { return .done(0) }
    if a[2] == 0 { throw .EINVAL }
    guard let kind = FileSystemKind(rawValue: String(decoding: type, as: UTF8.self)), kind != .pipefs else { throw .ENODEV }
    if !files.isDirectory(point) { throw .ENOTDIR }
    // A file system that exists only once cannot be mounted over itself. Linux: do_add_mount().
    if kind == .proc || kind == .sysfs, let mount = state.mount(of: point), mount.kind == kind,
      mount.root == point.node
    {
      throw .EBUSY
    }
    if state.mounts.count >= Self.maximumMounts { throw .ENOSPC }
    files.mount(kind, source: source, on: point)
    return .done(0)
  }

  private enum UnmountFlags { static let FORCE: UInt64 = 1, DETACH: UInt64 = 2, EXPIRE: UInt64 = 4, NOFOLLOW: UInt64 = 8 }

  func umount2(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let flags = UInt64(a.unsigned(1))
    if flags & ~15 != 0 { throw .EINVAL }
    let place = try files.find(el1, Files.currentDirectory, try files.userPath(el1, a[0]), followsLast: flags & UnmountFlags.NOFOLLOW == 0)
    guard place.mount != .root, let mount = state.mount(of: place), mount.root == place.node, let point = mount.point else {
      throw .EINVAL
    }
    // A lazy unmount would have to keep the files that are still open. It is not modelled, so it throws EBUSY.
    let isBusy =
      state.open.firstID { $0.path.mount == place.mount } != nil
      || state.contexts.firstID { $0.workingDirectory.mount == place.mount || $0.root?.mount == place.mount } != nil
      || state.mounts.firstID { $0.point?.mount == place.mount } != nil
    if isBusy { throw .EBUSY }
    state.mounts.remove(place.mount)
    state.mountPoints[point] = nil
    if case .inode(let root) = mount.root {
      state.inodes[root].references -= 1
      files.dropTree(el1, root)
    }
    files.release(el1, point)
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
