// Owns how a line can go on: commands, their subcommands, settings, symbols, registers, and names of files.
// It does not know keys, nor how the ways to go on are shown.
import Foundation

/// The last word of a line, and the words that can stand in its place.
public struct LineContinuation: Equatable, Sendable {
  public let word: String
  public let candidates: [String]

  /// Those of some words that begin as the word does.
  init(_ word: some StringProtocol, _ words: some Sequence<String>) {
    self.word = String(word)
    candidates = words.filter { $0.hasPrefix(word) }
  }
}

extension Shell {
  /// How a line can go on at its end.
  public func continuation(of line: String) -> LineContinuation {
    let line = line.drop(while: \.isWhitespace)
    if line.hasPrefix("!") { return Self.files(line.dropFirst()) }
    if collector != nil && "end".hasPrefix(line) && !line.isEmpty { return LineContinuation(line, ["end"] + commandNames) }
    guard let blank = line.firstIndex(where: { $0.isWhitespace || $0 == "/" }) else { return LineContinuation(line, commandNames) }
    guard let command = try? Self.command(String(line[..<blank]), in: allCommands) else { return LineContinuation("", []) }
    return continuation(of: command.name, line[blank...].drop(while: \.isWhitespace))
  }

  private var commandNames: [String] { allCommands.map(\.name) }

  /// Commands of which an argument is a file of the host.
  private static let fileCommands: Set<String> = ["source", "run", "start", "starti", "shell", "file", "directory"]
  /// The first words behind a command, beside expressions.
  private static let subcommands: [String: [String]] = [
    "catch": ["fault", "syscall", "signal", "fork", "exec"], "pt": ["upper"], "watch": ["pte"],
  ]
  /// The words behind `catch fault`.
  private static let faultWords = ["before", "after", "read", "write", "fetch", "signal"] + FaultFilter.kindNames.map(\.name)

  private func continuation(of command: String, _ rest: Substring) -> LineContinuation {
    if Self.fileCommands.contains(command) { return Self.files(rest) }
    let words = rest.split(omittingEmptySubsequences: false, whereSeparator: \.isWhitespace)
    let last = words.last ?? ""
    let isFirst = words.count < 2
    switch command {
    case "info" where isFirst: return LineContinuation(last, Self.topics.map(\.name))
    case "help" where isFirst: return LineContinuation(last, commandNames)
    case "help" where words.count == 2 && words[0] == "info": return LineContinuation(last, Self.topics.map(\.name))
    case "show" where isFirst: return LineContinuation(last, (Setting.all.map(\.name) + ["args", "user", "logging"]).sorted())
    case "set" where isFirst && !last.hasPrefix("$"):
      return LineContinuation(last, (Setting.all.map(\.name) + ["args", "logging", "var"]).sorted())
    case "set" where words.first == "logging":
      return words.count == 2 ? LineContinuation(last, ["enabled", "file", "off", "on", "overwrite"]) : Self.files(last)
    case "catch" where words.count > 1 && "fault".hasPrefix(words[0]): return LineContinuation(last, Self.faultWords)
    case "define", "document": return LineContinuation(last, definitions.keys.sorted())
    default: break
    }
    let own = isFirst ? Self.subcommands[command] ?? [] : []
    let names = names(at: rest)
    return LineContinuation(names.word, names.candidates + own.filter { $0.hasPrefix(names.word) })
  }

  /// The symbols or registers at the end of an expression.
  private func names(at text: Substring) -> LineContinuation {
    let word = text.reversed().prefix { $0.isLetter || $0.isNumber || "_.$@".contains($0) }.reversed()
    let start = String(word)
    if start.hasPrefix("$") { return LineContinuation(start, registerNames.map { "$" + $0 }) }
    // A number is not the beginning of a name.
    if start.first?.isNumber == true { return LineContinuation(start, []) }
    return LineContinuation(start, symbols.names(beginningWith: start))
  }

  private var registerNames: [String] {
    guard let registers else { return [] }
    let vectors = (0..<32).flatMap { ["v\($0)", "d\($0)", "s\($0)"] }
    return registers.general.map(\.name) + (0..<31).map { "w\($0)" } + ["fp", "lr"] + vectors
      + registers.system.map { $0.name.lowercased() } + variables.keys.sorted()
  }

  /// The files whose path begins in some way. A blank in a name is left to the user.
  private static func files(_ text: Substring) -> LineContinuation {
    let word = text.split(omittingEmptySubsequences: false, whereSeparator: \.isWhitespace).last ?? ""
    let folder = word.lastIndex(of: "/").map { String(word[...$0]) } ?? ""
    let home = ProcessInfo.processInfo.environment["HOME"] ?? "~"
    let place = folder.isEmpty ? "." : folder.hasPrefix("~/") ? home + folder.dropFirst(1) : folder
    let names = (try? FileManager.default.contentsOfDirectory(atPath: place)) ?? []
    let start = word.dropFirst(folder.count)
    return LineContinuation(
      word,
      names.sorted().filter { $0.hasPrefix(start) && ($0.first != "." || start.first == ".") }.map { name in
        var isFolder: ObjCBool = false
        _ = FileManager.default.fileExists(atPath: "\(place)/\(name)", isDirectory: &isFolder)
        return folder + name + (isFolder.boolValue ? "/" : "")
      })
  }
}
