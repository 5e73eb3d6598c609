// Owns tests of Ctrl-C in a terminal, which the command has as its controlling terminal: it ends what runs, even while the program waits
// for input. It does not know what else the commands do.
#if canImport(Glibc)
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
        usleep(200_000)
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
#endif
