// Owns sessions of the shell with programs that have lines, tasks and faults: what a user types to get from a stop to its cause.
// It does not know how the commands work.
import TestSupport
import Testing

@Suite("Shell: sessions") struct ShellSessionTests {
  /// What a batch of commands prints.
  private func session(_ program: String, _ commands: String...) throws -> String {
    try shellBatch(["build/firmware/crashes/\(program)"], commands)
  }

  @Test func fromAStopToItsCause() throws {
    let text = try session("unmapped", "break release", "run", "bt", "finish", "c", "why")
    expect(
      text, "Breakpoint 1 at 0x", "Breakpoint 1, 0x", "in release+12 (unmapped.c:7)", "in guest_main (unmapped.c:14)",
      "Run till exit from #0",
      "15\t  return before + look(100);", "Value returned in x0 is $1 = 0", "Program received signal SIGSEGV (SEGV_MAPERR): read at 0x",
      "about to be killed by SIGSEGV (SEGV_MAPERR): read of 1 byte at 0x",
      "was unmapped by munmap from release+40 (unmapped.c:7), called by guest_main (unmapped.c:14), after 122 instructions",
      "was mapped rw- by mmap from map (guest.h:80), called by prepare+36 (unmapped.c:6)")
  }

  /// The page of the variable comes into being by a fault of the write itself, which is no change.
  @Test func aVariableThatChanges() throws {
    let text = try session("unmapped", "watch buffer", "run", "info breakpoints")
    expect(
      text, "Hardware watchpoint 1: buffer\n", "Hardware watchpoint 1: buffer\n", "Old value = 0\nNew value = 2814748", "(unmapped.c:6)",
      "hw watchpoint  keep y", "already hit 1 time")
    #expect(!text.contains("unreadable"))
  }

  @Test func aDescriptorThatChanges() throws {
    let text = try session(
      "protected", "break store if $x0 == 1", "run", "delete", "watch pte *(u64*)table", "catch syscall mprotect", "run", "c", "c", "c")
    expect(
      text, "Page table watchpoint 2: pte *(u64*)table", "Catchpoint 3 (syscall mprotect)", "Old value = level 2", "invalid: nothing here",
      "New value = level 3", "EL0 rw- EL1 rw-", "Catchpoint 3, call to mprotect", "Old value = level 3", "EL0 rw-", "New value = level 3",
      "EL0 r-- EL1 r--", "Catchpoint 3, return from mprotect = 0x0")
  }

  @Test func aForkAndAChildsDeath() throws {
    let text = try session("child", "catch fork", "run", "task 3", "p $x0", "bt", "c", "info tasks", "p task", "why")
    expect(
      text, "Catchpoint 1, task 2 made task 3, a new process", "[Task 3, child, runnable]", "$1 = 0", "in guest_main (child.c:11)",
      "Task 3 received signal SIGSEGV (SEGV_MAPERR): write at 0x0", "  2     2", "sleeping in wait4", "* 3     3", "$2 = 3",
      "write of 8 bytes at 0x0, the null pointer")
  }

  @Test func linesAndFrames() throws {
    let text = try session(
      "unmapped", "break unmapped.c:12", "run", "next", "step", "up", "list 12,14", "down", "info line", "display/x $x0", "stepi",
      "disassemble /s look")
    expect(
      text, "12\t  buffer[100] = 'x';", "8\t", "14\t  release();", "Line 8 of", "1: /x $x0 = 0x",
      "Dump of assembler code for function look:",
      "ldr x8, [x8, #0x2d0]\t// 0x", "<buffer>", "End of assembler dump.")
  }

  /// A condition counts only the hits at which it is true, and one without a value stops and says why.
  @Test func conditions() throws {
    let text = try session("protected", "break store if $x0 == 1", "run", "info breakpoints")
    expect(text, "stop only if $x0 == 1", "already hit 1 time")
    expect(
      try session("protected", "break store if *(u64*)8 == 1", "run"),
      "Error in testing condition of 1: Cannot access memory at address 0x8", "Breakpoint 1, ")
  }

  /// A session that looks at everything ends as a plain run does.
  @Test func lookingChangesNothing() throws {
    let plain = try session("child", "run", "info program")
    let watched = try session(
      "child", "watch *(u64*)($sp-64)", "catch fault", "run", "bt", "info tasks", "delete", "display/i $pc", "info registers", "tlb", "pt",
      "c",
      "info program")
    #expect(plain.split(separator: "\n").last == watched.split(separator: "\n").last, "\(watched)")
  }
}
