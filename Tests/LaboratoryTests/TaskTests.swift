// Owns tests of programs with more than one task: they print what real kernels print, and every run is the same.
// It does not know how a task is switched. The outputs were recorded on Debian's 6.12 and 7.3.
import Architecture
import Laboratory
import LinuxKernel
import LinuxMM
import TestSupport
import Testing

@Suite struct TaskTests {
  static let programs = ["processes", "threads", "reaping", "limits", "priorities"]

  @Test(arguments: programs, KernelProfile.all) func asOnLinux(_ program: String, _ profile: KernelProfile) throws {
    var configuration = SessionConfiguration()
    configuration.kernel = profile
    let run = try Run("tests/\(program)", [], configuration)
    #expect(run.stop == .exited(0))
    #expect(run.output == (try fixture("tests/\(program).txt")))
  }

  /// execve finds the program's own file only if the session knows its path.
  @Test func executingPrintsWhatRealKernelsPrint() throws {
    let host = MemoryIO()
    let session = try Session(SessionConfiguration(), host: host)
    try session.load(path: firmwarePath("tests/executing"))
    #expect(session.run(until: 2_000_000_000) == .exited(0))
    #expect(host.outputText == (try fixture("tests/executing.txt")))
  }

  /// What /proc/sys and /proc/PID say and change. The program executes itself too.
  @Test(arguments: KernelProfile.all) func settingsPrintWhatRealKernelsPrint(_ profile: KernelProfile) throws {
    let host = MemoryIO()
    var configuration = SessionConfiguration()
    configuration.kernel = profile
    let session = try Session(configuration, host: host)
    try session.load(path: firmwarePath("tests/settings"))
    #expect(session.run(until: 2_000_000_000) == .exited(0))
    #expect(host.outputText == (try fixture("tests/settings.txt")))
  }

  @Test(arguments: KernelProfile.all) func branchTargetsAsOnLinux(_ profile: KernelProfile) throws {
    var configuration = SessionConfiguration()
    configuration.kernel = profile
    let run = try Run("tests/branch_targets", [], configuration)
    #expect(run.stop == .exited(0))
    #expect(run.output == (try fixture("tests/branch_targets.txt")))
  }

  /// The guard of a page that is present follows mprotect. Arm ARM D8.4.5; Linux: PTE_GP in pte_modify().
  @Test func aGuardFollowsProtection() throws {
    let run = try Run("tests/branch_targets", ["protection"])
    #expect(run.output == "  signals: 0\n  signals: 1\n  signals: 0\n  signals: 1\n  child: status 0x100\n")
  }

  /// Turns end by the count of instructions, so a run depends neither on the host nor on the points at which it is observed.
  @Test(arguments: programs) func runsAreTheSame(_ program: String) throws {
    let whole = try DeterminismTests.Summary("tests/\(program)")
    #expect(try DeterminismTests.Summary("tests/\(program)") == whole)
    var random = SeededRandom(seed: 5)
    let host = MemoryIO()
    let session = try Session(SessionConfiguration(), host: host)
    try session.load(bytes: try firmware("tests/\(program)"), path: "tests/\(program)")
    while session.outcome == nil { _ = session.run(until: session.processor.instructionsRetired + 1 + random.next() % 100_000) }
    #expect(host.outputText == whole.output)
    #expect(session.processor.instructionsRetired == whole.instructions)
  }

  @Test func twoSpinningTasksTakeTurns() throws {
    let first = try Run("tests/turns")
    #expect(first.stop == .exited(0))
    // The program prints a character for every 100,000 rounds of a task, so the output shows turns of 3,000,000 instructions.
    #expect(first.output == (try Run("tests/turns")).output)
    let marks = first.output.filter { $0 == "a" || $0 == "b" }
    #expect(marks.filter { $0 == "a" }.count == marks.filter { $0 == "b" }.count)
    #expect(marks.contains("ab") && marks.contains("ba"))
  }

  /// The program forks until that fails. It gets an error, and all memory is given back.
  @Test(arguments: [2, 16, 64] as [UInt64]) func aForkBombEnds(mebibytes: UInt64) throws {
    var configuration = SessionConfiguration()
    configuration.memorySize = mebibytes << 20
    let run = try Run("tests/bomb", [], configuration)
    #expect(run.stop == .exited(0))
    let lines = run.output.split(separator: "\n")
    try #require(lines.count == 2)
    // EAGAIN or ENOMEM comes after the same number of children, twice.
    #expect(lines[0] == lines[1])
    #expect(lines[0].hasSuffix("-11") || lines[0].hasSuffix("-12"))
  }

  /// The process with the most memory is killed, not the one that asks for the last page; the parent survives and reports it.
  @Test func outOfMemoryTakesTheLargest() throws {
    var configuration = SessionConfiguration()
    configuration.memorySize = 32 << 20
    let run = try Run("tests/hog", [], configuration)
    #expect(run.stop == .exited(0))
    #expect(run.output == "child that takes all: status 0x9\nparent beside it: status 0x9\nmemory is there again: 0\n")
  }

  @Test func forksLeaveNothingBehind() throws {
    var configuration = SessionConfiguration()
    configuration.memorySize = 8 << 20
    let run = try Run("tests/forks", [], configuration)
    #expect(run.stop == .exited(0))
    #expect(run.output == "ids came round 2 times\n")
    let kernel = run.session.kernel
    #expect(kernel.state.tasks.count <= 2 && kernel.state.tasks.processes.count <= 2)
    let statistics = kernel.mm.state.statistics
    #expect(statistics.pagesAllocated - statistics.pagesFreed < 100)
  }
}
