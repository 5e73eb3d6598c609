// Owns the comparison of random walks over memory with real kernels, by the checksums of what each printed there.
// It does not know how they were recorded: firmware/oracle/walks.sh does, which also shows the rows that differ.
import Laboratory
import LinuxKernel
import LinuxMM
import TestSupport
import Testing

@Suite struct WalkChecksumTests {
  struct Walk: CustomTestStringConvertible {
    let kernel: String
    let seed: String
    let grain: String
    let checksum: UInt32
    let size: Int
    var testDescription: String { "\(kernel) \(seed) \(grain)" }
  }

  static func walks() throws -> [Walk] {
    try fixture("oracle/walks.tsv").split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
      let columns = line.split(separator: "\t").map(String.init)
      return Walk(
        kernel: columns[0], seed: columns[1], grain: columns[2], checksum: try #require(UInt32(columns[3])),
        size: try #require(Int(columns[4])))
    }
  }

  /// Of the first 100 seeds, 32 walks once differed: mremap of locked memory that leaves the old mapping (6.12), huge pages shared by a
  /// parent and its child under MADV_FREE and MADV_PAGEOUT, huge pages paged out, clean pages of memory files paged out, fallocate of
  /// pages that are there, writes whose buffer is a mapping of the written file, reads under MADV_HUGEPAGE, and huge folios of memory files
  /// (7.3). Of the first 200, eight counted pages of locked memory as referenced that were not, or the other way (6.12).
  @Test func walksPrintWhatTheKernelPrinted() async throws {
    let walks = try Self.walks()
    #expect(walks.count >= 150)
    let different = try await withThrowingTaskGroup(of: String?.self) { group in
      for walk in walks { group.addTask { try Self.isEqual(walk) ? nil : walk.testDescription } }
      return try await group.reduce(into: [String]()) { if let name = $1 { $0.append(name) } }
    }
    #expect(different.sorted() == [])
  }

  private static func isEqual(_ walk: Walk) throws -> Bool {
    var configuration = SessionConfiguration()
    configuration.kernel = try #require(KernelProfile.named(walk.kernel))
    configuration.policy = .stock
    let run = try Run("oracle/mixed_walk", [walk.seed, walk.grain], configuration)
    let output = Array(run.output.utf8)
    return run.stop == .exited(0) && output.count == walk.size && POSIXChecksum.of(output) == walk.checksum
  }
}
