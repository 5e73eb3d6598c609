// Owns tests of the benchmarks' counts and forms: each row measures what its name says. No time is tested.
// It does not know how fast anything is.
import ELFFormat
import Foundation
import Laboratory
import TestSupport
import Testing

@testable import FaultlineCommands

@Suite struct BenchTests {
  /// The words in the command are those that the toolchain assembles from the commented source.
  @Test func builtinWordsAreTheSource() throws {
    let bytes = try firmware("bench/cpu")
    let file = try ELFFile(bytes)
    #expect(BuiltinPrograms.all.count == 12)
    let symbols = SymbolTable(bytes)
    for (label, words) in BuiltinPrograms.all {
      let address = try #require(symbols.address(of: label), "\(label)")
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
    #expect(report.benchmarks.allSatisfy { $0.nanoseconds > 0 && $0.unit == "call" })
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
    #expect(report.schema == "faultline.bench/2" && report.rounds == 3)
    // A page takes one fault, but two for an atomic or LL/SC for which the policy does not force a write fault.
    let twice: Set = [
      "ldadd/base/linux-6.12/stock", "cas/base/linux-6.12/stock", "llsc/base/linux-6.12/stock",
      "cas/base/linux-6.12/force-write-v1", "llsc/base/linux-6.12/force-write-v1", "llsc/base/linux-6.12/force-write-v5",
    ]
    let entries = report.benchmarks.filter { $0.name.hasPrefix("pretouch/") }
    #expect(entries.count == 16)
    let populated = try #require(entries.first { $0.name == "pretouch/populate-write/base/linux-6.12/any" })
    #expect(populated.faults == 256 && populated.aborts == 0 && populated.instructions == 1)
    #expect(populated.ratioTo == "pretouch/ldadd/base/linux-6.12/stock")
    for entry in entries where entry.name != populated.name {
      let name = String(entry.name.dropFirst("pretouch/".count))
      #expect(entry.pages == 256, "\(name)")
      #expect(entry.faults == (twice.contains(name) ? 512 : 256) && entry.aborts == entry.faults, "\(name)")
      #expect(entry.instructions == (name.hasPrefix("llsc") ? 2304 : 1024), "\(name)")
      #expect(entry.unit == "page" && entry.nanoseconds > 0 && entry.ratio > 0, "\(name)")
      #expect(entry.ratioTo == "pretouch/" + name.split(separator: "/").dropLast().joined(separator: "/") + "/stock")
      if name.hasSuffix("/stock") { #expect(entry.ratio == 1 && entry.ratioSpread == 0, "\(name)") }
    }
  }

  /// `--json -` is a document on stdout and nothing else, and no file of that name.
  @Test func jsonToStdout() throws {
    let run = try FaultlineProcess("bench", "decode", "--words", "1000", "--rounds", "1", "--json", "-")
    #expect(run.status == 0)
    let report = try JSONDecoder().decode(BenchReport.self, from: Data(run.output.utf8))
    #expect(report.benchmarks.map(\.name) == ["decode/every-form", "decode/every-word"])
    #expect(run.errors.hasPrefix("decode"))
    #expect(!FileManager.default.fileExists(atPath: packageFolder.appending(path: "-").path))
  }

  /// A row is timed where its span says: the part before only sets up, and the span has the faults and units by which its time is
  /// divided.
  @Test func spansAreWhatTheySay() throws {
    var base = SessionConfiguration()
    base.memorySize = 256 << 20
    for row in BenchRow.faults(base) {
      let counts = try BenchRunner.measure(row).counts
      #expect(counts.faults == (row.name == "fault/signal" ? 0 : row.span.units), "\(row.name)")
      #expect(counts.instructions == UInt64(row.span.instructions.count))
    }
    for row in BenchRow.faults(base) + BenchRow.loops(base) + BenchRow.pretouch(base, bytes: 4 << 20, hugePages: true) {
      #expect(row.long.instructions.lowerBound == row.span.instructions.lowerBound && row.long.units >= row.span.units, "\(row.name)")
      let run = try GuestRun(row.program, row.configuration, registers: row.registers)
      #expect(run.session.run(until: row.span.instructions.lowerBound) == .instructionLimit)
      let start = run.session.processor.pc
      let faults = run.faults
      _ = run.session.run(until: row.span.instructions.upperBound)
      // The spans of loops are whole rounds of them; a touch ends behind its loop.
      if row.unit == "miss" || row.name == "fault/signal" { #expect(run.session.processor.pc == start, "\(row.name)") }
      if row.unit == "miss" { #expect(run.faults == faults) }
      // A file that sets its registers itself runs the same program behind its prologue.
      let image = GuestRun.image(BuiltinPrograms.words(row.program), registers: row.registers)
      let session = try Session(row.configuration, host: MemoryIO())
      try session.load(bytes: image.bytes, path: "image")
      #expect(session.run(until: row.span.instructions.lowerBound + image.prologue) == .instructionLimit)
      #expect(session.processor.pc == start + 4 * image.prologue, "\(row.name)")
      for (number, value) in row.registers where number != 20 { #expect(session.processor[x: number] == value, "\(row.name) x\(number)") }
    }
  }

  // A debug build would take minutes.
  #if !DEBUG
    /// A binary compared with itself has a ratio. People must judge whether it is near 1.
    @Test func againstItself() throws {
      let file = FileManager.default.temporaryDirectory.appending(path: "bench-\(UUID().uuidString).json")
      defer { try? FileManager.default.removeItem(at: file) }
      let run = try FaultlineProcess(
        "bench", "fault", "--memory", "256M", "--rounds", "1", "--against", FaultlineProcess.path, "--json", file.path)
      #expect(run.status == 0, "\(run.errors)")
      let report = try JSONDecoder().decode(BenchReport.self, from: Data(contentsOf: file))
      #expect(report.against == FaultlineProcess.path && report.benchmarks.count == 4)
      for entry in report.benchmarks {
        #expect(entry.nanoseconds > 0 && (entry.otherNanoseconds ?? 0) > 0 && entry.ratio > 0 && entry.ratioTo == nil, "\(entry.name)")
      }
    }
  #endif

  @Test func medianAndSpreadOfSamples() {
    #expect(Summary([3]) == Summary([3, 3, 3]))
    #expect(Summary([5, 1, 3]).median == 3)
    #expect(Summary([1, 2, 3, 4]).median == 2.5)
    // Quartiles 2 and 4 of 1 to 5: half their distance is 1, a third of the median.
    #expect(Summary([1, 2, 3, 4, 5]).spread == 1.0 / 3)
    #expect(Summary([7, 7, 7, 1000, 7]).spread == 0)
    let rows = BenchRow.loops(SessionConfiguration())
    var order: [String] = []
    let results = BenchRounds.run(rows, rounds: 2) { row in
      order.append(row.name)
      return row.name == "cpu/alu" ? Double(order.count) : 12
    }
    #expect(order == rows.map(\.name) + rows.map(\.name))
    // 1 and 6 for the base row, 12 and 12 for the others: ratios 12 and 2, not 12 to the median of the base.
    #expect(results.map(\.ratio.median) == [1, 7, 7, 7, 7])
  }
}
