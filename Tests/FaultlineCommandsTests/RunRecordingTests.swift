// Owns tests of what `run` records for other tools: strace's lines, Linux's log beside what real kernels logged, a core that gdb opens.
// It does not know the forms of single lines: CallTraceTests and KernelLogTests do.
import Foundation
import TestSupport
import Testing

@Suite struct RunRecordingTests {
  private static let provoke = firmwarePath("oops/provoke")

  @Test func straceOfADyingProgram() throws {
    let run = try FaultlineProcess("run", "--quiet-death", "--strace", Self.provoke, "user", "null-read")
    #expect(run.status == 139)
    let lines = run.errors.split(separator: "\n").map(String.init)
    let trace = lines.filter { !$0.hasPrefix("faultline:") && !$0.hasPrefix("  ") }
    #expect(
      trace[0].wholeMatch(of: /execve\("(.*)", \["(.*)", "user", "null-read"\], 0xffff[0-9a-f]{8} \/\* 0 vars \*\/\) = 0/).map {
        $0.1 == Self.provoke[...] && !$0.2.isEmpty
      } == true, "\(trace[0])")
    #expect(trace[1].hasPrefix("openat(AT_FDCWD, \"/proc/sys/debug/exception-trace\", O_WRONLY) = -1 E"))
    #expect(trace.contains("nanosleep({tv_sec=0, tv_nsec=600000000}, NULL) = 0"))
    #expect(
      trace.contains {
        $0.wholeMatch(of: /mmap\(NULL, \d+, PROT_READ\|PROT_WRITE, MAP_PRIVATE\|MAP_ANONYMOUS, -1, 0\) = 0xffff[0-9a-f]{8}/) != nil
      })
    #expect(
      trace.suffix(2) == [
        "--- SIGSEGV {si_signo=SIGSEGV, si_code=SEGV_MAPERR, si_addr=0x10} ---", "+++ killed by SIGSEGV +++",
      ])
  }

  @Test func straceToAFile() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "strace-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: file) }
    let run = try FaultlineProcess("run", "--strace-output", file.path, firmwarePath("examples/hello"))
    #expect(run.status == 0 && run.errors.isEmpty)
    let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(String.init)
    #expect(lines.contains { $0.hasPrefix("write(1, \"") })
    #expect(lines.suffix(2) == ["exit_group(0)                           = ?", "+++ exited with 0 +++"])
    let bad = try FaultlineProcess("run", "--strace-output", "/nonexistent/file", firmwarePath("examples/hello"))
    #expect(bad.status == 2 && bad.errors == "faultline: error: cannot write to /nonexistent/file: No such file or directory\n")
  }

  /// Several tasks: prefixes, calls in two parts, and the ends of each.
  @Test func straceOfForks() throws {
    let run = try FaultlineProcess("run", "--strace", firmwarePath("tests/pipes"))
    let lines = run.errors.split(separator: "\n").map(String.init)
    let attached = lines.count { $0.hasPrefix("strace: Process ") && $0.hasSuffix(" attached") }
    #expect(attached > 0)
    #expect(lines.count { $0.contains("+++ exited with ") || $0.contains("+++ killed by ") } == attached + 1)
    // A call in two parts has both.
    #expect(lines.count { $0.hasSuffix(" <unfinished ...>") } >= lines.count { $0.contains("<... ") })
    #expect(lines.contains { $0.hasPrefix("[pid ") })
    #expect(lines.contains { $0.contains("clone(child_stack=") && $0.contains("SIGCHLD") })
  }

  /// A recorded run and a plain one print the same, and end with the same counts.
  @Test func recordingChangesNothing() throws {
    for program in ["tests/pipes", "tests/threads", "examples/kinds"] {
      let plain = try FaultlineProcess("run", "--stats", firmwarePath(program))
      let recorded = try FaultlineProcess(
        "run", "--stats", "--strace-output", "/dev/null", "--dmesg", "--core", "/nonexistent/core", firmwarePath(program))
      #expect(plain.status == recorded.status && plain.output == recorded.output)
      // Linux's log of a child that dies is the one thing more.
      let errors = recorded.errors.split(separator: "\n").filter { !$0.hasPrefix("[ ") }
      #expect(plain.errors.split(separator: "\n") == errors, "\(program)")
    }
  }

  // MARK: Linux's log

  /// The faults of a program that Debian's kernels logged, in the order of firmware/oops/record.sh.
  private static let faults = ["null-read", "null-write", "rodata", "data", "kernel", "gap", "pc", "atomic", "udf", "brk", "trap", "end"]

  /// What must be equal: the head without the process's number, the flags, and the registers' names. Addresses of stacks are random there.
  private static func essence(_ lines: [String]) -> [String] {
    lines.compactMap { line in
      var text = String(line.drop { $0 != "]" }.dropFirst(2))
      if text.hasPrefix("Hardware name") { return nil }
      if text.hasPrefix("CPU: ") { return "CPU" }
      if let end = text.firstRange(of: "]: unhandled") { text = String(text[end.lowerBound...]) }
      if text.hasPrefix("sp : ") || text.hasPrefix("x") { return text.replacing(/[0-9a-f]{16}/, with: "*") }
      // The address of anonymous memory is random there too.
      if text.hasPrefix("pc : 0000ffff") { return "pc : *" }
      return text.hasSuffix(" ") ? String(text.dropLast()) : text
    }
  }

  @Test(arguments: ["linux-6.12", "linux-7.3"]) func dmesgIsThatOfRealKernels(_ kernel: String) throws {
    let log = try fixture("oops/\(kernel).log").split(separator: "\n").map(String.init).prefix { !$0.contains("Unable to handle kernel") }
    var recorded: [[String]] = []
    for line in log {
      if line.contains("unhandled exception") { recorded.append([line]) } else { recorded[recorded.count - 1].append(line) }
    }
    try #require(recorded.count == Self.faults.count)
    for (name, expected) in zip(Self.faults, recorded) {
      let run = try FaultlineProcess("run", "--dmesg", "--kernel", kernel, Self.provoke, "user", name)
      let lines = run.errors.split(separator: "\n").map(String.init).filter { $0.hasPrefix("[") }
      #expect(Self.essence(lines) == Self.essence(expected), "\(name)")
      #expect(lines.allSatisfy { $0.wholeMatch(of: /\[ *\d+\.\d{6}\] .*/) != nil })
    }
  }

  /// A fault with a handler is not logged, nor a signal that a process sent.
  @Test func handledFaultsAreNotLogged() throws {
    let run = try FaultlineProcess("run", "--dmesg", firmwarePath("examples/segv_esr"))
    #expect(run.status == 0 && run.errors.isEmpty)
  }

  // MARK: Cores

  @Test func gdbOpensTheCore() throws {
    let core = FileManager.default.temporaryDirectory.appending(path: "core-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: core) }
    let run = try FaultlineProcess("run", "--core", core.path, Self.provoke, "user", "null-write")
    #expect(run.status == 139)
    let bytes = try Data(contentsOf: core)
    #expect(bytes.prefix(5) == Data([0x7f, 0x45, 0x4c, 0x46, 2]) && bytes[16] == 4 && bytes[18] == 183)
    let script = """
      command -v gdb-multiarch >/dev/null || exit 77
      exec gdb-multiarch -q -nx -batch -ex 'info threads' -ex bt -ex 'info registers pc sp x1' -ex 'x/i $pc' -ex 'info proc mappings' \
        -ex 'p $_siginfo._sifields._sigfault.si_addr' "$1" "$2"
      """
    let gdb = try FaultlineProcess(shell: script, Self.provoke, core.path)
    if gdb.status == 77 { return }
    #expect(gdb.output.contains("Program terminated with signal SIGSEGV, Segmentation fault."), "\(gdb.output) \(gdb.errors)")
    #expect(gdb.output.contains("* 1 "))
    #expect(gdb.output.contains("#0 "))
    #expect(gdb.output.contains("str\txzr, [x1, #8]"))
    #expect(gdb.output.contains("= (void *) 0x8"))
    #expect(gdb.output.contains("/provoke"))
  }

  @Test func coresThatAreNotWritten() throws {
    let core = FileManager.default.temporaryDirectory.appending(path: "core-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: core) }
    // A program that ends well has no core.
    #expect(try FaultlineProcess("run", "--core", core.path, firmwarePath("examples/hello")).status == 0)
    #expect(!FileManager.default.fileExists(atPath: core.path))
    let bad = try FaultlineProcess("run", "--core", "/nonexistent/core", Self.provoke, "user", "null-read")
    #expect(bad.status == 2 && bad.errors.contains("faultline: error: cannot write to /nonexistent/core: No such file or directory\n"))
  }
}
