// Owns the results of benchmarks in their documented JSON form, and the tables that people read.
// It does not measure.
import Foundation
import Laboratory

/// `faultline.bench/1`: what `--json` writes. Counts are of one warm round where a benchmark has rounds.
struct BenchReport: Codable, Sendable {
  var schema = "faultline.bench/1"
  var benchmarks: [Entry] = []

  struct Entry: Codable, Sendable {
    /// As in `pretouch/ldadd/base/linux-7.2/stock`.
    var name: String
    /// Pages touched, faults taken and instructions retired, where the benchmark has them.
    var pages: UInt64?
    var faults: UInt64?
    var instructions: UInt64?
    /// Host nanoseconds: a page touched over frames of an earlier round, and in the first round.
    var nanosecondsPerPage: Double?
    var coldNanosecondsPerPage: Double?
    var nanosecondsPerFault: Double?
    /// Host nanoseconds of CPU time for a system call.
    var nanosecondsPerCall: Double?
    /// Millions of instructions a host second.
    var millionInstructionsPerSecond: Double?
  }

  /// Writes the report to a file. Throws one clear line.
  func write(to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let data = try encoder.encode(self)
    do { try data.write(to: URL(fileURLWithPath: path)) } catch {
      throw UsageError("cannot write \(path): \(error.localizedDescription)")
    }
  }
}

/// A table with aligned columns: the first to the left, the rest to the right.
struct TextTable {
  private var rows: [[String]]
  init(_ header: [String]) { rows = [header] }
  mutating func add(_ row: [String]) { rows.append(row) }

  var text: String {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max()! }
    return rows.map { row in
      row.enumerated().map { column, cell in
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        return column == 0 ? cell + padding : padding + cell
      }.joined(separator: "  ") + "\n"
    }.joined()
  }
}

/// A number with so many digits behind the point.
func decimal(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }
