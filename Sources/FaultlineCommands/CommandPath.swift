// Owns which command a command line means, and what was probably meant where a word names none.
// It does not know options: the parser reads them.
import ArgumentParser
import DebugShell

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The commands that a command line names, one inside the other.
struct CommandPath {
  /// The words to type, as in `faultline bench pretouch`.
  private(set) var words = ["faultline"]
  /// What is wrong where a word stands in a command's place and names none; nil where there is no such word.
  private(set) var mistake: String?

  init(_ arguments: [String], root: any ParsableCommand.Type = Faultline.self) {
    var command = root
    let isHelp = arguments.first == "help"
    for word in isHelp ? arguments.dropFirst() : arguments[...] {
      let inside = command.configuration.subcommands
      if word.hasPrefix("-") || inside.isEmpty || word == "help" { return }
      guard let next = inside.first(where: { $0.configuration.commandName == word }) else {
        mistake = Self.mistake(
          word, in: words, names: inside.compactMap { $0.configuration.commandName } + (words.count == 1 ? ["help"] : []))
        return
      }
      words.append(word)
      command = next
    }
  }

  private static func mistake(_ word: String, in path: [String], names: [String]) -> String {
    let nearest = names.map { (name: $0, distance: EditDistance.between($0, word)) }.min { $0.distance < $1.distance }
    if let nearest, EditDistance.isSlip(nearest.distance, of: word) {
      return "there is no command '\(word)'; did you mean '\(nearest.name)'?"
    }
    // A program's path is where a command must be.
    if path.count == 1 && word.contains("/") && access(word, F_OK) == 0 {
      return "there is no command '\(word)'; did you mean 'faultline run \(word)'?"
    }
    return "there is no command '\(word)'"
  }

  /// The parser's message without its guess at the option that was meant, where that guess is far from what was typed.
  static func withoutWildGuess(_ message: String) -> String {
    guard let match = message.firstMatch(of: /Unknown option '(-*)([^']*)'(\. Did you mean '-*([^']*)'\?)/) else { return message }
    if EditDistance.isSlip(EditDistance.between(String(match.2), String(match.4)), of: String(match.2)) { return message }
    return message.replacing(match.3, with: "")
  }
}
