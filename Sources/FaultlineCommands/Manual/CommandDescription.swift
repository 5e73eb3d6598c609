// Owns the commands as swift-argument-parser describes them for tools: names, texts, options.
// It does not know what is written from the description.
import ArgumentParser
import Foundation

/// One command in the parser's own description (`--experimental-dump-help`). Only what is used is read.
struct CommandDescription: Decodable {
  struct Argument: Decodable {
    struct Name: Decodable {
      let kind: String
      let name: String
      /// As it is typed: one dash before a single letter, and before a long name that has one.
      var text: String { (kind == "long" ? "--" : "-") + name }
    }
    let kind: String
    let names: [Name]?
    let valueName: String?
    let abstract: String?
    let defaultValue: String?
    let shouldDisplay: Bool
  }

  let commandName: String
  let superCommands: [String]?
  let abstract: String?
  let discussion: String?
  let shouldDisplay: Bool
  let arguments: [Argument]?
  let subcommands: [CommandDescription]?

  /// The words to type, as in `faultline bench pretouch`.
  var words: [String] { (superCommands ?? []) + [commandName] }
  /// The name of its manual page, as in `faultline-bench-pretouch`.
  var pageName: String { words.joined(separator: "-") }
  /// The commands inside it that its help lists, without `help` itself.
  var shown: [CommandDescription] { (subcommands ?? []).filter { $0.shouldDisplay && $0.commandName != "help" } }

  /// The root command, as the parser knows it.
  static func root() throws -> CommandDescription {
    struct Tool: Decodable { let command: CommandDescription }
    return try JSONDecoder().decode(Tool.self, from: Data(Faultline._dumpHelp().utf8)).command
  }
}
