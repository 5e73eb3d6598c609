// Owns tests of the ways in which a program brings the kernel model to a panic: the run ends, with the reason that a real kernel prints.
// It does not know how a command says so. The reasons were recorded by firmware/oracle/panics.sh.
import Debugging
import Laboratory
import LinuxMM
import TestSupport
import Testing

@Suite struct PanicTests {
  static let ways = ["out-of-memory", "out-of-memory-for-sure", "all-protected", "no-recovery", "zero-page"]

  @Test(arguments: ways, KernelProfile.all) func panicsAsOnLinux(_ way: String, _ profile: KernelProfile) throws {
    let golden = try fixture("oracle/\(profile.name)/panics.tsv").split(separator: "\n").map { $0.split(separator: "\t") }
    let reason = try #require(golden.first { $0[0] == way }?[1])
    var configuration = SessionConfiguration()
    configuration.kernel = profile
    configuration.memorySize = 32 << 20
    let run = try Run("tests/panic", [way], configuration)
    if reason == "none" {
      #expect(run.stop == .exited(way == "zero-page" ? 1 : 0))
      return
    }
    guard case .panicked(let ours) = run.stop else {
      Issue.record("\(run.stop)")
      return
    }
    #expect(ours.replacing(/(page |failure: 0x)[0-9a-f]+/) { "\($0.output.1)X" } == reason)
    #expect(run.output.isEmpty)
    // It is over, and stays so.
    #expect(run.session.run() == run.stop)
  }
}
