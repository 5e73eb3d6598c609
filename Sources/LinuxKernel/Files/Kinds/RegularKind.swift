// Owns reads and writes of regular files: the page cache's bytes, positions, seals and limits.
// It does not know how pages come in: LinuxMM does. Linux: mm/filemap.c, mm/shmem.c.
import Architecture
import LinuxMM

struct RegularKind: OpenFileKind {
  let files: Files
  let id: OpenFileID
  let contents: FileID

  func read(_ el1: EL1Interface, into vectors: [UserVector], at offset: Int64?) throws(Errno) -> SystemCallResult {
    let wanted = vectors.total
    if wanted == 0 { return .done(0) }
    let start = try files.readStart(id, offset, wanted)
    // Each page is copied before the next one is read. Linux: filemap_read().
    let done = try files.user(el1).fill(vectors, pageOffset: UInt64(start)) { done, count throws(Errno) in
      try files.mm.readFile(el1, contents, offset: UInt64(start) &+ done, count: count)
    }
    return files.finishRead(id, offset, start, done)
  }

  /// Writes at the position, or at the file's end with O_APPEND, one page of the file at a time. No fault is served while the page is
  /// written, because the buffer may be a mapping of that page: the buffer is brought in before, or since 6.16 after a copy that found
  /// nothing. Linux: generic_perform_write().
  func write(_ el1: EL1Interface, from vectors: [UserVector], at offset: Int64?) throws(Errno) -> SystemCallResult {
    let wanted = vectors.total
    try files.checkEnd(offset ?? files.state.open[id].offset, wanted)
    let start = writeStart(offset)
    if wanted == 0 { return .done(0) }
    let limit = try writableCount(start, wanted)
    let user = files.user(el1)
    var done: UInt64 = 0
    // The distance from the start of the write up to which the buffer was brought in.
    var reach: UInt64 = 0
    var failure: Errno?
    while done < limit {
      let at = UInt64(start) + done
      let piece = min(limit - done, 4096 - at & 0xfff)
      if !files.mm.configuration.profile.writesBeforeFaulting {
        let window = files.mm.largestFolio(contents)
        let end = done + min(limit - done, window - at & (window - 1))
        reach = max(reach, done)
        if reach < end { reach += user.faultIn(vectors, from: reach, count: end - reach) }
      }
      do throws(Errno) {
        if reach == done && !files.mm.configuration.profile.writesBeforeFaulting { throw .EFAULT }
        let taken = try files.mm.writePage(el1, contents, offset: at, count: Int(piece)) {
          user.copyInAtomically(vectors, from: done, count: $0)[...]
        }
        if taken == 0 && user.faultIn(vectors, from: done, count: piece) == 0 { throw .EFAULT }
        done += UInt64(taken)
      } catch {
        failure = error
        break
      }
    }
    if done == 0, let failure { throw failure }
    finishWrite(offset, start, done)
    return .done(done)
  }

  func take(_ el1: EL1Interface, _ bytes: [UInt8], at offset: Int64?) throws(Errno) -> Int {
    let start = writeStart(offset)
    let limit = Int(try writableCount(start, UInt64(bytes.count)))
    let taken = try files.mm.writeFile(el1, contents, offset: UInt64(start), limit == bytes.count ? bytes : Array(bytes[..<limit]))
    finishWrite(offset, start, UInt64(taken))
    return taken
  }

  private func writeStart(_ offset: Int64?) -> Int64 {
    if files.state.open[id].flags & OpenFlags.APPEND != 0 { return Int64(clamping: files.mm.state.files[contents].size) }
    return offset ?? files.state.open[id].offset
  }

  private func finishWrite(_ offset: Int64?, _ start: Int64, _ done: UInt64) {
    if offset == nil { files.state.open[id].offset = start &+ Int64(done) }
    files.noteModified(files.state.open[id].path)
  }

  /// The number of bytes that the file's limits allow to be written. Throws EPERM for F_SEAL_GROW, and EFBIG beyond the largest offset or
  /// RLIMIT_FSIZE, which sends SIGXFSZ too. Linux: generic_write_checks(), shmem_write_begin().
  private func writableCount(_ start: Int64, _ wanted: UInt64) throws(Errno) -> UInt64 {
    let limit = files.tasks[files.tasks.currentProcess].limits.fileSize
    if UInt64(start) >= limit {
      try files.signals.sendToCaller(Signal.SIGXFSZ)
      throw .EFBIG
    }
    if start == Int64.max { throw .EFBIG }
    let count = min(wanted, limit - UInt64(start), UInt64(Int64.max - start))
    // The seal refuses the whole write, not only the part beyond the end of the file.
    let file = files.mm.state.files[contents]
    if file.seals.contains(.GROW), UInt64(start) + count > file.size { throw .EPERM }
    return count
  }
}
