// Owns the check that `faultline vectors` records the fixtures of instruction vectors, and the choice of their words.
// It does not know what the instructions compute.
import Decoding
import Foundation
import TestSupport
import Testing

@testable import Differential

struct VectorTests {
  static let canRecord = DifferentialTests.qemu != nil && DifferentialTests.llvm != nil

  /// Recording again with the fixtures' seed gives the words, operands and results of the fixtures. The text is not compared,
  /// because it depends on the version of LLVM.
  @Test(.enabled(if: canRecord, "needs qemu-aarch64 and llvm-objdump"), arguments: ["simd/across_lanes.tsv", "simd/structures.tsv"])
  func fixturesAreWhatIsRecorded(name: String) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "faultline-vectors-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder.appending(path: "simd"), withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let judge = Emulation(name: "qemu", command: [try #require(DifferentialTests.qemu), "-cpu", "max"])
    let run = VectorRun(seed: 1, under: judge, named: "qemu", try #require(DifferentialTests.llvm))
    try run.write([name], to: folder, folder: folder) { _, _ in }
    let recorded = try Self.rows(String(contentsOf: folder.appending(path: name), encoding: .utf8))
    let committed = try Self.rows(fixture(name))
    #expect(recorded.count > 30 && recorded == committed)
  }

  /// The columns of each row but the text.
  private static func rows(_ text: String) -> [[Substring]] {
    text.split(separator: "\n").dropFirst().map { line in
      line.split(separator: "\t").enumerated().filter { $0.offset != 1 }.map(\.element)
    }
  }

  @Test func theLowBitsOfANumberGoToThePlaces() {
    #expect(VectorWords.spread(0b101, over: 0b1001_0010) == 0b1000_0010)
    #expect(VectorWords.spread(.max, over: 0x8000_0001) == 0x8000_0001)
  }

  /// The table of files names each fixture exactly once.
  @Test func filesAreFixtures() throws {
    for name in VectorRun.files { #expect(try fixture(name).count > 100, "\(name)") }
    #expect(Set(VectorRun.files).count == VectorRun.files.count)
  }

  @Test func lanesComeFromTheText() {
    #expect(LaneSizes.of("fcvtl v24.4s, v1.4h") == [32, 16])
    #expect(LaneSizes.of("sqdmull d0, s1, v2.s[3]") == [64, 32, 32])
    #expect(LaneSizes.of("tbl v0.8b, { v31.16b, v0.16b }, v2.8b") == [8, 8, 8, 8])
    #expect(LaneSizes.of("shl v0.2s, v1.2s, #8") == [32, 32])
  }
}
