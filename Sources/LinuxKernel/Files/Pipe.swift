// Owns pipes: pages of bytes between writers and readers.
// It does not know tasks: what would block says so. Linux: fs/pipe.c.
import LinuxMM

/// A pipe. Linux: struct pipe_inode_info.
struct Pipe: Sendable {
  /// At most a page each, oldest first; what was read of the first one is gone from it.
  private var pages: [ArraySlice<UInt8>] = []
  /// How many pages it may hold: F_SETPIPE_SZ.
  private(set) var capacity = 16
  var readers = 0
  var writers = 0

  static let pageSize = 4096
  /// The largest that F_SETPIPE_SZ gives, in pages: /proc/sys/fs/pipe-max-size.
  static let maximumCapacity = 256

  var pageCount: Int { pages.count }
  var isEmpty: Bool { pages.isEmpty }
  var isFull: Bool { pages.count >= capacity }
  /// FIONREAD.
  var count: Int { pages.reduce(0) { $0 + $1.count } }

  /// Whether the odd part of so many bytes fits behind the last ones of the last page.
  private func joins(_ count: Int) -> Bool {
    let odd = count & (Self.pageSize - 1)
    guard odd != 0, let last = pages.last else { return false }
    return last.endIndex + odd <= Self.pageSize
  }
  /// Whether a write of so many bytes could put any of them.
  func hasRoom(for count: Int) -> Bool { !isFull || joins(count) }

  /// Takes as many bytes as there is room for; how many. Linux: pipe_write().
  mutating func write(_ bytes: [UInt8]) -> Int {
    var done = 0
    // The odd part joins the last page where it fits there.
    if joins(bytes.count) {
      done = bytes.count & (Self.pageSize - 1)
      pages[pages.count - 1] += bytes[..<done]
    }
    while done < bytes.count && !isFull {
      let piece = min(Self.pageSize, bytes.count - done)
      pages.append(ArraySlice(bytes[done..<done + piece]))
      done += piece
    }
    return done
  }

  /// The first bytes, at most `limit` and never of two pages; they stay until `drop` is told that they could be used.
  func peek(_ limit: Int) -> [UInt8] { Array(pages.first?.prefix(limit) ?? []) }
  mutating func drop(_ count: Int) {
    var left = count
    while left > 0 {
      let piece = min(left, pages[0].count)
      pages[0].removeFirst(piece)
      left -= piece
      if pages[0].isEmpty { pages.removeFirst() }
    }
  }

  /// F_SETPIPE_SZ: bytes, rounded up to a power of two of pages; answers the new size in bytes. Linux: pipe_set_size().
  mutating func setSize(_ bytes: UInt64) throws(Errno) -> UInt64 {
    if bytes > UInt64(UInt32.max) / 2 { throw .EINVAL }
    var wanted = 1
    while UInt64(wanted * Self.pageSize) < bytes { wanted *= 2 }
    if wanted > Self.maximumCapacity { throw .EPERM }
    if wanted < pages.count { throw .EBUSY }
    capacity = wanted
    return UInt64(wanted * Self.pageSize)
  }
}

extension Files {
  /// Puts bytes into a pipe; how many fit. Throws ENOMEM where all pipes together hold a quarter of RAM.
  func put(_ bytes: [UInt8], into pipe: PipeID) throws(Errno) -> Int {
    if state.pipePages + bytes.count / Pipe.pageSize > Int(mm.state.frames.managed) / 4 { throw .ENOMEM }
    let before = state.pipes[pipe].pageCount
    let taken = state.pipes[pipe].write(bytes)
    state.pipePages += state.pipes[pipe].pageCount - before
    return taken
  }
  /// The first bytes of a pipe are read.
  func drop(_ count: Int, from pipe: PipeID) {
    let before = state.pipes[pipe].pageCount
    state.pipes[pipe].drop(count)
    state.pipePages -= before - state.pipes[pipe].pageCount
  }
  func removePipe(_ pipe: PipeID) {
    state.pipePages -= state.pipes[pipe].pageCount
    state.pipes.remove(pipe)
  }

  /// A new pipe's two ends, for reading and for writing.
  func makePipe(flags: UInt32) -> (read: OpenFileID, write: OpenFileID) {
    let pipe = state.pipes.insert(Pipe())
    let inode = makeInode(.pipe(pipe), permissions: 0o600, device: .pipes)
    // It has no name: only its two ends keep it.
    state.inodes[inode].links = 0
    let path = Path(mount: .none, node: .inode(inode))
    return (openDescription(path, flags: flags), openDescription(path, flags: flags | OpenFlags.WRONLY))
  }
}
