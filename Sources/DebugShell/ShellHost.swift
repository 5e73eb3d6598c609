// Owns what a shell may ask of the machine on which it runs. It does not know how that is done, nor whether it is allowed: a shell without
// a host has none of it, so that a debugger that is connected through a network cannot run commands or write files.

/// The user's own machine. What fails is one line of text.
public protocol ShellHost: AnyObject {
  /// Runs a command line of the system's shell, or that shell itself if the line is empty, and returns its exit status.
  func run(_ command: String) -> Int32
  /// The text of a file of commands.
  func script(_ path: String) throws -> String
  /// Opens a file for a copy of what is shown: what it held is kept, or is replaced if `replaces`.
  func openLog(_ path: String, replaces: Bool) throws -> any ShellLog
  /// Shows text of a command that is still running.
  func show(_ text: String)
}

/// A file to which a shell copies what it shows. It is closed with its last reference.
public protocol ShellLog: AnyObject {
  func append(_ text: String)
}

extension Shell {
  /// The host, without which a command cannot do what it does.
  func requiredHost(_ command: String) throws(ShellError) -> any ShellHost {
    guard let host else { throw ShellError("\(command) is possible in `faultline shell` only.") }
    return host
  }

  /// The text of an answer: each line with its end, if it has one.
  static func text(_ lines: [String]) -> String {
    lines.map { $0.last == openEnd ? String($0.dropLast()) : $0 + "\n" }.joined()
  }

  /// Stands at the end of a line of an answer that has no line end: a character of no meaning, which no text has.
  static let openEnd: Character = "\u{10fffe}"

  /// Shows an answer before its command is over.
  func show(_ answer: [String], _ host: any ShellHost) {
    let text = Self.text(answer)
    if text.isEmpty { return }
    log?.append(text)
    host.show(text)
  }
}
