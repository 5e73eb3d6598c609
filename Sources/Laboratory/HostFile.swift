// Owns the one way in which a file that the user named is read whole: kind and size are looked at first, nothing is waited for
// that may never come, and there is a limit.
// It does not know what the bytes are.

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What a file of the host is read for: its name in messages, its limit, and whether a pipe may stand for it.
public struct FilePurpose: Sendable {
  let name: String
  /// The most bytes that are read.
  let limit: Int
  /// A script may come from a pipe, as a shell's `<(...)` makes one; that a pipe ends only its writer knows.
  let allowsPipes: Bool

  public static let program = FilePurpose(name: "a program", limit: 256 << 20, allowsPipes: false)
  public static let image = FilePurpose(name: "an image", limit: 256 << 20, allowsPipes: false)
  public static let script = FilePurpose(name: "a file of commands", limit: 16 << 20, allowsPipes: true)

  init(name: String, limit: Int, allowsPipes: Bool) {
    self.name = name
    self.limit = limit
    self.allowsPipes = allowsPipes
  }
}

/// Files of the host.
public enum HostFile {
  /// The whole of a file. Throws one clear line for what is no regular file, what is larger than its purpose allows, and what
  /// cannot be read at once. Only a pipe that has a writer is waited for.
  public static func read(_ path: String, as purpose: FilePurpose) throws(SessionError) -> [UInt8] {
    // A device or a socket may act when it is opened, so the name is asked before the file is opened, and the open file again.
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
    // A file of /proc says 0 bytes and has more.
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

  /// The path from the root, without symbolic links; as it is where there is no such file.
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
