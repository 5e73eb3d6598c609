// Owns reading a file that the user named. The file's kind and size are checked first, the read never waits for something that may
// not come, and there is a limit.
// It does not know what the bytes are.

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The purpose for which a file of the host is read: its name in messages, its limit, and whether the file may be a pipe.
public struct FilePurpose: Sendable {
  let name: String
  /// The most bytes that may be read.
  let limit: Int
  /// A script may come from a pipe, for example from a shell's `<(...)`. Only the writer knows when a pipe ends.
  let allowsPipes: Bool

  public static let program = FilePurpose(name: "a program", limit: 256 << 20, allowsPipes: false)
  public static let image = FilePurpose(name: "an image", limit: 256 << 20, allowsPipes: false)
  public static let log = FilePurpose(name: "a log", limit: 256 << 20, allowsPipes: true)
  public static let script = FilePurpose(name: "a file of commands", limit: 16 << 20, allowsPipes: true)

  init(name: String, limit: Int, allowsPipes: Bool) {
    self.name = name
    self.limit = limit
    self.allowsPipes = allowsPipes
  }
}

/// Files of the host.
public enum HostFile {
  /// Reads a whole file. It throws one clear line if the file is no regular file, is larger than its purpose allows, or cannot be
  /// read at once. It waits only for a pipe that has a writer.
  public static func read(_ path: String, as purpose: FilePurpose) throws(SessionError) -> [UInt8] {
    // A device or a socket may act when it is opened, so the kind is checked before the file is opened, and again afterwards.
    var status = stat()
    if stat(path, &status) != 0 { throw .file(path, reason(errno)) }
    try check(status, path, purpose)
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    if descriptor < 0 { throw .file(path, reason(errno)) }
    defer { close(descriptor) }
    if fstat(descriptor, &status) != 0 { throw .file(path, reason(errno)) }
    try check(status, path, purpose)
    let isPipe = status.st_mode & S_IFMT == S_IFIFO
    var bytes: [UInt8] = []
    // A file of /proc reports a size of 0 bytes and has more.
    if !isPipe { bytes.reserveCapacity(Int(status.st_size)) }
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = buffer.withUnsafeMutableBytes { systemRead(descriptor, $0.baseAddress!, $0.count) }
      if count == 0 {
        if isPipe && bytes.isEmpty { throw .file(path, "it is a pipe that nothing is written to") }
        return bytes
      }
      if count < 0 {
        switch errno {
        case EINTR: continue
        case EAGAIN where isPipe: waitForBytes(descriptor)
        case EAGAIN: throw .file(path, "it cannot be read without waiting")
        default: throw .file(path, reason(errno))
        }
        continue
      }
      bytes += buffer[..<count]
      if bytes.count > purpose.limit {
        throw .file(path, "it is larger than \(size(purpose.limit)), the most that \(purpose.name) may have")
      }
    }
  }

  /// The path from the root, without symbolic links. If there is no such file it is returned unchanged.
  static func absolute(_ path: String) -> String {
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  private static func check(_ status: stat, _ path: String, _ purpose: FilePurpose) throws(SessionError) {
    let kind: String
    switch status.st_mode & S_IFMT {
    case S_IFREG:
      if status.st_size > purpose.limit {
        throw .file(path, "it has \(status.st_size) bytes; \(purpose.name) may have at most \(size(purpose.limit))")
      }
      return
    case S_IFIFO:
      if purpose.allowsPipes { return }
      kind = "a pipe"
    case S_IFDIR: kind = "a directory"
    case S_IFCHR, S_IFBLK: kind = "a device"
    case S_IFSOCK: kind = "a socket"
    default: kind = "no regular file"
    }
    throw .file(path, "it is \(kind), not \(purpose.name)")
  }

  private static func waitForBytes(_ descriptor: Int32) {
    var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    _ = poll(&wait, 1, -1)
  }

  private static func size(_ bytes: Int) -> String { "\(bytes >> 20) MiB" }
  private static func reason(_ error: Int32) -> String { error == ENOENT ? "there is no such file" : String(cString: strerror(error)) }
}
