// Owns sessions in which another program begins, functions are inlined, or a child dies: what names and stop points mean then.
// It does not know how the commands work.
import TestSupport
import Testing

@Suite("Shell: programs") struct ShellProgramTests {
  private func session(_ program: [String], _ commands: String...) throws -> String {
    try shellBatch(program, commands)
  }

  private static let becomes = ["--root", "build/firmware", "build/firmware/tests/becomes", "/crashes/unmapped"]

  /// After execve names, lines, stacks and new breakpoints are the new program's.
  @Test func theDebuggerFollowsTheProgramThatRuns() throws {
    let text = try session(
      Self.becomes, "break become", "catch exec", "run", "bt", "c", "info symbol $pc", "break release", "c", "bt", "info line", "c", "why",
      "list release")
    expect(
      text, "Breakpoint 1 at", "Catchpoint 2 (exec)", "Breakpoint 1, ", "in become+12 (becomes.c:5)", "in guest_main (becomes.c:9)",
      "Catchpoint 2, process 2 executes /crashes/unmapped", "_start in section", "Breakpoint 3 at 0x", "Breakpoint 3, ",
      "in release+12 (unmapped.c:7)", "in guest_main (unmapped.c:14)", "SIGSEGV (SEGV_MAPERR)", "was unmapped by munmap from release")
  }

  /// A breakpoint on a name that both programs have moves to the new one's place, and one on a name that it does not have waits.
  @Test func breakpointsFollowTheirNames() throws {
    let text = try session(
      Self.becomes, "break guest_main", "break become", "run", "c", "c", "info breakpoints", "bt", "run", "info breakpoints")
    // guest_main is also inlined into guest_start, which calls it.
    expect(
      text, "Breakpoint 2 at", ", inlined in guest_start", "Breakpoint 3 at", "Breakpoint 2, ", "(becomes.c:8)", "Breakpoint 3, ",
      "Breakpoint 2, ", "(unmapped.c:11)", "<guest_main+12> unmapped.c:11", "already hit 2 times",
      "become, which this program does not have",
      "in guest_main (unmapped.c:11)", "Breakpoint 2, ", "(becomes.c:8)", "<become+12>")
  }

  /// What the debugger reads of the new program's file changes nothing for the programs.
  @Test func followingChangesNothing() throws {
    let plain = try session(Self.becomes, "run", "c", "info program")
    let followed = try session(Self.becomes, "break become", "catch exec", "run", "bt", "c", "bt", "list", "c", "c", "info program")
    func counts(_ text: String) -> [Substring] { text.split(separator: "\n").filter { $0.contains("instructions retired") } }
    #expect(counts(plain).count == 1)
    #expect(counts(plain) == counts(followed), "\(followed)")
  }

  /// GDB has one breakpoint with several locations; here each place has a number.
  @Test func aFunctionThatWasInlinedStopsWhereItIs() throws {
    let program = ["build/firmware/crashes/unmapped"]
    let text = try session(program, "break map", "run", "bt", "clear map", "info breakpoints")
    expect(
      text, "Breakpoint 1 at 0x", ", inlined in prepare", "Breakpoint 1, 0x", "in map (guest.h:", "in prepare", "Deleted breakpoint",
      "No breakpoints, watchpoints or catchpoints.")
    expect(try session(program, "break nothing"), "No symbol 'nothing'")
  }

  /// ux.md, defect 7: `catch fault signal` in a child once stopped when the child was gone, with the parent's registers.
  @Test func aChildsFatalFaultStopsWhileTheChildIsThere() throws {
    let text = try session(
      ["build/firmware/crashes/child"], "catch fault signal", "run", "p task", "p $x0", "info tasks", "bt", "info symbol $pc",
      "p/x $far_el1",
      "vmmap $sp", "c", "c")
    expect(
      text, "Catchpoint 1 (fault signal)", "write at 0x0", "serve", "$1 = 3", "* 3     3", "in serve", "in guest_main (child.c:12)",
      "serve",
      "= 0x0\n", "[stack]", "[The program exited normally]")
    #expect(!text.contains("wait4+"))
  }

  /// handle, as in a copied .gdbinit: a signal does not stop, or the program does not get it.
  @Test func signalsAreHandledAsTold() throws {
    let program = ["build/firmware/tests/debugged", "signals"]
    expect(try session(program, "run", "c"), "received signal SIGUSR1", "handler of", "[The program exited")
    let quiet = try session(program, "handle SIGUSR1 nostop noprint pass", "info signals USR1", "run")
    expect(quiet, "SIGUSR1       No\tYes", "SIGUSR1       No\tYes", "handler of", "[The program exited")
    #expect(!quiet.contains("received signal"))
    let dropped = try session(program, "handle 10 nostop nopass", "run")
    #expect(!dropped.contains("handler of") && dropped.contains("[The program exited"), "\(dropped)")
    expect(try session(program, "handle", "handle SIGFOO stop"), "handle needs a signal", "'SIGFOO' is no signal")
  }

  @Test func theProgramGoesOnElsewhere() throws {
    let program = ["build/firmware/crashes/unmapped"]
    expect(
      try session(program, "break release", "run", "return", "info symbol $pc", "c"), "Breakpoint 1, ", "in guest_main (unmapped.c:15)",
      "guest_start", "[The program exited with status 240]")
    expect(try session(program, "break look", "run", "jump release", "jump main+2", "up", "return"), "Continuing at 0x", "<release")
    expect(try session(program, "info address look", "info address nothing"), "Symbol \"look\" is at 0x", "No symbol \"nothing\"")
    expect(try session(program, "starti", "vmmap stack", "vmmap nothing"), "[stack]\n", "No symbol 'nothing'")
  }
}
