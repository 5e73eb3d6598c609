// Owns the operations of every kind of open file, and the choice of the kind for an open file. It does not know how any kind reads or
// writes: each kind has its own file beside this one. Linux: struct file_operations.
import Architecture
import LinuxMM

/// One buffer of user memory.
struct UserVector {
  var address: UInt64
  var count: UInt64
}

/// A kind of open file, made for one open file. It exists for one call and holds only ids.
protocol OpenFileKind {
  /// Reads into the buffers from `offset` on, or from the file's own position, which then moves. It may read fewer bytes than the buffers
  /// hold.
  func read(_ el1: EL1Interface, into vectors: [UserVector], at offset: Int64?) throws(Errno) -> SystemCallResult
  /// Writes the bytes of the buffers at `offset`, or at the file's own position, which then moves.
  func write(_ el1: EL1Interface, from vectors: [UserVector], at offset: Int64?) throws(Errno) -> SystemCallResult
  /// Writes bytes that the kernel holds, as sendfile does, and returns the number of bytes written. Throws EAGAIN if none fit now, and
  /// EINVAL if the file cannot take any.
  func take(_ el1: EL1Interface, _ bytes: [UInt8], at offset: Int64?) throws(Errno) -> Int
  /// Whether the file has a position. Linux: FMODE_LSEEK.
  var isSeekable: Bool { get }
  /// The events that a poll finds, without those that a program cannot wait for.
  var readiness: Readiness { get }
}

extension OpenFileKind {
  func take(_ el1: EL1Interface, _ bytes: [UInt8], at offset: Int64?) throws(Errno) -> Int { throw .EINVAL }
  var isSeekable: Bool { true }
  /// Files, devices and the host's streams are always ready.
  var readiness: Readiness { .always }
}

/// EPOLL* and POLL* bits.
struct Readiness: OptionSet {
  var rawValue: UInt16
  static let IN = Self(rawValue: 1)
  static let PRI = Self(rawValue: 2)
  static let OUT = Self(rawValue: 4)
  static let ERR = Self(rawValue: 8)
  static let HUP = Self(rawValue: 0x10)
  static let NVAL = Self(rawValue: 0x20)
  static let RDNORM = Self(rawValue: 0x40)
  static let RDBAND = Self(rawValue: 0x80)
  static let WRNORM = Self(rawValue: 0x100)
  static let WRBAND = Self(rawValue: 0x200)
  static let always: Self = [.IN, .OUT, .RDNORM, .WRNORM]
}

extension Files {
  /// MAX_RW_COUNT.
  static var maximumCount: UInt64 { 0x7fff_f000 }

  /// The kind that serves an open file.
  func kind(_ id: OpenFileID) -> any OpenFileKind {
    switch state.open[id].path.node {
    case .synthetic(let node):
      guard let file = SyntheticTree.file(node) else { return DirectoryKind() }
      switch file.body {
      case .computed, .bytes: return ComputedKind(files: self, id: id)
      case .memory: return MemoryKind(files: self, id: id)
      case .text, .stored, .records, .link: return TextKind(files: self, id: id)
      }
    case .inode(let inode):
      switch state.inodes[inode].kind {
      case .directory, .link: return DirectoryKind()
      case .regular(let contents): return RegularKind(files: self, id: id, contents: contents)
      case .device(let device): return DeviceKind(files: self, id: id, device: device)
      case .pipe(let pipe): return PipeKind(files: self, id: id, pipe: pipe)
      case .process: return ProcessKind()
      case .timer(let timer): return TimerKind(files: self, id: id, timer: timer)
      }
    }
  }

  func isSeekable(_ id: OpenFileID) -> Bool { kind(id).isSeekable }

  // MARK: Positions

  /// Refuses a start below zero, which lseek allows for pagemap, and an end beyond the largest offset. Linux: rw_verify_area().
  func checkEnd(_ start: Int64, _ count: UInt64) throws(Errno) {
    if start < 0 || UInt64(start) + count > UInt64(Int64.max) { throw .EINVAL }
  }

  /// The offset at which a read of `wanted` bytes starts: `offset`, or the file's position.
  func readStart(_ id: OpenFileID, _ offset: Int64?, _ wanted: UInt64) throws(Errno) -> Int64 {
    let start = offset ?? state.open[id].offset
    try checkEnd(start, wanted)
    return start
  }

  /// Ends a read: sets the position behind it, unless the read had its own offset, and the time of the access.
  func finishRead(_ id: OpenFileID, _ offset: Int64?, _ start: Int64, _ done: UInt64, movesPosition: Bool = true) -> SystemCallResult {
    if offset == nil && movesPosition { state.open[id].offset = start &+ Int64(done) }
    if case .inode(let inode) = state.open[id].path.node, done > 0, state.open[id].flags & OpenFlags.NOATIME == 0,
      notesAccess(state.open[id].accessNotes, inode)
    {
      state.inodes[inode].accessed = now
    }
    return .done(done)
  }

  private func notesAccess(_ notes: AccessNotes, _ inode: InodeID) -> Bool {
    notes == .always || notes == .relative && state.inodes[inode].isAccessDue(now)
  }

  func noteModified(_ place: Path) {
    guard case .inode(let inode) = place.node else { return }
    state.inodes[inode].modified = now
    state.inodes[inode].changed = now
  }
}

/// Directories, and symbolic links that were opened with O_PATH. They cannot be read or written.
struct DirectoryKind: OpenFileKind {
  func read(_ el1: EL1Interface, into vectors: [UserVector], at offset: Int64?) throws(Errno) -> SystemCallResult { throw .EISDIR }
  func write(_ el1: EL1Interface, from vectors: [UserVector], at offset: Int64?) throws(Errno) -> SystemCallResult { throw .EISDIR }
}

/// A pidfd, which cannot be read or written.
struct ProcessKind: OpenFileKind {
  func read(_ el1: EL1Interface, into vectors: [UserVector], at offset: Int64?) throws(Errno) -> SystemCallResult {
    if vectors.total == 0 { return .done(0) }
    throw .EINVAL
  }
  func write(_ el1: EL1Interface, from vectors: [UserVector], at offset: Int64?) throws(Errno) -> SystemCallResult { throw .EINVAL }
  var isSeekable: Bool { false }
}
