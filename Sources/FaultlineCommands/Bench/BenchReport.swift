// Owns the results of benchmarks in their documented JSON form, and the tables that people read.
// It does not measure.
import Foundation
import JSONDocuments
import Laboratory

/// `faultline.bench/2`, the document that `--json` writes. Counts are those of one measurement. Times are processor time, medians
/// over all rounds.
struct BenchReport: Codable, Sendable {
  var schema = "faultline.bench/2"
  var rounds: Int
  /// The path that `--against` named.
  var against: String?
  var benchmarks: [Entry] = []

  struct Entry: Codable, Sendable {
    /// The row's name, as in `pretouch/ldadd/base/linux-7.3/stock`.
    var name: String
    /// The unit whose time `nanoseconds` is: page, instruction, miss, fault, word or call.
    var unit: String
    /// Pages touched, faults served and instructions retired, if the benchmark has them.
    var pages: UInt64?
    var faults: UInt64?
    /// Data Aborts taken from EL0. A system call faults without one.
    var aborts: UInt64?
    var instructions: UInt64?
    /// Processor nanoseconds for one unit: the median of the rounds, and its spread as a part of the median.
    var nanoseconds: Double
    var spread: Double
    /// The same for the other binary.
    var otherNanoseconds: Double?
    var otherSpread: Double?
    /// The row's time divided by that of the base row, or of the other binary: the median of the rounds' ratios, and its spread.
    var ratio: Double
    var ratioSpread: Double
    /// The name of the base row.
    var ratioTo: String?
  }

  /// Writes the report to a file, or with `-` to stdout. Throws one clear line.
  func write(to path: String) throws {
    if path == "-" { return Standard.output(try JSONText.document(self)) }
    do { try Data(try JSONText.document(self).utf8).write(to: URL(fileURLWithPath: path)) } catch {
      throw UsageError("cannot write \(path): \(error.localizedDescription)")
    }
  }
}

/// A table with aligned columns: the first column is aligned to the left, the others to the right.
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

/// A number with the given number of digits behind the point.
func decimal(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }
/// A spread, as in `2.3 %`.
func percent(_ part: Double) -> String { decimal(part * 100, 1) + " %" }
