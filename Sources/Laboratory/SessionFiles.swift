// Owns the host's files that a session's program may see: its own executable, and the directory given as its root.
// It does not know how the program uses them. It only reads, and follows no symbolic link out of the root.
import LinuxKernel
import LinuxMM

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

final class SessionFiles: HostFiles {
  private enum Source {
    case memory([UInt8])
    /// The names on the path from the root.
    case file([[UInt8]])
  }
  /// The sources by handle.
  private var sources: [Source] = []
  /// The root's descriptor, and its path without symbolic links; nil if there is no root.
  private var root: (descriptor: Int32, path: String)?
  /// The file that was read last, which stays open.
  private var last: (handle: Int32, descriptor: Int32)?

  init(root path: String?) throws(SessionError) {
    guard let path else { return }
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if descriptor < 0 {
      let reason =
        switch errno {
        case ENOENT: "there is no such directory"
        case ENOTDIR: "it is not a directory"
        default: String(cString: strerror(errno))
        }
      throw .file(path, "\(reason) (--root)")
    }
    root = (descriptor, HostFile.absolute(path))
  }

  deinit {
    if let root { close(root.descriptor) }
    if let last { close(last.descriptor) }
  }

  /// Makes a file of the program's bytes, and returns its handle.
  func add(_ bytes: [UInt8]) -> Int32 {
    sources.append(.memory(bytes))
    return Int32(sources.count - 1)
  }

  /// The path under which the program finds a file of the host: a file below the root loses the root's path, any other file keeps
  /// its path.
  func guestPath(_ path: String) -> String {
    guard let root, root.path != "/", path.hasPrefix(root.path + "/") else { return path }
    return String(path.dropFirst(root.path.count))
  }

  func read(_ handle: Int32, offset: UInt64, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
    switch sources[Int(handle)] {
    case .memory(let bytes):
      if offset >= UInt64(bytes.count) { return 0 }
      let count = min(buffer.count, bytes.count - Int(offset))
      bytes.withUnsafeBytes { buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[Int(offset)..<Int(offset) + count])) }
      return count
    case .file(let names):
      if last?.handle != handle {
        if let last { close(last.descriptor) }
        last = nil
        // A file that was regular when it was listed may be of any kind by now.
        guard let descriptor = openBelowRoot(names, O_NONBLOCK) else { return 0 }
        var status = stat()
        if fstat(descriptor, &status) != 0 || status.st_mode & S_IFMT != S_IFREG {
          close(descriptor)
          return 0
        }
        last = (handle, descriptor)
      }
      var done = 0
      while done < buffer.count {
        let count = pread(last!.descriptor, buffer.baseAddress! + done, buffer.count - done, off_t(offset) + off_t(done))
        if count < 0 && errno == EINTR { continue }
        if count <= 0 { break }
        done += count
      }
      return done
    }
  }

  func list(_ directory: [[UInt8]]) -> [HostEntry]? {
    guard let descriptor = openBelowRoot(directory, O_DIRECTORY) else { return nil }
    guard let stream = fdopendir(descriptor) else {
      close(descriptor)
      return nil
    }
    defer { closedir(stream) }
    var names: [[UInt8]] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      if name != Array(".".utf8) && name != Array("..".utf8) { names.append(name) }
    }
    // The names are sorted, because the kernel's state contains the handles, and the host's own order differs from run to run.
    names.sort { $0.lexicographicallyPrecedes($1) }
    return names.compactMap { entry(dirfd(stream), directory, $0) }
  }

  private func entry(_ directory: Int32, _ path: [[UInt8]], _ name: [UInt8]) -> HostEntry? {
    let text = name.map { CChar(bitPattern: $0) } + [0]
    var status = stat()
    guard fstatat(directory, text, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return nil }
    let kind: HostEntry.Kind
    switch status.st_mode & S_IFMT {
    case S_IFDIR: kind = .directory
    case S_IFREG:
      sources.append(.file(path + [name]))
      kind = .regular(handle: Int32(sources.count - 1), size: UInt64(max(status.st_size, 0)))
    case S_IFLNK:
      var target = [UInt8](repeating: 0, count: 4096)
      let count = target.withUnsafeMutableBytes { readlinkat(directory, text, $0.baseAddress!, $0.count) }
      if count <= 0 { return nil }
      kind = .link(Array(target[..<count]))
    default: return nil
    }
    #if canImport(Glibc)
      let time = status.st_mtim
    #else
      let time = status.st_mtimespec
    #endif
    let modified = UInt64(max(time.tv_sec, 0)) &* 1_000_000_000 &+ UInt64(max(time.tv_nsec, 0))
    return HostEntry(name: name, kind: kind, permissions: UInt32(status.st_mode) & 0o7777, modified: modified)
  }

  /// Opens one directory after the other, so that no part of the path is a symbolic link.
  private func openBelowRoot(_ names: [[UInt8]], _ flags: Int32) -> Int32? {
    guard let root else { return nil }
    var descriptor = dup(root.descriptor)
    for (index, name) in names.enumerated() {
      let isLast = index == names.count - 1
      let text = name.map { CChar(bitPattern: $0) } + [0]
      let next = openat(descriptor, text, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | (isLast ? flags : O_DIRECTORY))
      close(descriptor)
      if next < 0 { return nil }
      descriptor = next
    }
    return descriptor < 0 ? nil : descriptor
  }
}
