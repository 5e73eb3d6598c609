// Owns the typed ids of file tables.
// It does not know what any id names.

/// A descriptor table. Linux: struct files_struct.
struct FilesID: RawRepresentable, Hashable, Sendable {
  var rawValue: Int
  init(rawValue: Int) { self.rawValue = rawValue }
  init(_ rawValue: Int) { self.rawValue = rawValue }
}
/// A working directory and a umask. Linux: struct fs_struct.
struct FSID: RawRepresentable, Hashable, Sendable {
  var rawValue: Int
  init(rawValue: Int) { self.rawValue = rawValue }
  init(_ rawValue: Int) { self.rawValue = rawValue }
}
/// An open file description. Linux: struct file.
struct OpenFileID: RawRepresentable, Hashable, Sendable { var rawValue: Int }
struct InodeID: RawRepresentable, Hashable, Sendable { var rawValue: Int }
struct PipeID: RawRepresentable, Hashable, Sendable { var rawValue: Int }
/// What timerfd_create makes.
struct TimerFileID: RawRepresentable, Hashable, Sendable { var rawValue: Int }
/// Where calls on a file wait. Linux: struct wait_queue_head.
struct WaitQueueID: RawRepresentable, Hashable, Sendable {
  var rawValue: Int
  init(rawValue: Int) { self.rawValue = rawValue }
  // Each kind has numbers of its own.
  init(_ pipe: PipeID) { rawValue = pipe.rawValue << 2 }
  init(_ timer: TimerFileID) { rawValue = timer.rawValue << 2 | 1 }
  var isTimer: Bool { rawValue & 3 == 1 }
}
/// A file system that is mounted at least once. Linux: struct super_block.
struct SuperblockID: RawRepresentable, Hashable, Sendable { var rawValue: Int }
/// A place where a file system is mounted. Linux: struct mount.
struct MountID: RawRepresentable, Hashable, Sendable {
  var rawValue: Int
  static let none = MountID(rawValue: -1)
  static let root = MountID(rawValue: 0)
}
