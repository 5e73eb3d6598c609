// Owns the host's side of a session: reading a program's file, and the standard streams.
// It does not know what the bytes are.
import LinuxKernel

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Files of the host.
enum HostFile {
  /// The most that is read: 1 GiB.
  private static let limit = 1 << 30

  static func read(_ path: String) throws(SessionError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY)
    if descriptor < 0 {
      let reason = errno == ENOENT ? "there is no such file" : String(cString: strerror(errno))
      throw .file(path, reason)
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .file(path, String(cString: strerror(errno))) }
    if status.st_mode & S_IFMT == S_IFDIR { throw .file(path, "it is a directory, not a program") }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = readSome(descriptor, &buffer)
      if count < 0 { throw .file(path, String(cString: strerror(errno))) }
      if count == 0 { return bytes }
      bytes += buffer[..<count]
      if bytes.count > limit { throw .file(path, "it is larger than 1 GiB") }
    }
  }

  /// The path from the root, without symbolic links; as it is where there is no such file.
  static func absolute(_ path: String) -> String {
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  private static func readSome(_ descriptor: Int32, _ buffer: inout [UInt8]) -> Int {
    let size = buffer.count
    return buffer.withUnsafeMutableBytes { systemRead(descriptor, $0.baseAddress!, size) }
  }
}

private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer, _ count: Int) -> Int { read(descriptor, buffer, count) }
private func systemWrite(_ descriptor: Int32, _ buffer: UnsafeRawPointer, _ count: Int) -> Int { write(descriptor, buffer, count) }

/// The host's own stdin, stdout and stderr, unbuffered.
public final class StandardIO: HostIO {
  public init() { signal(SIGPIPE, SIG_IGN) }

  public func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int? {
    var done = 0
    while done < bytes.count {
      let count = systemWrite(descriptor, bytes.baseAddress! + done, bytes.count - done)
      if count < 0 {
        if errno == EINTR { continue }
        return nil
      }
      done += count
    }
    return done
  }

  public func read(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
    while true {
      let count = systemRead(0, buffer.baseAddress!, buffer.count)
      if count >= 0 { return count }
      if errno != EINTR { return 0 }
    }
  }
}

/// Streams in memory: for tests and benchmarks.
public final class MemoryIO: HostIO {
  public private(set) var output: [UInt8] = []
  public private(set) var errors: [UInt8] = []
  private var input: [UInt8]
  public init(input: [UInt8] = []) { self.input = input }

  public var outputText: String { String(decoding: output, as: UTF8.self) }
  public var errorText: String { String(decoding: errors, as: UTF8.self) }

  public func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int? {
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
