// Owns system calls on the three standard descriptors: the only files there are yet.
// It does not know the host: `HostIO` does. Linux: fs/read_write.c.
import Architecture
import LinuxMM

extension Kernel {
  /// MAX_RW_COUNT.
  private static var maximumCount: UInt64 { 0x7fff_f000 }
  /// What is copied between user memory and the host at a time.
  private static var chunk: Int { 64 << 10 }

  func close(_ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    if !state.files.close(a.int(0)) { throw .EBADF }
    return .done(0)
  }

  /// Nothing here is a terminal, a device or a file with a size.
  func ioctl(_ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    throw state.files.isOpen(a.int(0)) ? .ENOTTY : .EBADF
  }

  /// A character device, as a pipe-less standard stream looks. Linux: struct stat, 128 bytes.
  func fstat(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    if !state.files.isOpen(a.int(0)) { throw .EBADF }
    var stat = [UInt8](repeating: 0, count: 128)
    stat.withUnsafeMutableBytes {
      $0.storeBytes(of: 0o020620, toByteOffset: 16, as: UInt32.self)
      $0.storeBytes(of: 1, toByteOffset: 20, as: UInt32.self)
      $0.storeBytes(of: 1024, toByteOffset: 56, as: UInt32.self)
    }
    try putUser(el1, a[1], stat)
    return .done(0)
  }

  func write(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    if !state.files.isWritable(a.int(0)) { throw .EBADF }
    try checkUserRange(a[1], a[2])
    return .done(try write(el1, descriptor: a.int(0), address: a[1], count: a[2]))
  }

  private func write(_ el1: EL1Interface, descriptor: Int32, address: UInt64, count: UInt64) throws(Errno) -> UInt64 {
    let wanted = min(count, Self.maximumCount)
    var done: UInt64 = 0
    var buffer = [UInt8](repeating: 0, count: Int(min(wanted, UInt64(Self.chunk))))
    while done < wanted {
      let piece = Int(min(wanted - done, UInt64(Self.chunk)))
      let copied = buffer.withUnsafeMutableBytes {
        piece - copyFromUser(el1, address &+ done, UnsafeMutableRawBufferPointer(rebasing: $0[..<piece]))
      }
      if copied > 0 {
        guard let written = buffer.withUnsafeBytes({ host.write(descriptor, UnsafeRawBufferPointer(rebasing: $0[..<copied])) })
        else {
          try send(SignalInfo(signal: Signal.SIGPIPE, code: SignalCode.SI_USER, address: currentID), toThread: state.current)
          throw .EPIPE
        }
        done += UInt64(written)
      }
      // What could be copied was written; only where nothing could is it an error.
      if copied < piece {
        if done == 0 { throw .EFAULT }
        break
      }
    }
    return done
  }

  func writev(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let descriptor = a.int(0)
    if !state.files.isWritable(descriptor) { throw .EBADF }
    if a[2] > 1024 { throw .EINVAL }
    var total: UInt64 = 0
    let vectors = try getUser(el1, a[1], count: Int(a[2]) * 16)
    for index in 0..<Int(a[2]) where vectors.word64(index * 16 + 8) > UInt64(Int64.max) { throw .EINVAL }
    // Nothing is written where any buffer leaves user space. Linux: import_iovec().
    for index in 0..<Int(a[2]) {
      let count = vectors.word64(index * 16 + 8)
      try checkUserRange(vectors.word64(index * 16), a[2] == 1 ? min(count, Self.maximumCount) : count)
    }
    for index in 0..<Int(a[2]) {
      let count = min(vectors.word64(index * 16 + 8), Self.maximumCount - total)
      if count == 0 { continue }
      do throws(Errno) {
        let written = try write(el1, descriptor: descriptor, address: vectors.word64(index * 16), count: count)
        total += written
        if written < count { break }
      } catch {
        if total == 0 { throw error }
        break
      }
    }
    return .done(total)
  }

  func read(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    if !state.files.isReadable(a.int(0)) { throw .EBADF }
    try checkUserRange(a[1], a[2])
    let wanted = Int(min(a[2], UInt64(Self.chunk)))
    if wanted == 0 { return .done(0) }
    var buffer = [UInt8](repeating: 0, count: wanted)
    let count = buffer.withUnsafeMutableBytes { host.read($0) }
    let left = buffer.withUnsafeBytes { copyToUser(el1, a[1], UnsafeRawBufferPointer(rebasing: $0[..<count])) }
    if left == count && count > 0 { throw .EFAULT }
    return .done(UInt64(count - left))
  }

  /// /proc/self/exe is the one link there is.
  func readlinkat(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let path = try getUserString(el1, a[1], limit: 4096, tooLong: .ENOENT)
    if path != "/proc/self/exe" { throw .ENOENT }
    if a.int(3) <= 0 { throw .EINVAL }
    let target = Array(state[state.currentProcess].executable.utf8.prefix(Int(a.int(3))))
    try putUser(el1, a[2], target)
    return .done(UInt64(target.count))
  }
}
