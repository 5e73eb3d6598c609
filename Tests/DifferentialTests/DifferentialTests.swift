// Owns short runs of the two comparisons with independent judges, on machines that have these.
// It does not know any known difference: no difference is allowed.
import Architecture
import Foundation
import TestSupport
import Testing

@testable import Differential

struct DifferentialTests {
  static let qemu = ["/usr/bin/qemu-aarch64", "/usr/local/bin/qemu-aarch64"].first(where: FileManager.default.isExecutableFile)
  static let llvm = LLVMDisassembler()

  @Test(.enabled(if: qemu != nil, "needs qemu-aarch64"))
  func sameAsQEMU() throws {
    let emulator = try BuiltEmulator()
    var configuration = DifferentialConfiguration(
      ours: BuiltEmulator.emulation(cpu: "max,+dit,+ssbs"),
      theirs: Emulation(name: "qemu", command: [try #require(Self.qemu), "-cpu", "max"]), folder: emulator.folder)
    configuration.count = 20_000
    let result = try DifferentialRun(configuration).run()
    let report = DifferentialReport(result, ours: "faultline", theirs: "qemu") { $0.map { bareHexadecimal($0, digits: 8) } }
    #expect(result.mismatches == 0, "\(report.examples)")
    #expect(result.tried >= 20_000 * 9 / 10)
  }

  /// What QEMU 7.2 made of one program; `faultline differential --seed 1 --record FILE` writes the file.
  @Test func sameAsRecorded() throws {
    let recorded = try #require(RecordedRun(try fixture("differential/qemu.txt")))
    let emulator = try BuiltEmulator()
    defer { emulator.remove() }
    let run = try RecordedRun(seed: recorded.seed, under: BuiltEmulator.emulation(cpu: "max,+dit,+ssbs"), folder: emulator.folder)
    #expect(run.program == recorded.program, "the generator has changed: record again")
    let stretches = RecordedRun.stretches(seed: recorded.seed)
    #expect(run.results.count == stretches.count && recorded.results.count == stretches.count)
    for (index, stretch) in stretches.enumerated() where run.results[index] != recorded.results[index] {
      Issue.record("stretch \(index): \(stretch.words.map { bareHexadecimal($0, digits: 8) }.joined(separator: " "))")
    }
  }

  /// A part of what `make decode-coverage` compares.
  @Test func formsAnswerForWords() throws {
    let result = try FormCoverage().run(seed: 2, count: 1 << 18)
    #expect(result.mismatches == 0, "\(result.examples.map { bareHexadecimal($0, digits: 8) })")
    #expect(result.withoutForm == 0)
    #expect(result.encoded > 1 << 16 && result.forms > 1000)
  }

  @Test(.enabled(if: llvm != nil, "needs llvm-objdump"))
  func decodesAsLLVM() throws {
    let result = try DecodeCoverage(try #require(Self.llvm)).run(seed: 1, count: 1 << 15)
    #expect(result.unexplained == 0, "\(result.examples.map(\.0.description).joined(separator: "\n"))")
    #expect(result.same > 1 << 13)
  }
}
