// Owns the benchmarks' counts and forms: what they measure must be what they say. No time is tested.
// It does not know how fast anything is.
import ELFFormat
import Foundation
import TestSupport
import Testing

@testable import FaultlineCommands

@Suite struct BenchTests {
  /// The words in the command are those of the commented source, as the toolchain assembles it.
  @Test func builtinWordsAreTheSource() throws {
    let bytes = try firmware("bench/cpu")
    let file = try ELFFile(bytes)
    #expect(BuiltinPrograms.all.count == 11)
    for (label, words) in BuiltinPrograms.all {
      let address = try #require(file.symbols.address(of: label), "\(label)")
      let segment = try #require(file.segments.first { $0.address <= address && address < $0.end })
      let offset = Int(segment.offset + (address - segment.address))
      let source = stride(from: offset, to: offset + 4 * words.count, by: 4).map { at in
        (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[at + $1]) << UInt32(8 * $1) }
      }
      #expect(words == source, "\(label)")
    }
  }

  /// Every row of `bench costs` is one of the guest program's, and has a time at each of its sizes.
  @Test func costsHaveATimeForEachSize() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "bench-\(UUID().uuidString).json")
    defer { try? FileManager.default.removeItem(at: file) }
    let run = try FaultlineProcess(
      "bench", "costs", "--row", "mprotect", "--program", firmwarePath("bench/costs"), "--json", file.path)
    #expect(run.status == 0, "\(run.errors)")
    let report = try JSONDecoder().decode(BenchReport.self, from: Data(contentsOf: file))
    #expect(report.benchmarks.map(\.name) == ["costs/mprotect/60", "costs/mprotect/2000", "costs/mprotect/60000"])
    #expect(report.benchmarks.allSatisfy { $0.nanosecondsPerCall! > 0 })
    let program = String(decoding: try firmware("bench/costs"), as: UTF8.self)
    for row in CostsMeasurement.rows { #expect(program.contains(row.name + "\0"), "\(row.name)") }
  }

  @Test func pretouchReportsTheHeadline() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "bench-\(UUID().uuidString).json")
    defer { try? FileManager.default.removeItem(at: file) }
    let run = try FaultlineProcess(
      "bench", "pretouch", "--kernel", "linux-6.12", "--mebibytes", "1", "--rounds", "3", "--memory", "64M", "--json", file.path)
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.contains("ldadd: 2.00 faults a page under stock, 1.00 with force-write-v5"))
    let report = try JSONDecoder().decode(BenchReport.self, from: Data(contentsOf: file))
    #expect(report.schema == "faultline.bench/1")
    // One fault a page, but two for an atomic or LL/SC that the policy does not make a write fault.
    let twice: Set = [
      "ldadd/base/linux-6.12/stock", "cas/base/linux-6.12/stock", "llsc/base/linux-6.12/stock",
      "cas/base/linux-6.12/force-write-v1", "llsc/base/linux-6.12/force-write-v1", "llsc/base/linux-6.12/force-write-v5",
    ]
    let entries = report.benchmarks.filter { $0.name.hasPrefix("pretouch/") }
    #expect(entries.count == 15)
    for entry in entries {
      let name = String(entry.name.dropFirst("pretouch/".count))
      #expect(entry.pages == 256, "\(name)")
      #expect(entry.faults == (twice.contains(name) ? 512 : 256), "\(name)")
      #expect(entry.instructions != nil && entry.nanosecondsPerPage != nil, "\(name)")
    }
  }
}
