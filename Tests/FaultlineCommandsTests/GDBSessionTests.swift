// Owns sessions of Debian's gdb with `faultline gdb`: what a user types, and what gdb prints.
// It does not know the protocol between them.
import Foundation
import TestSupport
import Testing

/// A gdb that knows AArch64; nil where there is none.
private let debugger = ["/usr/bin/gdb-multiarch"].first { FileManager.default.isExecutableFile(atPath: $0) }

@Suite(.enabled(if: debugger != nil, "gdb-multiarch is not installed")) struct GDBSessionTests {
  /// What gdb prints in a batch of commands, after it has connected to `faultline gdb` with these options and arguments.
  private func session(
    _ arguments: String, of file: String = "tests/debugged", extended: Bool = false, before: [String] = [], _ commands: [String]
  ) throws -> String {
    let kind = extended ? "extended-remote" : "remote"
    let first = ["set confirm off", "set height 0", "set width 0", "set tcp connect-timeout 5"] + before
    let connect = "target \(kind) | \(FaultlineProcess.path) gdb --stdio \(arguments)"
    let words = (first + [connect] + commands).flatMap { ["-ex", $0] }
    let run = try FaultlineProcess(executable: debugger!, ["-nx", "-batch", firmwarePath(file)] + words)
    return run.output + run.errors
  }

  private var program: String { firmwarePath("tests/debugged") }

  @Test func breakAndBacktrace() throws {
    let text = try session(
      "\(program) calls", ["break inner", "continue", "backtrace", "info args", "finish", "next", "delete", "continue"])
    #expect(text.contains("Breakpoint 1, inner (number=20) at firmware/tests/debugged.c:"))
    #expect(text.contains("#1 ") && text.contains("in outer (number=20)") && text.contains("in guest_main"))
    #expect(text.contains("Value returned is $1 = 40"))
    #expect(text.contains("outer: 82"))
  }

  @Test func aFaultAndItsSyndrome() throws {
    let text = try session(
      "\(program) fault",
      [
        "continue", "print/x $ESR_EL1", "print/x $FAR_EL1", "print $_siginfo.si_signo", "print $_siginfo.si_code",
        "print $_siginfo._sifields._sigfault.si_addr", "monitor pagewalk $far_el1", "continue",
      ])
    #expect(text.contains("Program received signal SIGSEGV, Segmentation fault."))
    #expect(text.contains("in store (place=0x1230)") || text.contains("store (place=0x1230) at"))
    #expect(text.contains("$1 = 0x92000046") && text.contains("$2 = 0x1230"))
    #expect(text.contains("$3 = 11") && text.contains("$4 = 1") && text.contains("$5 = (void *) 0x1230"))
    #expect(text.contains("translation fault, level 2"))
    #expect(text.contains("Program terminated with signal SIGSEGV"))
  }

  @Test func systemRegistersCanBeWritten() throws {
    let text = try session(
      "\(program) registers", ["break *before_read", "continue", "set $TPIDR_EL0 = 0xfeed", "print/x $TPIDR_EL0", "continue"])
    #expect(text.contains("$1 = 0xfeed") && text.contains("tpidr_el0: 0xfeed"))
  }

  @Test func watchpoints() throws {
    let text = try session("\(program) calls", ["watch watched", "continue", "continue", "info watchpoints", "delete", "continue"])
    #expect(text.contains("Hardware watchpoint 1: watched"))
    #expect(text.contains("Old value = 5\nNew value = 20") && text.contains("Old value = 20\nNew value = 21"))
    #expect(text.contains("breakpoint already hit 2 times") && text.contains("exited normally"))
    let reads = try session("\(program) spins", ["rwatch gate", "continue", "awatch watched", "continue"])
    #expect(reads.contains("Hardware read watchpoint 1: gate") && reads.contains("Value = 0"))
    #expect(reads.contains("Hardware access (read/write) watchpoint 2: watched"))
  }

  @Test func systemCalls() throws {
    let text = try session("\(program) calls", ["catch syscall write", "continue", "print $x0", "continue", "print $x0", "continue"])
    #expect(text.contains("Catchpoint 1 (call to syscall write)") && text.contains("Catchpoint 1 (returned from syscall write)"))
    #expect(text.contains("$1 = 1") && text.contains("exited normally"))
  }

  @Test func bothSidesOfAFork() throws {
    let text = try session(
      "\(program) children", before: ["set detach-on-fork off"],
      ["break parent_work", "catch fork", "continue", "info inferiors", "continue"])
    #expect(text.contains("Catchpoint 2 (forked process 3)") && text.contains("parent_work () at"))
  }

  @Test func anExec() throws {
    let text = try session("\(program) executes", ["catch exec", "continue", "break inner", "continue", "print number"])
    #expect(text.contains("Catchpoint 1 (exec'd") && text.contains("$1 = 20"))
  }

  @Test func threads() throws {
    let text = try session(
      "\(program) threads",
      ["break all_arrived", "continue", "info threads", "thread apply all backtrace", "thread 2", "stepi", "delete", "continue"])
    #expect(text.contains("* 1    Thread 2.2 \"debugged\" (runs) ") && text.contains(" all_arrived () at"))
    #expect(text.contains("Thread 2.3 \"debugged\" (sleeps in system call 98)") && text.contains("in worker (number=1)"))
    #expect(text.contains("in worker (number=2)") && text.contains("results: 30"))
  }

  @Test func theMapsOfAProcess() throws {
    let text = try session("\(program) calls", ["break inner", "continue", "info proc mappings", "info auxv", "info proc exe"])
    #expect(text.contains("[stack]") && text.contains("AT_ENTRY") && text.contains("/tests/debugged'"))
  }

  @Test func aSignalIsPassedOrNot() throws {
    let passed = try session("\(program) signals", ["continue", "continue"])
    #expect(passed.contains("received signal SIGUSR1") && passed.contains("handler of: 10"))
    let dropped = try session("\(program) signals", ["continue", "signal 0"])
    #expect(!dropped.contains("handler of: 10") && dropped.contains("after: 10"))
    let quiet = try session("\(program) signals", ["handle SIGUSR1 nostop noprint pass", "continue"])
    #expect(!quiet.contains("received signal") && quiet.contains("handler of: 10"))
  }

  @Test func runStartsAnewInExtendedMode() throws {
    let text = try session(
      "\(program) fault", extended: true, ["continue", "kill", "set args calls", "break inner", "run", "print number"])
    #expect(text.contains("received signal SIGSEGV") && text.contains("$1 = 20"))
  }

  @Test func aBoardWithTwoProcessors() throws {
    let image = firmwarePath("el1/psci")
    let text = try session(
      "--machine \(image) --vcpus 2 --memory 16M", of: "el1/psci",
      ["info threads", "stepi", "print/x $SCTLR_EL1", "set $VBAR_EL1 = 0x40000800", "print/x $VBAR_EL1", "thread 2", "info registers pc"])
    #expect(text.contains("Thread 1.1") && text.contains("Thread 1.2"))
    #expect(text.contains("$2 = 0x40000800"))
  }

  /// A server that waits at a socket of its own for `body`, and what it writes up to its end.
  private func served<Result>(_ arguments: [String], _ body: (_ place: String) throws -> Result) throws -> (result: Result, output: String)
  {
    let folder = FileManager.default.temporaryDirectory
    let name = "gdb-\(UUID().uuidString.prefix(8))"
    let (place, file) = (folder.appending(path: name).path, folder.appending(path: name + ".out"))
    try Data().write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let server = Process()
    server.executableURL = URL(filePath: FaultlineProcess.path)
    server.arguments = ["gdb", "--listen", "unix:\(place)"] + arguments
    server.standardError = FileHandle.nullDevice
    server.standardOutput = try FileHandle(forWritingTo: file)
    try server.run()
    for _ in 0..<200 where !FileManager.default.fileExists(atPath: place) { usleep(50_000) }
    let result = try body(place)
    if arguments.contains("--persistent") { server.terminate() }
    server.waitUntilExit()
    return (result, String(decoding: try Data(contentsOf: file), as: UTF8.self))
  }

  private func debug(_ place: String, before: [String] = [], _ commands: [String]) throws -> String {
    let words = (["set confirm off"] + before + ["target remote \(place)"] + commands).flatMap { ["-ex", $0] }
    return try FaultlineProcess(executable: debugger!, ["-nx", "-batch", program] + words).output
  }

  @Test func theChildOfAFork() throws {
    let (text, output) = try served([program, "children"]) { place in
      try debug(place, before: ["set follow-fork-mode child"], ["break child_work", "continue", "info inferiors", "continue"])
    }
    #expect(
      text.contains("Attaching after Thread 2.2 fork to child Thread 3.3") && text.contains("Detaching after fork from parent process 2"))
    #expect(text.contains("hit Breakpoint 1, child_work ()") && text.contains("(process 3) exited with code 03"))
    // The parent was let go and runs to its end.
    #expect(output.contains("child: status 0x300"))
  }

  /// The second debugger finds the program where the first one left it.
  @Test func persistentServersWaitForTheNextDebugger() throws {
    let texts = try served(["--persistent", program, "calls"]) { place in
      [try debug(place, ["break inner", "continue", "disconnect"]), try debug(place, ["backtrace"])]
    }.result
    #expect(texts[0].contains("number=20") && texts[1].contains("inner (number=20)"))
  }
}
