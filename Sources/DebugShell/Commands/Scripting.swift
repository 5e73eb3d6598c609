// Owns the commands of scripts: source, echo, printf, shell, apropos, and the escapes of their texts.
// It does not know how a block of lines is collected, nor how the host runs a command.
import Debugging

extension Shell {
  func source(_ given: CommandArguments) throws(ShellError) -> [String] {
    let words = try given.quotedWords().filter { $0 != "-v" }
    guard words.count == 1 else { throw ShellError("source needs one file, as in source my.gdb") }
    let host = try requiredHost("source")
    let text: String
    do { text = try host.script(words[0]) } catch { throw ShellError("\(error)") }
    return try run(Self.lines(ofScript: text), of: words[0], shows: true)
  }

  /// The lines of a file of commands. It throws if a line is too long.
  static func lines(ofScript text: String) throws(ShellError) -> [String] {
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(String.init)
    if let index = lines.firstIndex(where: { $0.utf8.count > longestLine }) {
      throw ShellError("Line \(index + 1) has more than \(longestLine) bytes.")
    }
    return lines
  }

  func echo(_ given: CommandArguments) throws(ShellError) -> [String] {
    let text = given.text.hasSuffix("\\") ? String(given.text.dropLast()) : given.text
    return Self.answer(Self.unescaped(text))
  }

  func printf(_ given: CommandArguments) throws(ShellError) -> [String] { Self.answer(try formatted(given.text)) }

  func shell(_ given: CommandArguments) throws(ShellError) -> [String] {
    let status = try requiredHost("shell").run(given.text)
    return status == 0 ? [] : ["[The command ended with status \(status)]"]
  }

  func apropos(_ given: CommandArguments) throws(ShellError) -> [String] {
    if given.text.isEmpty { throw ShellError("apropos needs a word, as in apropos page") }
    let word = given.text.lowercased()
    let all = allCommands.map { ($0.name, $0) } + Self.topics.map { ("info \($0.name)", $0) }
    let found = all.filter { name, command in
      ([name, command.summary] + command.aliases + command.details).contains { $0.lowercased().contains(word) }
    }
    if found.isEmpty { throw ShellError("No command is about '\(given.text)'.") }
    return found.map { "\($0) -- \($1.summary)" }
  }

  /// A text as an answer. What follows the last line end is a line that stays open.
  static func answer(_ text: String) -> [String] {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let last = lines.removeLast()
    return last.isEmpty ? lines : lines + [last + String(openEnd)]
  }

  /// A text with C's escapes as the characters that they stand for. An unknown escape is its character.
  static func unescaped(_ text: String) -> String {
    var result = ""
    var rest = text[...]
    while let next = rest.popFirst() {
      guard next == "\\", let letter = rest.popFirst() else {
        result.append(next)
        continue
      }
      switch letter {
      case "n": result += "\n"
      case "t": result += "\t"
      case "r": result += "\r"
      case "a": result += "\u{7}"
      case "e": result += "\u{1b}"
      case "0"..."7":
        var digits = String(letter)
        while digits.count < 3, let digit = rest.first, ("0"..."7").contains(digit) { digits.append(rest.removeFirst()) }
        result.unicodeScalars.append(Unicode.Scalar(UInt8(truncatingIfNeeded: Int(digits, radix: 8)!)))
      default: result.append(letter)
      }
    }
    return result
  }
}
