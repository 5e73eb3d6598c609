// Owns pipes: the pages with the bytes that were written and not read yet. It does not know tasks: a caller asks whether an operation would
// block. Linux: fs/pipe.c.
import LinuxMM

/// A pipe. Linux: struct pipe_inode_info.
struct Pipe: Sendable {
  /// The bytes, at most a page in each slice, oldest first. Bytes that were read are removed from the first slice.
  private var pages: [ArraySlice<UInt8>] = []
  /// The number of pages that the pipe may hold, which F_SETPIPE_SZ changes.
  private(set) var capacity = 16
  var readers = 0
  var writers = 0

  static let pageSize = 4096
  /// The largest capacity that F_SETPIPE_SZ allows, in pages: /proc/sys/fs/pipe-max-size.
  static let maximumCapacity = 256

  var pageCount: Int { pages.count }
  var isEmpty: Bool { pages.isEmpty }
  var isFull: Bool { pages.count >= capacity }
  /// The number of bytes in the pipe, which FIONREAD returns.
  var count: Int { pages.reduce(0) { $0 + $1.count } }

  /// Whether the last part of a write of `count` bytes, the part that fills no page, fits into the last page of the pipe.
  private func joins(_ count: Int) -> Bool {
    let odd = count & (Self.pageSize - 1)
    guard odd != 0, let last = pages.last else { return false }
    return last.endIndex + odd <= Self.pageSize
  }
  /// Whether a write of `count` bytes could store at least some of them.
  func hasRoom(for count: Int) -> Bool { !isFull || joins(count) }

  /// Stores as many of the bytes as there is room for, and returns their number. Linux: pipe_write().
  mutating func write(_ bytes: [UInt8]) -> Int {
    var done = 0
    // The part that fills no page is stored in the last page if it fits there.
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

  /// The first bytes, at most `limit` and at most to the end of the first page. They stay in the pipe until the caller drops them.
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

  /// Sets the capacity (F_SETPIPE_SZ). The size in bytes is rounded up to pages, and those to a power of two. Returns the new size in
  /// bytes. Linux: pipe_set_size().
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
  /// Puts bytes into a pipe, and returns the number of bytes that fitted. Throws ENOMEM if all pipes together hold a quarter of RAM.
  func put(_ bytes: [UInt8], into pipe: PipeID) throws(Errno) -> Int {
    if state.pipePages + bytes.count / Pipe.pageSize > Int(mm.state.frames.managed) / 4 { throw .ENOMEM }
    let before = state.pipes[pipe].pageCount
    let taken = state.pipes[pipe].write(bytes)
    state.pipePages += state.pipes[pipe].pageCount - before
    return taken
  }
  /// Removes the first bytes of a pipe after they were read.
  func drop(_ count: Int, from pipe: PipeID) {
    let before = state.pipes[pipe].pageCount
    state.pipes[pipe].drop(count)
    state.pipePages -= before - state.pipes[pipe].pageCount
  }
  func removePipe(_ pipe: PipeID) {
    state.pipePages -= state.pipes[pipe].pageCount
    state.pipes.remove(pipe)
  }

  /// Makes a pipe, and returns its two ends.
  func makePipe(flags: UInt32) -> (read: OpenFileID, write: OpenFileID) {
    let pipe = state.pipes.insert(Pipe())
    let inode = makeInode(.pipe(pipe), permissions: 0o600, device: .pipes)
    // A pipe has no name, so only its two ends keep its inode.
    state.inodes[inode].links = 0
    let path = Path(mount: .none, node: .inode(inode))
    return (openDescription(path, flags: flags), openDescription(path, flags: flags | OpenFlags.WRONLY))
  }
}
