// Owns sessions that look at faults: before and behind the kernel's handler, and how each was served.
// It does not know the fault path.
import LinuxKernel
import TestSupport
import Testing

@testable import DebugShell

@Suite("Shell: faults") struct ShellFaultTests {
  @Test("catch fault before stops when the kernel has changed nothing")
  func beforeTheHandler() throws {
    let terminal = try Terminal()
    #expect(terminal.type("catch fault before write") == "Catchpoint 1 (fault before write)")
    let stop = terminal.lines("run")
    #expect(
      stop[0]
        == "Catchpoint 1, write at 0x500000, translation fault, level 3 (ESR 0x92000047) by 0x40003c <touch>: taken, not handled yet")
    #expect(stop[1].hasPrefix("=> 0x40003c <touch>:"))
    // The tables are as the access found them, and the registers are the abort's.
    #expect(terminal.lines("pagewalk pages").contains { $0.contains("0x500000 is not mapped: translation fault, level 3") })
    #expect(terminal.type("p/x $esr_el1") == "$1 = 0x92000047")
    #expect(terminal.type("p/x $far_el1", "p/x $elr_el1", "p esr.wnr") == "$2 = 0x500000\n$3 = 0x40003c\n$4 = 1")
    #expect(terminal.lines("esr")[0] == "The abort that was taken, and is not handled yet:")
    #expect(terminal.type("x/xw pages").contains("no page is there yet"))
    #expect(terminal.lines("faults").count == 2)
    #expect(terminal.lines("vmmap pages").count == 1)
    // Going on runs the handler.
    #expect(terminal.type("si").hasPrefix("=> 0x400040 <touch+4>:"))
    #expect(terminal.lines("faults").last?.contains("  new page  ") == true)
    #expect(terminal.lines("pagewalk pages").contains { $0.contains("EL0 rw-") })
    #expect(terminal.type("c") == "[The program exited with status 3]")
  }

  @Test("a fault before which the program stands can be met again and again, with conditions and once")
  func beforeWithConditions() throws {
    let terminal = try Terminal()
    terminal.type("catch fault before if far == pages + 0x1000 && esr.wnr == 0")
    #expect(terminal.lines("run")[0].hasPrefix("Catchpoint 1, read at 0x501000, "))
    #expect(terminal.type("c") == "[The program exited with status 3]")
    terminal.type("delete", "tcatch fault before", "catch fault after write")
    #expect(terminal.lines("run")[0].hasPrefix("Temporary catchpoint 2, fetch at 0x400000, "))
    #expect(terminal.lines("c")[0].hasSuffix(" by 0x40003c <touch>: served (new page)"))
    #expect(terminal.type("catch fault before signal").hasPrefix("error: Whether a fault becomes a signal is known only behind"))
    #expect(terminal.type("info breakpoints").contains("fault after write"))
  }

  @Test("a fault that becomes a signal: before it, behind it")
  func beforeASignal() throws {
    let terminal = try Terminal()
    terminal.type("catch fault before 0x10", "starti", "set $pc = crash")
    #expect(terminal.lines("c")[0].hasPrefix("Catchpoint 1, write at 0x10, "))
    #expect(terminal.lines("c")[0].hasPrefix("Program received signal SIGSEGV (SEGV_MAPERR): write at 0x10"))
    #expect(terminal.lines("faults").last?.contains("  SIGSEGV  ") == true)
  }

  /// The PC is moved away from the instruction that faulted: the abort is dropped, and the next one is taken for itself.
  @Test func aMovedPCDropsTheAbort() throws {
    let terminal = try Terminal()
    terminal.type("catch fault before write", "run", "delete", "set $pc = after_write")
    #expect(terminal.type("c") == "[The program exited with status 3]")
    #expect(terminal.lines("faults").count == 2)
  }

  /// The kernel, its memory and the counts are those of a run without a debugger, however often the run stops before faults.
  @Test func aRunWithStopsBeforeFaultsEndsAsAPlainOne() throws {
    let plain = try Terminal()
    plain.type("run")
    let watched = try Terminal()
    watched.type("catch fault before", "catch fault", "run")
    var stops = 1
    while watched.shell.session?.outcome == nil && stops < 100 {
      watched.type("pt", "pagewalk pages", "faults", "c")
      stops += 1
    }
    #expect(stops == 7)
    let (one, two) = (try #require(plain.shell.session), try #require(watched.shell.session))
    #expect(one.kernel.stateDigest == two.kernel.stateDigest)
    #expect(one.instructionsRetired == two.instructionsRetired && one.outcome == two.outcome)
    #expect(one.kernel.mm.state.statistics == two.kernel.mm.state.statistics)
    let memory = try [one, two].map { session in
      try #require(session.machine.memory.read(session.machine.memory.base, count: Int(session.machine.memory.size)))
    }
    #expect(memory[0] == memory[1], "the RAM differs")
  }

  /// Each way in which a fault is served is one that `run --stats` counts.
  @Test func faultsSayHowTheyWereServed() throws {
    for (program, ways) in [
      ("force_write", ["zero page", "new page", "new page for the zero page"]), ("kinds", ["copied", "file page mapped"]),
    ] {
      let run = try FaultlineProcess(
        "shell", "--batch", "-nx", "-ex", "run", "-ex", "info faults", "build/firmware/examples/\(program)")
      for way in ways { #expect(run.output.contains("  \(way)  "), "\(program): \(way)") }
    }
  }
}
