// Owns the comparison with real kernels: the bytes that the oracle programs printed on each of them.
// It does not know how they were recorded: firmware/oracle/record.sh does.
import Architecture
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
    var processor = "max"
    var testDescription: String { folder }

    var configuration: SessionConfiguration {
      var configuration = SessionConfiguration()
      configuration.kernel = profile
      configuration.policy = policy
      configuration.features = ProcessorFeatures.presets.first { $0.name == processor }!.features
      return configuration
    }
  }

  static let kernels = [
    Kernel(profile: .linux6_12, policy: .stock, folder: "linux-6.12"),
    Kernel(profile: .linux6_12, policy: .forceWriteV1, folder: "linux-6.12+force-write-v1"),
    Kernel(profile: .linux6_12, policy: .forceWriteV5, folder: "linux-6.12+force-write-v5"),
    Kernel(profile: .linux7_2, policy: .stock, folder: "linux-7.2"),
    Kernel(profile: .linux7_3, policy: .stock, folder: "linux-7.3"),
  ]

  /// A program that was recorded on some kernels.
  struct Program: CustomTestStringConvertible {
    let name: String
    /// The kernels on which it was recorded. Those with the force-write change are included if the program tries atomics.
    let kernels: [Kernel]
    var testDescription: String { name }

    init(_ name: String, on kernels: [Kernel] = released) {
      (self.name, self.kernels) = (name, kernels)
    }
  }

  /// Debian's own kernels.
  static let released = kernels.filter { $0.policy == .stock }

  /// The kernels on a processor that updates neither access flag nor dirty state.
  static let withoutHardwareUpdates = [
    Kernel(profile: .linux6_12, policy: .stock, folder: "linux-6.12+cortex-a53", processor: "cortex-a53"),
    Kernel(profile: .linux7_2, policy: .stock, folder: "linux-7.2+cortex-a53", processor: "cortex-a53"),
    Kernel(profile: .linux7_3, policy: .stock, folder: "linux-7.3+cortex-a53", processor: "cortex-a53"),
  ]

  /// The programs, one on each line.
  static let programs: [Program] = [
    Program("esr_matrix", on: kernels),
    Program("pretouch", on: kernels),
    Program("young_dirty", on: released + withoutHardwareUpdates),
    Program("esr_matrix_mutant", on: kernels),
    Program("pretouch_mutant", on: kernels),
    Program("fork_cow", on: kernels),
    Program("fork_kinds", on: kernels),
    Program("shared", on: kernels),
    Program("file", on: kernels),
    Program("accounting", on: kernels),
    Program("mremap"),
    Program("advise"),
    Program("guard"),
    Program("mlock"),
    Program("protect"),
    Program("stack"),
    Program("thp", on: kernels),
    Program("thp_shared"),
    Program("thp_walk", on: kernels),
    Program("thp_settings"),
    Program("hugetlb", on: kernels),
    Program("proc"),
    Program("releases"),
    Program("vdso"),
    Program("grow"),
    Program("rights"),
    Program("calls"),
    Program("poison"),
    Program("collapse"),
    Program("futex_pi"),
    Program("mounts"),
    Program("hugetlbfs"),
    Program("propagation"),
    Program("system"),
    Program("core"),
    Program("walk", on: kernels),
    Program("mixed_walk", on: kernels),
    Program("short_walks"),
    Program("batches"),
  ]

  @Test(arguments: programs.flatMap { program in program.kernels.map { (program, $0) } })
  func printsWhatTheKernelPrinted(_ program: Program, _ kernel: Kernel) throws {
    // The programs run from the path at which they were recorded, because some write files into their own directory.
    let run = try Run("oracle/\(program.name)", [], kernel.configuration, link: "/t/\(program.name)")
    let golden = rows(try fixture("oracle/\(kernel.folder)/\(program.name).tsv"))
    #expect(run.stop == .exited(0))
    #expect(golden.count > 20)
    #expect(differences(rows(run.output), golden).isEmpty)
  }

  /// Recorded on Debian's 6.12 and 7.3: the addresses that mmap chooses when the program names none.
  @Test func placementIsThatOfRealKernels() throws {
    let run = try Run("tests/placement")
    #expect(run.output == (try fixture("tests/placement.txt")))
  }

  /// The golden files must differ between policies, which is the subject of this project; otherwise the comparison above would show
  /// nothing.
  @Test func goldenFilesDiffer() throws {
    for kind in ["base\t", "thp\t"] {
      let files = try Self.kernels.map { rows(try fixture("oracle/\($0.folder)/pretouch.tsv")).filter { $0.hasPrefix(kind) } }
      #expect(files.allSatisfy { $0.count == 23 })
      #expect(files[0] != files[2])
      #expect(files[1] != files[2])
    }
  }

  private func rows(_ text: String) -> [Substring] { text.split(separator: "\n") }

  /// The first lines that differ, ours and the kernel's. A whole file in a failure would be unreadable.
  private func differences(_ ours: [Substring], _ golden: [Substring]) -> [String] {
    var lines = zip(ours, golden).filter { $0 != $1 }.map { "\($0) / \($1)" }
    if ours.count != golden.count { lines.append("\(ours.count) lines / \(golden.count) lines") }
    return Array(lines.prefix(5))
  }
}
