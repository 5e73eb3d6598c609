// Owns the commands that a Markdown page shows, with the output below each: how they are found, run and compared.
// It does not know the pages.
import Foundation
import TestSupport
import Testing

/// A command of a code block and the lines after it. A command with `(faultline)` lines is a session of the shell: these are its commands.
struct Transcript: Sendable, CustomTestStringConvertible {
  var command: String
  var output: [String] = []
  /// What the user types in the shell.
  var shellLines: [String] = []

  var testDescription: String { command }

  private static let prompt = "(faultline) "

  /// Every `$ faultline` of the code blocks of a page.
  static func all(of page: String) -> [Transcript] {
    guard let text = try? String(contentsOf: packageFolder.appending(path: page), encoding: .utf8) else { return [] }
    var found: [Transcript] = []
    var isInBlock = false
    var continues = false
    for line in text.components(separatedBy: "\n") {
      if line.hasPrefix("```") {
        isInBlock.toggle()
        if isInBlock { found.append(Transcript(command: "")) }
      } else if isInBlock && continues {
        found[found.count - 1].command += line.trimmingPrefix { $0 == " " }
      } else if isInBlock && line.hasPrefix("$ ") {
        found.append(Transcript(command: String(line.dropFirst(2))))
      } else if isInBlock && line.hasPrefix(prompt) {
        found[found.count - 1].shellLines.append(String(line.dropFirst(prompt.count)))
      } else if isInBlock {
        found[found.count - 1].output.append(line)
      }
      continues = isInBlock && line.hasSuffix("\\")
      if continues { found[found.count - 1].command.removeLast() }
    }
    return found.filter { $0.command.hasPrefix("faultline ") || $0.isPipe }
  }

  /// Whether it is a line for the system's shell that ends in the command.
  private var isPipe: Bool { command.hasPrefix("echo ") && command.contains(" | faultline ") }

  /// The words behind `faultline`: quotes keep blanks together.
  private var words: [String] {
    var words: [String] = [""]
    var isQuoted = false
    for character in command {
      switch character {
      case "'": isQuoted.toggle()
      case " " where !isQuoted: words.append("")
      default: words[words.count - 1].append(character)
      }
    }
    return Array(words.filter { !$0.isEmpty }.dropFirst())
  }

  /// What the command prints now, line by line.
  func run() throws -> [String] {
    if isPipe { return try FaultlineProcess(shell: command).output.components(separatedBy: "\n").dropLast() }
    var arguments = words
    if !shellLines.isEmpty { arguments.insert(contentsOf: ["--batch", "-nx"] + shellLines.flatMap { ["-ex", $0] }, at: 1) }
    let run = try FaultlineProcess(arguments)
    return (run.output + run.errors).components(separatedBy: "\n").dropLast()
  }

  /// The toolchain decides where things are in a program, and so which frames the program gets. Both kinds of address are
  /// therefore masked.
  private static func masked(_ line: String) -> String {
    line.replacing(/0x2[0-9a-f]{5}\b/, with: "<program>").replacing(/41[0-9a-f]{6}\b/, with: "<frame>")
  }

  /// Whether lines are the output shown; a line `...` stands for any number of lines.
  func shows(_ actual: [String]) -> Bool {
    var rest = actual.map(Self.masked)[...]
    let parts = output.map(Self.masked).split(separator: "...", omittingEmptySubsequences: false).map(Array.init)
    for (index, part) in parts.enumerated() {
      if index == parts.count - 1 && index > 0 { return rest.count >= part.count && Array(rest.suffix(part.count)) == part }
      guard let start = index == 0 ? rest.startIndex : rest.firstRange(of: part)?.lowerBound, rest[start...].starts(with: part) else {
        return false
      }
      rest = rest[(start + part.count)...]
    }
    return rest.isEmpty
  }
}
