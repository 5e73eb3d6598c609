// Owns sessions of the shell with bare-metal images, on one processor and on two. It does not know the board, nor how the commands work.
import TestSupport
import Testing

@Suite("Shell: boards") struct ShellBoardTests {
  /// What a batch of commands prints, on a board with this number of processors.
  private func session(_ image: String, _ processors: Int = 1, _ commands: String...) throws -> String {
    try shellBatch(["--vcpus", "\(processors)", "--memory", "256M", "--machine", "build/firmware/el1/\(image)"], commands)
  }

  @Test func anImageFromItsResetToAFunction() throws {
    let text = try session(
      "psci", 1, "info registers pc", "p $sctlr_el1 & 1", "break psci_hvc", "run", "bt", "p $sctlr_el1 & 1", "pagewalk $pc", "finish")
    expect(
      text, "0x40200000 <_start>", "$1 = 0", "Breakpoint 1 at 0xffffff80", "Breakpoint 1, 0xffffff80", "=> 0xffffff80", "hvc #0",
      "#0  0xffffff80", "in psci_hvc (start.S:221)", "in el1_main+", " (psci.c:", "in _start+32 (start.S:15)", "$2 = 1",
      "pagewalk of 0xffffff80", "Run till exit from #0", "Value returned in x0 is $3 = 65537")
  }

  @Test func sourceLinesAndSteps() throws {
    let text = try session("psci", 1, "break psci.c:80", "run", "list 80,81", "step", "next", "stepi", "info line")
    expect(
      text, "Breakpoint 1, 0xffffff80", "80\t  tell(\"hvc/unknown\"", "=> 0xffffff80", "80\t  tell(", "81\t  ", "222\t  ret", "80\t  tell(",
      "Line 80 of \"", "psci.c\" contains 0xffffff80")
  }

  @Test func processorsAreTasks() throws {
    let text = try session(
      "psci", 2, "info tasks", "break work if task == 1", "run", "info threads", "task 0", "info registers pc", "task 1", "bt", "task 5",
      "finish")
    expect(
      text, "* 0", "running, EL1", "  1", "off", "[Switching to PE 1]", "Breakpoint 1, 0xffffff80", "  0", "* 1", "[PE 0, ", "[PE 1, ",
      "in work", "There is no PE 5; info tasks lists them.")
  }

  @Test func memoryThatIsWritten() throws {
    let text = try session("psci", 4, "watch arrived", "run", "info breakpoints", "c")
    expect(
      text, "Hardware watchpoint 1: arrived", "Hardware watchpoint 1: arrived\n", "Old value = 0\nNew value = 1\n", "hw watchpoint",
      "Old value = 1\nNew value = 2\n")
  }

  /// A store of the image's own changes the descriptor.
  @Test func aDescriptorThatIsWritten() throws {
    let text = try session("tlbi", 1, "tbreak el1_main", "run", "watch pte 0x1000340000", "c", "delete 2", "pagewalk 0x1000340000")
    expect(text, "Page table watchpoint 2: ", "Old value = ", "New value = level ", "=> 0xffffff80")
  }

  @Test func faultsThatTheImageTakes() throws {
    let text = try session(
      "access_matrix", 1, "catch fault write", "run", "esr", "info registers esr_el1 far_el1", "delete", "catch fault if esr.wnr == 0", "c",
      "faults 2")
    expect(
      text, "Catchpoint 1 (fault write)", "Catchpoint 1, write at 0x", "fault, level ", ": PE 0", "The last fault: write at 0x", "ESR_EL1",
      "Catchpoint 2 (fault)", "Catchpoint 2, read at 0x", "instructions", "from", "read")
  }

  @Test func whatABoardDoesNotHave() throws {
    let commands = [
      "vmmap", "why", "info auxv", "info mapping-history 0", "info proc mappings", "catch syscall", "catch signal", "catch fork",
    ]
    for command in commands {
      let text = try session("psci", 1, command)
      #expect(text.contains("An image on a board has no processes, mappings, system calls or signals"), "\(command)")
    }
    #expect(try session("psci", 1, "run argument") == "An image has no arguments.\n")
    #expect(try session("psci", 1, "file other") == "This shell stays with its image.\n")
  }

  @Test func runKillAndTheEnd() throws {
    let text = try session("exceptions", 1, "tbreak el1_main", "run", "kill", "info program", "c", "info program", "c")
    expect(
      text, "Temporary breakpoint 1, ", "[The image is loaded anew; run starts it]", "stands before 0x40200000 <_start>, 0 instructions",
      "[The image exited normally]", "exited with status 0 at", "The image is over; run starts it again.")
  }

  /// Catches, watches, steps and looking change nothing: the registers and the counts at the end are those of a plain run.
  @Test(arguments: [("psci", 4), ("exceptions", 1), ("bbm", 2), ("timer", 1)])
  func aDebuggedRunEndsAsAPlainOne(_ image: String, _ processors: Int) throws {
    let end = ["info program", "info registers", "info registers system", "info tasks"]
    func ends(_ commands: [String]) throws -> (end: Substring, all: String) {
      let run = try FaultlineProcess(
        ["shell", "--batch", "-nx", "--vcpus", "\(processors)"] + (commands + ["echo END\\n"] + end).flatMap { ["-ex", $0] }
          + ["--machine", "build/firmware/el1/\(image)"])
      let place = try #require(run.output.range(of: "END\n"))
      return (run.output[place.upperBound...], run.output)
    }
    let plain = try ends(["run"])
    let debugged = try ends(
      ["catch fault write", "break el1_main", "run", "stepi 1000", "next", "x/4gx $sp", "pt", "tlb", "c", "c", "stepi", "delete", "c"])
    #expect(plain.end == debugged.end)
    #expect(plain.all.contains("[The image exited normally]") && debugged.all.contains("[The image exited normally]"))
  }

  @Test func mistakesOnTheCommandLine() throws {
    let many = try FaultlineProcess("shell", "--machine", "build/firmware/el1/psci", "--vcpus", "9")
    #expect(many.status == 2 && many.errors.contains("--vcpus needs 1 to 8, not 9"))
    let both = try FaultlineProcess("shell", "--machine", "build/firmware/el1/psci", "build/firmware/examples/hello")
    #expect(both.status == 2 && both.errors.contains("a board runs the image build/firmware/el1/psci"))
    let none = try FaultlineProcess("shell", "--machine", "/nonexistent")
    #expect(none.status == 2 && none.errors.contains("/nonexistent"))
  }
}
