// Owns the comparison with real kernels: the bytes that the oracle programs printed on four of them.
// It does not know how they were recorded: firmware/oracle/record.sh does.
import Laboratory
import LinuxKernel
import LinuxMM
import TestSupport
import Testing

@Suite struct OracleTests {
  struct Kernel: CustomTestStringConvertible {
    let profile: KernelProfile
    let policy: AtomicFaultPolicy
    let folder: String
    var testDescription: String { folder }

    var configuration: SessionConfiguration {
      var configuration = SessionConfiguration()
      configuration.kernel = profile
      configuration.policy = policy
      return configuration
    }
  }

  static let kernels = [
    Kernel(profile: .linux6_12, policy: .stock, folder: "linux-6.12"),
    Kernel(profile: .linux6_12, policy: .forceWriteV1, folder: "linux-6.12+force-write-v1"),
    Kernel(profile: .linux6_12, policy: .forceWriteV5, folder: "linux-6.12+force-write-v5"),
    Kernel(profile: .linux7_2, policy: .stock, folder: "linux-7.2"),
  ]

  @Test(arguments: kernels) func esrMatrix(_ kernel: Kernel) throws {
    let run = try Run("oracle/esr_matrix", [], kernel.configuration)
    let golden = try fixture("oracle/\(kernel.folder)/esr_matrix.tsv")
    #expect(run.stop == .exited(0))
    #expect(differences(run.output, golden).isEmpty)
    #expect(run.output == golden)
  }

  /// Huge pages are not modelled yet, so only the rows of base pages can be compared.
  @Test(arguments: kernels) func pretouchOfBasePages(_ kernel: Kernel) throws {
    let run = try Run("oracle/pretouch", [], kernel.configuration)
    let golden = try fixture("oracle/\(kernel.folder)/pretouch.tsv")
    #expect(run.stop == .exited(0))
    #expect(baseRows(golden).count == 23)
    #expect(baseRows(run.output) == baseRows(golden))
  }

  /// Recorded on Debian's 6.12: where mmap puts what asks for no place.
  @Test func placement() throws {
    let run = try Run("tests/placement")
    #expect(run.output == (try fixture("tests/placement.txt")))
  }

  /// The golden files themselves must show what the project is about, or the comparison above shows nothing.
  @Test func goldenFilesDiffer() throws {
    let files = try Self.kernels.map { try fixture("oracle/\($0.folder)/pretouch.tsv") }
    #expect(baseRows(files[0]) != baseRows(files[2]))
    #expect(baseRows(files[1]) != baseRows(files[2]))
  }

  private func baseRows(_ text: String) -> [Substring] {
    text.split(separator: "\n").filter { $0.split(separator: "\t").contains("base") }
  }

  /// The first lines that differ, ours and the kernel's: a whole file in a failure is unreadable.
  private func differences(_ ours: String, _ golden: String) -> [String] {
    let (a, b) = (ours.split(separator: "\n"), golden.split(separator: "\n"))
    var lines = zip(a, b).filter { $0 != $1 }.map { "\($0) / \($1)" }
    if a.count != b.count { lines.append("\(a.count) lines / \(b.count) lines") }
    return Array(lines.prefix(5))
  }
}
