// Owns the rules about the form of files: headers, lengths, words, and declarations that nothing uses.
// It does not know what any file is about.
import Foundation
import TestSupport
import Testing

struct FormTests {
  /// A file's first comment says what it owns and what it does not know.
  @Test func everyFileSaysWhatItOwns() throws {
    let wrong = try SourceTree.everything.get().files.filter { file in
      if file.name == "main.swift" { return false }
      let header = file.lines.prefix { $0.hasPrefix("//") }.joined(separator: " ")
      return !header.hasPrefix("// Owns ") || header.components(separatedBy: ". ").count < 2 && !header.contains("not know")
    }
    #expect(wrong.map(\.path) == [])
  }

  // MARK: Lengths: these may only shrink

  private static let lineLimit = 350
  private static let longFiles = ["Sources/Decoding/Instruction.swift": 423]
  private static let functionLimit = 60
  /// The number of longer functions in the sources: tables written as a switch, and some that should be divided.
  private static let longFunctionCount = 12

  @Test func filesAreShort() throws {
    let long = try SourceTree.sources.get().files.filter { $0.lines.count - 1 > (Self.longFiles[$0.path] ?? Self.lineLimit) }
    #expect(long.map { "\($0.path): \($0.lines.count - 1)" } == [])
  }

  @Test func functionsAreShort() throws {
    let long = try SourceTree.sources.get().files.flatMap(Self.longFunctions)
    #expect(long.count <= Self.longFunctionCount, "\(long.sorted())")
  }

  /// The functions over the limit, found by the indentation of their closing brace.
  private static func longFunctions(_ file: SourceFile) -> [String] {
    var found: [String] = []
    for (index, line) in file.code.enumerated() where line.contains(/^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:\w+\s+)*(?:func|init)\b.*/) {
      let indentation = String(line.prefix { $0 == " " })
      guard let end = file.code[(index + 1)...].firstIndex(where: { $0.hasPrefix(indentation + "}") }) else { continue }
      if end - index > functionLimit { found.append("\(file.path):\(index + 1): \(end - index) lines") }
    }
    return found
  }

  // MARK: Words

  /// Phrases that a newcomer cannot understand alone, and the number of comments that may have them.
  private static let phrases: [(pattern: String, most: Int)] = [
    (#"\b[Nn]obody\b|\b[Ss]omebody\b|\b[Aa]nybody\b|\b[Ee]verybody\b"#, 0),
    (#"\band (?:its |their )?kin\b"#, 0),
    (#"has it no more"#, 0),
    (#"[Dd]esign\.md"#, 0),
    (#"\b(?:TODO|FIXME|XXX|HACK)\b"#, 0),
    (#"\bfor want of\b|\banyhow\b|\bin question\b|\bthe claim that\b"#, 0),
    (#"\b[Ww]hat [a-z ]+ makes of\b"#, 0),
    (#"\b[Oo]ur bug\b"#, 0),
    (#"\ball the same\b"#, 0),
    (#"\bbut for\b"#, 0),
    (#"\b[Ww]hoever\b"#, 0),
    (#"\bbe had\b"#, 0),
    (#"\b[Tt]hose who\b"#, 0),
    (#"\bso many\b"#, 0),
  ]

  @Test func bannedPhrases() throws {
    let files = try SourceTree.everything.get().files.filter { $0.target != "TidyTests" }
    for (pattern, most) in Self.phrases {
      let regex = try Regex(pattern)
      let found = files.flatMap { file in file.comments.filter { $0.contains(regex) }.map { "\(file.path): \($0)" } }
      #expect(found.count <= most, "\(pattern): \(found)")
    }
  }

  // MARK: Declarations

  /// A name that occurs once in all files is declared and never used.
  @Test func everyDeclarationIsUsed() throws {
    let tree = try SourceTree.everything.get()
    let word = /[A-Za-z_][A-Za-z0-9_]*/
    var uses: [Substring: Int] = [:]
    for file in tree.files {
      // Interpolations stand inside string literals, so the whole line counts.
      for line in file.lines { for match in line.matches(of: word) { uses[match.0, default: 0] += 1 } }
    }
    let declaration = /\b(?:func|var|let|struct|class|enum|protocol|typealias)\s+([A-Za-z_][A-Za-z0-9_]*)/
    var dead: [String] = []
    for file in tree.files where file.path.hasPrefix("Sources/") {
      for line in file.code {
        guard let match = line.firstMatch(of: declaration), uses[match.1] == 1, !Self.usedByOthers.contains(String(match.1)) else {
          continue
        }
        dead.append("\(file.path): \(match.1)")
      }
    }
    #expect(dead == [])
  }

  /// Names that a protocol of a library requires.
  private static let usedByOthers: Set = [
    "allKeys", "configuration", "customMirror", "discussion", "errorDescription", "makeIterator", "userInfo",
  ]
}

struct FixtureTests {
  /// For each folder of Tests/Fixtures, the tool that records it again.
  private static let recorders: [String: String] = [
    "backtraces": "firmware/backtraces/record.sh",
    "deaths": "firmware/crashes/record.sh",
    "differential": "Sources/FaultlineCommands/DifferentialCommand.swift",
    "el1": "firmware/el1/differential.sh",
    "float": "Sources/FaultlineCommands/VectorsCommand.swift",
    "fuzz": "Tests/Fuzz/fuzz.sh",
    "oops": "firmware/oops/record.sh",
    "oracle": "firmware/oracle/record.sh",
    "simd": "Sources/FaultlineCommands/VectorsCommand.swift",
    "tests": "firmware/vectors/record-programs.sh",
  ]

  /// Every folder of fixtures has a recorder that exists.
  @Test func everyFixtureHasARecorder() throws {
    let folders = try FileManager.default.contentsOfDirectory(atPath: packageFolder.appending(path: "Tests/Fixtures").path).sorted()
    for folder in folders {
      let recorder = Self.recorders[folder]
      #expect(recorder != nil, "\(folder)")
      if let recorder { #expect(FileManager.default.fileExists(atPath: packageFolder.appending(path: recorder).path), "\(recorder)") }
    }
  }
}
