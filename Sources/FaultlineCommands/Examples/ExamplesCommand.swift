// Owns `faultline examples`: it lists the examples inside the command, prints their sources, and writes them to a folder.
// It does not know how one runs.
import ArgumentParser
import Foundation

struct ExamplesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "examples",
    abstract: "List the example programs inside this command, print their sources, or save them.",
    discussion: """
      With names it prints the sources of these examples. `run`, `shell` and other commands that take a program take an example \
      with --example.

      Examples:
        faultline examples
        faultline examples force_write
        faultline run --example force_write
        faultline examples --save examples
      """)

  @Option(
    help: ArgumentHelp("Write all examples and their sources into this folder.", valueName: "dir"), completion: .directory)
  var save: String?

  @Argument(
    help: ArgumentHelp("Examples whose sources are printed.", valueName: "name"), completion: .list(Example.all.map(\.name)))
  var names: [String] = []

  func run() throws {
    let chosen = try names.map(Example.named)
    if let save {
      if !names.isEmpty { throw UsageError("--save writes all examples; give it no names") }
      try Self.save(to: save)
    } else if names.isEmpty {
      Standard.output(Self.listing)
    } else {
      Standard.output(chosen.map(\.source).joined(separator: "\n"))
    }
  }

  static var listing: String {
    let width = Example.all.map(\.name.count).max()! + 2
    let margin = String(repeating: " ", count: width)
    let rows = Example.all.map { example in
      let lines = wrapped(example.summary, width: 80 - width)
      let name = Colour.bold.on(1, example.name) + String(repeating: " ", count: width - example.name.count)
      return name + lines.joined(separator: "\n" + margin) + "\n"
    }
    return rows.joined() + """

      faultline run --example NAME     runs one
      faultline shell --example NAME   debugs it
      faultline examples NAME          prints its source
      faultline examples --save DIR    writes all of them, with their sources

      """
  }

  /// The text in lines of at most `width` characters.
  private static func wrapped(_ text: String, width: Int) -> [String] {
    text.split(separator: " ").reduce(into: [String]()) { lines, word in
      if let last = lines.last, last.count + 1 + word.count <= width {
        lines[lines.count - 1] = last + " " + word
      } else {
        lines.append(String(word))
      }
    }
  }

  /// The sources include their headers from one folder.
  private static func save(to path: String) throws {
    let folder = URL(fileURLWithPath: path, isDirectory: true)
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      for example in Example.all {
        try Data(example.source.utf8).write(to: folder.appending(path: example.sourceName))
        let program = folder.appending(path: example.name)
        try Data(example.program).write(to: program)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program.path)
      }
      for (name, text) in Example.headers { try Data(text.utf8).write(to: folder.appending(path: name)) }
    } catch { throw UsageError("cannot write into \(path): \(error.localizedDescription)") }
    Standard.output("wrote \(Example.all.count) examples and their sources into \(path)\n")
  }
}
