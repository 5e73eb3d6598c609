// Owns the copies from one open file to another: sendfile and copy_file_range.
// It does not know how a file is read or written. Linux: fs/read_write.c.
import Architecture
import LinuxMM

extension FileCalls {
  /// The offset that the call reads from user memory and writes back; nil if the call uses the file's own position.
  private func userOffset(_ el1: EL1Interface, _ address: UInt64) throws(Errno) -> Int64? {
    if address == 0 { return nil }
    return Int64(bitPattern: try user(el1).get(address, as: UInt64.self))
  }

  func sendfile(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let offset = try userOffset(el1, a[2])
    let input = try files.openFile(a.int(1))
    if !state.open[input].isReadable { throw .EBADF }
    if offset != nil && !files.isSeekable(input) { throw .ESPIPE }
    if let offset, offset < 0 { throw .EINVAL }
    let output = try files.openFile(a.int(0))
    if !state.open[output].isWritable { throw .EBADF }
    // sendfile can only send from a file of the page cache.
    if contents(of: input) == nil { throw .EINVAL }
    if state.open[output].flags & OpenFlags.APPEND != 0 { throw .EINVAL }
    let done = try countingCopy { () throws(Errno) in
      try copy(el1, from: input, at: offset, to: output, at: nil, count: min(a[3], Files.maximumCount))
    }
    if let offset { try user(el1).put(a[2], UInt64(bitPattern: offset) &+ done) }
    return .done(done)
  }

  func copyFileRange(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let (input, output) = (try files.openFile(a.int(0)), try files.openFile(a.int(2)))
    let (from, to) = (try userOffset(el1, a[1]), try userOffset(el1, a[3]))
    if a.unsigned(5) != 0 { throw .EINVAL }
    if files.isDirectory(state.open[input].path) || files.isDirectory(state.open[output].path) { throw .EISDIR }
    guard let source = contents(of: input), let target = contents(of: output) else { throw .EINVAL }
    if !state.open[input].isReadable || !state.open[output].isWritable { throw .EBADF }
    if state.open[output].flags & OpenFlags.APPEND != 0 { throw .EBADF }
    let (low, high) = (from ?? state.open[input].offset, to ?? state.open[output].offset)
    if low < 0 || high < 0 { throw .EINVAL }
    let size = mm.state.files[source].size
    let count = min(a[4], Files.maximumCount, size > UInt64(low) ? size - UInt64(low) : 0)
    if source == target && UInt64(low) < UInt64(high) + count && UInt64(high) < UInt64(low) + count { throw .EINVAL }
    let done = try countingCopy { () throws(Errno) in try copy(el1, from: input, at: from, to: output, at: to, count: count) }
    if let from { try user(el1).put(a[1], UInt64(bitPattern: from) &+ done) }
    if let to { try user(el1).put(a[3], UInt64(bitPattern: to) &+ done) }
    return .done(done)
  }

  private func copy(
    _ el1: EL1Interface, from input: OpenFileID, at from: Int64?, to output: OpenFileID, at to: Int64?, count: UInt64
  ) throws(Errno) -> UInt64 {
    let source = contents(of: input)!
    let start = UInt64(from ?? state.open[input].offset)
    var done: UInt64 = 0
    while done < count {
      let bytes = try mm.readFile(el1, source, offset: start &+ done, count: Int(min(count - done, 64 << 10)))
      if bytes.isEmpty { break }
      let put: Int
      do throws(Errno) {
        put = try files.kind(output).take(el1, bytes, at: to.map { $0 &+ Int64(done) })
      } catch {
        if done > 0 { break }
        throw error
      }
      done += UInt64(put)
      if put < bytes.count { break }
    }
    if from == nil { state.open[input].offset = Int64(start &+ done) }
    return done
  }
}
