// Owns the check that the command prints what README shows.
// It does not know why. Benchmarks are left out, because their times depend on the host.
import Foundation
import TestSupport
import Testing

@Suite struct ReadmeTests {
  struct Example: Sendable, CustomTestStringConvertible {
    var command: String
    var output: [String] = []
    var testDescription: String { command }

    /// The command's words: quotes keep blanks together.
    var arguments: [String] {
      var words: [String] = [""]
      var isQuoted = false
      for character in command {
        switch character {
        case "'": isQuoted.toggle()
        case " " where !isQuoted: words.append("")
        default: words[words.count - 1].append(character)
        }
      }
      return words.filter { !$0.isEmpty }
    }

    /// The toolchain decides where things are in a program, and so which frames the program gets. Both kinds of address are
    /// therefore masked.
    private static func masked(_ line: String) -> String {
      line.replacing(/0x2[0-9a-f]{5}\b/, with: "<program>").replacing(/41[0-9a-f]{6}\b/, with: "<frame>")
    }

    /// Whether lines are the output shown; a line `...` stands for any number of lines.
    func shows(_ actual: [String]) -> Bool {
      let lines = actual.map(Self.masked)
      let parts = output.map(Self.masked).split(separator: "...", omittingEmptySubsequences: false).map(Array.init)
      if parts.count == 1 { return lines == parts[0] }
      guard lines.starts(with: parts[0]), lines.count >= parts[0].count + parts.last!.count else { return false }
      return Array(lines.suffix(parts.last!.count)) == parts.last!
    }
  }

  /// Every `$ faultline` of a code block, with the lines after it.
  static let examples: [Example] = {
    var examples: [Example] = []
    var isInBlock = false
    var continues = false
    for line in (try? String(contentsOf: packageFolder.appending(path: "README.md"), encoding: .utf8))?.components(separatedBy: "\n") ?? []
    {
      if line.hasPrefix("```") {
        isInBlock.toggle()
        if isInBlock { examples.append(Example(command: "")) }
      } else if isInBlock && continues {
        examples[examples.count - 1].command += line.trimmingPrefix { $0 == " " }
      } else if isInBlock && line.hasPrefix("$ ") {
        examples.append(Example(command: String(line.dropFirst(2))))
      } else if isInBlock {
        examples[examples.count - 1].output.append(line)
      }
      continues = isInBlock && line.hasSuffix("\\")
      if continues { examples[examples.count - 1].command.removeLast() }
    }
    return examples.filter { $0.command.hasPrefix("faultline ") && !$0.command.hasPrefix("faultline bench") }
  }()

  @Test(arguments: examples) func showsWhatIsPrinted(_ example: Example) throws {
    let run = try FaultlineProcess(Array(example.arguments.dropFirst()))
    let lines = (run.output + run.errors).components(separatedBy: "\n").dropLast()
    #expect(example.shows(Array(lines)), "\(run.output)\(run.errors)")
  }

  @Test func thereAreExamples() { #expect(Self.examples.count >= 7) }
}
