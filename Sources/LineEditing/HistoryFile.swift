// Owns the file in which lines outlive a session: one line of text for each, the oldest first.
// It does not know who reads the lines.
import Foundation

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A file of lines. Sessions that run at the same time add to one file, each line as it is entered. What cannot be read or written is left
/// out: a history is worth no error.
public struct HistoryFile: Sendable {
  private let path: String
  /// The most lines that a session gets from the file.
  static let limit = 2000

  public init(path: String) { self.path = path }

  /// The file of a program in the folder that the XDG base directory specification names for state; nil without a home.
  public static func inStateFolder(of program: String, environment: [String: String]) -> HistoryFile? {
    if let folder = environment["XDG_STATE_HOME"], folder.hasPrefix("/") { return HistoryFile(path: "\(folder)/\(program)/history") }
    guard let home = environment["HOME"], home.hasPrefix("/") else { return nil }
    return HistoryFile(path: "\(home)/.local/state/\(program)/history")
  }

  /// The last lines. A file that has grown to twice the limit is cut to it.
  var lines: [String] {
    guard let handle = FileHandle(forReadingAtPath: path), let data = try? handle.read(upToCount: 16 << 20) else { return [] }
    let all = String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline).map(String.init)
    if all.count > 2 * Self.limit {
      // Written whole beside it and renamed, so that no session finds a half.
      try? Data((all.suffix(Self.limit).joined(separator: "\n") + "\n").utf8).write(to: URL(filePath: path), options: .atomic)
    }
    return all.suffix(Self.limit)
  }

  func append(_ line: String) {
    var descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
    if descriptor < 0 && errno == ENOENT {
      let folder = URL(filePath: path).deletingLastPathComponent()
      try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
    }
    if descriptor < 0 { return }
    defer { close(descriptor) }
    // One call for the whole line, so that lines of two sessions do not mix.
    let bytes = Array((line + "\n").utf8)
    _ = write(descriptor, bytes, bytes.count)
  }
}
