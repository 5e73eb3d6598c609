// Owns how a text is shown that is longer than the terminal: by the user's pager, or page by page.
// It does not know whose text it is.

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Shows texts on the terminal.
struct Pager {
  /// The command line of `$PAGER`; nil for pages that this pager makes itself.
  private let command: String?
  /// The shell's settings: `pagination` and `height`.
  private let settings: () -> [String: String]

  init(_ command: String?, settings: @escaping () -> [String: String]) {
    self.command = command.flatMap { $0.isEmpty || $0 == "cat" ? nil : $0 }
    self.settings = settings
  }

  func show(_ text: String) {
    let size = Self.terminalSize
    guard let height = Self.height(settings(), rows: size.rows) else { return Standard.output(text) }
    let pages = Self.pages(text, height: height, width: size.columns)
    if pages.count < 2 { return Standard.output(text) }
    if let command, Self.run(command, text) { return }
    for (index, page) in pages.enumerated() {
      if index > 0 {
        switch Self.askForMore() {
        case .stop: return
        case .all: return Standard.output(pages[index...].joined())
        case .next: break
        }
      }
      Standard.output(page)
    }
  }

  /// The lines of a page, without the one that asks; nil where texts are shown whole.
  static func height(_ settings: [String: String], rows: Int) -> Int? {
    if settings["pagination"] == "off" { return nil }
    if let height = settings["height"] { return Int(height).map { max(1, $0 - 1) } }
    return rows > 1 ? rows - 1 : nil
  }

  /// The pages of a text. A line that is wider than the terminal counts as the rows that it takes.
  static func pages(_ text: String, height: Int, width: Int) -> [String] {
    var pages: [String] = []
    var (page, used) = ("", 0)
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.isEmpty && line.endIndex == text.endIndex { break }
      let rows = width > 0 ? max(1, (line.count + width - 1) / width) : 1
      if used > 0 && used + rows > height {
        pages.append(page)
        (page, used) = ("", 0)
      }
      page += line
      if line.endIndex < text.endIndex { page += "\n" }
      used += rows
    }
    return pages + (page.isEmpty ? [] : [page])
  }

  private static var terminalSize: (rows: Int, columns: Int) {
    var size = winsize()
    return ioctl(1, UInt(TIOCGWINSZ), &size) == 0 ? (Int(size.ws_row), Int(size.ws_col)) : (0, 0)
  }

  // MARK: The user's pager

  /// Runs the pager on the text; false if there is no pipe or no such command.
  private static func run(_ command: String, _ text: String) -> Bool {
    var ends: [Int32] = [0, 0]
    if pipe(&ends) != 0 { return false }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    // A pager that is left early closes its end.
    let old = signal(SIGPIPE, SIG_IGN)
    defer { _ = signal(SIGPIPE, old) }
    let status = HostProcess.run(["/bin/sh", "-c", command], input: ends[0]) {
      close(ends[0])
      var bytes = Array(text.utf8)[...]
      while !bytes.isEmpty {
        let count = bytes.withUnsafeBytes { write(ends[1], $0.baseAddress!, $0.count) }
        if count < 0 && errno == EINTR { continue }
        if count <= 0 { break }
        bytes = bytes.dropFirst(count)
      }
      close(ends[1])
    }
    return status != 127
  }

  // MARK: Pages

  private enum Answer {
    case next, all, stop
  }

  private static let question = "--Type <RET> for more, q to quit, c to continue without paging--"

  /// Asks, and waits for one key.
  private static func askForMore() -> Answer {
    Standard.output(question)
    var before = termios()
    tcgetattr(0, &before)
    var raw = before
    raw.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG)
    tcsetattr(0, TCSADRAIN, &raw)
    var key: UInt8 = 0
    var count: Int
    repeat { count = read(0, &key, 1) } while count < 0 && errno == EINTR
    tcsetattr(0, TCSADRAIN, &before)
    Standard.output("\r" + String(repeating: " ", count: question.count) + "\r")
    switch count < 1 ? UInt8(ascii: "q") : key {
    case UInt8(ascii: "q"), 3, 4, 27: return .stop
    case UInt8(ascii: "c"): return .all
    default: return .next
    }
  }
}
