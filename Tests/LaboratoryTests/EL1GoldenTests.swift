// Owns the comparison of the bare-metal images with their golden rows: QEMU's, corrected where QEMU departs from the Arm ARM.
// It does not know how they were recorded, nor what the corrections are: firmware/el1/differential.sh does.
import Architecture
import Laboratory
import TestSupport
import Testing

@Suite struct EL1GoldenTests {
  /// The images, with the number of processors that each needs and the least number of rows that it prints.
  static let images = [
    ("access_matrix", 1, 10_000), ("granules", 1, 6_600), ("level_minus_one", 1, 80), ("tlbi", 1, 2_200), ("exceptions", 1, 800),
    ("psci", 4, 25), ("timer", 1, 50), ("bbm", 2, 110), ("pauth", 1, 3_600),
  ]

  private func rows(_ text: String) -> [Substring] { text.split(separator: "\n") }
  private func name(_ row: Substring) -> Substring { row.prefix { $0 != "\t" } }

  /// The output of an image on a processor like QEMU's max.
  private func printed(
    _ image: String, processors: Int = 1, pauth: ProcessorFeatures.PointerAuthentication = .basic
  ) throws -> [Substring] {
    var configuration = BoardConfiguration()
    configuration.features.pauth = pauth
    configuration.memorySize = 256 << 20
    configuration.processorCount = processors
    let host = MemoryIO()
    let session = try BoardSession(configuration, host: host)
    try session.load(bytes: try firmware("el1/\(image)"), path: image)
    #expect(session.run(until: 2_000_000_000) == .exited(0))
    return rows(host.outputText)
  }

  @Test(arguments: images) func imageMatchesItsGoldenRows(image: String, processors: Int, atLeast: Int) throws {
    let golden = rows(try fixture("el1/\(image).tsv"))
    let printed = try printed(image, processors: processors)
    #expect(golden.count > atLeast)
    #expect(printed.map(name) == golden.map(name), "the cases and their order")
    var byName: [Substring: Substring] = [:]
    for row in golden { byName[name(row)] = row }
    let differing = printed.filter { byName[name($0)] != $0 }
    #expect(differing.isEmpty, "\(differing.prefix(10).map { "\($0) | golden: \(byName[name($0)] ?? "none")" }.joined(separator: "\n"))")
  }

  /// Every encoding of MRS, MSR, SYS and SYSL at EL1: those that are not plainly UNDEFINED, and the number of those that are. "*" stands
  /// for what no QEMU confirms, as the values of ID registers; sweep-reasons.tsv says why for each.
  @Test func everySystemRegisterEncodingIsAsTheIDRegistersSay() throws {
    let golden = rows(try fixture("el1/sweep.tsv"))
    let printed = try printed("sweep")
    #expect(golden.count > 550)
    #expect(printed.map(name) == golden.map(name), "the cases and their order")
    let differing = zip(printed, golden).filter { ours, row in
      zip(ours.split(separator: "\t"), row.split(separator: "\t")).contains { $0 != $1 && $1 != "*" }
    }
    #expect(differing.isEmpty, "\(differing.prefix(10))")
    #expect(golden.last == "undefined\t-\t-\t\(115_712 - golden.count { !$0.hasPrefix("changed/") } + 2)")
  }

  /// FEAT_FPACCOMBINE: the rows that QEMU 10 prints before a branch that authenticates ends it.
  @Test func failingAuthenticationsMatchQEMU10() throws {
    let golden = rows(try fixture("el1/pauth_fpaccombine.tsv"))
    #expect(golden.count == 1407)
    let printed = try printed("pauth", pauth: .fpacCombine).prefix(golden.count)
    let differing = zip(golden, printed).filter { $0 != $1 }
    #expect(printed.count == golden.count && differing.isEmpty, "\(differing.prefix(10))")
  }
}
