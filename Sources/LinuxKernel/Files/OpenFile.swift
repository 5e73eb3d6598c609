// Owns open file descriptions: flags, offset, and their life.
// It does not know how a kind of file is read. Linux: struct file, fs/file_table.c.
import Architecture
import LinuxMM

/// The result of an open, which descriptors share. Linux: struct file.
struct OpenFile: Sendable {
  var path: Path
  /// The O_* flags, without those that affect only the open itself.
  var flags: UInt32
  var offset: Int64 = 0
  /// The number of descriptors that name it and of system calls that sleep in it.
  var references = 1
  /// By the flags of its mount.
  var accessNotes = AccessNotes.always
  /// The position of a reader in a text of /proc or /sys.
  var sequence = SequenceState()

  var isReadable: Bool { flags & OpenFlags.accessMode == 0 || flags & OpenFlags.accessMode == OpenFlags.RDWR }
  var isWritable: Bool { flags & OpenFlags.accessMode == OpenFlags.WRONLY || flags & OpenFlags.accessMode == OpenFlags.RDWR }
  var isNonblocking: Bool { flags & OpenFlags.NONBLOCK != 0 }
}

/// O_* as arm64 numbers them.
enum OpenFlags {
  static let accessMode: UInt32 = 0o3
  static let WRONLY: UInt32 = 0o1
  static let RDWR: UInt32 = 0o2
  static let CREAT: UInt32 = 0o100
  static let EXCL: UInt32 = 0o200
  static let NOCTTY: UInt32 = 0o400
  static let TRUNC: UInt32 = 0o1000
  static let APPEND: UInt32 = 0o2000
  static let NONBLOCK: UInt32 = 0o4000
  static let ASYNC: UInt32 = 0o20000
  static let DIRECTORY: UInt32 = 0o40000
  static let NOFOLLOW: UInt32 = 0o100000
  static let DIRECT: UInt32 = 0o200000
  static let LARGEFILE: UInt32 = 0o400000
  static let NOATIME: UInt32 = 0o1000000
  static let CLOEXEC: UInt32 = 0o2000000
  static let SYNC: UInt32 = 0o4010000
  static let PATH: UInt32 = 0o10000000
  static let TMPFILE: UInt32 = 0o20000000 | DIRECTORY
  /// The flags that F_SETFL may change.
  static let settable = APPEND | NONBLOCK | ASYNC | DIRECT | NOATIME
  /// The flags that affect only the open itself.
  static let creation = CREAT | EXCL | NOCTTY | TRUNC | CLOEXEC
}

extension Files {
  /// Makes a new open file description for a place, with one reference.
  func openDescription(_ path: Path, flags: UInt32) -> OpenFileID {
    retain(path)
    if case .inode(let id) = path.node, case .pipe(let pipe) = state.inodes[id].kind, flags & OpenFlags.PATH == 0 {
      state.pipes[pipe].readers += flags & OpenFlags.accessMode == OpenFlags.WRONLY ? 0 : 1
      state.pipes[pipe].writers += flags & OpenFlags.accessMode == 0 ? 0 : 1
    }
    return state.open.insert(OpenFile(path: path, flags: flags, accessNotes: accessNotes(path)))
  }

  /// Drops one reference. When the last one is gone, the file is closed. Linux: __fput().
  func releaseOpenFile(_ el1: EL1Interface, _ id: OpenFileID) {
    state.open[id].references -= 1
    let file = state.open[id]
    if file.references > 0 { return }
    state.open.remove(id)
    state.sequenceBytes -= file.sequence.rest.count
    if case .inode(let inode) = file.path.node, case .pipe(let pipe) = state.inodes[inode].kind,
      file.flags & OpenFlags.PATH == 0
    {
      state.pipes[pipe].readers -= file.flags & OpenFlags.accessMode == OpenFlags.WRONLY ? 0 : 1
      state.pipes[pipe].writers -= file.flags & OpenFlags.accessMode == 0 ? 0 : 1
      wakePipe(pipe)
    }
    release(el1, file.path)
    endDetached(el1)
  }

  // MARK: Inodes

  /// Adds a reference to the inode at a place. Linux: path_get().
  func retain(_ path: Path) { if case .inode(let id) = path.node { state.inodes[id].references += 1 } }

  /// Linux: path_put(), iput().
  func release(_ el1: EL1Interface, _ path: Path) {
    guard case .inode(let id) = path.node else { return }
    state.inodes[id].references -= 1
    dropUnused(el1, id)
  }

  /// Frees an inode that has neither names nor users. Linux: iput_final().
  func dropUnused(_ el1: EL1Interface, _ id: InodeID) {
    let inode = state.inodes[id]
    if inode.links > 0 || inode.references > 0 { return }
    if let contents = inode.contents { keepName(contents) }
    state.inodes.remove(id)
    switch inode.kind {
    case .regular(let contents): mm.releaseFile(el1, contents)
    case .pipe(let pipe): removePipe(pipe)
    case .timer(let timer): state.timers.remove(timer)
    case .link: if inode.takesPage { chargeLink(inode.device, -1) }
    default: break
    }
    if let parent = inode.parent { releaseDirectory(parent) }
  }

  /// Drops one reference to a directory. Freeing a removed directory also drops the reference that its ".." held on the parent.
  func releaseDirectory(_ id: InodeID) {
    var id = id
    while true {
      state.inodes[id].references -= 1
      let inode = state.inodes[id]
      if inode.links > 0 || inode.references > 0 { return }
      state.inodes.remove(id)
      guard let parent = inode.parent else { return }
      id = parent
    }
  }
}
