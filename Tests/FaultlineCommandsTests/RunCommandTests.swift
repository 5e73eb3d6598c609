// Owns `faultline run` as its user meets it: streams, exit statuses and the line on a killed program.
// It does not know how programs execute.
import TestSupport
import Testing

@Suite struct RunCommandTests {
  @Test func helloPassesThrough() throws {
    for name in ["hello", "hello-pie"] {
      let run = try FaultlineProcess("run", firmwarePath("examples/\(name)"))
      #expect(run.status == 0)
      #expect(run.output == "Hello from EL0.\n")
      #expect(run.errors == "")
    }
  }

  @Test func argumentsAndOptionsOfTheProgramAreItsOwn() throws {
    let run = try FaultlineProcess("run", firmwarePath("tests/hostile"), "--stats", "-x")
    #expect(run.output == "unknown case: --stats\n")
    #expect(run.status == 3)
    #expect(run.errors == "")
  }

  static let endings: [(name: String, status: Int32, line: String)] = [
    (
      "store-text", 139,
      "faultline: killed by SIGSEGV: write at 0x2[0-9a-f]{5}, permission fault, level 3 \\(ESR 0x9200004f\\) at pc 0x2[0-9a-f]{5}\n"
    ),
    ("jump-to-null", 139, "faultline: killed by SIGSEGV: fetch at 0x0, translation fault, level 2 \\(ESR 0x82000006\\) at pc 0x0\n"),
    ("jump-misaligned", 135, "faultline: killed by SIGBUS: PC alignment fault \\(ESR 0x8a000000\\) at pc 0x2[0-9a-f]{5}\n"),
    ("sp-misaligned", 135, "faultline: killed by SIGBUS: SP alignment fault \\(ESR 0x9a000000\\) at pc 0x2[0-9a-f]{5}\n"),
    ("undefined", 132, "faultline: killed by SIGILL: undefined instruction 00000000 \\(udf #0\\) at pc 0x2[0-9a-f]{5}\n"),
    ("hvc", 132, "faultline: killed by SIGILL: undefined instruction d4000002 \\(hvc #0\\) at pc 0x2[0-9a-f]{5}\n"),
    ("breakpoint", 133, "faultline: killed by SIGTRAP: BRK in AArch64 \\(ESR 0xf2000001\\) at pc 0x2[0-9a-f]{5}\n"),
    ("eat-memory", 137, "faultline: killed by SIGKILL: out of guest memory at pc 0x2[0-9a-f]{5}; give more with --memory\n"),
  ]

  @Test(arguments: endings) func aKilledProgramSaysWhy(_ name: String, _ status: Int32, _ line: String) throws {
    let run = try FaultlineProcess("run", "--quiet-death", "--memory", "16M", firmwarePath("tests/hostile"), name)
    #expect(run.status == status)
    #expect(run.output == "")
    #expect(try Regex(line).wholeMatch(in: run.errors) != nil, "\(run.errors)")
  }

  /// A word of an extension that is not modelled is named.
  @Test func aWordOfSVESaysSo() throws {
    let run = try withProgram([0x2518_e3e0]) { try FaultlineProcess("run", $0) }
    #expect(run.status == 132)
    #expect(run.errors.contains("2518e3e0") && run.errors.contains("SVE, which is not modelled"), "\(run.errors)")
  }

  @Test func anEndlessLoopStopsAtItsLimit() throws {
    let run = try FaultlineProcess("run", "--max-instructions", "1000000", firmwarePath("tests/hostile"), "loop")
    #expect(run.status == 124)
    #expect(run.errors.hasPrefix("faultline: stopped after 1000000 instructions (--max-instructions) at pc 0x2"))
  }

  /// Two processes give the same result: no property of the host influences a run.
  @Test func twoProcessesAreOne() throws {
    let arguments = ["run", "--stats", firmwarePath("oracle/esr_matrix")]
    let (first, second) = (try FaultlineProcess(arguments), try FaultlineProcess(arguments))
    #expect(first.status == 0 && first.output.count > 1000)
    #expect(first.output == second.output)
    #expect(first.errors == second.errors)
  }

  @Test func statisticsCountWhatHappened() throws {
    let stock = try FaultlineProcess("run", "--stats", "--atomic-faults", "stock", firmwarePath("examples/force_write"))
    let patched = try FaultlineProcess("run", "--stats", "--atomic-faults", "force-write-v5", firmwarePath("examples/force_write"))
    for words in [
      "instructions", "Data Abort", "translation fault, level 3", "minor faults", "table walks", "TLB refills", "TLB maintenance",
    ] {
      #expect(stock.errors.localizedCaseInsensitiveContains(words), "\(words)")
    }
    #expect(stock.errors.contains("permission fault, level 3"))
    #expect(stock.errors != patched.errors)
  }

  @Test func undefinedInstructionsAreNamed() throws {
    let run = try FaultlineProcess("run", "--stats", firmwarePath("tests/hostile"), "hvc")
    #expect(run.errors.contains("undefined instruction d4000002 (hvc #0) at pc 0x2"))
  }

  @Test func unknownSystemCallsAreNamed() throws {
    let run = try FaultlineProcess("run", "--stats", firmwarePath("tests/hostile"), "absurd-sizes")
    #expect(run.errors.contains("9999"))
  }

  /// Priority inheritance (FUTEX_LOCK_PI) is not modelled: the call exists, and this operation of it does not.
  @Test func operationsThatAreNotModelledAreNamed() throws {
    let run = try FaultlineProcess("run", "--stats", firmwarePath("oracle/futex_fixup"))
    #expect(run.errors.contains("system call 98 futex: not implemented, ENOSYS"))
    let hello = try FaultlineProcess("run", "--stats", firmwarePath("examples/hello"))
    #expect(!hello.errors.contains("ENOSYS"))
  }
}
