// Owns reading a line that a person edits on the terminal: prompt, keys, completion, and what ends a line. libedit does the editing.
// It does not know what the lines mean.
import CLibedit

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// An editor on the process's terminal.
public final class LineEditor {
  /// What ended the editing of a line.
  public enum Input: Equatable, Sendable {
    case line(String)
    /// Ctrl-C: what was typed is dropped.
    case interrupted
    /// Ctrl-D on an empty line, or the terminal is gone.
    case end
  }

  private let editor: OpaquePointer
  private let lines: OpaquePointer
  private let history: HistoryFile?
  /// Finds how the text in front of the cursor can go on.
  private let completer: (_ line: String) -> Completions
  private var prompt: UnsafeMutablePointer<CChar>
  private var wasInterrupted = false
  /// The line that was remembered last: equal lines behind each other are one.
  private var lastLine = ""
  /// How the terminal was before the first line. Each line begins with it, whatever a program has done to the terminal.
  private var terminal = termios()

  /// Whether the process has a terminal on which lines can be edited: for input and for output, and one that can move its cursor.
  public static var isPossible: Bool {
    guard isatty(0) == 1, isatty(1) == 1, let kind = getenv("TERM").map({ String(cString: $0) }) else { return false }
    return !["", "dumb", "emacs"].contains(kind)
  }

  /// Makes the editor; nil if it is not possible. `name` is the program's in `.editrc`. Without a history file the lines are forgotten at
  /// the end.
  public init?(name: String, history: HistoryFile? = nil, completer: @escaping (_ line: String) -> Completions) {
    guard Self.isPossible, let lines = history_init(), let prompt = strdup("") else { return nil }
    Self.useUnicode()
    tcgetattr(0, &terminal)
    let text: @convention(c) (OpaquePointer?) -> UnsafeMutablePointer<CChar>? = { LineEditor.owner(of: $0).prompt }
    guard let editor = faultline_editor_make(name, text) else {
      history_end(lines)
      free(prompt)
      return nil
    }
    (self.editor, self.lines, self.prompt) = (editor, lines, prompt)
    (self.history, self.completer) = (history, completer)
    faultline_editor_own(editor, Unmanaged.passUnretained(self).toOpaque())
    faultline_history_limit(lines, Int32(HistoryFile.limit))
    for line in history?.lines ?? [] {
      faultline_history_add(lines, line)
      lastLine = line
    }
    faultline_editor_use_history(editor, lines)
    bindKeys()
    // The user's own keys, from .editrc.
    el_source(editor, nil)
  }

  deinit {
    el_end(editor)
    history_end(lines)
    free(prompt)
  }

  /// The editor that libedit calls back for.
  fileprivate static func owner(of editor: OpaquePointer?) -> LineEditor {
    Unmanaged<LineEditor>.fromOpaque(faultline_editor_owner(editor)).takeUnretainedValue()
  }

  /// libedit reads bytes as the locale says. Text is UTF-8 here, also where the environment has no locale.
  private static func useUnicode() {
    setlocale(LC_CTYPE, "")
    if String(cString: nl_langinfo(nl_item(CODESET))) != "UTF-8" && setlocale(LC_CTYPE, "C.UTF-8") == nil { setlocale(LC_CTYPE, "UTF-8") }
  }

  // MARK: A line

  /// Reads a line, which comes without its line end. A line that is not blank becomes a part of the history if `remembers`.
  public func read(prompt text: String, remembers: Bool = true) -> Input {
    free(prompt)
    prompt = strdup(text)
    tcsetattr(0, TCSADRAIN, &terminal)
    let flags = fcntl(0, F_GETFL)
    if flags & O_NONBLOCK != 0 { _ = fcntl(0, F_SETFL, flags & ~O_NONBLOCK) }
    // libedit shows the prompt before it prepares the terminal. Ctrl-C between the two would be a signal and no key, and would be lost.
    faultline_editor_prepare_terminal(editor, 1)
    wasInterrupted = false
    var count: Int32 = 0
    let bytes = el_gets(editor, &count)
    if wasInterrupted { return .interrupted }
    guard let bytes, count > 0 else { return .end }
    var line = String(decoding: UnsafeRawBufferPointer(start: bytes, count: Int(count)), as: UTF8.self)
    if line.last?.isNewline == true { line.removeLast() }
    if remembers && !line.allSatisfy(\.isWhitespace) {
      faultline_history_add(lines, line)
      if line != lastLine { history?.append(line) }
      lastLine = line
    }
    return .line(line)
  }

  // MARK: Keys

  private func bindKeys() {
    faultline_editor_add(editor, "faultline-complete", "Complete the word.") { editor, _ in LineEditor.owner(of: editor).complete() }
    faultline_editor_add(editor, "faultline-signal", "What the key does outside.") { editor, key in
      LineEditor.owner(of: editor).signal(key)
    }
    for (key, function) in Self.keys { faultline_editor_bind(editor, key, function) }
  }

  /// Keys as editrc(5) writes them. Those of the terminal's own description are bound by libedit.
  private static let keys: [(String, String)] = [
    ("^I", "faultline-complete"), ("^C", "faultline-signal"), ("^Z", "faultline-signal"), ("\\034", "faultline-signal"),
    ("^R", "em-inc-search-prev"), ("^S", "em-inc-search-next"), ("^W", "ed-delete-prev-word"),
    // Arrows, Home, End and Delete, as terminals send them without regard to their description.
    ("\\e[A", "ed-prev-history"), ("\\e[B", "ed-next-history"), ("\\e[C", "ed-next-char"), ("\\e[D", "ed-prev-char"),
    ("\\e[H", "ed-move-to-beg"), ("\\e[F", "ed-move-to-end"), ("\\e[1~", "ed-move-to-beg"), ("\\e[4~", "ed-move-to-end"),
    ("\\e[3~", "ed-delete-next-char"), ("\\e[1;5C", "em-next-word"), ("\\e[1;5D", "ed-prev-word"),
  ]

  /// Ctrl-C drops the line. Ctrl-Z and Ctrl-\ do what the terminal does with them otherwise.
  private func signal(_ key: Int32) -> UInt8 {
    if key == 3 {
      wasInterrupted = true
      write("^C\n")
      return UInt8(CC_NEWLINE)
    }
    faultline_editor_prepare_terminal(editor, 0)
    kill(0, key == 0x1a ? SIGTSTP : SIGQUIT)
    faultline_editor_prepare_terminal(editor, 1)
    return UInt8(CC_REDISPLAY)
  }

  private func complete() -> UInt8 {
    guard let line = el_line(editor)?.pointee, let start = line.buffer, let cursor = line.cursor else { return UInt8(CC_ERROR) }
    let text = String(decoding: UnsafeRawBufferPointer(start: start, count: cursor - start), as: UTF8.self)
    let found = completer(text)
    let step = found.step
    if !step.isEmpty {
      return el_insertstr(editor, step) == 0 ? UInt8(CC_REFRESH) : UInt8(CC_ERROR)
    }
    if found.candidates.count < 2 { return UInt8(CC_REFRESH_BEEP) }
    write("\n" + found.table(width: Self.width))
    return UInt8(CC_REDISPLAY)
  }

  /// The number of columns of the terminal; 80 if it does not say.
  private static var width: Int {
    var size = winsize()
    return ioctl(1, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
  }

  private func write(_ text: String) {
    fputs(text, faultline_standard_output())
    fflush(faultline_standard_output())
  }
}
