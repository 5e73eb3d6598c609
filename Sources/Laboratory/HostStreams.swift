// Owns the streams of a session: the host's own stdin, stdout and stderr, and streams in memory.
// It does not know what the bytes are.
import LinuxMM
import LinuxKernel

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The system's read(), for callers that have a method of that name.
func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer, _ count: Int) -> Int {
  read(descriptor, buffer, count)
}
private func systemWrite(_ descriptor: Int32, _ buffer: UnsafeRawPointer, _ count: Int) -> Int {
  write(descriptor, buffer, count)
}

/// The host's own stdin, stdout and stderr, unbuffered.
public final class StandardIO: HostIO, Sendable {
  /// A pipe that `interrupt` writes to, so that a read that waits for input ends.
  private let wakes: (read: Int32, write: Int32)

  /// Opens each standard stream that the process got closed, in such a way that it still refuses with EBADF. Otherwise the next file or
  /// pipe that the process opens would become that stream.
  public static func holdClosedStreams() {
    for descriptor in Int32(0)...2 where fcntl(descriptor, F_GETFD) < 0 { _ = open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDONLY) }
  }

  public init() {
    signal(SIGPIPE, SIG_IGN)
    Self.holdClosedStreams()
    var ends: [Int32] = [-1, -1]
    // Without a pipe nothing can end a read. Poll() ignores a descriptor below 0.
    if pipe(&ends) != 0 { ends = [-1, -1] }
    for end in ends where end >= 0 {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    wakes = (ends[0], ends[1])
  }

  deinit { for end in [wakes.read, wakes.write] where end >= 0 { close(end) } }

  /// Ends a read that waits for input, or the next one, with EINTR. Another thread may call it.
  public func interrupt() { _ = systemWrite(wakes.write, [1], 1) }

  /// From now on reads wait for input again.
  public func forgetInterrupts() {
    var bytes: (UInt64, UInt64) = (0, 0)
    while systemRead(wakes.read, &bytes, 16) > 0 {}
  }

  public func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) throws(Errno) -> Int {
    var done = 0
    while done < bytes.count {
      let count = systemWrite(descriptor, bytes.baseAddress! + done, bytes.count - done)
      if count < 0 {
        if errno == EINTR { continue }
        // What was taken before the error counts; the next write meets the error.
        if done > 0 { return done }
        throw HostError.guest(errno)
      }
      done += count
    }
    return done
  }

  public func read(_ buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Int {
    while true {
      var waits = [pollfd(fd: 0, events: Int16(POLLIN), revents: 0), pollfd(fd: wakes.read, events: Int16(POLLIN), revents: 0)]
      // A stdin that does not block answers at once, as it does without poll().
      // A signal ends poll() before it has looked: the pipe must be looked at again then, and not only stdin.
      if fcntl(0, F_GETFL) & O_NONBLOCK == 0 && poll(&waits, 2, -1) < 0 && errno == EINTR { continue }
      if waits[1].revents != 0 {
        var byte: UInt8 = 0
        _ = systemRead(wakes.read, &byte, 1)
        throw .EINTR
      }
      let count = systemRead(0, buffer.baseAddress!, buffer.count)
      if count >= 0 { return count }
      if errno != EINTR { throw HostError.guest(errno) }
    }
  }
}

/// The host's error numbers as the guest's. On a Linux host they are the same; others number theirs as they like.
enum HostError {
  private static let numbers: [(host: Int32, guest: Errno)] = [
    (EPERM, .EPERM), (EINTR, .EINTR), (EIO, .EIO), (ENXIO, .ENXIO), (EBADF, .EBADF), (EAGAIN, .EAGAIN), (ENOMEM, .ENOMEM),
    (EACCES, .EACCES), (EFAULT, .EFAULT), (EBUSY, .EBUSY), (ENODEV, .ENODEV), (EISDIR, .EISDIR), (EINVAL, .EINVAL), (EFBIG, .EFBIG),
    (ENOSPC, .ENOSPC), (ESPIPE, .ESPIPE), (EPIPE, .EPIPE), (ECONNRESET, .ECONNRESET), (EDQUOT, .EDQUOT),
  ]

  /// The guest's number of a host's error; EIO for one that reads and writes do not have.
  static func guest(_ number: Int32) -> Errno { numbers.first { $0.host == number }?.guest ?? .EIO }
}

/// Streams in memory: for tests and benchmarks.
public final class MemoryIO: HostIO {
  public private(set) var output: [UInt8] = []
  public private(set) var errors: [UInt8] = []
  private var input: [UInt8]
  public init(input: [UInt8] = []) { self.input = input }

  public var outputText: String { String(decoding: output, as: UTF8.self) }
  public var errorText: String { String(decoding: errors, as: UTF8.self) }

  public func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    if descriptor == 1 { output += bytes } else { errors += bytes }
    return bytes.count
  }
  public func read(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
    let count = min(buffer.count, input.count)
    buffer.copyBytes(from: input[..<count])
    input.removeFirst(count)
    return count
  }
}
