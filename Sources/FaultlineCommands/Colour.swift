// Owns whether a stream shows colours, and the few that are used. It does not know any text.

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A style of a terminal. Text in a file or a pipe has none, unless CLICOLOR_FORCE asks for it; NO_COLOR forbids it everywhere.
enum Colour: String {
  case bold = "1"
  case error = "1;31"

  /// The text in this style, if the stream shows styles.
  func on(_ descriptor: Int32, _ text: String) -> String {
    Self.isShown(isTerminal: isatty(descriptor) == 1, Self.environment) ? "\u{1b}[\(rawValue)m\(text)\u{1b}[0m" : text
  }

  /// See https://no-color.org and https://bixense.com/clicolors.
  static func isShown(isTerminal: Bool, _ variable: (String) -> String?) -> Bool {
    if variable("NO_COLOR")?.isEmpty == false { return false }
    if let force = variable("CLICOLOR_FORCE"), !force.isEmpty, force != "0" { return true }
    return isTerminal && variable("TERM") != "dumb"
  }

  private static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
