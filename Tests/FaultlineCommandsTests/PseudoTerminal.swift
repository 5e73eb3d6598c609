// Owns running the command in a terminal: what is typed, what is shown, and how the command ends.
// It does not know what the command should show.
#if canImport(Glibc)
  import Foundation
  import Glibc
  import Testing

  /// The command in a new session, with a new pseudo-terminal as its controlling terminal and its three streams.
  final class PseudoTerminal {
    private let master: Int32
    private let process: pid_t
    private var seen = ""
    /// All that the terminal has shown.
    private(set) var shown = ""

    /// `home` is the folder of the command's history and init file; without one it has a folder of its own that is empty. `rows` and
    /// `columns` are the terminal's; 0 says that they are not known.
    init(_ arguments: [String], home: String? = nil, environment: [String: String] = [:], rows: UInt16 = 0, columns: UInt16 = 0) throws {
      master = open("/dev/ptmx", O_RDWR | O_NOCTTY)
      var (number, unlocked): (Int32, Int32) = (0, 0)
      // TIOCSPTLCK and TIOCGPTN: it is unlocked, and its other end has a number.
      try #require(master >= 0 && ioctl(master, 0x4004_5431, &unlocked) == 0 && ioctl(master, 0x8004_5430, &number) == 0)
      let name = "/dev/pts/\(number)"
      Self.resize(master, rows: rows, columns: columns)
      var actions = posix_spawn_file_actions_t()
      posix_spawn_file_actions_init(&actions)
      defer { posix_spawn_file_actions_destroy(&actions) }
      // The first terminal that the leader of a session opens becomes its controlling terminal.
      posix_spawn_file_actions_addopen(&actions, 0, name, O_RDWR, 0)
      for stream in Int32(1)...2 { posix_spawn_file_actions_adddup2(&actions, 0, stream) }
      posix_spawn_file_actions_addclose(&actions, master)
      var attributes = posix_spawnattr_t()
      posix_spawnattr_init(&attributes)
      defer { posix_spawnattr_destroy(&attributes) }
      // The threads that run tests block signals, and a shell in the background switches some off.
      var none = sigset_t(), interrupt = sigset_t()
      sigemptyset(&none)
      sigemptyset(&interrupt)
      sigaddset(&interrupt, SIGINT)
      posix_spawnattr_setsigmask(&attributes, &none)
      posix_spawnattr_setsigdefault(&attributes, &interrupt)
      let newSession: Int16 = 0x80  // POSIX_SPAWN_SETSID
      posix_spawnattr_setflags(&attributes, newSession | Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF))
      var words: [UnsafeMutablePointer<CChar>?] = ([FaultlineProcess.path] + arguments).map { strdup($0) } + [nil]
      defer { for word in words { free(word) } }
      let home = home ?? FileManager.default.temporaryDirectory.appending(path: "no-home-\(UUID().uuidString)").path
      var variables = ProcessInfo.processInfo.environment
      variables.merge(["TERM": "xterm", "HOME": home, "XDG_STATE_HOME": home, "XDG_CONFIG_HOME": home, "PAGER": ""]) { $1 }
      variables.merge(environment) { $1 }
      var settings: [UnsafeMutablePointer<CChar>?] = variables.map { strdup("\($0)=\($1)") } + [nil]
      defer { for setting in settings { free(setting) } }
      var id: pid_t = 0
      try #require(posix_spawn(&id, FaultlineProcess.path, &actions, &attributes, &words, &settings) == 0)
      process = id
    }

    deinit {
      kill(process, SIGKILL)
      close(master)
    }

    func resize(rows: UInt16, columns: UInt16) { Self.resize(master, rows: rows, columns: columns) }

    private static func resize(_ master: Int32, rows: UInt16, columns: UInt16) {
      var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
      _ = ioctl(master, UInt(TIOCSWINSZ), &size)
    }

    func type(_ text: String) {
      let bytes = Array(text.utf8)
      #expect(write(master, bytes, bytes.count) == bytes.count)
    }

    /// Waits until the terminal shows a text behind what was seen before; false after half a minute without it.
    func reads(_ text: String) -> Bool {
      for _ in 0..<300 {
        if let range = seen.range(of: text) {
          seen.removeSubrange(..<range.upperBound)
          return true
        }
        var wait = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
        if poll(&wait, 1, 100) <= 0 { continue }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = read(master, &buffer, buffer.count)
        if count > 0 {
          let text = String(decoding: buffer[..<count], as: UTF8.self)
          shown += text
          // What moves the cursor is no text.
          seen = (seen + text).replacing(/\r?\u{1b}\[[0-9;?]*[A-Za-z]/, with: "")
        }
      }
      return false
    }

    /// The exit status, or minus the signal that ended the command; nil if it has not ended after half a minute.
    var exitStatus: Int32? {
      for _ in 0..<300 {
        var status: Int32 = 0
        if waitpid(process, &status, WNOHANG) == process { return status & 0x7f == 0 ? status >> 8 & 0xff : -(status & 0x7f) }
        usleep(100_000)
      }
      return nil
    }
  }
#endif
