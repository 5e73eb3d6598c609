// Owns `faultline manual`, which `make install` calls: it writes the manual pages of all commands.
// It does not know the form of a page. The pages of swift-argument-parser's own generator run examples together and promise exit statuses
// that are not ours.
import ArgumentParser
import Foundation

struct ManualCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "manual",
    abstract: "Write the manual pages of all commands.",
    discussion: """
      The pages are files such as faultline-run.1, in the macros of man(7).

      Examples:
        faultline manual --output /tmp/man1
      """)

  @Option(help: ArgumentHelp("The folder for the pages.", valueName: "dir"), completion: .directory)
  var output: String

  func run() throws {
    let folder = URL(fileURLWithPath: output, isDirectory: true)
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      for page in try Self.pages() { try Data(page.text.utf8).write(to: folder.appending(path: page.name)) }
    } catch { throw UsageError("cannot write into \(output): \(error.localizedDescription)") }
  }

  /// The pages of all commands that help lists.
  static func pages() throws -> [ManualPage] { pages(try CommandDescription.root(), Faultline.self) }

  private static func pages(_ description: CommandDescription, _ command: any ParsableCommand.Type) -> [ManualPage] {
    let usage = Faultline.usageString(for: command).trimmingPrefix("Usage: ")
    let own = ManualPage(command: description, usage: String(usage))
    let inside = description.shown.flatMap { inside in
      command.configuration.subcommands.first { $0.configuration.commandName == inside.commandName }.map { pages(inside, $0) } ?? []
    }
    return [own] + inside
  }
}
