// Owns the copying between user buffers and any kind of open file, piece by piece, and how far it got.
// It does not know registers or descriptors. Linux: fs/read_write.c, mm/filemap.c, mm/shmem.c, fs/pipe.c.
import Architecture
import LinuxMM

/// One buffer of user memory.
struct UserVector {
  var address: UInt64
  var count: UInt64
}

extension Files {
  /// MAX_RW_COUNT.
  static var maximumCount: UInt64 { 0x7fff_f000 }
  /// What is copied between user memory and a file at a time.
  private static var chunk: UInt64 { 64 << 10 }

  /// What serves an open file.
  private enum Server {
    case directory, regular(FileID), device(CharacterDevice), pipe(PipeID), process
    case sequence(SyntheticNode), computed(SyntheticNode, SyntheticFile.Part)
  }
  private func server(_ id: OpenFileID) -> Server {
    switch state.open[id].path.node {
    case .synthetic(let node):
      guard let file = SyntheticTree.file(node) else { return .directory }
      switch file.body {
      case .computed(let read), .bytes(let read): return .computed(node, read)
      case .text, .stored, .records, .link: return .sequence(node)
      }
    case .inode(let inode):
      switch state.inodes[inode].kind {
      case .directory, .link: return .directory
      case .regular(let contents): return .regular(contents)
      case .device(let device): return .device(device)
      case .pipe(let pipe): return .pipe(pipe)
      case .process: return .process
      }
    }
  }

  // MARK: Reading

  /// Reads into the buffers: from `offset` on, or from the file's own position, which moves. Less than asked for is no error.
  func readFile(_ el1: EL1Interface, _ id: OpenFileID, into vectors: [UserVector], at offset: Int64?) throws(Errno) -> SystemCallResult {
    let wanted = vectors.reduce(0) { $0 + $1.count }
    let server = server(id)
    if case .directory = server { throw .EISDIR }
    if wanted == 0 {
      // pagemap looks at its position first.
      if case .computed = server { _ = try fetch(el1, id, server, UInt64(bitPattern: offset ?? state.open[id].offset), 0) }
      return .done(0)
    }
    if case .pipe(let pipe) = server, state.pipes[pipe].isEmpty {
      if state.pipes[pipe].writers == 0 { return .done(0) }
      if state.open[id].isNonblocking { throw .EAGAIN }
      return sleep(onPipe: pipe, done: 0)
    }
    let start = offset ?? state.open[id].offset
    try checkEnd(start, wanted)
    let done: UInt64
    if case .sequence(let node) = server {
      done = try readSequence(el1, id, node, vectors, start)
    } else {
      done = try fill(el1, id, server, vectors, start)
    }
    if offset == nil, isSeekable(id) { state.open[id].offset = start &+ Int64(done) }
    if case .inode(let inode) = state.open[id].path.node, done > 0, state.open[id].flags & OpenFlags.NOATIME == 0 {
      state.inodes[inode].accessed = now
    }
    return .done(done)
  }

  private func fill(
    _ el1: EL1Interface, _ id: OpenFileID, _ server: Server, _ vectors: [UserVector], _ start: Int64
  ) throws(Errno) -> UInt64 {
    var done: UInt64 = 0
    for vector in vectors {
      var inVector: UInt64 = 0
      while inVector < vector.count {
        var wanted = Int(min(vector.count - inVector, Self.chunk))
        // Each page of a file is copied before the next one is read. Linux: filemap_read().
        if case .regular = server { wanted = min(wanted, 4096 - (Int(start) &+ Int(done)) & 0xfff) }
        let bytes: [UInt8]
        do throws(Errno) { bytes = try fetch(el1, id, server, UInt64(start) &+ done, wanted) } catch {
          if done > 0 { return done }
          throw error
        }
        var copied = user(el1).copyOut(vector.address &+ inVector, bytes)
        let isShort = copied < bytes.count
        if case .pipe(let pipe) = server {
          // A page of a pipe is read as far as was asked, or not at all.
          if isShort { copied = 0 }
          drop(copied, from: pipe)
          if copied > 0 { wakePipe(pipe) }
        }
        done += UInt64(copied)
        inVector += UInt64(copied)
        if isShort {
          if done == 0 { throw .EFAULT }
          return done
        }
        // What has no more now is not asked again: it might wait.
        if case .pipe(let pipe) = server {
          if state.pipes[pipe].isEmpty { return done }
          continue
        }
        if bytes.count < wanted { return done }
        if case .device(.stream) = server { return done }
      }
    }
    return done
  }

  /// At most `count` bytes from a position; none at the end.
  private func fetch(
    _ el1: EL1Interface, _ id: OpenFileID, _ server: Server, _ position: UInt64, _ count: Int
  ) throws(Errno) -> [UInt8] {
    switch server {
    case .directory: throw .EISDIR
    case .process: throw .EINVAL
    case .device(let device): return read(device, count: count)
    case .pipe(let pipe): return state.pipes[pipe].peek(count)
    case .regular(let contents):
      return try mm.readFile(el1, contents, offset: position, count: count)
    case .computed(let node, let read):
      guard let task = procFiles.taskIndex(node) else { throw .ESRCH }
      return try read(procFiles, el1, task, position, count)
    case .sequence: preconditionFailure("a text is read record by record")
    }
  }

  // MARK: Writing

  /// Writes bytes of the kernel's, as sendfile has them; how many were taken. A pipe that is full takes none: EAGAIN.
  func writeBytes(_ el1: EL1Interface, _ id: OpenFileID, _ bytes: [UInt8], at offset: Int64?) throws(Errno) -> Int {
    switch server(id) {
    case .directory, .process, .sequence, .computed: throw .EINVAL
    case .device(let device): return try write(device, bytes)
    case .pipe(let pipe):
      let taken = try put(bytes, into: pipe)
      wakePipe(pipe)
      if taken == 0 { throw .EAGAIN }
      return taken
    case .regular(let contents):
      let start = try regularStart(id, contents, offset)
      let limit = Int(try writableCount(id, contents, start, UInt64(bytes.count)))
      let taken = try mm.writeFile(el1, contents, offset: UInt64(start), limit == bytes.count ? bytes : Array(bytes[..<limit]))
      if offset == nil { state.open[id].offset = start &+ Int64(taken) }
      noteModified(state.open[id].path)
      return taken
    }
  }

  /// Where the bytes of a write go.
  private enum Sink {
    case device(CharacterDevice), pipe(PipeID)
    /// A file, from this offset on.
    case contents(FileID, UInt64)
  }
  /// Takes bytes, `done` bytes behind the beginning of the write; how many were taken.
  private func put(_ el1: EL1Interface, _ bytes: [UInt8], into sink: Sink, _ done: UInt64) throws(Errno) -> Int {
    switch sink {
    case .device(let device): try write(device, bytes)
    case .pipe(let pipe): try put(bytes, into: pipe)
    case .contents(let file, let start): try mm.writeFile(el1, file, offset: start + done, bytes)
    }
  }

  /// Writes the buffers: at `offset`, or at the file's own position, which moves; at its end with O_APPEND.
  func writeFile(_ el1: EL1Interface, _ id: OpenFileID, from vectors: [UserVector], at offset: Int64?) throws(Errno) -> SystemCallResult {
    let wanted = vectors.reduce(0) { $0 + $1.count }
    switch server(id) {
    case .directory: throw .EISDIR
    case .process: throw .EINVAL
    case .pipe(let pipe): return try writePipe(el1, id, pipe, vectors, wanted)
    case .device(.null), .device(.zero): return .done(wanted)
    case .device(.full): throw .ENOSPC
    case .device(let device): return .done(try drain(el1, vectors, 0, wanted, into: .device(device)))
    case .sequence(let node), .computed(let node, _): return .done(try writeSynthetic(el1, node, vectors))
    case .regular(let contents):
      try checkEnd(offset ?? state.open[id].offset, wanted)
      let start = try regularStart(id, contents, offset)
      if wanted == 0 { return .done(0) }
      let limit = try writableCount(id, contents, start, wanted)
      var done: UInt64 = 0
      var failure: Errno?
      // A write that found no bytes may itself have made room for them: its buffer may be what the file now has there.
      var isSecondTry = false
      repeat {
        let before = done
        do throws(Errno) {
          done += try drain(el1, vectors, before, limit - before, into: .contents(contents, UInt64(start) + before))
        } catch {
          failure = error
          if error != .EFAULT { break }
        }
        if isSecondTry && done == before { break }
        isSecondTry = done < limit && mm.failWrite(el1, contents, offset: UInt64(start) + done)
      } while isSecondTry
      if done == 0, let failure { throw failure }
      if offset == nil { state.open[id].offset = start &+ Int64(done) }
      noteModified(state.open[id].path)
      return .done(done)
    }
  }

  private func regularStart(_ id: OpenFileID, _ contents: FileID, _ offset: Int64?) throws(Errno) -> Int64 {
    if state.open[id].flags & OpenFlags.APPEND != 0 { return Int64(clamping: mm.state.files[contents].size) }
    return offset ?? state.open[id].offset
  }

  /// How much of a write the file's limits allow. Throws EPERM for F_SEAL_GROW, EFBIG beyond the largest offset or RLIMIT_FSIZE, which
  /// sends SIGXFSZ too. Linux: generic_write_checks(), shmem_write_begin().
  private func writableCount(_ id: OpenFileID, _ contents: FileID, _ start: Int64, _ wanted: UInt64) throws(Errno) -> UInt64 {
    let limit = tasks[tasks.currentProcess].limits.fileSize
    if UInt64(start) >= limit {
      try signals.sendToCaller(Signal.SIGXFSZ)
      throw .EFBIG
    }
    if start == Int64.max { throw .EFBIG }
    let count = min(wanted, limit - UInt64(start), UInt64(Int64.max - start))
    // Refused as a whole, not up to the end of the file.
    if mm.state.files[contents].seals.contains(.GROW), UInt64(start) + count > mm.state.files[contents].size { throw .EPERM }
    return count
  }

  func noteModified(_ place: Path) {
    guard case .inode(let inode) = place.node else { return }
    state.inodes[inode].modified = now
    state.inodes[inode].changed = now
  }

  private func writePipe(
    _ el1: EL1Interface, _ id: OpenFileID, _ pipe: PipeID, _ vectors: [UserVector], _ wanted: UInt64
  ) throws(Errno) -> SystemCallResult {
    if wanted == 0 { return .done(0) }
    // Bytes that this call moved before it slept.
    var total = sleeps.progress
    let start = total
    // Another thread may have made the buffers smaller meanwhile.
    let rest = wanted - min(start, wanted)
    do throws(Errno) {
      if state.pipes[pipe].readers == 0 { throw .EPIPE }
      // A full pipe is not asked to take anything, whatever the buffers are.
      if state.pipes[pipe].hasRoom(for: Int(rest)) {
        total += try drain(el1, vectors, start, rest, into: .pipe(pipe), wholePages: true)
      }
    } catch {
      if error == .EPIPE {
        try signals.sendToCaller(Signal.SIGPIPE)
      }
      if total == 0 { throw error }
      return .done(total)
    }
    if total > start { wakePipe(pipe) }
    // Only a full pipe can be why not everything went in: a bad buffer has thrown, or ends the call with what came before it.
    if total < wanted && state.pipes[pipe].isFull {
      if !state.open[id].isNonblocking { return sleep(onPipe: pipe, done: total) }
      if total == 0 { throw .EAGAIN }
    }
    return .done(total)
  }

  private func writeSynthetic(_ el1: EL1Interface, _ node: SyntheticNode, _ vectors: [UserVector]) throws(Errno) -> UInt64 {
    guard case .stored(_, let store) = SyntheticTree.file(node)!.body else { throw .EINVAL }
    guard let task = procFiles.taskIndex(node) else { throw .ESRCH }
    var text: [UInt8] = []
    for vector in vectors { text += try user(el1).get(vector.address, count: Int(min(vector.count, 4096 - UInt64(text.count)))) }
    // Nothing written changes nothing. Linux: proc_sys_call_handler(), sysfs_kf_write().
    if !text.isEmpty { try store(procFiles, el1, task, text) }
    return UInt64(text.count)
  }

  /// Takes the buffers' bytes from `skip` on, at most `limit`, in pieces, and puts each where the write goes; stops where that takes
  /// less than it was given. An error or a bad buffer counts only where nothing was taken before it; with `wholePages` no part of a
  /// page before a bad address is taken.
  private func drain(
    _ el1: EL1Interface, _ vectors: [UserVector], _ skip: UInt64, _ limit: UInt64, into sink: Sink, wholePages: Bool = false
  ) throws(Errno) -> UInt64 {
    var done: UInt64 = 0
    var skip = skip
    for vector in vectors {
      var inVector = min(skip, vector.count)
      skip -= inVector
      while inVector < vector.count && done < limit {
        let piece = Int(min(vector.count - inVector, limit - done, Self.chunk))
        var bytes = user(el1).copyIn(vector.address &+ inVector, count: piece)
        if wholePages && bytes.count < piece { bytes.removeLast(bytes.count & 0xfff) }
        var taken = 0
        if !bytes.isEmpty {
          do throws(Errno) { taken = try put(el1, bytes, into: sink, done) } catch {
            if done > 0 { return done }
            throw error
          }
        }
        done += UInt64(taken)
        inVector += UInt64(taken)
        if bytes.count < piece && taken == bytes.count && done == 0 { throw .EFAULT }
        if taken < piece { return done }
      }
    }
    return done
  }

  // MARK: Positions

  /// A position below zero (lseek of pagemap allows it) and an end beyond the largest offset are refused. Linux: rw_verify_area().
  private func checkEnd(_ start: Int64, _ count: UInt64) throws(Errno) {
    if start < 0 || UInt64(start) + count > UInt64(Int64.max) { throw .EINVAL }
  }

  /// Whether the file has a position at all. Linux: FMODE_LSEEK.
  func isSeekable(_ id: OpenFileID) -> Bool {
    switch server(id) {
    case .pipe, .process: false
    case .device(let device): device.canSeek
    default: true
    }
  }
}
