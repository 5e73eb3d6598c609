// Owns the expected reports of strict mode for firmware/el1/bbm.c: for each case the rules broken, the missing step, and the PEs
// whose entries were live, by the Arm ARM (D8.16.1). It does not know how violations are found; cases without a row must have none.
import Architecture
import Laboratory
import Machine
import TestSupport
import Testing

@Suite struct StrictImageTests {
  /// Cases that omit a step at any FEAT_BBM level, in the image's order.
  static let violations: [(name: String, rules: String, missing: String, processors: [Int])] = [
    ("output/no-break", "outputAddress", "break", [0, 1]),
    ("output/TLBI-only", "outputAddress", "break", [0, 1]),
    ("output/make-then-TLBI", "outputAddress", "break", [0, 1]),
    ("output/no-TLBI", "outputAddress", "invalidation", [0, 1]),
    ("output/no-first-DSB", "outputAddress", "visibility", [0, 1]),
    ("output/no-last-DSB", "outputAddress", "completion", [0, 1]),
    ("output/no-DSB", "outputAddress", "visibility", [0, 1]),
    ("output/first-DSB-for-loads", "outputAddress", "visibility", [0, 1]),
    ("output/DMB-first", "outputAddress", "visibility", [0, 1]),
    ("output/last-DSB-for-stores", "outputAddress", "completion", [0, 1]),
    ("output/DMB-last", "outputAddress", "completion", [0, 1]),
    // A DSB of PE 0's own domain covers its own entry, but not that of PE 1.
    ("output/first-DSB-local", "outputAddress", "visibility", [1]),
    ("output/last-DSB-local", "outputAddress", "completion", [1]),
    ("output/local-TLBI", "outputAddress", "invalidation", [1]),
    ("output/wrong-address", "outputAddress", "invalidation", [0, 1]),
    ("output/wrong-ASID", "outputAddress", "invalidation", [0, 1]),
    ("output/wrong-level", "outputAddress", "invalidation", [0, 1]),
    ("output/TLBI-too-early", "outputAddress", "visibility", [0, 1]),
    ("output/TLBI-before-break", "outputAddress", "invalidation", [0, 1]),
    ("memory-type/no-break", "memoryType", "break", [0, 1]),
    ("memory-type/no-TLBI", "memoryType", "invalidation", [0, 1]),
    ("memory-type/no-last-DSB", "memoryType", "completion", [0, 1]),
    ("cacheability/no-break", "cacheability", "break", [0, 1]),
    ("cacheability/no-TLBI", "cacheability", "invalidation", [0, 1]),
    ("cacheability/no-last-DSB", "cacheability", "completion", [0, 1]),
    ("global/no-break", "globality", "break", [0, 1]),
    ("global/no-TLBI", "globality", "invalidation", [0, 1]),
    ("global/no-last-DSB", "globality", "completion", [0, 1]),
    ("split-elsewhere/no-break", "outputAddress", "break", [0, 1]),
    ("split-elsewhere/no-TLBI", "outputAddress", "invalidation", [0, 1]),
    ("split-elsewhere/no-last-DSB", "outputAddress", "completion", [0, 1]),
    // If a table is removed, a TLBI for the last level is not enough.
    ("collapse-elsewhere/by-last-level", "outputAddress", "invalidation", [0, 1]),
    ("collapse-elsewhere/no-break", "outputAddress", "break", [0, 1]),
    ("collapse-elsewhere/no-TLBI", "outputAddress", "invalidation", [0, 1]),
    ("collapse-elsewhere/no-last-DSB", "outputAddress", "completion", [0, 1]),
    ("table-elsewhere/by-last-level", "outputAddress", "invalidation", [0, 1]),
    ("table-elsewhere/no-break", "outputAddress", "break", [0, 1]),
    ("table-elsewhere/no-TLBI", "outputAddress", "invalidation", [0, 1]),
    ("table-elsewhere/no-last-DSB", "outputAddress", "completion", [0, 1]),
    ("read-only-other/no-break", "outputAddress", "break", [0, 1]),
    ("read-only-other/no-TLBI", "outputAddress", "invalidation", [0, 1]),
    ("read-only-other/no-last-DSB", "outputAddress", "completion", [0, 1]),
  ]
  /// Further cases without FEAT_BBM. If a block changes its size and also its output address, this rule is added to the row above.
  static let withoutBBM: [(name: String, rules: String, missing: String)] = [
    ("contiguous/no-break", "contiguity", "break"),
    ("contiguous/no-TLBI", "contiguity", "invalidation"),
    ("contiguous/no-last-DSB", "contiguity", "completion"),
    ("split/no-break", "blockSize", "break"),
    ("split/no-TLBI", "blockSize", "invalidation"),
    ("split/no-last-DSB", "blockSize", "completion"),
    ("collapse/by-last-level", "blockSize", "invalidation"),
    ("collapse/no-break", "blockSize", "break"),
    ("collapse/no-TLBI", "blockSize", "invalidation"),
    ("collapse/no-last-DSB", "blockSize", "completion"),
  ]

  /// The image on a board, and where its output goes.
  private func board(_ level: ProcessorFeatures.BlockChange) throws -> (BoardSession, MemoryIO) {
    var configuration = BoardConfiguration()
    configuration.features.blockChange = level
    configuration.memorySize = 256 << 20
    configuration.processorCount = 2
    configuration.reportsBreakBeforeMake = true
    let host = MemoryIO()
    let session = try BoardSession(configuration, host: host)
    try session.load(bytes: try firmware("el1/bbm"), path: "bbm")
    return (session, host)
  }

  private func session(_ level: ProcessorFeatures.BlockChange) throws -> (BoardSession, names: [String]) {
    let (session, host) = try board(level)
    #expect(session.run(until: 100_000_000) == .exited(0))
    let rows = host.outputText.split(separator: "\n").dropFirst()
    return (session, rows.map { String($0.prefix { $0 != "\t" }) })
  }

  /// Case n changes the descriptor at 0x46000000 + n * 4096 (level 3) or 0x44001000 + n * 8 (level 2).
  private func text(_ violation: BreakBeforeMakeViolation, _ names: [String]) -> String {
    let index = violation.level == 3 ? (violation.descriptorAddress - 0x4600_0000) / 4096 : (violation.descriptorAddress - 0x4400_1000) / 8
    let va = 0x10_0000_0000 + index << 21
    let isAbout = violation.liveEntries.allSatisfy { $0.entry.va == va && $0.entry.asid == 5 && !$0.entry.isGlobal }
    return "\(names[Int(index)]) \(violation.rules.map { "\($0)" }.joined(separator: "+")) \(violation.missing) "
      + "\(violation.liveEntries.map(\.processor))\(isAbout ? "" : " of something else")"
  }

  @Test func breakBeforeMakeSequences() throws {
    let (session, names) = try session(.level2)
    #expect(names.count == 116)
    #expect(
      session.machine.breakBeforeMakeViolations.map { text($0, names) }
        == Self.violations.map { "\($0.name) \($0.rules) \($0.missing) \($0.processors)" })
  }

  @Test func withoutBreakBeforeMakeSupport() throws {
    let (session, names) = try session(.level0)
    let joined = Self.violations.map { row in
      let resizes = row.name.hasPrefix("split-") || row.name.hasPrefix("collapse-")
      return "\(row.name) \(row.rules)\(resizes ? "+blockSize" : "") \(row.missing) \(row.processors)"
    }
    let expected = joined + Self.withoutBBM.map { "\($0.name) \($0.rules) \($0.missing) [0, 1]" }
    #expect(session.machine.breakBeforeMakeViolations.map { text($0, names) }.sorted() == expected.sorted())
  }

  /// A snapshot in the middle of a strict run keeps what is known of live entries: the rest of the run finds the same again.
  @Test(arguments: [10_000, 30_000, 60_000] as [UInt64]) func aRerunFindsTheSame(cut: UInt64) throws {
    let (session, _) = try board(.level2)
    #expect(session.run(until: cut) == .instructionLimit)
    let snapshot = session.snapshot()
    var found: [[String]] = []
    for _ in 0..<2 {
      #expect(session.run(until: 100_000_000) == .exited(0))
      found.append(session.machine.breakBeforeMakeViolations.map { "\($0)" })
      session.restore(snapshot)
    }
    #expect(found[0] == found[1] && found[0].count == Self.violations.count)
  }
}
