// Owns the repository's Swift files as text: each with its target, its lines, and its lines without comments and string literals.
// It does not know any rule.
import Foundation
import TestSupport

/// One Swift file.
struct SourceFile {
  /// Path from the top of the repository.
  let path: String
  /// The folder below Sources or Tests.
  let target: String
  let lines: [String]
  /// The lines as the compiler sees them, without comments and without the contents of string literals.
  let code: [String]
  /// The comments, line by line; empty where a line has none.
  let comments: [String]

  init(path: String, text: String) {
    self.path = path
    target = path.split(separator: "/").dropFirst().first.map(String.init) ?? ""
    lines = text.components(separatedBy: "\n")
    var code: [String] = []
    var comments: [String] = []
    for line in lines {
      let (statement, comment) = Self.split(line)
      code.append(statement)
      comments.append(comment)
    }
    self.code = code
    self.comments = comments
  }

  var name: String { String(path.split(separator: "/").last ?? "") }

  /// Splits a line into its code and its comment.
  private static func split(_ line: String) -> (code: String, comment: String) {
    var code = ""
    var isQuoted = false
    var previous: Character = " "
    var index = line.startIndex
    while index < line.endIndex {
      let character = line[index]
      if character == "\"" && previous != "\\" {
        isQuoted.toggle()
        code.append(character)
      } else if !isQuoted {
        if character == "/" && line[index...].hasPrefix("//") { return (code, String(line[index...])) }
        code.append(character)
      }
      previous = character
      index = line.index(after: index)
    }
    return (code, "")
  }
}

/// All Swift files below some top folders, in the order of their paths.
struct SourceTree {
  let files: [SourceFile]

  static let sources = Result { try SourceTree("Sources") }
  static let everything = Result { try SourceTree("Sources", "Tests") }

  init(_ tops: String...) throws {
    var files: [SourceFile] = []
    for top in tops {
      let folder = packageFolder.appending(path: top)
      let walk = FileManager.default.enumerator(atPath: folder.path)
      let names = (walk?.allObjects as? [String] ?? []).filter { $0.hasSuffix(".swift") }.sorted()
      for name in names {
        files.append(SourceFile(path: "\(top)/\(name)", text: try String(contentsOf: folder.appending(path: name), encoding: .utf8)))
      }
    }
    self.files = files
  }

  /// The lines whose code matches a pattern, as "path:line: text"; `except` names files in which matches are allowed.
  func matches(_ pattern: some RegexComponent, in targets: Set<String>? = nil, except: [String: String] = [:]) -> [String] {
    files.flatMap { file -> [String] in
      if except[file.path] != nil || !(targets?.contains(file.target) ?? true) { return [] }
      return file.code.indices.filter { file.code[$0].contains(pattern) }.map { "\(file.path):\($0 + 1): \(file.lines[$0])" }
    }
  }

  /// The exceptions that are no longer needed, because their file has no match.
  func idle(_ pattern: some RegexComponent, _ exceptions: [String: String]) -> [String] {
    exceptions.keys.sorted().filter { path in
      guard let file = files.first(where: { $0.path == path }) else { return true }
      return !file.code.contains { $0.contains(pattern) }
    }
  }
}
