// Owns the shell's terminal and its user's machine: where lines come from, how long output is shown, and commands of the system.
// It does not know any shell command.
import DebugShell
import Laboratory
import LineEditing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The standard streams of `faultline shell`, and the machine that its user sits at.
final class ShellTerminal: ShellHost {
  enum Kind {
    /// Lines are edited.
    case edited
    /// There is a prompt, and lines come as the terminal sends them.
    case plain
    /// Lines come from a file or a pipe.
    case none
  }

  let kind: Kind
  private var editor: LineEditor?
  private var pager: Pager?

  /// `isBatch`: no lines are read.
  init(isBatch: Bool) {
    kind = isBatch || isatty(0) != 1 ? .none : LineEditor.isPossible ? .edited : .plain
  }

  /// Lets the shell's user edit lines and turn pages.
  func attach(to shell: Shell, environment: [String: String]) {
    shell.host = self
    if kind != .none && isatty(1) == 1 { pager = Pager(environment["PAGER"]) { [unowned shell] in shell.settings } }
    if kind == .edited {
      editor = LineEditor(name: "faultline", history: .inStateFolder(of: "faultline", environment: environment)) { [unowned shell] line in
        let continuation = shell.continuation(of: line)
        return Completions(word: continuation.word, candidates: continuation.candidates)
      }
    }
  }

  /// The next line.
  func read(prompt: String) -> LineEditor.Input {
    if let editor {
      let input = editor.read(prompt: prompt)
      if input == .end { Standard.output("\n") }
      return input
    }
    if kind != .none { Standard.output(prompt) }
    if let line = readLine() { return .line(line) }
    if kind != .none { Standard.output("\n") }
    return .end
  }

  // MARK: The host of a shell

  func show(_ text: String) { if let pager { pager.show(text) } else { Standard.output(text) } }

  func script(_ path: String) throws -> String { String(decoding: try HostFile.read(path, as: .script), as: UTF8.self) }

  func openLog(_ path: String, replaces: Bool) throws -> any ShellLog { try HostLog(path, replaces: replaces) }

  func run(_ command: String) -> Int32 {
    let shell = getenv("SHELL").map { String(cString: $0) } ?? "/bin/sh"
    return HostProcess.run(command.isEmpty ? [shell] : ["/bin/sh", "-c", command])
  }
}

/// A log that is a file of the host.
private final class HostLog: ShellLog {
  private let descriptor: Int32

  init(_ path: String, replaces: Bool) throws {
    descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | (replaces ? O_TRUNC : O_APPEND), 0o666)
    if descriptor < 0 { throw UsageError("cannot write to \(path): \(String(cString: strerror(errno)))") }
  }

  deinit { close(descriptor) }

  /// What cannot be written is lost: the session is worth more than its log.
  func append(_ text: String) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress!, $0.count) }
      if count <= 0 { return }
      bytes = bytes.dropFirst(count)
    }
  }
}

/// A program of the host that has the process's terminal.
enum HostProcess {
  /// Runs a program to its end, with these words, and with `input` as its standard input if it is not the process's own. Returns its exit
  /// status, or 128 + the signal that ended it; 127 if it cannot be started.
  static func run(_ words: [String], input: Int32? = nil, meanwhile: () -> Void = {}) -> Int32 {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    if let input { posix_spawn_file_actions_adddup2(&actions, input, 0) }
    // This process waits for Ctrl-C in a thread, with the signal blocked; the program must not inherit that.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    var process: pid_t = 0
    if posix_spawn(&process, words[0], &actions, &attributes, &arguments, environ) != 0 { return 127 }
    meanwhile()
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 { if errno != EINTR { return 127 } }
    return status & 0x7f == 0 ? status >> 8 & 0xff : 128 + (status & 0x7f)
  }
}
