// Owns tests of `faultline shell` on a terminal: keys, completion, history, prompts, pages.
// It does not know what commands do.
#if canImport(Glibc)
  import Foundation
  import Glibc
  import LinuxMM
  import TestSupport
  import Testing

  @testable import FaultlineCommands

  @Suite("Shell: editing on a terminal") struct ShellEditingTests {
    private static let prompt = "(faultline) "
    private static let (up, left, home) = ("\u{1b}[A", "\u{1b}[D", "\u{1b}[H")

    private static func withHome<Result>(_ body: (String) throws -> Result) throws -> Result {
      let folder = FileManager.default.temporaryDirectory.appending(path: "home-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: folder.appending(path: "faultline"), withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(at: folder) }
      return try body(folder.path)
    }

    private static func shell(_ arguments: [String] = [], home: String? = nil, rows: UInt16 = 0, columns: UInt16 = 0) throws
      -> PseudoTerminal
    {
      let terminal = try PseudoTerminal(["shell"] + arguments, home: home, rows: rows, columns: columns)
      try #require(terminal.reads(prompt))
      return terminal
    }

    @Test func arrowKeysEditAndRecall() throws {
      let terminal = try Self.shell()
      // The cursor goes two to the left, and one character is put there.
      terminal.type("p/x 16" + Self.left + Self.left + " 2*\r")
      #expect(terminal.reads("$1 = 0x20") && terminal.reads(Self.prompt))
      terminal.type("echo two\\n\r")
      #expect(terminal.reads("\ntwo") && terminal.reads(Self.prompt))
      terminal.type(Self.up + Self.up + "\r")
      #expect(terminal.reads("$2 = 0x20") && terminal.reads(Self.prompt))
      // Home, Ctrl-K, Ctrl-W.
      terminal.type("16 3 nonsense" + "\u{17}" + Self.home + "p \u{b}7\r")
      #expect(terminal.reads("$3 = 7") && terminal.reads(Self.prompt))
      terminal.type("quit 5\r")
      #expect(terminal.exitStatus == 5)
    }

    @Test func tabCompletes() throws {
      let terminal = try Self.shell([firmwarePath("examples/use_after_unmap")])
      terminal.type("pagew\t0\r")
      #expect(terminal.reads("pagewalk 0") && terminal.reads(Self.prompt))
      terminal.type("info br\t\r")
      #expect(terminal.reads("info breakpoints") && terminal.reads("No breakpoints") && terminal.reads(Self.prompt))
      terminal.type("print chec\t- checksum\r")
      #expect(terminal.reads("checksum - checksum") && terminal.reads("$1 = 0") && terminal.reads(Self.prompt))
      terminal.type("p $esr_e\t\r")
      #expect(terminal.reads("$esr_el1") && terminal.reads("$2 = ") && terminal.reads(Self.prompt))
      // Where several words are possible, a list; the line stays.
      terminal.type("st\t")
      #expect(terminal.reads("starti") && terminal.reads("stepi") && terminal.reads(Self.prompt + "st"))
      terminal.type("epi\r")
      #expect(terminal.reads("=> "))
    }

    /// Ctrl-C directly behind the prompt was once a signal, and lost.
    @Test func ctrlCDropsALineAndCtrlDLeaves() throws {
      let terminal = try Self.shell()
      terminal.type("p 1\u{3}")
      #expect(terminal.reads("^C\r\n") && terminal.reads(Self.prompt))
      terminal.type("p 2\r")
      #expect(terminal.reads("$1 = 2") && terminal.reads(Self.prompt))
      // A block that is being typed is dropped too.
      terminal.type("define twice\r")
      #expect(terminal.reads("\n>"))
      terminal.type("p 3\r\u{3}")
      #expect(terminal.reads(Self.prompt))
      terminal.type("\u{4}")
      #expect(terminal.exitStatus == 0)
    }

    @Test func historyLastsAcrossSessions() throws {
      try Self.withHome { home in
        let first = try Self.shell(home: home)
        first.type("p 40+2\r")
        #expect(first.reads("$1 = 42") && first.reads(Self.prompt))
        first.type("p 0é\r")
        #expect(first.reads("0é") && first.reads(Self.prompt))
        first.type("\u{4}")
        #expect(first.exitStatus == 0)
        let file = home + "/faultline/history"
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "p 40+2\np 0é\n")
        let second = try Self.shell(home: home)
        // Ctrl-R finds it, and Enter runs it.
        second.type("\u{12}40")
        #expect(second.reads("bck:"))
        second.type("\r\r")
        #expect(second.reads("$1 = 42"))
      }
    }

    @Test func aLineMayBeLongerThanTheTerminal() throws {
      let terminal = try Self.shell(rows: 24, columns: 30)
      terminal.type("p " + String(repeating: "1+", count: 100) + "1\r")
      #expect(terminal.reads("$1 = 101") && terminal.reads(Self.prompt))
      terminal.resize(rows: 24, columns: 90)
      terminal.type("p " + String(repeating: "1+", count: 100) + "2\r")
      #expect(terminal.reads("$2 = 102"))
    }

    @Test func longOutputComesInPages() throws {
      let terminal = try Self.shell(rows: 10, columns: 80)
      terminal.type("help\r")
      #expect(terminal.reads("--Type <RET> for more"))
      terminal.type("\r")
      #expect(terminal.reads("--Type <RET> for more"))
      terminal.type("q")
      #expect(terminal.reads(Self.prompt))
      terminal.type("set pagination off\r")
      #expect(terminal.reads(Self.prompt))
      terminal.type("help quit\r")
      #expect(terminal.reads("Leave."))
      terminal.type("help\r")
      #expect(terminal.reads("An abbreviation that fits") && terminal.reads(Self.prompt))
    }

    @Test func theUsersPagerShowsLongOutput() throws {
      let terminal = try PseudoTerminal(["shell"], environment: ["PAGER": "sed s/^/page:/"], rows: 10, columns: 80)
      #expect(terminal.reads(Self.prompt))
      terminal.type("help\r")
      #expect(terminal.reads("page:run") && terminal.reads("page:An abbreviation") && terminal.reads(Self.prompt))
    }

    @Test func itSaysWhatIsLoaded() throws {
      let terminal = try PseudoTerminal(["shell", "--example", "hello"])
      #expect(terminal.reads("Faultline ") && terminal.reads(", hello (static, ") && terminal.reads(" symbol"))
      #expect(terminal.reads("). \(KernelProfile.newest.name), stock. \"help\" lists commands.\r\n") && terminal.reads(Self.prompt))
      let quiet = try PseudoTerminal(["shell", "-q", "-nx"])
      #expect(quiet.reads(Self.prompt))
      #expect(!quiet.shown.contains("Faultline"))
    }

    @Test func theInitFileRunsFirst() throws {
      try Self.withHome { home in
        try "set confirm off\necho from the init file\\n\n".write(toFile: home + "/faultline/init", atomically: true, encoding: .utf8)
        let terminal = try PseudoTerminal(["shell"], home: home)
        #expect(terminal.reads("from the init file\r\n") && terminal.reads(Self.prompt))
        let without = try PseudoTerminal(["shell", "-nx"], home: home)
        #expect(without.reads(Self.prompt))
        #expect(!without.shown.contains("init file"))
      }
    }

    /// Whatever a command has done to the terminal, the next line is edited as before.
    @Test func aChangedTerminalIsMended() throws {
      let terminal = try Self.shell()
      terminal.type("shell stty -icanon -echo intr ^X; echo done\r")
      #expect(terminal.reads("\ndone") && terminal.reads(Self.prompt))
      terminal.type("shell stty -a\r")
      #expect(terminal.reads("intr = ^C") && terminal.reads(" icanon") && terminal.reads(Self.prompt))
      terminal.type("!exit 3\r")
      #expect(terminal.reads("[The command ended with status 3]"))
    }

    @Test func aTerminalThatCannotMoveItsCursorGetsPlainLines() throws {
      let terminal = try PseudoTerminal(["shell"], environment: ["TERM": "dumb"])
      #expect(terminal.reads(Self.prompt))
      terminal.type("p 6*7\n")
      #expect(terminal.reads("$1 = 42") && terminal.reads(Self.prompt))
      terminal.type("\u{3}")
      #expect(terminal.reads(Self.prompt))
      terminal.type("\u{4}")
      #expect(terminal.exitStatus == 0)
    }
  }
#endif
