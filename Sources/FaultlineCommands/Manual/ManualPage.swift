// Owns the text of a manual page, in the macros of man(7). Discussions become paragraphs, and their examples a section.
// It does not know any command.
import BuildInformation

/// The page of one command.
struct ManualPage {
  let command: CommandDescription
  /// The command's usage, one line.
  let usage: String

  var name: String { "\(command.pageName).1" }

  var text: String {
    let (paragraphs, examples) = Self.divided(command.discussion ?? "")
    var lines = [
      ".TH \"\(command.pageName.uppercased())\" 1 \"\" \"Faultline \(BuildInformation.version)\" \"Faultline\"", ".SH NAME",
      "\(Self.escaped(command.pageName)) \\- \(Self.escaped(command.abstract ?? ""))", ".SH SYNOPSIS", ".B \(Self.escaped(usage))",
    ]
    if !paragraphs.isEmpty { lines += [".SH DESCRIPTION"] + paragraphs.map(Self.escaped).flatMap { [".PP", $0] }.dropFirst() }
    if !command.shown.isEmpty {
      lines.append(".SH COMMANDS")
      for inside in command.shown {
        lines += [".TP", ".BR \(Self.escaped(inside.pageName)) (1)", Self.escaped(inside.abstract ?? "")]
      }
    }
    let arguments = (command.arguments ?? []).filter(\.shouldDisplay)
    if !arguments.isEmpty { lines += [".SH OPTIONS"] + arguments.flatMap(Self.option) }
    if !examples.isEmpty { lines += [".SH EXAMPLES", ".nf"] + examples.map(Self.escaped) + [".fi"] }
    let outer = (command.superCommands ?? []).joined(separator: "-")
    if !outer.isEmpty { lines += [".SH SEE ALSO", ".BR \(Self.escaped(outer)) (1)"] }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func option(_ argument: CommandDescription.Argument) -> [String] {
    let value = argument.kind == "flag" ? "" : "<\(argument.valueName ?? "value")>"
    let names = (argument.names ?? []).map { "\\fB\(escaped($0.text))\\fR" }.joined(separator: ", ")
    let title = names + (names.isEmpty || value.isEmpty ? "" : " ") + (value.isEmpty ? "" : "\\fI\(escaped(value))\\fR")
    let otherwise = argument.defaultValue.map { " (default: \($0))" } ?? ""
    return [".TP", "\\&" + title, escaped((argument.abstract ?? "") + otherwise)]
  }

  /// The paragraphs of a discussion, and the lines behind `Examples:`.
  private static func divided(_ discussion: String) -> (paragraphs: [String], examples: [String]) {
    let parts = discussion.split(separator: "\n\n").map(String.init)
    let examples = parts.first { $0.hasPrefix("Examples:") }?.split(separator: "\n").dropFirst().map { $0.trimmingPrefix("  ") } ?? []
    return (parts.filter { !$0.hasPrefix("Examples:") }, examples.map(String.init))
  }

  /// Text in which nothing is a macro or an escape of the formatter, and each dash is one that can be pasted.
  static func escaped(_ text: String) -> String {
    let plain = text.replacing("\\", with: "\\e").replacing("-", with: "\\-").replacing("\n", with: " ")
    return plain.hasPrefix(".") || plain.hasPrefix("'") ? "\\&" + plain : plain
  }
}
