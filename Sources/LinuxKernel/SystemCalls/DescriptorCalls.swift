// Owns the system calls on descriptors themselves: closing, duplicating, flags and pipes.
// It does not know what an open file holds. Linux: fs/file.c, fs/fcntl.c, fs/pipe.c.
import Architecture
import LinuxMM

extension FileCalls {
  func close(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    try files.closeDescriptor(el1, files.currentFiles, a.int(0))
    return .done(0)
  }

  /// CLOSE_RANGE_UNSHARE (2) first gives the task its own table. CLOSE_RANGE_CLOEXEC (4) marks the descriptors instead of closing them.
  func closeRange(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let (first, last) = (a.unsigned(0), a.unsigned(1))
    if a.unsigned(2) & ~6 != 0 || first > last { throw .EINVAL }
    if a.unsigned(2) & 2 != 0 { try files.unshareFiles(el1) }
    var next = Int32(clamping: first)
    while let descriptor = state.tables[files.currentFiles].first(from: next), UInt32(descriptor) <= last {
      if a.unsigned(2) & 4 != 0 {
        state.tables[files.currentFiles][descriptor]?.closesOnExec = true
      } else {
        try files.closeDescriptor(el1, files.currentFiles, descriptor)
      }
      next = descriptor + 1
    }
    return .done(0)
  }

  func dup(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    .done(try duplicate(el1, a.int(0), from: 0, closesOnExec: false))
  }

  private func duplicate(_ el1: EL1Interface, _ descriptor: Int32, from start: Int, closesOnExec: Bool) throws(Errno) -> UInt64 {
    let file = try files.openFile(descriptor, allowsPath: true)
    state.open[file].references += 1
    return UInt64(try files.installDescriptor(el1, file, closesOnExec: closesOnExec, from: start))
  }

  func dup3(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    if a.unsigned(2) & ~OpenFlags.CLOEXEC != 0 || a.int(0) == a.int(1) { throw .EINVAL }
    if UInt64(a.unsigned(1)) >= files.descriptorLimit { throw .EBADF }
    let file = try files.openFile(a.int(0), allowsPath: true)
    try files.growTable(to: a.int(1))
    state.open[file].references += 1
    let old = state.tables[files.currentFiles][a.int(1)]
    state.tables[files.currentFiles][a.int(1)] = DescriptorTable.Slot(
      file: file, closesOnExec: a.unsigned(2) & OpenFlags.CLOEXEC != 0)
    if let old { files.releaseOpenFile(el1, old.file) }
    return .done(UInt64(a.unsigned(1)))
  }

  private enum Control {
    static let DUPFD: UInt32 = 0, GETFD: UInt32 = 1, SETFD: UInt32 = 2, GETFL: UInt32 = 3, SETFL: UInt32 = 4
    static let DUPFD_CLOEXEC: UInt32 = 1030, SETPIPE_SZ: UInt32 = 1031, GETPIPE_SZ: UInt32 = 1032
    static let ADD_SEALS: UInt32 = 1033, GET_SEALS: UInt32 = 1034
    /// The commands that an O_PATH descriptor allows.
    static let onPath = [DUPFD, DUPFD_CLOEXEC, GETFD, SETFD, GETFL]
  }

  /// fcntl(descriptor, command, argument). Locks are not modelled and throw EINVAL. Linux: do_fcntl().
  func fcntl(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let (descriptor, command) = (a.int(0), a.unsigned(1))
    let file = try files.openFile(descriptor, allowsPath: Control.onPath.contains(command))
    switch command {
    case Control.DUPFD, Control.DUPFD_CLOEXEC:
      if a[2] & 0xffff_ffff >= files.descriptorLimit { throw .EINVAL }
      return .done(
        try duplicate(el1, descriptor, from: Int(a.unsigned(2)), closesOnExec: command == Control.DUPFD_CLOEXEC))
    case Control.GETFD: return .done(state.tables[files.currentFiles][descriptor]!.closesOnExec ? 1 : 0)
    case Control.SETFD: state.tables[files.currentFiles][descriptor]!.closesOnExec = a[2] & 1 != 0
    case Control.GETFL: return .done(UInt64(state.open[file].flags))
    case Control.SETFL:
      let old = state.open[file].flags
      state.open[file].flags = old & ~OpenFlags.settable | a.unsigned(2) & OpenFlags.settable
    case Control.GETPIPE_SZ: return .done(UInt64(state.pipes[try pipe(file)].capacity * Pipe.pageSize))
    case Control.SETPIPE_SZ: return .done(try state.pipes[try pipe(file)].setSize(UInt64(a.unsigned(2))))
    case Control.ADD_SEALS: try addSeals(file, a.unsigned(2))
    case Control.GET_SEALS:
      guard let contents = contents(of: file) else { throw .EINVAL }
      return .done(UInt64(try mm.seals(contents).rawValue))
    default: throw .EINVAL
    }
    return .done(0)
  }

  private func pipe(_ file: OpenFileID) throws(Errno) -> PipeID {
    guard case .inode(let id) = state.open[file].path.node, case .pipe(let pipe) = state.inodes[id].kind else { throw .EBADF }
    return pipe
  }

  func pipe2(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let flags = a.unsigned(1)
    if flags & ~(OpenFlags.CLOEXEC | OpenFlags.NONBLOCK | OpenFlags.DIRECT | 0o200) != 0 { throw .EINVAL }
    let ends = files.makePipe(flags: flags & OpenFlags.NONBLOCK)
    let closes = flags & OpenFlags.CLOEXEC != 0
    let first: Int32
    do throws(Errno) { first = try files.installDescriptor(el1, ends.read, closesOnExec: closes) } catch {
      files.releaseOpenFile(el1, ends.write)
      throw error
    }
    let second: Int32
    do throws(Errno) {
      second = try files.installDescriptor(el1, ends.write, closesOnExec: closes)
    } catch {
      try files.closeDescriptor(el1, files.currentFiles, first)
      throw error
    }
    do throws(Errno) { try user(el1).put(a[0], (first, second)) } catch {
      try files.closeDescriptor(el1, files.currentFiles, first)
      try files.closeDescriptor(el1, files.currentFiles, second)
      throw error
    }
    return .done(0)
  }
}
