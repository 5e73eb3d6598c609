// Owns a file of the host to which a command writes: at its end, or at an offset. It does not know what is written.

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A file that is made anew. A write that fails ends the process with one line, as a write to stdout does.
final class HostWriter {
  private let path: String
  private let descriptor: Int32

  private init(_ path: String, _ descriptor: Int32) {
    self.path = path
    self.descriptor = descriptor
  }

  /// Makes the file. It throws one line of text if that cannot be done.
  static func make(_ path: String) throws -> HostWriter {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    if descriptor < 0 { throw UsageError("cannot write to \(path): \(String(cString: strerror(errno)))") }
    return HostWriter(path, descriptor)
  }

  /// Makes the file, or ends the process with one line.
  static func makeOrLeave(_ path: String) -> HostWriter {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    if descriptor < 0 { Standard.cannotWrite(path, errno) }
    return HostWriter(path, descriptor)
  }

  deinit { close(descriptor) }

  func append(_ text: String) { write(Array(text.utf8)) { systemWrite(descriptor, $0.baseAddress!, $0.count) } }

  /// Writes bytes at an offset. No bytes mean that the file ends there.
  func put(_ bytes: [UInt8], at offset: UInt64) {
    if bytes.isEmpty {
      if ftruncate(descriptor, off_t(clamping: offset)) != 0 { Standard.cannotWrite(path, errno) }
      return
    }
    var done = 0
    write(bytes) { piece in
      let count = pwrite(descriptor, piece.baseAddress!, piece.count, off_t(clamping: offset) + off_t(done))
      done += max(0, count)
      return count
    }
  }

  private func write(_ bytes: [UInt8], _ call: (UnsafeRawBufferPointer) -> Int) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { call($0) }
      if count >= 0 { rest = rest.dropFirst(count) } else if errno != EINTR { Standard.cannotWrite(path, errno) }
    }
  }
}

/// write(2): inside the class its name would be that of a method.
private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int { write(descriptor, bytes, count) }
