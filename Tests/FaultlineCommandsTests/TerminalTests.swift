// Owns tests of Ctrl-C in a terminal, which the command has as its controlling terminal: it ends what runs, even while the program waits
// for input. It does not know what else the commands do.
#if canImport(Glibc)
  import Foundation
  import Glibc
  import TestSupport
  import Testing

  @Suite struct TerminalTests {
    /// Writes a byte to stdout, reads one from stdin, and exits with what it read.
    private static let reading: [UInt32] = [
      0xd280_0f00, 0x3900_03e0,  // mov x0, #120; strb w0, [sp]
      0xd280_0020, 0x9100_03e1, 0xd280_0022, 0xd280_0808, 0xd400_0001,  // write(1, sp, 1)
      0xd280_0000, 0x9100_03e1, 0xd280_0022, 0xd280_07e8, 0xd400_0001,  // read(0, sp, 1)
      0x3940_03e0, 0xd280_0bc8, 0xd400_0001,  // exit_group(*sp)
    ]

    @Test func ctrlCEndsARunThatWaitsForInput() throws {
      try withProgram(Self.reading) { path in
        let terminal = try PseudoTerminal(["run", path])
        #expect(terminal.reads("x"))
        terminal.type("\u{3}")
        #expect(terminal.reads("faultline: interrupted after "))
        #expect(terminal.exitStatus == 130)
      }
    }

    /// The call that waits for input is found unfinished, and runs again when the program goes on.
    @Test func ctrlCStopsAProgramInTheShellThatWaitsForInput() throws {
      try withProgram(Self.reading) { path in
        let terminal = try PseudoTerminal(["shell", path])
        #expect(terminal.reads("(faultline) "))
        terminal.type("run\n")
        #expect(terminal.reads("x"))
        terminal.type("\u{3}")
        #expect(terminal.reads("Interrupted.\r\n"))
        #expect(terminal.reads("svc #0"))
        #expect(terminal.reads("(faultline) "))
        // Twice, so that an interrupt that is over does not end the next wait.
        terminal.type("continue\n")
        usleep(200_000)
        terminal.type("\u{3}")
        #expect(terminal.reads("Interrupted.\r\n") && terminal.reads("(faultline) "))
        terminal.type("continue\n")
        usleep(200_000)
        terminal.type("A\n")
        #expect(terminal.reads("[The program exited with status 65]"))
        terminal.type("quit 3\n")
        #expect(terminal.exitStatus == 3)
      }
    }
  }

  /// The command in a new session, with a new pseudo-terminal as its controlling terminal and its three streams.
  private final class PseudoTerminal {
    private let master: Int32
    private let process: pid_t
    private var seen = ""

    init(_ arguments: [String]) throws {
      master = open("/dev/ptmx", O_RDWR | O_NOCTTY)
      var (number, unlocked): (Int32, Int32) = (0, 0)
      // TIOCSPTLCK and TIOCGPTN: it is unlocked, and its other end has a number.
      try #require(master >= 0 && ioctl(master, 0x4004_5431, &unlocked) == 0 && ioctl(master, 0x8004_5430, &number) == 0)
      let name = "/dev/pts/\(number)"
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
      var id: pid_t = 0
      try #require(posix_spawn(&id, FaultlineProcess.path, &actions, &attributes, &words, environ) == 0)
      process = id
    }

    deinit {
      kill(process, SIGKILL)
      close(master)
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
        if count > 0 { seen += String(decoding: buffer[..<count], as: UTF8.self) }
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
